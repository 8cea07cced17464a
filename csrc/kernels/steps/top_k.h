/* top_k: the k largest logits, ties by lowest index (Fan, Lewis and Dauphin 2018,
 * arXiv:1805.04833). 0, or as many as there are, keeps all. With `ties` everything that equals the
 * k-th is kept too, as transformers and vLLM do. */
#ifndef LL_STEP_TOP_K_H
#define LL_STEP_TOP_K_H

#include "../select.h"

static void step_top_k(candidates *c, const ll_step *step)
{
    double k = step->top_k.k;
    if (k == 0.0 || k >= (double)c->row.n) {
        return;
    }
    if (step->top_k.ties == 0.0) {
        take_set(c, k);
    } else {
        take_tied_best(c, k);
    }
    c->threshold = smallest(c->z, c->count);
}

#endif
