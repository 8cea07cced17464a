/* The mass of logits as a sum of integers: by the weights of the row's own arithmetic or, where a
 * comparison is too close for those, by weights in doubles. */
#ifndef LL_MASS_H
#define LL_MASS_H

#include "candidates.h"

typedef struct {
    weigher w;
    weigher_d exact;
    int exactly;
} measure;

/* A single weight is good to 2^-23: its last rounding is half of that, those before, the polynomial
 * and the argument's add less. So a share by them differs from the share by doubles by less than
 * 2^-22, and each q by one more: what is nearer than this is too close. Rows of doubles have no
 * wider arithmetic to fall back on. */
static uint64_t too_close(const candidates *c, uint64_t total)
{
    return sizeof(real) == sizeof(double) ? 0 : (total >> 22) + c->row.n;
}

static void measure_exactly(const candidates *c, measure *m)
{
    ll_scale scale = scale_d(c->max, c->temperature);
    m->exact = weigher_of_d(&scale, draw_shift(c->row.n));
    m->exactly = 1;
}

enum { DOUBLES = LL_BLOCK / LANES_d };

static void widen_block(const vec *v, vec_d *x)
{
    for (int i = 0; i < VECS; i++) {
        widen(v[i], x + i * PARTS);
    }
}

/* the sum of q over what reaches `cut` in a block of doubles */
static uint64_t exact_sum_reaching(const vec_d *x, const weigher_d *w, vec_d cut)
{
    vec_l sum = {0};
    for (int i = 0; i < DOUBLES; i++) {
        vec_d error, weight = weight_d(x[i], w, &error);
        vec_l q;
        round_d(keep_d(ge_d(x[i], cut), weight), &q);
        sum += q;
    }
    return across_l(sum) - LL_BLOCK * ROUND_BIAS;
}

/* the mass of what reaches `cut` in a block; without a measure, how many do */
static uint64_t mass_of_block(const vec *v, const measure *m, real cut)
{
    if (!m) {
        return count_block_reaching(v, set(cut));
    }
    if (!m->exactly) {
        return weight_sum_reaching(v, &m->w, set(cut));
    }
    vec_d x[DOUBLES];
    widen_block(v, x);
    return exact_sum_reaching(x, &m->exact, set_d((double)cut));
}

/* the mass of what reaches `bound` in z */
static uint64_t mass_reaching(const real *z, size_t n, const measure *m, real bound)
{
    uint64_t mass = 0;
    for (size_t from = 0; from < n; from += LL_BLOCK) {
        vec v[VECS];
        load_reals(z + from, n - from < LL_BLOCK ? n - from : LL_BLOCK, v);
        mass += mass_of_block(v, m, bound);
    }
    return mass;
}

/* the mass of all that is left */
static uint64_t mass_left(const candidates *c, const measure *m)
{
    uint64_t mass = 0;
    for (size_t b = 0; b < count_blocks(c); b++) {
        vec v[VECS];
        read_block(c, b, v);
        mass += mass_of_block(v, m, c->cut);
    }
    return mass;
}

#endif
