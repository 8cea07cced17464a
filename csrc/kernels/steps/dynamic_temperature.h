/* Dynamic temperature: between T - range and T + range, by how undecided the row is, H / ln(how
 * many are left), to the power of `exponent` (kalomaze 2024, llama.cpp's dynatemp). */
#ifndef LL_STEP_DYNAMIC_TEMPERATURE_H
#define LL_STEP_DYNAMIC_TEMPERATURE_H

#include "../entropy.h"
#include "temperature.h"

static void step_dynamic_temperature(candidates *c, const ll_step *step)
{
    double t = step->dynamic_temperature.temperature, range = step->dynamic_temperature.range;
    size_t count = count_left(c);
    if (range > 0.0 && t < __builtin_inf() && count > 1) {
        double low = t > range ? t - range : 0.0, high = t + range;
        double undecided = distribution_of(c).entropy / log_dd((double)count).high;
        undecided = undecided < 1.0 ? undecided : 1.0;
        double part = undecided > 0.0 ? power(undecided, step->dynamic_temperature.exponent) : 0.0;
        t = part > 0.0 ? low + (high - low) * part : low; /* the range may be inf */
    }
    step_temperature(c, &(ll_step){.kind = LL_TEMPERATURE, .temperature = {t}});
}

#endif
