/* frequency_penalty: what occurred in the window loses `penalty` each time (OpenAI's API; last_n as
 * in llama.cpp). 0 changes nothing. */
#ifndef LL_STEP_FREQUENCY_PENALTY_H
#define LL_STEP_FREQUENCY_PENALTY_H

#include "../penalties.h"

/* value: penalty, last_n, whether only what the model wrote counts */
static void step_frequency_penalty(candidates *c, const ll_step *step)
{
    uint32_t *token = NULL, *times = NULL;
    if (step->value[0] == 0.0) {
        return;
    }
    size_t count = count_penalised(c, step, &token, &times);
    for (size_t i = 0; i < count; i++) {
        change_logit(c, token[i], logit_of(c, token[i]) - (double)times[i] * step->value[0]);
    }
    if (count > 0) {
        refresh(c);
    }
}

#endif
