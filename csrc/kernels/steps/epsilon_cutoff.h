/* epsilon_cutoff: what has at least the probability epsilon (Hewitt, Manning and Liang 2022,
 * arXiv:2210.15191), and the best min_keep; with `ties` what equals the last of those too, as in
 * transformers. Compared exactly, on the integers of the draw's rule. */
#ifndef LL_STEP_EPSILON_CUTOFF_H
#define LL_STEP_EPSILON_CUTOFF_H

#include "../entropy.h"

static void step_epsilon_cutoff(candidates *c, const ll_step *step)
{
    double epsilon = step->epsilon_cutoff.epsilon,
           min_keep = step->epsilon_cutoff.min_keep > 1.0 ? step->epsilon_cutoff.min_keep : 1.0;
    if (epsilon <= 0.0) {
        return;
    }
    const int ties = step->epsilon_cutoff.ties != 0.0;
    c->threshold = epsilon;
    if (epsilon >= 1.0) {
        take_at_least(c, min_keep, ties);
        return;
    }
    weigher w = draw_weigher(c);
    into_token_order(c);
    keep_weighing(c, share_of(epsilon, running_sums(c, &w), 0), min_keep, ties);
}

#endif
