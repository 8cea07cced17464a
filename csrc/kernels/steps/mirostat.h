/* mirostat 1: a top_k whose k follows the state mu, by the exponent s of Zipf's law that the best
 * `considered` tokens suggest (Basu et al. 2021, arXiv:2007.14966): s = sum(t b) / sum(t^2) with
 * t_i = ln((i + 2) / (i + 1)) and b_i = ln(p_i / p_(i+1)), k = (e 2^mu / (1 - n^-e))^(1/s) with e =
 * s - 1; one token at least. */
#ifndef LL_STEP_MIROSTAT_H
#define LL_STEP_MIROSTAT_H

#include "../select.h"

static double zipf_exponent(const candidates *c)
{
    double tb = 0.0, tt = 0.0;
    for (size_t i = 0; i + 1 < c->count; i++) {
        double t = log_dd((double)(i + 2) / (double)(i + 1)).high;
        double b = ((double)c->z[i] - (double)c->z[i + 1]) / c->temperature;
        tb += t * b;
        tt += t * t;
    }
    return tt > 0.0 ? tb / tt : 1.0;
}

static void step_mirostat(candidates *c, const ll_step *step)
{
    double n = (double)c->row.n;
    if (c->listed) {
        rank(c);
    }
    const candidates before = *c;
    take_best(c, step->mirostat.considered);
    double s = zipf_exponent(c), e = s - 1.0;
    double spread = e > -1.0 && e != 0.0 ? 1.0 - power(n, -e) : 0.0;
    double base = spread != 0.0 ? e * power(2.0, step->mirostat.mu) / spread : 0.0;
    double k = base > 0.0 && s > 0.0 ? power(base, 1.0 / s) : n;
    k = k < 1.0 ? 1.0 : k < n ? (double)(uint64_t)k : n;
    back_to(c, &before);
    take_best(c, k);
    c->threshold = k;
}

#endif
