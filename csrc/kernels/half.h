/* float16 and bfloat16 one number at a time, rounded to nearest even. */
#ifndef LL_HALF_H
#define LL_HALF_H

#include <stdint.h>

static inline float to_real_f16(uint16_t h)
{
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, rest = h & 0x7fff, bits;
    float f;
    if (rest >= 0x7c00) { /* infinity or NaN */
        bits = sign | 0x7f800000 | (rest & 0x3ff) << 13;
    } else if (rest >= 0x400) {
        bits = sign | ((rest << 13) + (112u << 23));
    } else { /* subnormal: rest * 2^-24, exact */
        f = (float)(int32_t)rest * 0x1p-24f;
        return h & 0x8000 ? -f : f;
    }
    __builtin_memcpy(&f, &bits, sizeof f);
    return f;
}

static inline uint16_t from_real_f16(float f)
{
    uint32_t bits;
    __builtin_memcpy(&bits, &f, sizeof bits);
    uint32_t sign = bits >> 16 & 0x8000, rest = bits & 0x7fffffff;
    if (rest > 0x7f800000) {
        return (uint16_t)(sign | 0x7e00 | (rest >> 13 & 0x3ff));
    }
    if (rest >= 0x477ff000) { /* rounds to 65536 or more */
        return (uint16_t)(sign | 0x7c00);
    }
    if (rest < 0x38800000) { /* below 2^-14: the addition rounds to a multiple of 2^-24 */
        float magnitude;
        __builtin_memcpy(&magnitude, &rest, sizeof magnitude);
        magnitude += 0.5f;
        __builtin_memcpy(&rest, &magnitude, sizeof rest);
        return (uint16_t)(sign | (rest - 0x3f000000));
    }
    return (uint16_t)(sign | ((rest + 0xfff + (rest >> 13 & 1) - (112u << 23)) >> 13));
}

static inline float to_real_bf16(uint16_t b)
{
    uint32_t bits = (uint32_t)b << 16;
    float f;
    __builtin_memcpy(&f, &bits, sizeof f);
    return f;
}

static inline uint16_t from_real_bf16(float f)
{
    uint32_t bits;
    __builtin_memcpy(&bits, &f, sizeof bits);
    return (uint16_t)(f == f ? (bits + 0x7fff + (bits >> 16 & 1)) >> 16 : bits >> 16 | 0x40);
}

#endif
