/* frequency_penalty: what occurred in the window loses `penalty` each time (OpenAI's API; last_n as
 * in llama.cpp). 0 changes nothing. */
#ifndef LL_STEP_FREQUENCY_PENALTY_H
#define LL_STEP_FREQUENCY_PENALTY_H

#include "../penalties.h"

static void step_frequency_penalty(candidates *c, const ll_step *step)
{
    uint32_t *token = NULL, *times = NULL;
    if (step->frequency_penalty.penalty == 0.0) {
        return;
    }
    size_t count = count_penalised(c, step->frequency_penalty.last_n,
                                   step->frequency_penalty.scope != 0.0, &token, &times);
    for (size_t i = 0; i < count; i++) {
        change_logit(c, token[i],
                     logit_of(c, token[i]) - (double)times[i] * step->frequency_penalty.penalty);
    }
    if (count > 0) {
        refresh(c);
    }
}

#endif
