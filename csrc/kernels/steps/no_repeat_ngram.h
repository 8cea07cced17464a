/* no_repeat_ngram: no token may complete n tokens that the history already has (Paulus, Xiong and
 * Socher 2017, arXiv:1705.04304, for n = 3). 0 bans nothing. */
#ifndef LL_STEP_NO_REPEAT_NGRAM_H
#define LL_STEP_NO_REPEAT_NGRAM_H

#include "../changed_logits.h"
#include "../history.h"

static void step_no_repeat_ngram(candidates *c, const ll_step *step)
{
    const ll_chain *chain = c->chain;
    if (step->no_repeat_ngram.n <= 0.0 || step->no_repeat_ngram.n > (double)chain->n_history) {
        return;
    }
    size_t prefix = (size_t)step->no_repeat_ngram.n - 1;
    flush(c);
    for (size_t i = 0; i + prefix < chain->n_history; i++) {
        if (history_ends_with(chain, chain->history + i, prefix, 0)) {
            change_logit(c, (uint32_t)chain->history[i + prefix], -__builtin_inf());
        }
    }
    refresh(c);
}

#endif
