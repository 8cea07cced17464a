/* What a row is stored as: the only part of the kernels that is compiled once per dtype. The rest
 * reads a row by blocks and single logits in the unit's own arithmetic, through the functions here.
 */
#ifndef LL_STORAGE_H
#define LL_STORAGE_H

#include "../kernels.h"
#include "../chain.h"
#include "../half.h"
#include "../real.h"
#include "../sort.h"
#include "../transpose.h"

/* a direct row: contiguous, aligned and in native byte order */
typedef struct {
    const void *x;
    size_t n;
    ll_dtype dtype;
} ll_row;

/* A group is what one lane maximum stands for: see lane_maxima.inc. */
enum {
    GROUP_BLOCKS = 16 * LANES > LL_BLOCK ? 16 * LANES / LL_BLOCK : 1,
    GROUP_VECS = GROUP_BLOCKS * VECS,
    GROUP = GROUP_BLOCKS * LL_BLOCK,
};

static inline size_t count_groups(size_t n)
{
    return (n + GROUP - 1) / GROUP;
}

/* Floats and doubles are stored as they are computed; half.h and vec/ have the other two. */
#define load_f32 load_f
#define load_first_f32 load_first_f
#define store_f32 store_f
#define store_first_f32 store_first_f
#define to_real_f32(x) (x)
#define from_real_f32(x) (x)
#define load_f64 load_d
#define load_first_f64 load_first_d
#define store_f64 store_d
#define store_first_f64 store_first_d
#define to_real_f64(x) (x)
#define from_real_f64(x) (x)

static void special_row(ll_dtype dtype, const ll_view *x, const ll_view *y, size_t n,
                        double temperature, const ll_scan *found, double smallest, int logarithm);
static void special_token(ll_dtype dtype, const ll_view *x, const ll_view *y, size_t n,
                          double temperature, const ll_scan *found, double smallest, size_t token);
static double special_logsumexp(ll_dtype dtype, const ll_view *x, size_t n, double temperature,
                                const ll_scan *found);

#include "../draw_rows.h"

/* the kernels of kernels.h for a row of any dtype of this arithmetic */
static void run_select(const ll_row *row, size_t k, uint32_t *order, void *work);
static unsigned select_lanes(real *tile, size_t n, size_t k, size_t rows, uint32_t *order);
static int run_chain(const ll_row *row, const ll_chain *chain, ll_draws *draws, void *work);
static int run_probs(const ll_row *row, const ll_chain *chain, void *y, void *work);
static int run_trace(const ll_row *row, const ll_chain *chain, ll_trace *trace, void *work);

#ifndef LL_ALONE
#    if LL_IS_DOUBLE
#        include "doubles.h"
#    else
#        include "floats.h"
#    endif
#    include "special_rows.h"
#endif

/* how many logits block b of the row has */
static inline size_t block_length(const ll_row *row, size_t b)
{
    size_t left = row->n - b * LL_BLOCK;
    return left < LL_BLOCK ? left : LL_BLOCK;
}

#endif
