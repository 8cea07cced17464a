/* The k best of several short rows at once: the lanes of a vector hold different rows.
 *
 * Each lane keeps a list of its k best, best first. An element takes the place of the first that is
 * smaller, and all behind move down by one: comparing and exchanging, which asks nothing of the
 * data. Elements come in the order of their indices, so of equal ones the lowest index stays in
 * front, and -0.0 and 0.0 are equal. For longer lists the rows are sorted by a network. A NaN
 * compares with nothing: rows that have one are named, for select.h.
 */
#ifndef LL_SELECT_ROWS_H
#define LL_SELECT_ROWS_H

#include "real.h"

/* integers as wide as the lanes */
#if LL_IS_DOUBLE
typedef vec_l lane_bits;
#else
typedef vec_i lane_bits;
#endif

typedef struct {
    vec z;
    lane_bits token;
} lane_list;

enum { FEW_BEST = 8 }; /* lists up to here are kept while the elements go by */

/* An element comes into a list of k; what falls out at its end. The list is in order, so once the
 * element is above one, it is above all that follow. (Which of two zeros a place holds is of no
 * account: the result is read from the row.) */
static inline __attribute__((always_inline)) lane_list pass_down(lane_list *list, size_t k,
                                                                 lane_list x)
{
    const vec came = x.z;
#pragma GCC unroll 8
    for (size_t j = 0; j < k; j++) {
        const lane_bits above = (lane_bits)(came > list[j].z);
        const vec more = max(x.z, list[j].z);
        const lane_bits change = (x.token ^ list[j].token) & above;
        x.z = (vec)((lane_bits)x.z ^ (lane_bits)list[j].z ^ (lane_bits)more);
        list[j].z = more;
        list[j].token ^= change;
        x.token ^= change;
    }
    return x;
}

/* Writes the k tokens of each of `rows` lanes; the bits of those with a NaN. */
static inline __attribute__((always_inline)) unsigned
best_in_lanes(const real *tile, size_t n, size_t k, size_t rows, lane_list *list, uint32_t *order)
{
    mask is_nan = {0};
    lane_bits token = {0};
#pragma GCC unroll 8
    for (size_t i = 0; i < k; i++) {
        lane_list x = {load(tile + i * LANES), token};
        is_nan |= nan(x.z);
        list[i] = pass_down(list, i, x);
        token += 1;
    }
    for (size_t i = k; i < n; i++) {
        lane_list x = {load(tile + i * LANES), token};
        is_nan |= nan(x.z);
        (void)pass_down(list, k, x);
        token += 1;
    }
    for (size_t j = 0; j < k; j++) {
        for (size_t r = 0; r < rows; r++) {
            order[r * k + j] = (uint32_t)list[j].token[r];
        }
    }
    return bits(is_nan);
}

/* with lists that stay in registers, as far as there are enough */
LL_OUT_OF_LINE unsigned few_in_lanes(const real *tile, size_t n, size_t k, size_t rows,
                                     uint32_t *order)
{
    lane_list list[FEW_BEST];
    switch (k) {
    case 1:
        return best_in_lanes(tile, n, 1, rows, list, order);
    case 2:
        return best_in_lanes(tile, n, 2, rows, list, order);
    case 3:
        return best_in_lanes(tile, n, 3, rows, list, order);
    case 4:
        return best_in_lanes(tile, n, 4, rows, list, order);
    case 5:
        return best_in_lanes(tile, n, 5, rows, list, order);
    case 6:
        return best_in_lanes(tile, n, 6, rows, list, order);
    case 7:
        return best_in_lanes(tile, n, 7, rows, list, order);
    default:
        return best_in_lanes(tile, n, 8, rows, list, order);
    }
}

/* the better of two comes first: the larger, of equal ones that with the lower index */
static inline void put_in_order(vec *z, lane_bits *token, size_t i, size_t j)
{
    const lane_bits above = (lane_bits)(z[j] > z[i]), equal = (lane_bits)(z[j] == z[i]);
    const lane_bits swap = above | (equal & (lane_bits)(token[j] < token[i]));
    const lane_bits change = ((lane_bits)z[i] ^ (lane_bits)z[j]) & swap;
    const lane_bits turn = (token[i] ^ token[j]) & swap;
    z[i] = (vec)((lane_bits)z[i] ^ change);
    z[j] = (vec)((lane_bits)z[j] ^ change);
    token[i] ^= turn;
    token[j] ^= turn;
}

/* Batcher's merge exchange (Knuth, The Art of Computer Programming, volume 3, 5.2.2, algorithm M):
 * a network of comparators for any n, so that a long list costs what it costs to sort all */
static void sort_in_lanes(vec *z, lane_bits *token, size_t n)
{
    size_t top = 1;
    while (2 * top < n) {
        top *= 2;
    }
    for (size_t p = top; p > 0; p /= 2) {
        size_t distance = p, part = 0;
        for (size_t q = top;; q /= 2) {
            for (size_t i = 0; i + distance < n; i++) {
                if ((i & p) == part) {
                    put_in_order(z, token, i, i + distance);
                }
            }
            if (q == p) {
                break;
            }
            distance = q - p;
            part = p;
        }
    }
}

LL_OUT_OF_LINE unsigned many_in_lanes(real *tile, size_t n, size_t k, size_t rows, uint32_t *order)
{
    vec *z = (vec *)(void *)tile;
    lane_bits *token = (lane_bits *)(void *)(tile + n * LANES), next = {0};
    mask is_nan = {0};
    for (size_t i = 0; i < n; i++) {
        is_nan |= nan(z[i]);
        token[i] = next;
        next += 1;
    }
    sort_in_lanes(z, token, n);
    for (size_t j = 0; j < k; j++) {
        for (size_t r = 0; r < rows; r++) {
            order[r * k + j] = (uint32_t)token[j][r];
        }
    }
    return bits(is_nan);
}

/* `tile` has element i of row r in lane r of vector i, and room for as much again behind */
static unsigned select_lanes(real *tile, size_t n, size_t k, size_t rows, uint32_t *order)
{
    return k <= FEW_BEST ? few_in_lanes(tile, n, k, rows, order)
                         : many_in_lanes(tile, n, k, rows, order);
}

#endif
