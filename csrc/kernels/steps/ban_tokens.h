/* ban_tokens: tokens that cannot be chosen; of a sequence the last one, where the history ends
 * with the others (transformers' bad_words_ids); in vLLM its generated part. */
#ifndef LL_STEP_BAN_TOKENS_H
#define LL_STEP_BAN_TOKENS_H

#include "../changed_logits.h"
#include "../history.h"

/* tokens: the sequences, one after the other;
 * numbers: the length of each */
static void step_ban_tokens(candidates *c, const ll_step *step)
{
    const int64_t *sequence = step->tokens;
    const int generated = step->ban_tokens.scope != 0.0;
    flush(c);
    for (size_t i = 0; i < step->n_numbers; i++) {
        size_t length = (size_t)step->numbers[i];
        if (history_ends_with(c->chain, sequence, length - 1, generated)) {
            change_logit(c, (uint32_t)sequence[length - 1], -__builtin_inf());
        }
        sequence += length;
    }
    refresh(c);
}

#endif
