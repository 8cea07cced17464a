/* One token from each of many short rows, with a row in each lane: the rule of chain.h, whose sums
 * are integers, so that any order gives the same tokens.
 */
#ifndef LL_DRAW_ROWS_H
#define LL_DRAW_ROWS_H

#include "chain.h"
#include "rows_in_lanes.h"

/* the running sums of a tile's weights, TILE_PARTS vectors for each element */
LL_OUT_OF_LINE void running_sums_of_tile(tile *t, const real *x, size_t n, vec_l *sums)
{
    vec_l total[TILE_PARTS] = {0};
    scale_rows(t);
    for (size_t i = 0; i < n; i++) {
        for (int k = 0; k < TILE_VECS; k++, x += LANES) {
            vec error;
            vec_l q[PARTS];
            round(weight(load(x), &t->w[k], &error), q);
            for (int j = 0, p = k * PARTS; j < PARTS; j++, p++) {
                total[p] += q[j] - (int64_t)ROUND_BIAS;
                *sums++ = total[p];
            }
        }
    }
}

/* A token's running sum is the first to exceed the target: n less the number of those that do. */
LL_OUT_OF_LINE void draw_from_sums(const vec_l *sums, size_t n, size_t rows, const double *uniform,
                                   int64_t *token)
{
    int64_t total[TILE_ROWS], target[TILE_ROWS], drawn[TILE_ROWS];
    vec_l beyond[TILE_PARTS], count[TILE_PARTS] = {0};
    __builtin_memcpy(total, sums + (n - 1) * TILE_PARTS, sizeof total);
    for (size_t r = 0; r < TILE_ROWS; r++) {
        target[r] = r < rows ? (int64_t)draw_target(uniform[r], (uint64_t)total[r]) : 0;
    }
    __builtin_memcpy(beyond, target, sizeof beyond);
    for (size_t i = 0; i < n; i++) {
        for (int p = 0; p < TILE_PARTS; p++) {
            count[p] -= (vec_l)(*sums++ > beyond[p]);
        }
    }
    __builtin_memcpy(drawn, count, sizeof drawn);
    for (size_t r = 0; r < rows; r++) {
        token[r] = (int64_t)n - drawn[r];
    }
}

#endif
