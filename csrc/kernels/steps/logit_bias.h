/* logit_bias: adds a number to the logit of a token; -inf bans it (OpenAI's API). A sequence of
 * tokens biases its last one where the history ends with the others (transformers' sequence_bias).
 */
#ifndef LL_STEP_LOGIT_BIAS_H
#define LL_STEP_LOGIT_BIAS_H

#include "../changed_logits.h"
#include "../history.h"

/* tokens: the sequences, one after the other; numbers: for each its length and its bias */
static void step_logit_bias(candidates *c, const ll_step *step)
{
    const int64_t *sequence = step->tokens;
    flush(c);
    for (size_t i = 0; i + 1 < step->n_numbers; i += 2) {
        size_t length = (size_t)step->numbers[i];
        if (history_ends_with(c->chain, sequence, length - 1, 0)) {
            uint32_t token = (uint32_t)sequence[length - 1];
            change_logit(c, token, logit_of(c, token) + step->numbers[i + 1]);
        }
        sequence += length;
    }
    refresh(c);
}

#endif
