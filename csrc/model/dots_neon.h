/* Integer dot products of 16 rows with one block of 32 activations: AArch64 without the optional
 * dot product instructions. Eight products of a nibble fit 16 bits: 8 * 15 * 127 = 15240. */
#ifndef LL_DOTS_NEON_H
#define LL_DOTS_NEON_H

#include "lanes.h"

static inline vec_f load_scales(const uint16_t *p)
{
    return load_f16(p);
}

/* four activations, twice */
static inline int8x8_t four_bytes(const int8_t *x)
{
    int32_t word;
    __builtin_memcpy(&word, x, sizeof word);
    return vreinterpret_s8_s32(vdup_n_s32(word));
}

static inline vec_i dot_nibbles_of_part(const uint8_t *w, const int8_t *x)
{
    int16x8_t first = vdupq_n_s16(0), second = first;
    for (int v = 0; v < 4; v++) {
        uint8x16_t both = vld1q_u8(w + 64 * v);
        int8x16_t low = vreinterpretq_s8_u8(vandq_u8(both, vdupq_n_u8(15)));
        int8x16_t high = vreinterpretq_s8_u8(vshrq_n_u8(both, 4));
        int8x8_t x_low = four_bytes(x + 4 * v), x_high = four_bytes(x + 16 + 4 * v);
        first = vmlal_s8(first, vget_low_s8(low), x_low);
        first = vmlal_s8(first, vget_low_s8(high), x_high);
        second = vmlal_s8(second, vget_high_s8(low), x_low);
        second = vmlal_s8(second, vget_high_s8(high), x_high);
    }
    return (vec_i)vpaddq_s32(vpaddlq_s16(first), vpaddlq_s16(second));
}

static inline vec_i dot_bytes_of_part(const int8_t *w, const int8_t *x)
{
    int32x4_t first = vdupq_n_s32(0), second = first;
    for (int v = 0; v < 8; v++) {
        int8x16_t bytes = vld1q_s8(w + 64 * v);
        int8x8_t four = four_bytes(x + 4 * v);
        first = vpadalq_s16(first, vmull_s8(vget_low_s8(bytes), four));
        second = vpadalq_s16(second, vmull_s8(vget_high_s8(bytes), four));
    }
    return (vec_i)vpaddq_s32(first, second);
}

LL_INLINE void dots_nibbles(const uint8_t *w, const int8_t *const *x, size_t tokens,
                            vec_i (*out)[PARTS])
{
    for (size_t t = 0; t < tokens; t++) {
        for (int part = 0; part < PARTS; part++) {
            out[t][part] = dot_nibbles_of_part(w + LL_BYTES * part, x[t]);
        }
    }
}

LL_INLINE void dots_bytes(const int8_t *w, const int8_t *const *x, size_t tokens,
                          vec_i (*out)[PARTS])
{
    for (size_t t = 0; t < tokens; t++) {
        for (int part = 0; part < PARTS; part++) {
            out[t][part] = dot_bytes_of_part(w + LL_BYTES * part, x[t]);
        }
    }
}

#endif
