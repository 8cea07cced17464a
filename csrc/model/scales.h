/* float16 scales as floats, for targets without an instruction for it: exact, by moving the bits
 * and correcting the exponent. Infinities and NaN do not occur; the loader refuses them. */
#ifndef LL_SCALES_H
#define LL_SCALES_H

#include "lanes.h"

typedef uint16_t half_lanes __attribute__((vector_size(LL_BYTES / 2)));

static inline vec_f load_scales(const uint16_t *p)
{
    half_lanes halves;
    __builtin_memcpy(&halves, p, sizeof halves);
    vec_i bits = __builtin_convertvector(halves, vec_i);
    vec_f magnitude = (vec_f)((bits & 0x7fff) << 13) * 0x1p112f;
    return (vec_f)((vec_i)magnitude | (bits & 0x8000) << 16);
}

#endif
