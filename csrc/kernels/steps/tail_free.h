/* tail_free: cuts where the curve of the sorted probabilities has spent its bend (Phelps 2019): the
 * second differences, as shares of their sum, are added from the best down, and the list ends where
 * they exceed z. As llama.cpp had it: where all differences are 0 each counts alike. The sums are
 * integers. 1 keeps all. */
#ifndef LL_STEP_TAIL_FREE_H
#define LL_STEP_TAIL_FREE_H

#include "../entropy.h"

static uint64_t second_difference(const candidates *c, const weigher *w, weight_cache *window,
                                  size_t i)
{
    int64_t a = (int64_t)weight_at(c, w, window, i);
    int64_t b = (int64_t)weight_at(c, w, window, i + 1);
    int64_t d = a - 2 * b + (int64_t)weight_at(c, w, window, i + 2);
    return (uint64_t)(d < 0 ? -d : d);
}

static void step_tail_free(candidates *c, const ll_step *step)
{
    double z = step->tail_free.z,
           min_keep = step->tail_free.min_keep > 1.0 ? step->tail_free.min_keep : 1.0;
    if (z >= 1.0) {
        return;
    }
    rank(c);
    c->threshold = z;
    if (c->count <= 2) {
        return;
    }
    weigher w = draw_weigher(c);
    weight_cache window = {.block = (size_t)-1};
    uint64_t total = 0, sum = 0;
    size_t n = c->count - 2;
    for (size_t i = 0; i < n; i++) {
        total += second_difference(c, &w, &window, i);
    }
    uint64_t need = share_of(z, total > 0 ? total : n, 1);
    for (size_t i = 0; i < n; i++) {
        sum += total > 0 ? second_difference(c, &w, &window, i) : 1;
        if (sum >= need && (double)i >= min_keep) {
            c->count = i;
            return;
        }
    }
}

#endif
