/* Scalar arithmetic in two doubles, without fused operations: what a row needs once (its scale, its
 * sum, its logarithm, a threshold). Plain additions and multiplications, so that every target, and
 * plain Python, agree.
 */
#ifndef LL_EXACT_H
#define LL_EXACT_H

#include "dd.h"

#define DOUBLE double
#define PAIR dd
#define WORD uint64_t
#define BITS(x) bits_of(x)
#define NUMBER(bits) double_of(bits)
#define CONSTANT(c) (c)
#define NAME(function) function
#include "pairs.inc"

/* 2^x * 2^-k for the integer k next to x, |x| < 2^31, as a number in [0.7, 1.42]; k goes to
 * *exponent */
static inline double exp2_fraction(dd x, int64_t *exponent)
{
    double k = (x.high + 0x1.8p52) - 0x1.8p52;
    double f = (x.high - k) + x.low;
    double y = 0x1.c2c55ba8cebb1p-36;
    y = y * f + 0x1.ea03392b42c3dp-32;
    y = y * f + 0x1.e4d077c5e16d5p-28;
    y = y * f + 0x1.b524dbf4bf9e7p-24;
    y = y * f + 0x1.62c021dd76a48p-20;
    y = y * f + 0x1.ffcbfc7592b2ep-17;
    y = y * f + 0x1.430912f885d68p-13;
    y = y * f + 0x1.5d87fe78a23ebp-10;
    y = y * f + 0x1.3b2ab6fba4e15p-7;
    y = y * f + 0x1.c6b08d704a0d0p-5;
    y = y * f + 0x1.ebfbdff82c58fp-3;
    y = y * f + 0x1.62e42fefa39efp-1;
    *exponent = (int64_t)k;
    return 1.0 + y * f;
}

/* exp(x), 0 below 2^-1022 and inf above 2^1024 */
static inline double exp_double(double x)
{
    if (!(x > -709.0)) {
        return x == x ? 0.0 : x;
    }
    if (x > 709.7) {
        return __builtin_inf();
    }
    int64_t k;
    double y = exp2_fraction(dd_scale(LOG2_E, x), &k);
    return double_of(bits_of(y) + ((uint64_t)k << 52));
}

/* x^y for positive x, 0 or inf where it leaves the normal numbers */
static inline double power(double x, double y)
{
    dd log = log_dd(x);
    return exp_double(log.high * y + log.low * y);
}

/* correctly rounded: one instruction wherever the kernels are built for */
static inline double square_root(double x)
{
    return __builtin_sqrt(x);
}

#endif
