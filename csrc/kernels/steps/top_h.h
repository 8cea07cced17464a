/* top_h: the best tokens whose share of the entropy, summed from the best down, does not exceed h
 * (Potraghloo et al. 2025, arXiv:2509.02510), of the best 100 only; one token at least, as
 * transformers does. */
#ifndef LL_STEP_TOP_H_H
#define LL_STEP_TOP_H_H

#include "../entropy.h"

static void step_top_h(candidates *c, const ll_step *step)
{
    take_best(c, step->top_h.considered);
    weigher w = draw_weigher(c);
    weight_cache window = {.block = (size_t)-1};
    uint64_t total = 0, top = weight_at(c, &w, &window, 0);
    for (size_t i = 0; i < c->count; i++) {
        total += weight_at(c, &w, &window, i);
    }
    double log_sum = log_dd((double)total / (double)top).high, limit = 0.0;
    for (int pass = 0; pass < 2; pass++) {
        double sum = 0.0;
        for (size_t i = 0; i < c->count; i++) {
            double p = (double)weight_at(c, &w, &window, i) / (double)total;
            sum += p * (log_sum - ((double)c->z[i] - c->max) * (1.0 / c->temperature));
            if (pass == 1 && i > 0 && sum > limit) {
                c->count = i;
            }
        }
        limit = step->top_h.h * sum;
        c->threshold = pass == 0 ? limit : c->threshold;
    }
}

#endif
