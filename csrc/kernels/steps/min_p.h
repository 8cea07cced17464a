/* min_p: what is at least P times as likely as the best, that is logit >= max + T ln P (Nguyen et
 * al. 2024, arXiv:2407.01082; inclusive, as in llama.cpp; `strict` excludes the bound). The bound
 * is computed in double. 0 keeps all, more than 1 the best alone. */
#ifndef LL_STEP_MIN_P_H
#define LL_STEP_MIN_P_H

#include "../select.h"

static size_t count_reaching_bound(const candidates *c, real bound)
{
    size_t count = 0;
    for (size_t i = 0; i < c->count; i++) {
        count += c->z[i] >= bound;
    }
    return count;
}

static void step_min_p(candidates *c, const ll_step *step)
{
    double p = step->min_p.p, min_keep = step->min_p.min_keep > 1.0 ? step->min_p.min_keep : 1.0;
    if (!(p >= 0x1p-1022)) {
        return;
    }
    double exact = c->max + c->temperature * log_dd(p).high;
    real bound = ceil_real(exact);
    if (step->min_p.strict != 0.0 && (double)bound == exact) {
        bound = next_above(bound);
    }
    c->threshold = p;
    const candidates before = *c;
    if (!c->listed && (double)bound <= c->max && min_keep == 1.0) {
        c->cut = bound > c->cut ? bound : c->cut;
        return;
    }
    if (!c->listed) {
        list_reaching(c, bound);
    }
    if ((double)count_reaching_bound(c, bound) < min_keep) {
        back_to(c, &before);
        take_best(c, min_keep);
        return;
    }
    keep_reaching(c, bound);
}

#endif
