/* softargmax and its logarithm of many rows at once, where a vector's lanes hold different rows.
 *
 * A tile is as many rows as a cache line has reals; it keeps element i of each of them side by
 * side. Maxima, weights, the tree of sums, norms and logarithms all go lane by lane, with the
 * operations that weight.h and scale.h do for one row in the same order, so a row has the bits that
 * it has alone. What those files take to special_rows.h is marked and left to the caller.
 */
#ifndef LL_ROWS_IN_LANES_H
#define LL_ROWS_IN_LANES_H

#include "real.h"

enum {
    TILE_VECS = 64 / LL_BYTES,
    TILE_ROWS = TILE_VECS * LANES,
    TILE_PARTS = TILE_VECS * PARTS,
};

/* The rows of a tile; a bit of the masks is a row. */
typedef struct {
    int factor, logarithm;
    double smallest; /* probability that a special row keeps */
    /* of their temperatures */
    double temperature[TILE_ROWS];
    vec c_high[TILE_VECS], c_low[TILE_VECS];
    vec_d c[TILE_PARTS], depth[TILE_PARTS];
    dd_v reciprocal[TILE_PARTS];
    unsigned extreme; /* a temperature outside the formula's range */
    /* of their logits */
    vec most[TILE_VECS];
    unsigned nan, special;
    weigher w[TILE_VECS];
    vec_d shift[TILE_PARTS], whole[TILE_PARTS]; /* I of scale.h, without the factor */
    /* of their weights */
    lane_sum sum[16][TILE_VECS]; /* folded into the first */
} tile;

/* Temperatures at equal distances; one that is outside the range counts as 1. */
LL_OUT_OF_LINE void set_temperatures(tile *t, const char *temperature, ptrdiff_t step, size_t rows)
{
    real high[TILE_ROWS], low[TILE_ROWS];
    double c[TILE_ROWS], depth[TILE_ROWS], reciprocal[2][TILE_ROWS];
    double last = 0.0;
    ll_scale s = {0};
    dd r = {0};
    t->extreme = 0;
    for (size_t i = 0; i < TILE_ROWS; i++) {
        double now = 1.0;
        if (i < rows) {
            __builtin_memcpy(&now, temperature + (ptrdiff_t)i * step, sizeof now);
        }
        t->temperature[i] = now;
        if (!(now >= T_MIN && now <= T_MAX)) {
            t->extreme |= 1u << i;
            now = 1.0;
        }
        if (now != last) {
            s = scale(0.0, now);
            r = dd_divide((dd){1.0, 0.0}, now);
            last = now;
        }
        high[i] = (real)s.c_high;
        low[i] = (real)s.c_low;
        c[i] = s.c;
        depth[i] = (t->factor + DEPTH) / s.c_high;
        reciprocal[0][i] = r.high;
        reciprocal[1][i] = r.low;
    }
    for (int k = 0; k < TILE_VECS; k++) {
        t->c_high[k] = load(high + k * LANES);
        t->c_low[k] = load(low + k * LANES);
    }
    for (int p = 0; p < TILE_PARTS; p++) {
        t->c[p] = load_d(c + p * LANES_d);
        t->depth[p] = load_d(depth + p * LANES_d);
        t->reciprocal[p] =
            (dd_v){load_d(reciprocal[0] + p * LANES_d), load_d(reciprocal[1] + p * LANES_d)};
    }
}

/* the maxima, and which rows are special; x + i * step is element i of all rows */
LL_OUT_OF_LINE void find_maxima(tile *t, const real *x, ptrdiff_t step, size_t n, size_t rows)
{
    const vec lowest = set(LOWEST), infinite = set(-LOWEST);
    mask is_nan[TILE_VECS] = {0};
    for (int k = 0; k < TILE_VECS; k++) {
        t->most[k] = lowest;
    }
    for (size_t i = 0; i < n; i++, x += step) {
        for (int k = 0; k < TILE_VECS; k++) {
            vec v = load(x + k * LANES);
            is_nan[k] |= nan(v);
            t->most[k] = max(v, t->most[k]);
        }
    }
    t->nan = t->special = 0;
    for (int k = 0; k < TILE_VECS; k++) {
        t->nan |= bits(is_nan[k]) << k * LANES;
        mask normal = gt(t->most[k], lowest) & gt(infinite, t->most[k]);
        t->special |= (bits(normal) ^ ((1u << LANES) - 1)) << k * LANES;
    }
    t->special = (t->special | t->nan | t->extreme) & ((1u << rows) - 1);
}

/* scale() and weigher_of() */
static inline void scale_rows(tile *t)
{
    for (int k = 0; k < TILE_VECS; k++) {
        vec_d most[PARTS], top[PARTS], floor[PARTS], *shift = t->shift + k * PARTS;
        widen(t->most[k], most);
        for (int j = 0; j < PARTS; j++) {
            vec_d size = most[j] * t->c[k * PARTS + j];
            shift[j] = keep_d(gt_d(size, set_d(FAR)) | gt_d(set_d(-FAR), size), most[j]);
            top[j] = most[j] - shift[j];
            floor[j] = top[j] - t->depth[k * PARTS + j];
        }
        vec whole = integer(join(top), t->c_high[k]);
        widen(whole - (real)t->factor, t->whole + k * PARTS);
        t->w[k] =
            (weigher){join(shift), join(floor), t->c_high[k], t->c_low[k], magic(whole, t->factor)};
    }
}

/* `count` weights of one accumulator of each row; with y, they are left there */
static inline void weigh_lane(tile *t, const real *x, real *y, ptrdiff_t x_step, ptrdiff_t y_step,
                              size_t count, int begun, lane_sum *sum)
{
    for (int k = 0; k < TILE_VECS; k++) {
        vec w[4], error[4];
        for (size_t i = 0; i < count; i++) {
            w[i] = weight(load(x + (ptrdiff_t)(16 * i) * x_step + k * LANES), &t->w[k], &error[i]);
            if (y) {
                store(y + (ptrdiff_t)(16 * i) * y_step + k * LANES, w[i]);
            }
        }
        add_lane(w, error, count, begun, sum + k);
    }
}

/* The sums of the weights. The steps are in reals. */
static inline void weigh_rows(tile *t, const real *x, real *y, ptrdiff_t x_step, ptrdiff_t y_step,
                              size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t left = n - i;
        if (left > 48) {
            weigh_lane(t, x, y, x_step, y_step, 4, i >= 16, t->sum[i % 16]);
        } else if (left > 16) {
            weigh_lane(t, x, y, x_step, y_step, (left + 15) / 16, i >= 16, t->sum[i % 16]);
        } else {
            weigh_lane(t, x, y, x_step, y_step, 1, i >= 16, t->sum[i % 16]);
        }
        size_t on = i % 16 == 15 ? LL_BLOCK - 15 : 1; /* to the next block after 16 accumulators */
        i += on - 1;
        x += (ptrdiff_t)on * x_step;
        y = y ? y + (ptrdiff_t)on * y_step : NULL;
    }
}

/* fold() of weight.h; accumulators that a row of n does not reach are left out, as they are 0 */
static inline void fold_rows(tile *t, size_t n)
{
    size_t lanes = n < 16 ? n : 16;
    for (size_t i = 0; i < lanes; i++) {
        for (int k = 0; k < TILE_VECS; k++) {
            settle_lane(&t->sum[i][k]);
        }
    }
    for (size_t half = first_half(n); half > 0; lanes = half, half /= 2) {
        for (size_t i = 0; i + half < lanes; i++) {
            for (int k = 0; k < TILE_VECS; k++) {
                fold_lane(&t->sum[i][k], &t->sum[i + half][k]);
            }
        }
    }
}

/* logits to probabilities: reads x and writes y, which may be x */
LL_OUT_OF_LINE void softargmax_of_tile(tile *t, const real *x, real *y, ptrdiff_t x_step,
                                       ptrdiff_t y_step, size_t n)
{
    vec high[TILE_VECS], low[TILE_VECS];
    scale_rows(t);
    weigh_rows(t, x, y, x_step, y_step, n);
    fold_rows(t, n);
    for (int k = 0; k < TILE_VECS; k++) {
        store_most(&t->sum[0][k], t->most[k], &t->w[k]);
        norms(&t->sum[0][k], &high[k], &low[k]);
    }
    for (size_t i = 0; i < n; i++, y += y_step) {
        for (int k = 0; k < TILE_VECS; k++) {
            store(y + k * LANES, normalise(load(y + k * LANES), high[k], low[k]));
        }
    }
}

/* logits to the logarithms of their probabilities */
LL_OUT_OF_LINE void log_softargmax_of_tile(tile *t, const real *x, real *y, ptrdiff_t x_step,
                                           ptrdiff_t y_step, size_t n)
{
    dd_v log_sum[TILE_PARTS];
    scale_rows(t);
    weigh_rows(t, x, NULL, x_step, 0, n);
    fold_rows(t, n);
    for (int k = 0; k < TILE_VECS; k++) {
        logs(&t->sum[0][k], t->whole + k * PARTS, log_sum + k * PARTS);
    }
    for (size_t i = 0; i < n; i++, x += x_step, y += y_step) {
        for (int k = 0; k < TILE_VECS; k++) {
            vec_d v[PARTS];
            widen(load(x + k * LANES), v);
            for (int j = 0, p = k * PARTS; j < PARTS; j++, p++) {
                v[j] = log_part(v[j], t->shift[p], t->reciprocal[p], log_sum[p]);
            }
            store(y + k * LANES, join(v));
        }
    }
}

typedef void tile_fn(tile *t, const real *x, real *y, ptrdiff_t x_step, ptrdiff_t y_step, size_t n);

static inline tile_fn *tile_function(const tile *t)
{
    return t->logarithm ? log_softargmax_of_tile : softargmax_of_tile;
}

/* copies the special rows of a tile, one behind the other */
LL_OUT_OF_LINE void put_aside(const tile *t, const real *x, size_t n, real *aside)
{
    for (unsigned left = t->special; left; left &= left - 1) {
        for (size_t i = 0; i < n; i++) {
            *aside++ = x[i * TILE_ROWS + (size_t)__builtin_ctz(left)];
        }
    }
}

/* and writes their results into it */
LL_OUT_OF_LINE void special_rows(const tile *t, real *aside, size_t n, real *y)
{
    for (unsigned left = t->special; left; left &= left - 1, aside += n) {
        size_t r = (size_t)__builtin_ctz(left);
        ll_view from = {(char *)aside, sizeof(real), 1, 0}, to = {(char *)(y + r), 64, 0, 0};
        ll_scan found = {t->most[r / LANES][r % LANES], t->nan >> r & 1};
        special_row(LL_IS_DOUBLE ? LL_F64 : LL_F32, &from, &to, n, t->temperature[r], &found,
                    t->smallest, t->logarithm);
    }
}

/* One tile, in its place; t knows its temperatures. `aside` has room for its rows. */
LL_OUT_OF_LINE void run_tile(tile *t, real *x, size_t rows, size_t n, real *aside)
{
    find_maxima(t, x, TILE_ROWS, n, rows);
    if (t->special) {
        put_aside(t, x, n, aside);
    }
    tile_function(t)(t, x, x, TILE_ROWS, TILE_ROWS, n);
    if (t->special) {
        special_rows(t, aside, n, x);
    }
}

#endif
