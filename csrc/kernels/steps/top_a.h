/* top_a: what has at least a times the square of the best probability, p >= a p_max^2: a min_p that
 * opens where the best is unsure (BlinkDL 2022). 0 keeps all. */
#ifndef LL_STEP_TOP_A_H
#define LL_STEP_TOP_A_H

#include "../entropy.h"

static void step_top_a(candidates *c, const ll_step *step)
{
    if (step->top_a.a <= 0.0) {
        return;
    }
    distribution s = distribution_of(c);
    double top = (double)s.top, least = step->top_a.a * top * (top / (double)s.total);
    uint64_t need = (uint64_t)least;
    keep_weighing(c, need + ((double)need < least), 1.0, 0);
    c->threshold = least / (double)s.total;
}

#endif
