/* The kernels as WebAssembly, for the explorer: rows in the module's own memory, the generic
 * target, the stream of NumPy's PCG64.
 *
 * Compiled twice, for rows of float32 and (LL_DOUBLE) of float64, because a saved notebook carries
 * the module that its row needs. No import and no libc: the page hands bytes in and reads bytes
 * out. Everything that the explorer shows is computed by the functions that Python calls; what is
 * only here (what is left after each step, the plane of temperature and top_k) is built on them.
 */
#include "kernels/steps/steps.h"

/* Of the steps only those that the explorer has: a saved notebook carries this module. */
#undef LL_STEPS
#define LL_STEPS(STEP)                                                                             \
    STEP(LL_TEMPERATURE, temperature, 0)                                                           \
    STEP(LL_TOP_K, top_k, 0)                                                                       \
    STEP(LL_TOP_P, top_p, 0)                                                                       \
    STEP(LL_MIN_P, min_p, 0)

#include "kernels/kernels.c"
#include "kernels/pcg64.c"

#define EXPORT(name) __attribute__((export_name(#name)))

#ifdef LL_DOUBLE
#    define D f64
#    define R d
#    define T double
#else
#    define D f32
#    define R f
#    define T float
#endif
#define NAME(x) LL_JOIN(LL_JOIN(x, _), D)
#define REAL(x) LL_JOIN(LL_JOIN(x, _), R)
#define VEC LL_JOIN(vec_, R)
#define FLOAT LL_JOIN(real_, R)

#include "memory.h"
#include "stream.h"
#include "row.h"
#include "stages.h"
#include "plane.h"
