/* smoothing, the "quadratic sampler" (kalomaze 2024): logits fall off the largest by the square of
 * their distance, z' = max - k f d^2 + s f d^3 with d = z - max, k = (3 - curve) / 2, s = (curve -
 * 1) / 2. Factor 0 is off. */
#ifndef LL_STEP_SMOOTHING_H
#define LL_STEP_SMOOTHING_H

#include "../changed_logits.h"

static void step_smoothing(candidates *c, const ll_step *step)
{
    double factor = step->smoothing.factor, curve = step->smoothing.curve;
    if (factor <= 0.0) {
        return;
    }
    list_all(c);
    flush(c);
    double k = (3.0 - curve) / 2.0 * factor, s = (curve - 1.0) / 2.0 * factor;
    for (size_t i = 0; i < c->count; i++) {
        double d = (double)c->z[i] - c->max, z = c->max - k * (d * d) + s * (d * d * d);
        c->z[i] = (real)(z > -MOST ? z : -MOST);
    }
}

#endif
