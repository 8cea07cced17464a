/* Transposes a square of reals, in vectors of 16 bytes, which every target has: 4 by
 * 4 floats or 2 by 2 doubles. It works in both directions between rows in memory and a tile.
 */
#ifndef LL_TRANSPOSE_H
#define LL_TRANSPOSE_H

#include "real.h"

enum { SQUARE = 16 / sizeof(real) };

typedef real square_row __attribute__((vector_size(16)));

static inline square_row load_square_row(const char *from)
{
    square_row v;
    __builtin_memcpy(&v, from, sizeof v);
    return v;
}

/* input rows are `from_step` bytes apart, output rows `to_step` */
static inline void transpose_square(const char *from, ptrdiff_t from_step, char *to,
                                    ptrdiff_t to_step)
{
    square_row v[SQUARE];
    for (int i = 0; i < SQUARE; i++) {
        v[i] = load_square_row(from + i * from_step);
    }
#if LL_IS_DOUBLE
    square_row turned[] = {__builtin_shufflevector(v[0], v[1], 0, 2),
                           __builtin_shufflevector(v[0], v[1], 1, 3)};
#else
    square_row a = __builtin_shufflevector(v[0], v[1], 0, 4, 1, 5),
               b = __builtin_shufflevector(v[0], v[1], 2, 6, 3, 7),
               c = __builtin_shufflevector(v[2], v[3], 0, 4, 1, 5),
               d = __builtin_shufflevector(v[2], v[3], 2, 6, 3, 7);
    square_row turned[] = {
        __builtin_shufflevector(a, c, 0, 1, 4, 5), __builtin_shufflevector(a, c, 2, 3, 6, 7),
        __builtin_shufflevector(b, d, 0, 1, 4, 5), __builtin_shufflevector(b, d, 2, 3, 6, 7)};
#endif
    for (int i = 0; i < SQUARE; i++) {
        __builtin_memcpy(to + i * to_step, &turned[i], sizeof turned[i]);
    }
}

/* A rectangle with sides of at least SQUARE; the last squares overlap those before them. */
static inline void transpose(const char *from, ptrdiff_t from_step, size_t rows, size_t n, char *to,
                             ptrdiff_t to_step)
{
    for (size_t r = 0; r < rows; r += SQUARE) {
        size_t row = r + SQUARE <= rows ? r : rows - SQUARE;
        for (size_t i = 0; i < n; i += SQUARE) {
            size_t at = i + SQUARE <= n ? i : n - SQUARE;
            transpose_square(from + (ptrdiff_t)row * from_step + at * sizeof(real), from_step,
                             to + (ptrdiff_t)at * to_step + row * sizeof(real), to_step);
        }
    }
}

#endif
