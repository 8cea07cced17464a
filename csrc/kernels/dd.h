/* A number as the sum of two doubles, and the bits of a double. */
#ifndef LL_DD_H
#define LL_DD_H

#include <stdint.h>

typedef struct {
    double high, low;
} dd;

static const dd LOG2_E = {0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56};
static const dd LN_2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};

static inline uint64_t bits_of(double x)
{
    uint64_t bits;
    __builtin_memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double double_of(uint64_t bits)
{
    double x;
    __builtin_memcpy(&x, &bits, sizeof x);
    return x;
}

#endif
