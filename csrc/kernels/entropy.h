/* What steps need from the remaining distribution: its entropy, the integer weight of its best
 * token, the bound of a weight, and a filter by weight.
 */
#ifndef LL_ENTROPY_H
#define LL_ENTROPY_H

#include "draw.h"
#include "lane_sums.h"
#include "select.h"

/* a logit below that of every token that weighs at least q (no weight is above 2); for an integer
 * weight subtract a half, because it was rounded */
static real logit_of_weight(const candidates *c, double q)
{
    double power = log_dd(q).high - (draw_shift(c->row.n) + 1) * LN_2.high;
    return (real)(c->max + c->temperature * power);
}

/* q of one logit */
static uint64_t weight_of_logit(const weigher *w, double z)
{
    vec v[VECS];
    int64_t q[LL_BLOCK];
    for (int i = 0; i < VECS; i++) {
        v[i] = set((real)z);
    }
    integer_weights(v, w, v[0], q);
    return (uint64_t)q[0];
}

typedef struct {
    uint64_t total, top; /* of q, and q of the largest logit */
    uint64_t count;      /* of remaining tokens */
    double mean;         /* of (logit - largest) / T, by weight */
    double entropy;      /* in nats */
} distribution;

/* the sums over a row, or over a list with every token at its index */
static lane_sums sums_of_row(const candidates *c, const weigher *w)
{
    vector_sums running = {{{0}}, {0}, 0, 0};
    const real least = -(real)MOST;
    const vec cut = set(c->cut > least ? c->cut : least); /* -inf adds nothing, not its floor */
    for (size_t b = 0; b < count_blocks(c); b++) {
        vec v[VECS];
        read_block_inline(c, b, v);
        add_sums(v, w, cut, &running);
    }
    return sums_of_vectors(&running);
}

/* the same over a list in token order */
static lane_sums sums_of_list(const candidates *c, const weigher *w)
{
    lane_sums m = {{0}, 0, c->count};
    double shift = w->shift[0], floor = w->floor[0];
    for (size_t from = 0; from < c->count; from += LL_BLOCK) {
        vec v[VECS];
        int64_t q[LL_BLOCK];
        real weight[LL_BLOCK];
        read_block(c, from / LL_BLOCK, v);
        integer_weights(v, w, set(c->cut), q);
        real_weights(v, w, weight);
        for (size_t i = 0; i < LL_BLOCK && from + i < c->count; i++) {
            double x = (real)(c->z[from + i] - (real)shift);
            m.total += (uint64_t)q[i];
            m.lane[c->index[from + i] % 16] += (x > floor ? x : floor) * (double)weight[i];
        }
    }
    return m;
}

static distribution distribution_of(candidates *c);

/* the same for a short ranked list, which stays ranked */
static distribution distribution_of_ranked(candidates *c)
{
    real z[LL_FEW];
    uint32_t index[LL_FEW];
    size_t count = c->count;
    __builtin_memcpy(z, c->z, count * sizeof *z);
    __builtin_memcpy(index, c->index, count * sizeof *index);
    into_token_order(c);
    distribution s = distribution_of(c);
    __builtin_memcpy(c->z, z, count * sizeof *z);
    __builtin_memcpy(c->index, index, count * sizeof *index);
    c->ranked = 1;
    return s;
}

/* ln p of a token is (logit - largest) / T - ln(total / top), so the entropy is ln(total / top)
 * minus the mean of the former */
static distribution distribution_of(candidates *c)
{
    if (c->ranked && c->count <= LL_FEW) {
        return distribution_of_ranked(c);
    }
    into_token_order(c);
    ll_scale scale = scale(c->max, c->temperature);
    weigher w = weigher_of(&scale, draw_shift(c->row.n));
    lane_sums m = is_whole(c) ? sums_of_row(c, &w) : sums_of_list(c, &w);
    distribution s = {.total = m.total, .count = m.count, .top = weight_of_logit(&w, c->max)};
    double mean = fold_lanes(&m) / (double)m.total;
    s.mean = (mean - scale.top) * (1.0 / c->temperature);
    s.entropy = log_dd((double)m.total / (double)s.top).high - s.mean;
    s.entropy = s.entropy > 0.0 ? s.entropy : 0.0;
    return s;
}

/* q of a list, a block at a time */
typedef struct {
    size_t block;
    int64_t q[LL_BLOCK];
} weight_cache;

static uint64_t weight_at(const candidates *c, const weigher *w, weight_cache *window, size_t i)
{
    if (window->block != i / LL_BLOCK) {
        vec v[VECS];
        window->block = i / LL_BLOCK;
        read_block(c, window->block, v);
        integer_weights(v, w, set(c->cut), window->q);
    }
    return (uint64_t)window->q[i % LL_BLOCK];
}

/* Keeps tokens that weigh at least `need`, and always the best min_keep; with `ties`, also all that
 * equal the last of those. */
static void keep_weighing(candidates *c, uint64_t need, double min_keep, int ties)
{
    weigher w = draw_weigher(c);
    const candidates before = *c;
    size_t count = 0;
    if (!c->listed) {
        real bound = logit_of_weight(c, (double)(need > 0 ? need : 1) - 0.5), all = c->cut;
        list_reaching(c, need > 0 && bound > all ? bound : all);
    }
    for (int pass = 0; pass < 2; pass++) {
        size_t kept = 0;
        weight_cache window = {.block = (size_t)-1};
        for (size_t i = 0; i < c->count; i++) {
            int keep = weight_at(c, &w, &window, i) >= need;
            c->z[pass ? kept : i] = c->z[i];
            c->index[pass ? kept : i] = c->index[i];
            kept += (size_t)keep;
        }
        if (pass == 0 && (double)kept < min_keep) {
            back_to(c, &before);
            take_at_least(c, min_keep, ties);
            return;
        }
        count = kept;
    }
    c->count = count;
}

#endif
