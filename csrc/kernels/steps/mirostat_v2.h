/* mirostat 2: keeps tokens of at most the surprisal mu, -log2 p <= mu; one token at least (Basu et
 * al. 2021, arXiv:2007.14966). The state mu is changed by the caller, by the surprisal of the token
 * drawn. */
#ifndef LL_STEP_MIROSTAT_V2_H
#define LL_STEP_MIROSTAT_V2_H

#include "epsilon_cutoff.h"

static void step_mirostat_v2(candidates *c, const ll_step *step)
{
    double least = exp_double(-step->mirostat_v2.mu * LN_2.high);
    if (least > 0.0) {
        step_epsilon_cutoff(c, &(ll_step){.kind = LL_EPSILON_CUTOFF,
                                          .epsilon_cutoff = {.epsilon = least, .min_keep = 1.0}});
    }
    c->threshold = step->mirostat_v2.mu;
}

#endif
