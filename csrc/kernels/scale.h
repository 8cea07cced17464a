/* What one row's weights need to know: the weight of x is 2^(x * log2(e) / T - I), where I is the
 * integer next to the row's maximum times log2(e) / T, so that the largest weight lies in
 * [0.7, 1.42].
 *
 * x * log2(e) / T is taken directly, with the constant in two parts, and not (x - max) / T: the
 * subtraction would be rounded, and at T = 0.1 a rounding of the argument is 40 units in the last
 * place of the result. Only where |max| is so large that the product would lose bits is the maximum
 * subtracted, which is exact for every x whose weight is not 0. Weights carry a factor 2^factor, so
 * that neither they nor what is computed from them ever falls into the subnormal range: there the
 * emulated fused operations would differ, and the hardware would be slow.
 */
#ifndef LL_SCALE_H
#define LL_SCALE_H

#include <stddef.h>

#include "exact.h"

typedef float real_f;
typedef double real_d;
typedef uint32_t word_f; /* as wide */
typedef uint64_t word_d;

/* what the first pass over a row finds */
typedef struct {
    double max; /* of what is not NaN; -inf if nothing is */
    int nan;
} ll_scan;

/* whether a row needs special_rows.h instead of the formula */
static inline int ll_is_special(const ll_scan *found, double temperature, double t_min,
                                double t_max)
{
    return found->nan || found->max == __builtin_inf() || found->max == -__builtin_inf() ||
           temperature < t_min || temperature > t_max;
}

/* The weight of one element of such a row: 1 and 0 in the limits, exp((x - max) / T) in between.
 * At T = 0 `left` counts down to the first maximum. */
static inline double special_weight(double x, const ll_scan *found, double temperature,
                                    size_t *left)
{
    if (temperature == 0.0) {
        return x == found->max && (*left)-- == 1 ? 1.0 : 0.0;
    }
    if (found->max == __builtin_inf()) {
        return x == found->max ? 1.0 : 0.0;
    }
    if (temperature == __builtin_inf()) {
        return x > -__builtin_inf() ? 1.0 : 0.0;
    }
    return x > -__builtin_inf() ? exp_double((x - found->max) / temperature) : 0.0;
}

typedef struct {
    double shift;         /* subtracted from every x: the maximum or 0 */
    double top;           /* the maximum after the shift */
    double c;             /* log2(e) / T */
    double c_high, c_low; /* the same in two parts of the arithmetic's own precision */
    int64_t integer;      /* I */
} ll_scale;

/* what the logarithms of a row need */
typedef struct {
    ll_scan found;
    ll_scale scale;
    dd log_sum; /* ln of the sum of exp(x / T), minus shift / T */
} ll_normaliser;

typedef struct {
    double high[16], low[16]; /* lanes of the fixed tree; float rows use `high` alone */
} ll_sum;

enum {
    FACTOR_f = 100, /* float weights are multiplied by 2^100 ... */
    FACTOR_d = 500, /* ... and double weights by 2^500 */
    DEPTH_f =
        50, /* a weight below 2^-DEPTH, with its factor, counts for nothing and is held there */
    DEPTH_d = 580,
};

/* The temperatures for which the constants below stay normal; special_rows.h takes the others. */
static const double T_MIN_f = 0x1p-64, T_MAX_f = 0x1p64, T_MIN_d = 0x1p-500, T_MAX_d = 0x1p500;

/* A maximum that is larger than this, times log2(e) / T, is subtracted first. */
static const double FAR_f = 0x1p20, FAR_d = 0x1p40;

/* The largest finite logits; what a step computes is held within them. */
static const double MOST_f = 0x1.fffffep127, MOST_d = 0x1.fffffffffffffp1023;

static inline double rint_f(double x)
{
    float magic = 0x1.8p23f;
    return ((float)x + magic) - magic;
}

static inline double rint_d(double x)
{
    double magic = 0x1.8p52;
    return (x + magic) - magic;
}

static inline ll_scale scale_f(double max, double T)
{
    double c = LOG2_E.high / T;
    float high = (float)c;
    ll_scale s = {.c = c, .c_high = high, .c_low = (float)(c - high)};
    s.shift = max * c > FAR_f || max * c < -FAR_f ? max : 0.0;
    s.top = max - s.shift;
    s.integer = (int64_t)rint_f((float)s.top * high);
    return s;
}

static inline ll_scale scale_d(double max, double T)
{
    dd c = dd_divide(LOG2_E, T);
    ll_scale s = {.c = c.high, .c_high = c.high, .c_low = c.low};
    s.shift = max * c.high > FAR_d || max * c.high < -FAR_d ? max : 0.0;
    s.top = max - s.shift;
    s.integer = (int64_t)rint_d(s.top * c.high);
    return s;
}

#endif
