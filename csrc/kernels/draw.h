/* Integer weights of the remaining tokens, their sums by block, and draws from them: see chain.h
 * for the rule.
 *
 * Two passes read a long row: its maxima and its sums. A group whose maximum has weight 0 is
 * skipped without an exp. A draw finds its block by the running sums and computes that one block
 * again, so that further draws cost little.
 */
#ifndef LL_DRAW_H
#define LL_DRAW_H

#include "guide.h"

static weigher draw_weigher(const candidates *c)
{
    ll_scale scale = scale(c->max, c->temperature);
    return weigher_of(&scale, draw_shift(c->row.n));
}

/* a logit below which every q is 0 (by a margin of three powers of two) */
static real weightless(const candidates *c)
{
    return (real)(c->max - (draw_shift(c->row.n) + 4) * c->temperature * LN_2.high);
}

/* the sums of the blocks [b, end), running on from `total` */
static uint64_t sum_blocks(candidates *c, const weigher *w, size_t b, size_t end, uint64_t total)
{
    const vec cut = set(c->cut);
    const int whole = c->cut == LOWEST;
    for (; b < end; b++) {
        vec v[VECS];
        read_block_inline(c, b, v);
        total += whole ? weight_sum(v, w) : weight_sum_reaching(v, w, cut);
        c->sums[b] = total;
    }
    return total;
}

/* fills c->sums with the running sums of the blocks; returns the total */
static uint64_t running_sums(candidates *c, const weigher *w)
{
    real least = weightless(c);
    const vec bound = set(least > c->cut ? least : c->cut);
    size_t blocks = count_blocks(c), step = c->listed ? blocks : GROUP_BLOCKS;
    uint64_t total = 0;
    for (size_t b = 0; b < blocks; b += step) {
        size_t end = b + step < blocks ? b + step : blocks;
        if (c->listed || may_reach(c, b, bound)) {
            total = sum_blocks(c, w, b, end, total);
        } else {
            for (size_t skipped = b; skipped < end; skipped++) {
                c->sums[skipped] = total;
            }
        }
    }
    return total;
}

/* the first block whose running sum exceeds target */
static size_t block_beyond(const candidates *c, uint64_t target)
{
    return first_beyond(c->sums, 0, count_blocks(c) - 1, target);
}

/* the token whose running sum is the first to exceed target */
static int64_t token_at(const candidates *c, const weigher *w, uint64_t target)
{
    size_t b = block_beyond(c, target), i = b * LL_BLOCK;
    vec v[VECS];
    int64_t q[LL_BLOCK];
    read_block_inline(c, b, v);
    integer_weights_inline(v, w, set(c->cut), q);
    uint64_t sum = b ? c->sums[b - 1] : 0;
    for (const int64_t *weight = q;; weight++, i++) {
        sum += (uint64_t)*weight;
        if (sum > target) {
            return c->listed ? c->index[i] : (int64_t)i;
        }
    }
}

static void draw_tokens(candidates *c, ll_draws *draws)
{
    into_token_order(c);
    weigher w = draw_weigher(c);
    if (draw_guided(c, &w, draws)) {
        return;
    }
    uint64_t total = running_sums(c, &w);
    for (size_t i = 0; i < draws->n; i++) {
        draws->token[i] = token_at(c, &w, draw_target(draws->uniform[i], total));
    }
}

#endif
