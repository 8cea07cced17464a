/* The kernels' whole interface: rows in, rows out, one table of functions per CPU target.
 *
 * Freestanding C11: pointers, sizes, strides and a workspace that the caller owns. No allocation,
 * no libm, no Python. Every target gives the same bits for the same row, whatever its vector width;
 * see docs/arithmetic.md.
 */
#ifndef LL_KERNELS_H
#define LL_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "ieee.h"

/* The storage types that have an arithmetic: the first three are computed in float, the last in
 * double. */
typedef enum { LL_F16, LL_BF16, LL_F32, LL_F64, LL_DTYPES } ll_dtype;

/* One row in memory; the stride is in bytes and may be zero or negative. */
typedef struct {
    char *data;
    ptrdiff_t stride;
    int direct; /* contiguous, aligned and in native byte order: the kernels read it where it lies
                 */
    int swapped;
} ll_view;

/* Rows at equal distances: the first, and the bytes from one to the next, which may be zero or
 * negative. */
typedef struct {
    ll_view first;
    ptrdiff_t step;
} ll_views;

enum {
    LL_BLOCK = 64,                  /* elements of one block of the fixed tree of sums */
    LL_CHUNK = 4096,                /* elements gathered at a time from a row that is not direct */
    LL_ROW_WORK = 2 * LL_CHUNK * 8, /* bytes of workspace of the row functions */
    LL_ROWS_IN_LANES = 16,          /* rows that are selected from at once, of at most ... */
    LL_SHORT_ROW = 256,             /* ... so many elements */
    LL_LONG_FOR_LANES = 64,         /* from this many elements on, maxima are found row by row */
    LL_LANES_WORK = LL_SHORT_ROW * 2 * 64,
    LL_CHANGES = 1024, /* changed logits that a chain keeps separately before it copies the row */
    LL_LANES = 16,     /* rows side by side of a float kernel, 8 of a double kernel: a cache line */
    LL_LANES_SHORT = 128,
    LL_LANES_LONG = 4096,
    LL_LANES_DRAW = 128,
    LL_STRIP = 8,             /* as many lines of neighbouring rows are read at once ... */
    LL_STRIP_BYTES = 1 << 17, /* ... unless they fill this */
};

/* y = softargmax(x / T) and its logarithm, row by row; y may be x. `work` has LL_ROW_WORK bytes,
 * aligned to 64; it is not used, and may be NULL, where both are direct. */
typedef void ll_row_fn(const ll_view *x, const ll_view *y, size_t n, double T, void *work);

/* y[0] = the logarithm of one token's softargmax, with the bits that the whole row would have. */
typedef void ll_token_fn(const ll_view *x, const ll_view *y, size_t n, double T, size_t token,
                         void *work);

/* The same for many rows at once, or its logarithm, with a temperature for each: doubles, T_step
 * bytes apart, 0 if they share one. A row gets the same bits as alone. It is faster where rows are
 * short or adjacent in memory. `work` has ll_rows_work bytes, aligned to 64. */
typedef void ll_rows_fn(const ll_views *x, const ll_views *y, size_t rows, size_t n, const char *T,
                        ptrdiff_t T_step, int logarithm, void *work);

/* The indices of the k largest, best first: by value, then lowest index, NaN last. x is direct; k
 * <= n < 2^32. `order` receives them; `work` has ll_row_work(dtype, n) bytes, aligned to 64. */
typedef void ll_select_fn(const void *x, size_t n, size_t k, uint32_t *order, void *work);

/* The same for `rows` short rows at once, at most LL_ROWS_IN_LANES: each begins `step` bytes after
 * the one before, and need not be direct; n <= LL_SHORT_ROW. `order` receives k indices for each;
 * `work` has LL_LANES_WORK bytes, aligned to 64. Returns a bit for each row with a NaN, whose
 * indices are left to ll_select_fn. */
typedef uint32_t ll_select_rows_fn(const ll_view *x, ptrdiff_t step, size_t rows, size_t n,
                                   size_t k, uint32_t *order, void *work);

typedef struct ll_chain ll_chain;
typedef struct ll_draws ll_draws;
typedef struct ll_trace ll_trace;

/* Runs the steps of a chain over one direct row, then the draws; see chain.h. `work` as above;
 * returns an ll_status. */
typedef int ll_chain_fn(const void *x, size_t n, const ll_chain *chain, ll_draws *draws,
                        void *work);

/* The same, then the distribution that would be drawn from: y is direct, of the row's dtype, and
 * zeros. */
typedef int ll_probs_fn(const void *x, size_t n, const ll_chain *chain, void *y, void *work);

/* The same, with a record of what every step did. */
typedef int ll_trace_fn(const void *x, size_t n, const ll_chain *chain, ll_trace *trace,
                        void *work);

/* A token from each of many short rows, by each row's own double, as a chain of one step draws it:
 * a temperature, an element of T as above. Stops at the first row for which that is not LL_OK, row
 * *stopped, and returns its status. `work` has ll_draw_rows_work bytes. */
typedef int ll_draw_rows_fn(const ll_views *x, size_t rows, size_t n, const char *T,
                            ptrdiff_t T_step, const double *uniform, int64_t *token,
                            size_t *stopped, void *work);

typedef struct {
    ll_row_fn *softargmax;
    ll_row_fn *log_softargmax;
    ll_row_fn *logsumexp; /* y[0] = log sum exp(x / T) */
    ll_token_fn *token_logprob;
    ll_rows_fn *rows;
    ll_draw_rows_fn *draw_rows;
    ll_select_fn *select;
    ll_select_rows_fn *select_rows;
    ll_chain_fn *chain;
    ll_probs_fn *probs;
    ll_trace_fn *trace;
} ll_row_kernels;

/* A target: its name, and the kernels for rows of each dtype. */
typedef struct {
    const char *name;
    const ll_row_kernels *rows[LL_DTYPES];
} ll_kernels;

/* A target is two objects, one per arithmetic, which export a table each; whoever links them
 * declares the tables and joins them. */
#define LL_DECLARE_TARGET(target)                                                                  \
    extern const ll_row_kernels ll_kernels_##target##_f[], ll_kernels_##target##_d[]
#define LL_JOIN_TARGET(target)                                                                     \
    {                                                                                              \
        #target,                                                                                   \
        {                                                                                          \
            &ll_kernels_##target##_f[LL_F16], &ll_kernels_##target##_f[LL_BF16],                   \
                &ll_kernels_##target##_f[LL_F32], ll_kernels_##target##_d                          \
        }                                                                                          \
    }

/* the next multiple of 64: the bytes of a cache line, and of the widest vector */
static inline size_t ll_align64(size_t bytes)
{
    return (bytes + 63) & ~(size_t)63;
}

/* whether rows of elements of `size` bytes are neighbours in memory, so that a vector can hold
 * several of them */
static inline int ll_in_columns(const ll_views *x, size_t size)
{
    size_t misplaced = ((uintptr_t)x->first.data | (size_t)x->first.stride) % size;
    return x->step == (ptrdiff_t)size && !x->first.swapped && !misplaced;
}

/* rows that a kernel of many rows brings into its workspace at once */
static inline size_t ll_strip_rows(ll_dtype dtype, const ll_views *x, const ll_views *y,
                                   size_t rows, size_t n)
{
    size_t lanes = dtype == LL_F64 ? LL_LANES / 2 : LL_LANES, strip = lanes;
    size_t size = dtype == LL_F64 ? 8 : dtype == LL_F32 ? 4 : 2;
    if (ll_in_columns(x, size) && ll_in_columns(y, size)) {
        while (strip < rows && strip < LL_STRIP * lanes &&
               strip / lanes * 64 * n < LL_STRIP_BYTES) {
            strip += lanes;
        }
    }
    return strip;
}

/* Whether such a kernel is faster. LL_LANES_SHORT was measured: longer contiguous rows are
 * faster alone. Of rows longer than LL_LANES_LONG a tile does not fit the workspace; they must be
 * neighbours both in x and in y, and are computed where they lie. */
static inline int ll_rows_pay(ll_dtype dtype, const ll_views *x, const ll_views *y, size_t rows,
                              size_t n)
{
    size_t size = dtype == LL_F64 ? 8 : dtype == LL_F32 ? 4 : 2;
    int from = ll_in_columns(x, size), to = ll_in_columns(y, size);
    if (n > LL_LANES_LONG) {
        return from && to && size > 2 && rows >= LL_LANES;
    }
    return rows > 3 && (n <= LL_LANES_SHORT || from || to);
}

/* Bytes of workspace of such a kernel: a strip, the special rows of a tile, and its halves; or what
 * a single row needs. */
static inline size_t ll_rows_work(size_t strip, size_t n)
{
    if (n > LL_LANES_LONG) {
        return LL_ROW_WORK;
    }
    return ll_align64((strip / (LL_LANES / 2) + 2) * 64 * n);
}

/* Bytes of workspace of `select` and `chain` for a row of n: three arrays of it, and a few kB
 * for its changed logits. */
static inline size_t ll_row_work(ll_dtype dtype, size_t n)
{
    size_t real = dtype == LL_F64 ? 8 : 4;
    size_t bytes = (n + 256) * (2 * real + 4) + LL_CHANGES * (sizeof(double) + sizeof(uint32_t));
    return ll_align64(bytes); /* so that what lies behind it is aligned, too */
}

/* the same for draws from many rows: a tile, its sums and its halves, then that of a chain */
static inline size_t ll_draw_rows_work(ll_dtype dtype, size_t n)
{
    return ll_rows_work(LL_LANES, n) + ll_row_work(dtype, n);
}

#endif
