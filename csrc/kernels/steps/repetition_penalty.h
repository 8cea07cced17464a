/* repetition_penalty: a token that occurred in the window has its logit divided by r where it is
 * positive, else multiplied; once, however often it occurred (Keskar et al. 2019,
 * arXiv:1909.05858). 1 changes nothing. */
#ifndef LL_STEP_REPETITION_PENALTY_H
#define LL_STEP_REPETITION_PENALTY_H

#include "../penalties.h"

static void step_repetition_penalty(candidates *c, const ll_step *step)
{
    uint32_t *token = NULL, *times = NULL;
    if (step->repetition_penalty.penalty == 1.0) {
        return;
    }
    size_t count = count_penalised(c, step->repetition_penalty.last_n,
                                   step->repetition_penalty.scope != 0.0, &token, &times);
    for (size_t i = 0; i < count; i++) {
        double z = logit_of(c, token[i]);
        change_logit(c, token[i],
                     z > 0.0 ? z / step->repetition_penalty.penalty
                             : z * step->repetition_penalty.penalty);
    }
    if (count > 0) {
        refresh(c);
    }
}

#endif
