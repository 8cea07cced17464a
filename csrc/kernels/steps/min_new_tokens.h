/* min_new_tokens: the tokens that end a text cannot be chosen before the model wrote n tokens
 * (transformers' min_new_tokens, vLLM's min_tokens). */
#ifndef LL_STEP_MIN_NEW_TOKENS_H
#define LL_STEP_MIN_NEW_TOKENS_H

#include "../changed_logits.h"

static void step_min_new_tokens(candidates *c, const ll_step *step)
{
    if ((double)c->chain->n_generated >= step->min_new_tokens.n || step->n_tokens == 0) {
        return;
    }
    flush(c);
    for (size_t i = 0; i < step->n_tokens; i++) {
        change_logit(c, (uint32_t)step->tokens[i], -__builtin_inf());
    }
    refresh(c);
}

#endif
