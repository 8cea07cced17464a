/* p_less: what is at least as likely as the chance that two draws agree, p >= sum of p^2
 * (arXiv:2509.23234, 2025). It has no parameter. Compared exactly: q * total >= the sum of q^2, in
 * 128 bits. */
#ifndef LL_STEP_P_LESS_H
#define LL_STEP_P_LESS_H

#include "../entropy.h"

/* adds q^2 to a sum of 128 bits */
static void add_square(uint64_t q, uint64_t *high, uint64_t *low)
{
    uint64_t h, l;
    multiply_wide(q, q, &h, &l);
    *low += l;
    *high += h + (*low < l);
}

static int product_reaches(uint64_t q, uint64_t total, uint64_t high, uint64_t low)
{
    uint64_t h, l;
    multiply_wide(q, total, &h, &l);
    return h > high || (h == high && l >= low);
}

static void step_p_less(candidates *c, const ll_step *step)
{
    (void)step;
    uint64_t high = 0, low = 0, total = 0;
    weigher w = draw_weigher(c);
    for (size_t b = 0; b < count_blocks(c); b++) {
        vec v[VECS];
        int64_t q[LL_BLOCK];
        read_block(c, b, v);
        integer_weights(v, &w, set(c->cut), q);
        for (size_t i = 0; i < LL_BLOCK; i++) {
            total += (uint64_t)q[i];
            add_square((uint64_t)q[i], &high, &low);
        }
    }
    double least = ((double)high * 0x1p64 + (double)low) / (double)total;
    uint64_t need = (uint64_t)least + 2; /* down from there to the smallest q that reaches it */
    while (need > 1 && product_reaches(need - 1, total, high, low)) {
        need--;
    }
    keep_weighing(c, need, 1.0, 0);
    c->threshold = least / (double)total;
}

#endif
