/* top_p: the shortest prefix, in the order of rank, whose mass reaches P of the whole (Holtzman et
 * al. 2020, arXiv:1904.09751); at least one token. Masses are the integers of the draw's rule, from
 * weights in doubles whatever the row is stored in, and compared exactly. 1 keeps all. With LL_TIES
 * everything that equals the last token of the prefix stays too (mlx-lm); with LL_OF_THE_WHOLE what
 * filters removed before counts as a part of the whole.
 *
 * Single weights find the end, and how close it was; only where they cannot tell are a few logits
 * around it measured again in doubles, and the whole once.
 *
 * A long row is listed from a bound on below which the prefix does not reach: from the total (what
 * is left below it could not fill the share that may be missing), or from a sample.
 */
#ifndef LL_STEP_TOP_P_H
#define LL_STEP_TOP_P_H

#include "../draw.h"
#include "../select.h"
#include "top_k.h"

/* the first bound: what lies below it cannot fill the share that may be missing (at most 1/2 is
 * lost or won by rounding one q) */
static real first_bound(const candidates *c, uint64_t missing)
{
    real least = weightless(c);
    double each = (double)missing / (double)c->row.n - 1.0;
    real bound = each > 1.0 ? logit_of_weight(c, each) : least;
    least = bound > least ? bound : least;
    return least > c->cut ? least : c->cut;
}

/* A guess of the end from some blocks of the row, so that about `below` of the mass lies beyond it:
 * what may be missing is the mass of many small weights, of which a sample tells more than of the
 * few large ones. */
static real guess_end(candidates *c, const measure *m, double below)
{
    enum { SAMPLE = 64 };
    const vec least = set(weightless(c));
    size_t count = 0, seen = 0, step = count_blocks(c) / SAMPLE + 1;
    for (size_t b = step / 2; b + 1 < count_blocks(c); b += step, seen += LL_BLOCK) {
        vec v[VECS];
        read_block(c, b, v);
        for (int i = 0; i < VECS; i++) {
            count += compress(v[i], gt(v[i], least), c->z + count);
        }
    }
    uint64_t mass = mass_reaching(c->z, count, m, LOWEST);
    below *= (double)seen / (double)c->row.n;
    if (seen < SAMPLE / 2 * LL_BLOCK || (double)mass <= below) {
        return LOWEST;
    }
    return find_end(c->z, count, c->max, m, mass - (uint64_t)below, c->z).logit;
}

/* Lists a part of a long row in which the prefix ends. A wrong guess costs time and no token, for
 * what it lists is summed; the next one is more careful, and the last one is none. Nor is there one
 * where all is needed: single weights of 0 may count in doubles. */
static void list_prefix(candidates *c, const measure *m, uint64_t total, uint64_t need)
{
    const double missing = (double)(total - need);
    const real sure = first_bound(c, total - need), none = LOWEST;
    const candidates row = *c;
    for (double part = 0.65; missing > 0.0 && part > 0.01; part /= 8) {
        real guess = guess_end(c, m, part * missing);
        if (guess <= sure) {
            break;
        }
        list_reaching(c, guess);
        if (mass_reaching(c->z, c->count, m, none) >= need) {
            return;
        }
        *c = row;
    }
    list_reaching(c, sure);
}

/* The end by doubles, of a list in which it lies. Where single weights are `close` to `need` on
 * both sides of it bounds it. */
static prefix_end end_exactly(const candidates *c, const candidates *before, measure *m,
                              const ll_step *step, double p, uint64_t total, uint64_t need)
{
    uint64_t close = too_close(c, total);
    uint64_t few = need > 2 * close ? need - 2 * close : 1, many = need + 2 * close;
    real top = find_end(c->z, c->count, c->max, m, few, c->spare).logit;
    real least = many < total ? find_end(c->z, c->count, c->max, m, many, c->spare).logit
                              : smallest(c->z, c->count);
    measure_exactly(before, m);
    need = share_of(p, mass_left(before, m), (int)step->top_p.edges & LL_STRICT);
    real above = next_above(top);
    uint64_t mass = mass_reaching(c->z, c->count, m, above);
    size_t n = between(c->z, c->count, least, above, c->spare);
    return find_end(c->spare, n, top, m, need > mass ? need - mass : 1, c->spare);
}

static int is_too_close(const candidates *c, prefix_end end, uint64_t total, uint64_t need)
{
    uint64_t close = too_close(c, total);
    return close > 0 && (end.mass - need < close || need + end.last - end.mass < close);
}

/* keeps a list's prefix; if it has fewer than min_keep tokens, the best min_keep of `before` */
static void keep_prefix(candidates *c, const candidates *before, prefix_end end, double min_keep,
                        int ties)
{
    if (min_keep <= 1.0 || (double)count_to_end(c, end) >= min_keep) {
        end.equal = ties ? UINT64_MAX : end.equal;
        keep_to_end(c, end);
        return;
    }
    back_to(c, before);
    take_at_least(c, min_keep, ties);
}

static void step_top_p(candidates *c, const ll_step *step)
{
    const int edges = (int)step->top_p.edges;
    double p = edges & LL_OF_THE_WHOLE ? step->top_p.p / c->share : step->top_p.p;
    if (p >= 1.0) {
        return;
    }
    const candidates before = *c;
    measure m = {.w = draw_weigher(c)};
    uint64_t total = running_sums(c, &m.w), need = share_of(p, total, edges & LL_STRICT);
    need = need > 0 ? need : 1;
    if (!c->listed) {
        uint64_t enough = need + 2 * too_close(c, total);
        list_prefix(c, &m, total, enough < total ? enough : total);
    }
    prefix_end end = find_end(c->z, c->count, c->max, &m, need, c->spare);
    if (is_too_close(c, end, total, need)) {
        end = end_exactly(c, &before, &m, step, p, total, need);
    }
    keep_prefix(c, &before, end, step->top_p.min_keep, edges & LL_TIES);
    c->threshold = step->top_p.p;
}

#endif
