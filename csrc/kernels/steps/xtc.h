/* XTC, "exclude top choices" (p-e-w 2024): with the given `probability`, of the tokens whose
 * probability reaches the threshold only the least likely stays; nothing is removed where fewer
 * than min_keep would be left. `strict`: what equals the threshold does not reach it; `ties`: what
 * equals the least likely stays too (both mlx-lm). The coin is one double; the step applies where
 * it is below `probability`. Few tokens can reach a threshold, so a long row is not listed for it:
 * they are removed as changed logits.
 */
#ifndef LL_STEP_XTC_H
#define LL_STEP_XTC_H

#include "../changed_logits.h"
#include "../entropy.h"

/* how many of the best to remove */
static size_t top_choices(const candidates *c, const weigher *w, uint64_t need, int ties)
{
    weight_cache window = {.block = (size_t)-1};
    size_t reach = 0;
    while (reach < c->count && weight_at(c, w, &window, reach) >= need) {
        reach++;
    }
    size_t n = reach > 0 ? reach - 1 : 0;
    while (ties && n > 0 && c->z[n - 1] == c->z[reach - 1]) {
        n--;
    }
    return n;
}

static void remove_first(candidates *c, size_t n)
{
    for (size_t i = n; i < c->count; i++) {
        c->z[i - n] = c->z[i];
        c->index[i - n] = c->index[i];
    }
    c->count -= n;
    c->max = c->z[0];
}

/* takes the first n of the list out of the row as it was before it was listed */
static void remove_from_row(candidates *c, const candidates *before, size_t n)
{
    const uint32_t *best = c->index;
    back_to(c, before); /* ranking needed the room of the maxima */
    for (size_t i = 0; i < n; i++) {
        change_logit(c, best[i], -__builtin_inf());
    }
    refresh(c);
}

static void step_xtc(candidates *c, const ll_step *step)
{
    double threshold = step->xtc.threshold;
    const int edges = (int)step->xtc.edges;
    if (*c->coins++ >= step->xtc.probability || threshold > 0.5) {
        return;
    }
    double left = (double)count_left(c);
    into_token_order(c);
    const candidates before = *c;
    weigher w = draw_weigher(c);
    uint64_t need = share_of(threshold, running_sums(c, &w), edges & LL_STRICT);
    if (!c->listed) {
        list_reaching(c, need > 0 ? logit_of_weight(c, (double)need - 0.5) : c->cut);
    }
    rank(c);
    size_t n = top_choices(c, &w, need, edges & LL_TIES);
    n = left - (double)n >= step->xtc.min_keep ? n : 0;
    if (before.listed) {
        remove_first(c, n);
    } else if (n + before.n_changed <= LL_CHANGES) {
        remove_from_row(c, &before, n);
    } else {
        *c = before;
        rank(c);
        remove_first(c, n);
    }
    c->threshold = threshold;
}

#endif
