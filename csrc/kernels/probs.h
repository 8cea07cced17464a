/* The distribution that a chain draws from: softargmax of the remaining tokens, 0 elsewhere.
 *
 * Weights are summed over the blocks of the row where they stand, so that the result has the same
 * bits as the softargmax of the row with everything else at -inf; blocks in which nothing is left
 * are skipped, their sum is 0.
 */
#ifndef LL_PROBS_H
#define LL_PROBS_H

#include "run_chain.h"

/* The next block of the row that has something left, from position i of a list in token order: its
 * logits, -inf elsewhere. Returns the position after it; *block is its number. */
static size_t sparse_block(const candidates *c, size_t i, size_t *block, vec *v)
{
    real z[LL_BLOCK];
    *block = c->index[i] / LL_BLOCK;
    for (size_t j = 0; j < LL_BLOCK; j++) {
        z[j] = LOWEST;
    }
    for (; i < c->count && c->index[i] / LL_BLOCK == *block; i++) {
        z[c->index[i] % LL_BLOCK] = c->z[i];
    }
    __builtin_memcpy(v, z, sizeof z);
    return i;
}

/* the weights of one block, and what their last rounding lost */
LL_OUT_OF_LINE void weigh_block(const vec *v, const weigher *w, vec *weights, vec *error)
{
    for (int i = 0; i < VECS; i++) {
        weights[i] = weight(v[i], w, &error[i]);
    }
}

/* puts the probabilities of one block into a row of zeros; a second call, with the norm known */
static void put_block(const candidates *c, size_t block, vec *v, const weigher *w,
                      const ll_norm *norm, void *y)
{
    const vec high = set((real)norm->high), low = set((real)norm->low);
    vec weights[VECS], error[VECS];
    weigh_block(v, w, weights, error);
    for (int i = 0; i < VECS; i++) {
        v[i] = keep(gt(v[i], set(LOWEST)), normalise(weights[i], high, low));
    }
    store_row_block(&c->row, y, block, block_length(&c->row, block), v);
}

/* y is zeros */
static void write_probs(candidates *c, void *y)
{
    list_all(c);
    into_token_order(c);
    ll_scale scale = scale(c->max, c->temperature);
    const weigher w = weigher_of(&scale, FACTOR);
    vec_d high[16 / LANES_d] = {{0}}, low[16 / LANES_d] = {{0}};
    vec v[VECS], weights[VECS], error[VECS];
    size_t block;
    for (size_t i = 0; i < c->count;) {
        i = sparse_block(c, i, &block, v);
        weigh_block(v, &w, weights, error);
        add_block(weights, error, VECS, high, low);
    }
    ll_sum sum;
    __builtin_memcpy(sum.high, high, sizeof high);
    __builtin_memcpy(sum.low, low, sizeof low);
    ll_norm norm = norm(as_stored(fold(&sum, c->row.n), c->max, &w));
    for (size_t i = 0; i < c->count;) {
        i = sparse_block(c, i, &block, v);
        put_block(c, block, v, &w, &norm, y);
    }
}

static int run_probs(const ll_row *row, const ll_chain *chain, void *y, void *work)
{
    candidates c = candidates_of(row, work);
    int status = run_steps(&c, chain);
    if (status == LL_OK) {
        write_probs(&c, y);
    }
    return status;
}

#endif
