/* 64 x 64 bits to 128, in 32-bit halves: the same on targets without a 128-bit type, and no call
 * into a runtime. */
#ifndef LL_WIDE_H
#define LL_WIDE_H

#include <stdint.h>

/* a * b as 128 bits */
static inline void multiply_wide(uint64_t a, uint64_t b, uint64_t *high, uint64_t *low)
{
    uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
    uint64_t ll = al * bl, lh = al * bh, hl = ah * bl, hh = ah * bh;
    uint64_t middle = (ll >> 32) + (uint32_t)lh + (uint32_t)hl;
    *low = middle << 32 | (uint32_t)ll;
    *high = hh + (lh >> 32) + (hl >> 32) + (middle >> 32);
}

#endif
