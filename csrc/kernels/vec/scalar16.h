/* float16 vectors for targets without conversion instructions, one lane at a time. */
#ifndef LL_VEC_SCALAR16_H
#define LL_VEC_SCALAR16_H

#include "../half.h"

static inline vec_f load_f16(const uint16_t *p)
{
    float f[LANES_f];
    for (int i = 0; i < LANES_f; i++) {
        f[i] = to_real_f16(p[i]);
    }
    return load_f(f);
}

static inline void store_f16(uint16_t *p, vec_f v)
{
    for (int i = 0; i < LANES_f; i++) {
        p[i] = from_real_f16(v[i]);
    }
}

#endif
