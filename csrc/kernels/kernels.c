/* The one translation unit of a target: every kernel for every dtype, and the table that names
 * them.
 *
 * Compiled once per CPU target with -DLL_TARGET=<name>; everything but the table is static, so that
 * no function built for one target can be linked into another.
 */
#include "kernels.h"
#include "weight.h"
#include "half.h"
#include "order.h"
#include "chain.h"
#include "history.h"

#define R f
#include "real.inc"
#include "sort.inc"
#include "moments.inc"
#undef R
#define R d
#include "real.inc"
#include "sort.inc"
#include "moments.inc"
#undef R

/* float16: 5 bits of exponent, subnormal results are kept */
#define D f16
#define T uint16_t
#define R f
#define STORED 0
#define LOAD load_h
#define GET float_of_half
#define PUT half_of_float
#define STORE store_h
#define LOAD_FIRST load_first_h
#define STORE_FIRST store_first_h
static const double SMALLEST_f16 = 0.0;
#include "dtype.inc"

/* bfloat16: the upper half of a float */
#define D bf16
#define T uint16_t
#define R f
#define STORED 0
#define LOAD load_b
#define GET float_of_bfloat
#define PUT bfloat_of_float
#define STORE store_b
#define LOAD_FIRST load_first_b
#define STORE_FIRST store_first_b
static const double SMALLEST_bf16 = 0x1p-126;
#include "dtype.inc"

#define D f32
#define T float
#define R f
#define STORED 1
#define LOAD load_f
#define GET(x) (x)
#define PUT(x) (x)
#define STORE store_f
#define LOAD_FIRST load_first_f
#define STORE_FIRST store_first_f
static const double SMALLEST_f32 = 0x1p-126;
#include "dtype.inc"

#define D f64
#define T double
#define R d
#define STORED 1
#define LOAD load_d
#define GET(x) (x)
#define PUT(x) (x)
#define STORE store_d
#define LOAD_FIRST load_first_d
#define STORE_FIRST store_first_d
static const double SMALLEST_f64 = 0x1p-1022;
#include "dtype.inc"

#define ROW_KERNELS(D)                                                                             \
    {softargmax_##D, log_softargmax_##D, select_##D, chain_##D, probs_##D, trace_##D}

extern const ll_kernels LL_JOIN(ll_kernels_, LL_TARGET);

const ll_kernels LL_JOIN(ll_kernels_, LL_TARGET) = {
    .name = LL_NAME_OF(LL_TARGET),
    .rows = {ROW_KERNELS(f16), ROW_KERNELS(bf16), ROW_KERNELS(f32), ROW_KERNELS(f64)},
};
