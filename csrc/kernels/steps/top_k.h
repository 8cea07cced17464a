/* top_k: the k largest logits, ties by lowest index (Fan, Lewis and Dauphin 2018,
 * arXiv:1805.04833). 0, or as many as there are, keeps all. With `ties` everything that equals the
 * k-th is kept too, as transformers and vLLM do. */
#ifndef LL_STEP_TOP_K_H
#define LL_STEP_TOP_K_H

#include "../select.h"

static void keep_reaching(candidates *c, real bound)
{
    size_t count = 0;
    if (!c->listed) {
        list_reaching(c, bound);
        return;
    }
    for (size_t i = 0; i < c->count; i++) {
        if (c->z[i] >= bound) {
            c->z[count] = c->z[i];
            c->index[count++] = c->index[i];
        }
    }
    c->count = count;
}

/* the best k of what is left, and all that equals the last of them */
static void keep_tied_best(candidates *c, size_t k)
{
    list_best(c, k);
    keep_reaching(c, end_of_best(c, k).logit);
}

/* value: k, ties */
static void step_top_k(candidates *c, const ll_step *step)
{
    double k = step->value[0];
    if (k == 0.0 || k >= (double)c->row.n) {
        return;
    }
    if (step->value[1] == 0.0) {
        take_set(c, k);
    } else {
        keep_tied_best(c, (size_t)k);
    }
    c->threshold = smallest(c->z, c->count);
}

#endif
