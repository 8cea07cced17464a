/* bfloat16 is the upper half of a float: widening is a shift, narrowing rounds to nearest even
 * (never of a NaN here: only probabilities and finite logarithms are stored through it). */
#ifndef LL_VEC_BFLOAT16_H
#define LL_VEC_BFLOAT16_H

typedef uint16_t vec_u16 __attribute__((vector_size(LL_BYTES / 2)));
typedef uint32_t vec_u __attribute__((vector_size(LL_BYTES)));

static inline vec_f load_bf16(const uint16_t *p)
{
    vec_u16 v;
    __builtin_memcpy(&v, p, sizeof v);
    return (vec_f)(__builtin_convertvector(v, vec_u) << 16);
}

static inline void store_bf16(uint16_t *p, vec_f v)
{
    vec_u bits = (vec_u)v;
    bits = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    vec_u16 half = __builtin_convertvector(bits, vec_u16);
    __builtin_memcpy(p, &half, sizeof half);
}

#endif
