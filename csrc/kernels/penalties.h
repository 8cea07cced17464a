/* What a penalty asks of its window of the history: the different tokens, ascending, and how often
 * each occurs. They are kept in the chain's scratch memory, where the next penalty with the same
 * window finds them. */
#ifndef LL_PENALTIES_H
#define LL_PENALTIES_H

#include "changed_logits.h"
#include "history.h"

/* value of the step: penalty, last_n, whether only what the model wrote counts. Returns how many
 * tokens there are; if any, logits may be changed. */
static size_t count_penalised(candidates *c, double last_n, int only_generated, uint32_t **token,
                              uint32_t **times)
{
    size_t n;
    const int64_t *window = history_window(c->chain, last_n, only_generated, &n);
    if (n == 0) {
        return 0;
    }
    flush(c);
    *token = c->chain->room;
    *times = *token + n;
    if (c->window != window || c->n_window != n) {
        c->n_counted = count_tokens(window, n, *token, *times);
        c->window = window;
        c->n_window = n;
    }
    return c->n_counted;
}

#endif
