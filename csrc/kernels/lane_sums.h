/* Two sums over a row's weights that give its entropy: of q, and of weight times logit. The second
 * is a sum of doubles, in sixteen lanes by token number, each in token order, folded by halves, so
 * that every target and plain Python get the same bits.
 */
#ifndef LL_LANE_SUMS_H
#define LL_LANE_SUMS_H

#include "real.h"

typedef struct {
    double lane[16];
    uint64_t total, count;
} lane_sums;

typedef struct {
    vec_d lane[16 / LANES_d];
    vec_l total; /* each element with ROUND_BIAS */
    uint64_t blocks, count;
} vector_sums;

/* adds one block of a row; a logit is clamped to the weigher's floor, as for its weight */
static inline void add_sums(const vec *v, const weigher *w, vec cut, vector_sums *m)
{
    for (int i = 0; i < VECS; i++) {
        mask left = ge(v[i], cut);
        vec error, weight = keep(left, weight(v[i], w, &error));
        m->count += count_bits(bits(left));
        vec_d x[PARTS], y[PARTS];
        vec_l q[PARTS];
        round(weight, q);
        widen(max(v[i] - w->shift, w->floor), x);
        widen(weight, y);
        for (int j = 0; j < PARTS; j++) {
            m->total += q[j];
            m->lane[(i * PARTS + j) % (16 / LANES_d)] += x[j] * y[j];
        }
    }
    m->blocks++;
}

static lane_sums sums_of_vectors(const vector_sums *running)
{
    lane_sums m;
    __builtin_memcpy(m.lane, running->lane, sizeof m.lane);
    m.total = across_l(running->total) - running->blocks * LL_BLOCK * ROUND_BIAS;
    m.count = running->count;
    return m;
}

/* adds the distances from `centre`, or their squares, of what reaches `cut` and is above -inf */
static void add_deviations(const vec *v, double cut, double centre, int square, lane_sums *m)
{
    vec_d lanes[16 / LANES_d];
    __builtin_memcpy(lanes, m->lane, sizeof lanes);
    for (int i = 0; i < VECS; i++) {
        vec_d x[PARTS];
        widen(v[i], x);
        for (int j = 0; j < PARTS; j++) {
            vec_d d = x[j] - set_d(centre);
            d = square ? d * d : d;
            lanes[(i * PARTS + j) % (16 / LANES_d)] +=
                keep_d(ge_d(x[j], set_d(cut)), keep_d(gt_d(x[j], set_d(-__builtin_inf())), d));
        }
    }
    __builtin_memcpy(m->lane, lanes, sizeof lanes);
}

static double fold_lanes(lane_sums *m)
{
    for (int half = 8; half > 0; half /= 2) {
        for (int j = 0; j < half; j++) {
            m->lane[j] += m->lane[j + half];
        }
    }
    return m->lane[0];
}

#endif
