/* Rows that are computed in double: only float64, so nothing is dispatched. See floats.h for what
 * each function does. */
#ifndef LL_STORAGE_H
#    include "storage.h"
#elif !defined(LL_DOUBLES_H)
#    define LL_DOUBLES_H

#    define D f64
#    define T double
#    define DTYPE LL_F64
#    define STORED 1
#    define SMALLEST 0x1p-1022
#    include "dtype.inc"

static inline void load_row_block(const ll_row *row, size_t b, size_t n, vec *v)
{
    load_block_f64((const double *)row->x + b * LL_BLOCK, n, v);
}

static inline void store_row_block(const ll_row *row, void *y, size_t b, size_t n, const vec *v)
{
    (void)row;
    store_block_f64((double *)y + b * LL_BLOCK, n, v);
}

static inline double logit_in_row(const ll_row *row, size_t token)
{
    return ((const double *)row->x)[token];
}

static void gather_logits(const ll_row *row, const uint32_t *token, size_t n, double *z)
{
    for (size_t i = 0; i < n; i++) {
        z[i] = logit_in_row(row, token[i]);
    }
}

static inline double read_element(ll_dtype dtype, const ll_view *x, size_t i)
{
    (void)dtype;
    return read_f64(x, i);
}

static inline void write_element(ll_dtype dtype, const ll_view *y, size_t i, double number)
{
    (void)dtype;
    write_f64(y, i, number);
}

static void find_lane_maxima(const ll_row *row, double *maxima, ll_scan *found)
{
    lane_maxima_f64(row->x, row->n, maxima, found);
}

static void scan_short_row(const ll_row *row, ll_scan *found)
{
    scan_chunk_f64(row->x, row->n, found);
}

#endif
