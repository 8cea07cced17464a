/* Temperature: logits / T (Ackley, Hinton and Sejnowski 1985). T = 0 keeps the first maximum alone,
 * and so does a product of temperatures that is too small for a double; T = inf makes the remaining
 * tokens equally likely. A T whose reciprocal is not a normal number is applied to the logits at
 * once. */
#ifndef LL_STEP_TEMPERATURE_H
#define LL_STEP_TEMPERATURE_H

#include "../changed_logits.h"
#include "../select.h"

static void step_temperature(candidates *c, const ll_step *step)
{
    double temperature = c->temperature * step->temperature.temperature;
    c->threshold = step->temperature.temperature;
    if (temperature == 0.0) {
        take_best(c, 1.0);
    } else if (temperature < T_MIN || temperature > T_MAX) {
        set_logits(c, temperature);
    } else {
        c->temperature = temperature;
    }
}

#endif
