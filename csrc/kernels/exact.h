/* Scalar arithmetic in two doubles, without fused operations: what a row needs once (its scale, its
 * sum, its logarithm, a threshold). Plain additions and multiplications, so that every target, and
 * plain Python, agree.
 */
#ifndef LL_EXACT_H
#define LL_EXACT_H

#include <stdint.h>

typedef struct {
    double high, low;
} dd;

static inline dd two_sum(double a, double b)
{
    double s = a + b, bb = s - a;
    return (dd){s, (a - (s - bb)) + (b - bb)};
}

static inline dd fast_two_sum(double a, double b)
{
    double s = a + b;
    return (dd){s, b - (s - a)};
}

static inline dd two_product(double a, double b)
{
    double p = a * b;
    double ta = a * 134217729.0, tb = b * 134217729.0; /* 2^27 + 1, Veltkamp */
    double ah = ta - (ta - a), al = a - ah, bh = tb - (tb - b), bl = b - bh;
    return (dd){p, ((ah * bh - p) + ah * bl + al * bh) + al * bl};
}

static inline dd dd_add(dd a, dd b)
{
    dd s = two_sum(a.high, b.high);
    return fast_two_sum(s.high, s.low + (a.low + b.low));
}

static inline dd dd_scale(dd a, double b)
{
    dd p = two_product(a.high, b);
    return fast_two_sum(p.high, p.low + a.low * b);
}

/* a / b with b a double */
static inline dd dd_divide(dd a, double b)
{
    double q = a.high / b;
    dd p = two_product(q, b);
    double rest = ((a.high - p.high) - p.low) + a.low;
    return fast_two_sum(q, rest / b);
}

/* 1 / a */
static inline dd dd_reciprocal(dd a)
{
    double q = 1.0 / a.high;
    dd p = two_product(q, a.high);
    double rest = ((1.0 - p.high) - p.low) - q * a.low;
    return fast_two_sum(q, rest / a.high);
}

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

/* ln(x) for positive, normal x: x = 2^e * m with m in [sqrt(1/2), sqrt(2)), ln m = 2 artanh((m - 1)
 * / (m + 1)). The first term is kept in two doubles; the error is below 0.52 units in the last
 * place of `high`. */
static inline dd log_dd(double x)
{
    uint64_t bits = bits_of(x);
    int64_t e = (int64_t)((bits + 0x00095f619980c433) >> 52) -
                1023; /* + 2^52 * (2 - sqrt(2)): rounds m to the nearer */
    double m = double_of(bits - ((uint64_t)e << 52));
    double f = m - 1.0, g = m + 1.0;
    dd s = dd_divide((dd){f, 0.0}, g);
    s = fast_two_sum(s.high, s.low - s.high * ((m - g) + 1.0) / g); /* m + 1 was rounded */
    double z = s.high * s.high;
    double p = 0x1.8618618618618p-5 +
               z * (0x1.642c8590b2164p-5 + z * 0x1.47ae147ae147bp-5); /* 1/21 1/23 1/25 */
    p = 0x1.e1e1e1e1e1e1ep-5 + z * (0x1.af286bca1af28p-5 + z * p);    /* 1/17 1/19 */
    p = 0x1.3b13b13b13b14p-4 + z * (0x1.1111111111111p-4 + z * p);    /* 1/13 1/15 */
    p = 0x1.c71c71c71c71cp-4 + z * (0x1.745d1745d1746p-4 + z * p);    /* 1/9 1/11 */
    p = 0x1.999999999999ap-3 + z * (0x1.2492492492492p-3 + z * p);    /* 1/5 1/7 */
    p = 0x1.5555555555555p-2 + z * p;                                 /* 1/3 */
    dd log_m = fast_two_sum(2.0 * s.high, 2.0 * (s.low + s.high * z * p));
    return dd_add(dd_scale(LN_2, (double)e), log_m);
}

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
