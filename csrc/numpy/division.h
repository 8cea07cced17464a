/* Rows divided in parts, which workers take in order. Knows no Python. */
#ifndef LL_NUMPY_DIVISION_H
#define LL_NUMPY_DIVISION_H

#include <stddef.h>

typedef struct {
    ptrdiff_t rows, each; /* rows of a part; the last may have fewer */
    size_t workers;       /* not more than there are parts */
} ll_division;

/* Visits the rows from `first` to `end`; returns 0, or a positive number and the row that caused
 * it. */
typedef int ll_part_of_rows_fn(void *pass, size_t worker, ptrdiff_t first, ptrdiff_t end,
                               ptrdiff_t *stopped);

/* Divides rows, which cost as much as `cost` elements each, among at most `workers`. Whole units of
 * rows stay together. */
ll_division ll_division_of(ptrdiff_t rows, ptrdiff_t cost, size_t workers, ptrdiff_t unit);

/* Returns 0, or what was returned for the first row that stopped a part. */
int ll_division_run(const ll_division *division, ll_part_of_rows_fn *visit, void *pass,
                    ptrdiff_t *stopped);

#endif
