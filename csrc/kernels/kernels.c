/* The translation unit of one target and one arithmetic: every kernel for the dtypes that are
 * computed in it, and the table of them.
 *
 * Compiled once per CPU target with -DLL_TARGET=<name>, and for each with -DLL_REAL=f and with
 * -DLL_REAL=d. Everything but the table is static, so that no function built for one target can be
 * linked into another.
 */
#include "kernels.h"
#include "select.h"
#include "select_rows.h"
#include "run_chain.h"
#include "probs.h"
#include "trace.h"

#define ROW_KERNELS(D)                                                                             \
    {                                                                                              \
        softargmax_##D, log_softargmax_##D, logsumexp_##D, token_logprob_##D,                      \
        rows_##D,       draw_rows_##D,      select_##D,    select_rows_##D,                        \
        chain_##D,      probs_##D,          trace_##D}
#define TABLE LL_JOIN(LL_JOIN(ll_kernels_, LL_TARGET), LL_JOIN(_, LL_REAL))

extern const ll_row_kernels TABLE[];

const ll_row_kernels TABLE[] = {
#if LL_IS_DOUBLE
    ROW_KERNELS(f64),
#else
    [LL_F16] = ROW_KERNELS(f16),
    [LL_BF16] = ROW_KERNELS(bf16),
    [LL_F32] = ROW_KERNELS(f32),
#endif
};
