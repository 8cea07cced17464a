/* top_n_sigma: logits within n standard deviations of the largest (Tang et al. 2024,
 * arXiv:2411.07641): of the population of the remaining tokens, -inf not counted, the same at every
 * temperature. Mean and deviation are sums in sixteen lanes by token number, folded by halves. 0
 * keeps all. */
#ifndef LL_STEP_TOP_N_SIGMA_H
#define LL_STEP_TOP_N_SIGMA_H

#include "../lane_sums.h"
#include "../rank.h"

static double sum_deviations(const candidates *c, double centre, int square)
{
    lane_sums m = {{0}, 0, 0};
    for (size_t b = 0; is_whole(c) && b < count_blocks(c); b++) {
        vec v[VECS];
        read_block_inline(c, b, v);
        add_deviations(v, c->listed ? LOWEST : c->cut, centre, square, &m);
    }
    for (size_t i = 0; !is_whole(c) && i < c->count; i++) {
        double d = (double)c->z[i] - centre;
        m.lane[c->index[i] % 16] += square ? d * d : d;
    }
    return fold_lanes(&m);
}

static void step_top_n_sigma(candidates *c, const ll_step *step)
{
    double n = step->top_n_sigma.n;
    if (n <= 0.0) {
        return;
    }
    into_token_order(c);
    double count = (double)count_left(c);
    double mean = sum_deviations(c, 0.0, 0) / count;
    double deviation = square_root(sum_deviations(c, mean, 1) / count);
    double exact = c->max - n * deviation;
    c->threshold = exact;
    if (exact < -MOST) {
        return;
    }
    real bound = ceil_real(exact);
    if (c->listed) {
        keep_reaching(c, bound);
    } else {
        c->cut = bound > c->cut ? bound : c->cut;
    }
}

#endif
