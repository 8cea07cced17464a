/* Products of a matrix with the rows of a few tokens.
 *
 * A lane is a row of the matrix, so the sum of each output runs over the blocks in order, whatever
 * the target: y = y + ((D * X) * dot + M * S), each operation rounded, where D and M are the
 * weights' factor and addend, X and S the activations' factor and X times the sum of their
 * integers.
 */
#ifndef LL_PRODUCT_H
#define LL_PRODUCT_H

#include "quantise.h"
#include "sharing.h"

enum { TILE = 4 }; /* tokens that share what is read of the weights */

/* Several tokens' activations: quantised for most matrices, as they are for LL_FLOATS. */
typedef struct {
    const float *values; /* [tokens][columns] */
    const int8_t *quants;
    const float *scale, *offset;
    size_t columns, blocks;
} activations;

typedef struct {
    float *to;
    size_t stride; /* from one token's row to the next */
} outputs;

LL_INLINE void store_rows(float *y, const vec_f *sums, size_t rows)
{
    float all[LL_ROWS];
    for (int part = 0; part < PARTS; part++) {
        store_f(all + part * LANES_f, sums[part]);
    }
    __builtin_memcpy(y, all, (rows < LL_ROWS ? rows : LL_ROWS) * sizeof *y);
}

LL_INLINE void add_nibble_block(vec_f (*sums)[PARTS], vec_i (*dots)[PARTS], size_t tokens,
                                const uint16_t *scales, const float *const *scale,
                                const float *const *offset, size_t block)
{
    for (int part = 0; part < PARTS; part++) {
        vec_f factor = load_scales(scales + part * LANES_f);
        vec_f addend = load_scales(scales + LL_ROWS + part * LANES_f);
        for (size_t t = 0; t < tokens; t++) {
            vec_f product = (factor * scale[t][block]) * as_floats(dots[t][part]);
            sums[t][part] += product + addend * offset[t][block];
        }
    }
}

LL_INLINE void add_byte_block(vec_f (*sums)[PARTS], vec_i (*dots)[PARTS], size_t tokens,
                              const uint16_t *scales, const float *const *scale, size_t block)
{
    for (int part = 0; part < PARTS; part++) {
        vec_f factor = load_scales(scales + part * LANES_f);
        for (size_t t = 0; t < tokens; t++) {
            sums[t][part] += (factor * scale[t][block]) * as_floats(dots[t][part]);
        }
    }
}

LL_INLINE void rows_of_floats(const ll_matrix *m, size_t group, const activations *x, size_t first,
                              size_t tokens, vec_f (*sums)[PARTS])
{
    const float *w = (const float *)m->values + group * m->columns * LL_ROWS;
    for (size_t column = 0; column < m->columns; column++, w += LL_ROWS) {
        for (int part = 0; part < PARTS; part++) {
            vec_f weights = load_f(w + part * LANES_f);
            for (size_t t = 0; t < tokens; t++) {
                sums[t][part] += weights * x->values[(first + t) * x->columns + column];
            }
        }
    }
}

LL_INLINE void rows_of_blocks(const ll_matrix *m, size_t group, const activations *x, size_t first,
                              size_t tokens, vec_f (*sums)[PARTS], int nibbles)
{
    const size_t blocks = x->blocks, size = (nibbles ? 4 : 8) * 64, lanes = nibbles ? 32 : 16;
    const uint8_t *w = (const uint8_t *)m->values + group * blocks * size;
    const uint16_t *scales = m->scales + group * blocks * lanes;
    const int8_t *quants[TILE];
    const float *scale[TILE], *offset[TILE];
    for (size_t t = 0; t < tokens; t++) {
        quants[t] = x->quants + (first + t) * x->columns;
        scale[t] = x->scale + (first + t) * blocks;
        offset[t] = x->offset + (first + t) * blocks;
    }
    for (size_t block = 0; block < blocks; block++, w += size, scales += lanes) {
        vec_i dots[TILE][PARTS];
        if (nibbles) {
            dots_nibbles(w, quants, tokens, dots);
            add_nibble_block(sums, dots, tokens, scales, scale, offset, block);
        } else {
            dots_bytes((const int8_t *)w, quants, tokens, dots);
            add_byte_block(sums, dots, tokens, scales, scale, block);
        }
        for (size_t t = 0; t < tokens; t++) {
            quants[t] += LL_QUANTS;
        }
    }
}

/* 16 rows of the matrix for a constant number of tokens */
LL_INLINE void rows_of_tile(const ll_matrix *m, size_t group, const activations *x, size_t first,
                            size_t tokens, const outputs *y)
{
    vec_f sums[TILE][PARTS];
    for (size_t t = 0; t < tokens; t++) {
        for (int part = 0; part < PARTS; part++) {
            sums[t][part] = set_f(0.0f);
        }
    }
    if (m->packing == LL_NIBBLE_BLOCKS) {
        rows_of_blocks(m, group, x, first, tokens, sums, 1);
    } else if (m->packing == LL_BYTE_BLOCKS) {
        rows_of_blocks(m, group, x, first, tokens, sums, 0);
    } else {
        rows_of_floats(m, group, x, first, tokens, sums);
    }
    for (size_t t = 0; t < tokens; t++) {
        size_t row = group * LL_ROWS;
        store_rows(y->to + (first + t) * y->stride + row, sums[t], m->rows - row);
    }
}

/* A matrix, and where its product with every token's row goes. */
typedef struct {
    const ll_matrix *matrix;
    outputs y;
} product;

/* Products with the same rows, one after the other. */
typedef struct {
    const product *first;
    const activations *x;
    size_t tokens;
} products;

static size_t groups_of(const ll_matrix *m)
{
    return (m->rows + LL_ROWS - 1) / LL_ROWS;
}

/* 16 rows of a matrix are read once for all tokens */
static void multiply_groups(const void *job, size_t from, size_t to)
{
    const products *all = job;
    for (size_t i = from; i < to; i++) {
        const product *p = all->first;
        size_t group = i, t = 0;
        for (; group >= groups_of(p->matrix); p++) {
            group -= groups_of(p->matrix);
        }
        for (; t + TILE <= all->tokens; t += TILE) {
            rows_of_tile(p->matrix, group, all->x, t, TILE, &p->y);
        }
        for (; t < all->tokens; t++) {
            rows_of_tile(p->matrix, group, all->x, t, 1, &p->y);
        }
    }
}

/* y[t] = m x[t] for every token and each of `count` products */
static void multiply(const ll_network *network, const activations *x, size_t tokens,
                     const product *first, size_t count)
{
    const products all = {first, x, tokens};
    size_t groups = 0;
    for (size_t i = 0; i < count; i++) {
        groups += groups_of(first[i].matrix);
    }
    share(network, groups, multiply_groups, &all);
}

#endif
