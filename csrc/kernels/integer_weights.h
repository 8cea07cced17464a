/* What exists once per arithmetic (R is f or d), whatever the storage: blocks of reals, and weights
 * as integers. */
#ifndef LL_INTEGER_WEIGHTS_H
#define LL_INTEGER_WEIGHTS_H

#include "real.h"

/* q of one block of logits; logits below `cut` have weight 0 */
static inline void integer_weights_inline(const vec *v, const weigher *w, vec cut, int64_t *q)
{
    for (int i = 0; i < VECS; i++) {
        vec error, weight = weight(v[i], w, &error);
        vec_l part[PARTS];
        round(keep(ge(v[i], cut), weight), part);
        for (int j = 0; j < PARTS; j++) {
            part[j] -= (int64_t)ROUND_BIAS;
        }
        __builtin_memcpy(q + i * LANES, part, sizeof part);
    }
}

/* the same where it is not the most of the work */
LL_OUT_OF_LINE void integer_weights(const vec *v, const weigher *w, vec cut, int64_t *q)
{
    integer_weights_inline(v, w, cut, q);
}

/* the weights of one block of logits, before they are rounded to q */
LL_OUT_OF_LINE void real_weights(const vec *v, const weigher *w, real *weights)
{
    for (int i = 0; i < VECS; i++) {
        vec error;
        store(weights + i * LANES, weight(v[i], w, &error));
    }
}

/* the sum of q over one block */
static inline uint64_t weight_sum(const vec *v, const weigher *w)
{
    vec_l sum = {0};
    for (int i = 0; i < VECS; i++) {
        vec error;
        vec_l part[PARTS];
        round(weight(v[i], w, &error), part);
        for (int j = 0; j < PARTS; j++) {
            sum += part[j];
        }
    }
    return across_l(sum) - LL_BLOCK * ROUND_BIAS;
}

/* the sum over what reaches the cut */
static inline uint64_t weight_sum_reaching(const vec *v, const weigher *w, vec cut)
{
    vec_l sum = {0};
    for (int i = 0; i < VECS; i++) {
        vec error, weight = weight(v[i], w, &error);
        vec_l part[PARTS];
        round(keep(ge(v[i], cut), weight), part);
        for (int j = 0; j < PARTS; j++) {
            sum += part[j];
        }
    }
    return across_l(sum) - LL_BLOCK * ROUND_BIAS;
}

/* how many of a block reach the bound */
static inline uint64_t count_block_reaching(const vec *v, vec bound)
{
    uint64_t number = 0;
    for (int i = 0; i < VECS; i++) {
        number += count_bits(bits(ge(v[i], bound)));
    }
    return number;
}

/* a block of reals, padded with -inf */
static inline void load_reals(const real *z, size_t n, vec *v)
{
    real padded[LL_BLOCK];
    if (n < LL_BLOCK) {
        for (size_t i = 0; i < LL_BLOCK; i++) {
            padded[i] = i < n ? z[i] : LOWEST;
        }
        z = padded;
    }
    for (int i = 0; i < VECS; i++) {
        v[i] = load(z + i * LANES);
    }
}

#endif
