/* The kernels as WebAssembly, for the explorer: rows of float32 and float64 in the module's own
 * memory, the generic target, the stream of NumPy's PCG64.
 *
 * No import and no libc: the page hands bytes in and reads bytes out. Everything that the explorer
 * shows is computed by the functions that Python calls; what is only here (what is left after each
 * step, the plane of temperature and top_k) is built on them.
 */
#include "kernels/kernels.c"
#include "kernels/pcg64.c"

#define EXPORT(name) __attribute__((export_name(#name)))

#include "memory.h"

EXPORT(work_bytes) size_t work_bytes(int dtype, size_t n)
{
    size_t bytes = ll_row_work((ll_dtype)dtype, n);
    return bytes > LL_ROW_WORK ? bytes : LL_ROW_WORK;
}

static ll_pcg64 rng;

EXPORT(seed) void seed(const uint32_t *words, size_t n)
{
    ll_pcg64_seed(&rng, words, n);
}

EXPORT(doubles) void doubles(double *to, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        to[i] = ll_pcg64_double(&rng);
    }
}

/* exp((z - max) / temperature), as special.inc takes it: for the arithmetic of one token */
EXPORT(weight) double weight(double z, double max, double temperature)
{
    return exp_double((z - max) / temperature);
}

/* what is left at one stage of a chain; see stages.inc */
typedef struct {
    double count, temperature, mass, entropy;
} ll_stage;

static inline void add_moments_f(vec_f weight, vec_f below, vec_d *sum, vec_d *moment)
{
    *sum += low_d(weight) + high_d(weight);
    *moment += low_d(weight) * low_d(below) + high_d(weight) * high_d(below);
}

static inline void add_moments_d(vec_d weight, vec_d below, vec_d *sum, vec_d *moment)
{
    *sum += weight;
    *moment += weight * below;
}

#define EXPORT_D_(name, d) EXPORT(name##_##d)
#define EXPORT_D__(name, d) EXPORT_D_(name, d)
#define EXPORT_D(name) EXPORT_D__(name, D)
#define NAME(x) LL_JOIN(LL_JOIN(x, _), D)
#define REAL(x) LL_JOIN(LL_JOIN(x, _), R)
#define VEC LL_JOIN(vec_, R)
#define FLOAT LL_JOIN(real_, R)

#define D f32
#define R f
#define T float
#include "row.inc"
#include "stages.inc"
#include "plane.inc"
#undef D
#undef R
#undef T
#define D f64
#define R d
#define T double
#include "row.inc"
#include "stages.inc"
#include "plane.inc"
