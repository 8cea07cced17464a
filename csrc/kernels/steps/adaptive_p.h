/* adaptive_p: logits that favour tokens of a probability near a target, which moves so that the
 * average of the probabilities drawn meets it (llama.cpp's adaptive-p, 2025): z' = 5 - 10 d^2 / (1
 * + d) with d = |p - t| / 0.3 and t = 2 target - average, held in [0, 1]. The average is kept by
 * the caller, as a weighted sum and a total weight, of the probabilities before this step. */
#ifndef LL_STEP_ADAPTIVE_P_H
#define LL_STEP_ADAPTIVE_P_H

#include "../entropy.h"

static void step_adaptive_p(candidates *c, const ll_step *step)
{
    double target = 2.0 * step->adaptive_p.target -
                    step->adaptive_p.weighted_sum / step->adaptive_p.total_weight;
    target = target > 0.0 ? (target < 1.0 ? target : 1.0) : 0.0;
    list_all(c);
    into_token_order(c);
    weigher w = draw_weigher(c);
    double total = (double)running_sums(c, &w);
    double max = -__builtin_inf();
    weight_cache window = {.block = (size_t)-1};
    for (size_t i = 0; i < c->count; i++) {
        double p = (double)weight_at(c, &w, &window, i) / total;
        double d = (p > target ? p - target : target - p) / 0.3;
        c->z[i] = (real)(5.0 - 10.0 * (d * d) / (1.0 + d));
        max = c->z[i] > max ? c->z[i] : max;
    }
    c->max = max;
    c->temperature = 1.0;
    c->threshold = target;
}

#endif
