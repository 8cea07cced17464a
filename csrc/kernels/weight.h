/* The weight of a vector of logits, in float and in double: the one place where exp is computed.
 *
 * k is the integer next to x * c; f = x * c - k is taken by fused operations, so that x * c itself
 * is never rounded; 2^f is a polynomial of our own, fitted to its rounded coefficients (relative
 * error 2^-28 and 2^-58), k goes to the exponent as an integer. Adding 1.5 * 2^23 (or 2^52) makes a
 * number whose low bits are that integer; what else belongs to the exponent is part of that sum.
 */
#ifndef LL_WEIGHT_H
#define LL_WEIGHT_H

#include "kernels.h"
#include "pair_vectors.h"
#include "scale.h"

#ifndef LL_WEIGHT
#    define LL_WEIGHT static inline
#endif

typedef struct {
    vec_f shift, floor, c_high, c_low, magic;
} weigher_f;

typedef struct {
    vec_d shift, floor, c_high, c_low, magic;
} weigher_d;

/* A logit that is held at the floor has a weight that no result and no integer shows: probabilities
 * are taken with factor FACTOR and are 0 below 2^-126 or 2^-1022, draws with a factor of at
 * most 44. */
static inline weigher_f weigher_of_f(const ll_scale *s, int factor)
{
    double floor = s->top - (factor + DEPTH_f) / s->c_high;
    return (weigher_f){set_f((float)s->shift), set_f((float)floor), set_f((float)s->c_high),
                       set_f((float)s->c_low), set_f(0x1.8p23f + (float)(factor - s->integer))};
}

static inline weigher_d weigher_of_d(const ll_scale *s, int factor)
{
    double floor = s->top - (factor + DEPTH_d) / s->c_high;
    return (weigher_d){set_d(s->shift), set_d(floor), set_d(s->c_high), set_d(s->c_low),
                       set_d(0x1.8p52 + (double)(factor - s->integer + 1023))};
}

/* The sum of a float row is exact enough without *error. */
LL_WEIGHT vec_f weight_f(vec_f x, const weigher_f *w, vec_f *error)
{
    x = max_f(x - w->shift, w->floor);
    vec_f shifted = fma_f(x, w->c_high, w->magic);
    vec_f f = fma_f(x, w->c_low, fma_f(x, w->c_high, -(shifted - w->magic)));
    *error = set_f(0.0f);
    vec_f y = set_f(0x1.4178p-13f);
    y = fma_f(y, f, set_f(0x1.5f0952p-10f));
    y = fma_f(y, f, set_f(0x1.3b2dd4p-7f));
    y = fma_f(y, f, set_f(0x1.c6af7ap-5f));
    y = fma_f(y, f, set_f(0x1.ebfbdcp-3f));
    y = fma_f(y, f, set_f(0x1.62e430p-1f));
    y = fma_f(y, f, set_f(1.0f));
    return (vec_f)((vec_i)y + ((vec_i)shifted << 23));
}

/* *error: what the last rounding lost, to be added to the sum */
LL_WEIGHT vec_d weight_d(vec_d x, const weigher_d *w, vec_d *error)
{
    x = max_d(x - w->shift, w->floor);
    vec_d shifted = fma_d(x, w->c_high, w->magic);
    vec_d f = fma_d(x, w->c_low, fma_d(x, w->c_high, -(shifted - w->magic)));
    vec_d y = set_d(0x1.e7a9c2a4df95cp-32);
    y = fma_d(y, f, set_d(0x1.e6214f976464bp-28));
    y = fma_d(y, f, set_d(0x1.b526792bbba7ap-24));
    y = fma_d(y, f, set_d(0x1.62bfc392bb64fp-20));
    y = fma_d(y, f, set_d(0x1.ffcbfba732b79p-17));
    y = fma_d(y, f, set_d(0x1.43091310d1950p-13));
    y = fma_d(y, f, set_d(0x1.5d87fe78cf4fcp-10));
    y = fma_d(y, f, set_d(0x1.3b2ab6fb9f3b9p-7));
    y = fma_d(y, f, set_d(0x1.c6b08d7049fcfp-5));
    y = fma_d(y, f, set_d(0x1.ebfbdff82c5adp-3));
    y = fma_d(y, f, set_d(0x1.62e42fefa39efp-1));
    vec_d scale = (vec_d)((vec_l)shifted << 52);
    y = y * scale;
    vec_d weight = fma_d(y, f, scale);
    *error = fma_d(y, f, scale - weight);
    return weight;
}

/* Adds a block of 64 float weights to 16 lanes of doubles: (j + (j + 16)) + ((j + 32) + (j + 48)).
 * Adding in float first would be 7 % faster and cost half a unit in the last place. */
static inline void add_block_f(const vec_f *w, const vec_f *error, size_t vectors, vec_d *high,
                               vec_d *low)
{
    enum { N = LL_BLOCK / LANES_f };
    (void)low, (void)error, (void)vectors;
    for (int i = 0; i < N / 4; i++) {
        vec_f a = w[i], b = w[i + N / 4], c = w[i + N / 2], d = w[i + 3 * N / 4];
        high[2 * i] += (low_d(a) + low_d(b)) + (low_d(c) + low_d(d));
        high[2 * i + 1] += (high_d(a) + high_d(b)) + (high_d(c) + high_d(d));
    }
}

/* Adds double weights to 16 lanes of two doubles each (TwoSum on every element). */
static inline void add_block_d(const vec_d *w, const vec_d *error, size_t vectors, vec_d *high,
                               vec_d *low)
{
    enum { M = 16 / LANES_d };
    for (size_t i = 0; i < vectors; i++) {
        vec_d a = high[i % M], s = a + w[i], b = s - a;
        low[i % M] += ((a - (s - b)) + (w[i] - b)) + error[i];
        high[i % M] = s;
    }
}

/* The 16 lanes as one number, in the tree's order: j + (j + 8), + (j + 4), + (j + 2), + (j + 1).
 * Lanes that a row of n does not reach are 0, and adding them would change nothing. */
static inline size_t first_half(size_t n)
{
    return n > 8 ? 8 : n > 4 ? 4 : n > 2 ? 2 : n > 1 ? 1 : 0;
}

static inline dd fold_f(const ll_sum *sum, size_t n)
{
    double lane[16];
    size_t half = first_half(n);
    __builtin_memcpy(lane, sum->high, half > 0 ? 2 * half * sizeof *lane : sizeof *lane);
    for (; half > 0; half /= 2) {
        for (size_t j = 0; j < half; j++) {
            lane[j] += lane[j + half];
        }
    }
    return (dd){lane[0], 0.0};
}

static inline dd fold_d(const ll_sum *sum, size_t n)
{
    dd lane[16];
    for (size_t j = 0; j < 16 && j < n; j++) {
        lane[j] = fast_two_sum(sum->high[j], sum->low[j]);
    }
    for (size_t j = n; j < 16; j++) {
        lane[j] = (dd){0.0, 0.0};
    }
    for (size_t half = first_half(n); half > 0; half /= 2) {
        for (size_t j = 0; j < half; j++) {
            lane[j] = dd_add(lane[j], lane[j + half]);
        }
    }
    return lane[0];
}

/* the same for one vector of weights */
static inline dd fold_few_f(vec_f w, vec_f error, size_t n)
{
    ll_sum sum = {0};
    (void)error;
    w = first_f(w, n);
    store_d(sum.high, low_d(w));
    store_d(sum.high + LANES_d, high_d(w));
    return fold_f(&sum, n);
}

static inline dd fold_few_d(vec_d w, vec_d error, size_t n)
{
    ll_sum sum = {0};
    store_d(sum.high, w);
    store_d(sum.low, error);
    return fold_d(&sum, n);
}

/* The sum with the largest weight as it is stored, rounded: so a token with all of the mass has
 * probability exactly 1. A float row's sum has no errors added to it. */
static inline dd as_stored_f(dd sum, double max, const weigher_f *w)
{
    (void)max, (void)w;
    return sum;
}

static inline dd as_stored_d(dd sum, double max, const weigher_d *w)
{
    vec_d error;
    (void)weight_d(set_d(max), w, &error);
    return dd_add(sum, (dd){-error[0], 0.0});
}

/* ln of the sum of exp(x / T), minus shift / T: I ln 2 + ln S, without the weights' factor */
static inline dd log_of_sum(dd sum, const ll_scale *scale, int factor)
{
    dd log_s = log_dd(sum.high);
    log_s = dd_add(log_s, (dd){sum.low / sum.high, 0.0});
    return dd_add(dd_scale(LN_2, (double)(scale->integer - factor)), log_s);
}

/* x / T - ln of the sum, for doubles; never above 0 */
static inline vec_d log_part_d(vec_d x, vec_d shift, dd_v reciprocal, dd_v log_sum)
{
    x = x - shift;
    vec_d p = x * reciprocal.high;
    vec_d low = fma_d(x, reciprocal.high, -p) + x * reciprocal.low;
    /* the second part counts only where it is a normal number and p is not beyond all others */
    low = keep_d(ge_d(p * p, set_d(0x1p-900)), keep_d(ge_d(p, set_d(-0x1p60)), low));
    vec_d y = (p - log_sum.high) + (low - log_sum.low);
    return keep_d(gt_d(set_d(0.0), y), y);
}

/* the same for widened floats, where the second parts do not show */
static inline vec_d log_part_f(vec_d x, vec_d shift, dd_v reciprocal, dd_v log_sum)
{
    vec_d y = (x - shift) * reciprocal.high - log_sum.high;
    return keep_d(gt_d(set_d(0.0), y), y);
}

static inline vec_d log_probability_d(vec_d x, double shift, dd reciprocal, dd log_sum)
{
    return log_part_d(x, set_d(shift), set_dd(reciprocal), set_dd(log_sum));
}

static inline vec_f log_probability_f(vec_f x, double shift, dd reciprocal, dd log_sum)
{
    const vec_d from = set_d(shift);
    const dd_v factor = set_dd(reciprocal), log = set_dd(log_sum);
    return narrow_f(log_part_f(low_d(x), from, factor, log),
                    log_part_f(high_d(x), from, factor, log));
}

/* w rounded to the nearest integer, plus ROUND_BIAS: below 2^51 the sum with 1.5 * 2^52 has the
 * integer in its low bits. AVX-512 has an instruction for it, and no bias. */
#if LL_BUILT_FOR == LL_IS_avx512
static const uint64_t ROUND_BIAS = 0;

static inline vec_l round_half(vec_f w, int upper)
{
    __m256 half = upper ? _mm512_extractf32x8_ps((__m512)w, 1) : _mm512_castps512_ps256((__m512)w);
    return (vec_l)_mm512_cvtps_epi64(half);
}

static inline void round_f(vec_f w, vec_l *q)
{
    q[0] = round_half(w, 0);
    q[1] = round_half(w, 1);
}

static inline void round_d(vec_d w, vec_l *q)
{
    q[0] = (vec_l)_mm512_cvtpd_epi64((__m512d)w);
}
#else
static const uint64_t ROUND_BIAS = 0x4338000000000000;

static inline void round_d(vec_d w, vec_l *q)
{
    q[0] = (vec_l)(w + 0x1.8p52);
}

static inline void round_f(vec_f w, vec_l *q)
{
    round_d(low_d(w), q);
    round_d(high_d(w), q + 1);
}
#endif

/* the lanes as doubles */
static inline void widen_f(vec_f x, vec_d *y)
{
    y[0] = low_d(x);
    y[1] = high_d(x);
}

static inline void widen_d(vec_d x, vec_d *y)
{
    y[0] = x;
}

/* How weights become probabilities: times 2^factor / S, in two parts; still carrying 2^factor. */
typedef struct {
    double high, low;
} ll_norm;

static inline ll_norm norm_f(dd sum)
{
    double r = 0x1p100 / sum.high;
    float high = (float)r;
    return (ll_norm){high, (float)(r - high)};
}

static inline ll_norm norm_d(dd sum)
{
    dd r = dd_reciprocal((dd){sum.high * 0x1p-500, sum.low * 0x1p-500});
    return (ll_norm){r.high, r.low};
}

/* w * norm, with the factor taken out by the exponent; below the smallest normal number the result
 * is 0 */
static inline vec_f normalise_f(vec_f w, vec_f high, vec_f low)
{
    vec_f p = fma_f(w, high, w * low);
    vec_f result = (vec_f)((vec_i)p - (FACTOR_f << 23));
    return keep_f(ge_f(p, set_f(0x1p-26f)), result);
}

static inline vec_d normalise_d(vec_d w, vec_d high, vec_d low)
{
    vec_d p = fma_d(w, high, w * low);
    vec_d result = (vec_d)((vec_l)p - ((int64_t)FACTOR_d << 52));
    return keep_d(ge_d(p, set_d(0x1p-522)), result);
}

#endif
