/* What a row needs once (its scale, its sum, its norm) for vectors whose lanes are rows, in float
 * and in double: each operation is that of scale.h and weight.h, so a lane has the bits that its
 * row has alone. A vector of floats is computed in two of doubles where a row's scalars are
 * doubles.
 */
#ifndef LL_LANE_WEIGHTS_H
#define LL_LANE_WEIGHTS_H

#include "weight.h"

/* the vector whose lanes widen() made doubles of */
static inline vec_f join_f(const vec_d *x)
{
    return narrow_f(x[0], x[1]);
}

static inline vec_d join_d(const vec_d *x)
{
    return x[0];
}

/* I of scale.h, for the maximum after the shift */
static inline vec_f integer_f(vec_f top, vec_f c_high)
{
    return (top * c_high + 0x1.8p23f) - 0x1.8p23f;
}

static inline vec_d integer_d(vec_d top, vec_d c_high)
{
    return (top * c_high + 0x1.8p52) - 0x1.8p52;
}

/* weigher.magic */
static inline vec_f magic_f(vec_f integer, int factor)
{
    return 0x1.8p23f + ((float)factor - integer);
}

static inline vec_d magic_d(vec_d integer, int factor)
{
    return 0x1.8p52 + ((double)factor - integer + 1023.0);
}

/* An accumulator of each lane: see add_block_f and add_block_d. */
typedef struct {
    vec_d part[2];
} lane_sum_f;

typedef dd_v lane_sum_d;

/* n weights of one block for the accumulator that they belong to: the elements j, j + 16, j + 32
 * and j + 48; `begun` says whether there are others in it */
static inline void add_lane_f(const vec_f *w, const vec_f *error, size_t n, int begun,
                              lane_sum_f *sum)
{
    vec_d low = low_d(w[0]), high = high_d(w[0]);
    (void)error;
    if (n > 1) {
        const vec_f none = {0}, c = n > 2 ? w[2] : none, d = n > 3 ? w[3] : none;
        low = (low + low_d(w[1])) + (low_d(c) + low_d(d));
        high = (high + high_d(w[1])) + (high_d(c) + high_d(d));
    }
    sum->part[0] = begun ? sum->part[0] + low : low;
    sum->part[1] = begun ? sum->part[1] + high : high;
}

static inline void add_lane_d(const vec_d *w, const vec_d *error, size_t n, int begun,
                              lane_sum_d *sum)
{
    size_t i = 0;
    if (!begun) {
        *sum = (dd_v){w[0], error[0]};
        i = 1;
    }
    for (; i < n; i++) {
        vec_d a = sum->high, s = a + w[i], b = s - a;
        sum->low += ((a - (s - b)) + (w[i] - b)) + error[i];
        sum->high = s;
    }
}

/* as it goes into the fold, and two of them folded */
static inline void settle_lane_f(lane_sum_f *sum)
{
    (void)sum;
}

static inline void settle_lane_d(lane_sum_d *sum)
{
    *sum = fast_two_sum_v(sum->high, sum->low);
}

static inline void fold_lane_f(lane_sum_f *a, const lane_sum_f *b)
{
    a->part[0] += b->part[0];
    a->part[1] += b->part[1];
}

static inline void fold_lane_d(lane_sum_d *a, const lane_sum_d *b)
{
    *a = dd_add_v(*a, *b);
}

/* as_stored() of weight.h */
static inline void store_most_f(lane_sum_f *sum, vec_f most, const weigher_f *w)
{
    (void)sum, (void)most, (void)w;
}

static inline void store_most_d(lane_sum_d *sum, vec_d most, const weigher_d *w)
{
    vec_d error;
    (void)weight_d(most, w, &error);
    *sum = dd_add_v(*sum, (dd_v){-error, set_d(0.0)});
}

/* norm() of weight.h */
static inline void norms_f(const lane_sum_f *sum, vec_f *high, vec_f *low)
{
    vec_d a = 0x1p100 / sum->part[0], b = 0x1p100 / sum->part[1];
    *high = narrow_f(a, b);
    *low = narrow_f(a - low_d(*high), b - high_d(*high));
}

static inline void norms_d(const lane_sum_d *sum, vec_d *high, vec_d *low)
{
    dd_v r = dd_reciprocal_v((dd_v){sum->high * 0x1p-500, sum->low * 0x1p-500});
    *high = r.high;
    *low = r.low;
}

/* log_of_sum() of weight.h; `whole` is I without the weights' factor. A float's sum has no second
 * part. */
static inline void logs_f(const lane_sum_f *sum, const vec_d *whole, dd_v *log_sum)
{
    for (int p = 0; p < 2; p++) {
        dd_v log_s = log_dd_v(sum->part[p]);
        log_sum[p] = dd_add_v(dd_scale_v(set_dd(LN_2), whole[p]), log_s);
    }
}

static inline void logs_d(const lane_sum_d *sum, const vec_d *whole, dd_v *log_sum)
{
    dd_v log_s = log_dd_v(sum->high);
    log_s = dd_add_v(log_s, (dd_v){sum->low / sum->high, set_d(0.0)});
    *log_sum = dd_add_v(dd_scale_v(set_dd(LN_2), *whole), log_s);
}

#endif
