/* presence_penalty: what occurred in the window loses `penalty` once (OpenAI's API; last_n as in
 * llama.cpp). A negative penalty is a reward. 0 changes nothing. */
#ifndef LL_STEP_PRESENCE_PENALTY_H
#define LL_STEP_PRESENCE_PENALTY_H

#include "../penalties.h"

static void step_presence_penalty(candidates *c, const ll_step *step)
{
    uint32_t *token = NULL, *times = NULL;
    if (step->presence_penalty.penalty == 0.0) {
        return;
    }
    size_t count = count_penalised(c, step->presence_penalty.last_n,
                                   step->presence_penalty.scope != 0.0, &token, &times);
    for (size_t i = 0; i < count; i++) {
        change_logit(c, token[i], logit_of(c, token[i]) - step->presence_penalty.penalty);
    }
    if (count > 0) {
        refresh(c);
    }
}

#endif
