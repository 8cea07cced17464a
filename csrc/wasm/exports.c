/* The kernels as WebAssembly, for the explorer: rows in the module's own memory, the generic
 * target, the stream of NumPy's PCG64.
 *
 * Compiled once per arithmetic (LL_REAL is f or d), for rows of float32 and of float64: a saved
 * notebook carries the module that its row needs. There is no import and no libc: the page writes
 * bytes into the memory and reads bytes out of it. Everything that the explorer shows is computed
 * by the functions that Python calls; what is only here (the remaining tokens after each step, the
 * plane of temperature and top_k) is built on them.
 */
/* build.py defines LL_STEPS_RUN, as the explorer's controls name them: of the steps only those, for
 * a saved notebook carries this module. */
#define LL_ONLY_F32 1
#include "kernels/kernels.c"
#include "kernels/pcg64.c"

#define EXPORT(name) __attribute__((export_name(#name)))

/* The page's rows: halves were widened before they came here. */
static const ll_dtype DTYPE = LL_IS_DOUBLE ? LL_F64 : LL_F32;

#include "memory.h"
#include "layout.h"
#include "stream.h"
#include "row.h"
#include "stages.h"
#include "plane.h"
