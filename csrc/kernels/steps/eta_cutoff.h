/* eta_cutoff: an epsilon that shrinks where the row is undecided: min(epsilon, sqrt(epsilon)
 * exp(-H)) (Hewitt, Manning and Liang 2022, arXiv:2210.15191). */
#ifndef LL_STEP_ETA_CUTOFF_H
#define LL_STEP_ETA_CUTOFF_H

#include "../entropy.h"

static void step_eta_cutoff(candidates *c, const ll_step *step)
{
    double epsilon = step->eta_cutoff.epsilon,
           min_keep = step->eta_cutoff.min_keep > 1.0 ? step->eta_cutoff.min_keep : 1.0;
    if (epsilon <= 0.0) {
        return;
    }
    distribution s = distribution_of(c);
    double eta = square_root(epsilon) * exp_double(-s.entropy);
    eta = eta < epsilon ? eta : epsilon;
    const int ties = step->eta_cutoff.ties != 0.0;
    c->threshold = eta;
    if (eta >= 1.0) {
        take_at_least(c, min_keep, ties);
    } else {
        keep_weighing(c, share_of(eta, s.total, 0), min_keep, ties);
    }
}

#endif
