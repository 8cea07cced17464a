/* typical_p: the tokens whose surprisal is nearest the entropy, until their mass reaches P (Meister
 * et al. 2023, arXiv:2202.00666). The distance | -ln p - H | is the distance of the logit, in units
 * of T, from its mean by weight. Nearest first; of equal distances the larger logit, then the
 * lowest token. `strict`: the mass must exceed P (llama.cpp); `ties`: all at the last distance stay
 * (transformers). Tokens of weight 0 count only
 * where min_keep needs them. 1 keeps all.
 *
 * What is kept is an interval of the ranked list, so the nearest are found by walking up and down
 * from the mean.
 */
#ifndef LL_STEP_TYPICAL_P_H
#define LL_STEP_TYPICAL_P_H

#include "../entropy.h"

typedef struct {
    size_t from, to; /* what is kept of the ranked list ... */
    size_t hole,
        edge; /* ... without [hole, edge), the untaken rest of equal distances at its upper end */
} interval;

static double from_mean(const candidates *c, double mean, size_t i)
{
    double d = ((double)c->z[i] - c->max) * (1.0 / c->temperature) - mean;
    return d < 0.0 ? -d : d;
}

/* the first of those that are as far from the mean as the one before `i` */
static size_t first_equal(const candidates *c, double mean, size_t i)
{
    size_t first = i - 1;
    while (first > 0 && from_mean(c, mean, first - 1) == from_mean(c, mean, i - 1)) {
        first--;
    }
    return first;
}

static interval nearest_to_mean(const candidates *c, const ll_step *step, double mean,
                                uint64_t need)
{
    weigher w = draw_weigher(c);
    weight_cache window = {.block = (size_t)-1};
    size_t down = 0, taken = 0;
    while (down < c->count && ((double)c->z[down] - c->max) * (1.0 / c->temperature) >= mean) {
        down++;
    }
    size_t up = down, next = down,
           group = down; /* [next, up) are the equal ones that are next above */
    uint64_t mass = 0;
    double last = -1.0;
    while (group > 0 || next < up || down < c->count) {
        if (next == up && group > 0) {
            up = group;
            group = next = first_equal(c, mean, up);
        }
        int above = next < up, below = down < c->count;
        double d_up = above ? from_mean(c, mean, next) : 0.0;
        double d_down = below ? from_mean(c, mean, down) : 0.0;
        int take_up = above && (!below || d_up <= d_down);
        double d = take_up ? d_up : d_down;
        if (mass >= need && (double)taken >= step->typical_p.min_keep &&
            !(step->typical_p.ties != 0.0 && d == last)) {
            break;
        }
        mass += weight_at(c, &w, &window, take_up ? next++ : down++);
        taken++;
        last = d;
    }
    return (interval){group, down, next, up};
}

static void step_typical_p(candidates *c, const ll_step *step)
{
    double p = step->typical_p.p;
    if (p >= 1.0) {
        return;
    }
    distribution s = distribution_of(c);
    uint64_t need = share_of(p, s.total, step->typical_p.strict != 0.0);
    keep_weighing(c, 1, step->typical_p.min_keep, 0);
    rank(c);
    interval kept = nearest_to_mean(c, step, s.mean, need > 0 ? need : 1);
    size_t count = 0;
    for (size_t i = kept.from; i < kept.to; i++) {
        if (i < kept.hole || i >= kept.edge) {
            c->z[count] = c->z[i];
            c->index[count++] = c->index[i];
        }
    }
    c->count = count;
    c->max = c->z[0];
    c->threshold = s.entropy;
}

#endif
