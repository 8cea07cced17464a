/* Rows that are computed in float: float32, float16 and bfloat16. A half is widened block by block
 * where it is read: widening the whole row first would cost more than the rest of a short chain. */
#ifndef LL_STORAGE_H
#    include "storage.h"
#elif !defined(LL_FLOATS_H)
#    define LL_FLOATS_H

#    define D f32
#    define T float
#    define DTYPE LL_F32
#    define STORED 1
#    define SMALLEST 0x1p-126
#    include "dtype.inc"

/* 5 bits of exponent; subnormal results are kept */
#    define D f16
#    define T uint16_t
#    define DTYPE LL_F16
#    define STORED 0
#    define SMALLEST 0.0
#    include "dtype.inc"

/* the upper half of a float */
#    define D bf16
#    define T uint16_t
#    define DTYPE LL_BF16
#    define STORED 0
#    define SMALLEST 0x1p-126
#    include "dtype.inc"

#    ifndef LL_ONLY_F32 /* the explorer's page has no halves, and a module without them is smaller \
                         */
#        define LL_ONLY_F32 0
#    endif

static inline int is_f32(const ll_row *row)
{
    return LL_ONLY_F32 || row->dtype == LL_F32;
}

/* block b of a row, padded with -inf */
static inline void load_row_block(const ll_row *row, size_t b, size_t n, vec *v)
{
    if (is_f32(row)) {
        load_block_f32((const float *)row->x + b * LL_BLOCK, n, v);
    } else if (row->dtype == LL_F16) {
        load_block_f16((const uint16_t *)row->x + b * LL_BLOCK, n, v);
    } else {
        load_block_bf16((const uint16_t *)row->x + b * LL_BLOCK, n, v);
    }
}

/* writes block b of a result of the row's dtype */
static inline void store_row_block(const ll_row *row, void *y, size_t b, size_t n, const vec *v)
{
    if (is_f32(row)) {
        store_block_f32((float *)y + b * LL_BLOCK, n, v);
    } else if (row->dtype == LL_F16) {
        store_block_f16((uint16_t *)y + b * LL_BLOCK, n, v);
    } else {
        store_block_bf16((uint16_t *)y + b * LL_BLOCK, n, v);
    }
}

static inline float logit_in_row(const ll_row *row, size_t token)
{
    if (is_f32(row)) {
        return ((const float *)row->x)[token];
    }
    uint16_t half = ((const uint16_t *)row->x)[token];
    return row->dtype == LL_F16 ? to_real_f16(half) : to_real_bf16(half);
}

/* the logits of some tokens */
static void gather_logits(const ll_row *row, const uint32_t *token, size_t n, float *z)
{
    const float *x = row->x;
    for (size_t i = 0; is_f32(row) && i < n; i++) {
        z[i] = x[token[i]];
    }
    for (size_t i = 0; !is_f32(row) && i < n; i++) {
        z[i] = logit_in_row(row, token[i]);
    }
}

/* an element of a row that may lie anywhere */
static inline double read_element(ll_dtype dtype, const ll_view *x, size_t i)
{
    return dtype == LL_F32 ? read_f32(x, i) : dtype == LL_F16 ? read_f16(x, i) : read_bf16(x, i);
}

static inline void write_element(ll_dtype dtype, const ll_view *y, size_t i, double number)
{
    (dtype == LL_F32 ? write_f32 : dtype == LL_F16 ? write_f16 : write_bf16)(y, i, number);
}

/* see lane_maxima.inc and scan.inc */
static void find_lane_maxima(const ll_row *row, float *maxima, ll_scan *found)
{
    if (is_f32(row)) {
        lane_maxima_f32(row->x, row->n, maxima, found);
    } else if (row->dtype == LL_F16) {
        lane_maxima_f16(row->x, row->n, maxima, found);
    } else {
        lane_maxima_bf16(row->x, row->n, maxima, found);
    }
}

static void scan_short_row(const ll_row *row, ll_scan *found)
{
    if (is_f32(row)) {
        scan_chunk_f32(row->x, row->n, found);
    } else if (row->dtype == LL_F16) {
        scan_chunk_f16(row->x, row->n, found);
    } else {
        scan_chunk_bf16(row->x, row->n, found);
    }
}

#endif
