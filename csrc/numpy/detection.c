/* What the CPU and the operating system offer, and the targets that were compiled.
 *
 * AVX needs the operating system to save the wide registers, so CPUID alone is not enough: XGETBV
 * says whether it does.
 */
#include "detection.h"

#if defined(__x86_64__)
#    include <cpuid.h>
#endif

#ifdef LL_HAVE_GENERIC
LL_DECLARE_TARGET(generic);
static const ll_kernels generic = LL_JOIN_TARGET(generic);
#endif
#ifdef LL_HAVE_BASELINE
LL_DECLARE_TARGET(baseline);
static const ll_kernels baseline = LL_JOIN_TARGET(baseline);
#endif
#ifdef LL_HAVE_AVX2
LL_DECLARE_TARGET(avx2);
static const ll_kernels avx2 = LL_JOIN_TARGET(avx2);
#endif
#ifdef LL_HAVE_AVX512
LL_DECLARE_TARGET(avx512);
static const ll_kernels avx512 = LL_JOIN_TARGET(avx512);
#endif
#ifdef LL_HAVE_NEON
LL_DECLARE_TARGET(neon);
static const ll_kernels neon = LL_JOIN_TARGET(neon);
#endif

/* Each target of the model; what has none of its own uses the next narrower one, with equal bits.
 */
#ifdef LL_HAVE_GENERIC
extern const ll_model ll_model_generic;
#endif
#ifdef LL_HAVE_BASELINE
extern const ll_model ll_model_baseline;
#endif
#ifdef LL_HAVE_AVX2
extern const ll_model ll_model_avx2;
#endif
#ifdef LL_HAVE_NEON
extern const ll_model ll_model_neon;
#endif

static int always(void)
{
    return 1;
}

#if defined(__x86_64__)
enum { OSXSAVE = 1 << 27, FMA = 1 << 12, F16C = 1 << 29, POPCNT = 1 << 23, AVX2 = 1 << 5 };
enum { AVX512F = 1 << 16, AVX512DQ = 1 << 17, AVX512BW = 1 << 30 };
#    define AVX512VL (1u << 31)

/* the register state that the operating system saves: bits 1-2 SSE and AVX, 5-7 AVX-512 */
static unsigned saved_state(void)
{
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & OSXSAVE)) {
        return 0;
    }
    __asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
    return a;
}

static int has_avx2(void)
{
    unsigned a, b, c, d, need = FMA | F16C | POPCNT;
    if ((saved_state() & 0x6) != 0x6 || !__get_cpuid(1, &a, &b, &c, &d) || (c & need) != need) {
        return 0;
    }
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & AVX2);
}

static int has_avx512(void)
{
    unsigned a, b, c, d, need = AVX512F | AVX512DQ | AVX512BW | AVX512VL;
    if (!has_avx2() || (saved_state() & 0xe6) != 0xe6) {
        return 0;
    }
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & need) == need;
}
#endif

/* best first */
static const ll_target TARGETS[] = {
#ifdef LL_HAVE_AVX512
    {&avx512, &ll_model_avx2, has_avx512},
#endif
#ifdef LL_HAVE_AVX2
    {&avx2, &ll_model_avx2, has_avx2},
#endif
#ifdef LL_HAVE_NEON
    {&neon, &ll_model_neon, always},
#endif
#ifdef LL_HAVE_BASELINE
    {&baseline, &ll_model_baseline, always},
#endif
    {&generic, &ll_model_generic, always},
};

const ll_target *ll_target_at(size_t i)
{
    return i < sizeof TARGETS / sizeof *TARGETS ? &TARGETS[i] : NULL;
}
