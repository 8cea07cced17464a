/* x86-64 as every such CPU has it: SSE2, no fused operations. */
#define LL_BYTES 16
#include <emmintrin.h>
#include "common.h"
#include "masks.h"

/* MAXPS returns its second operand when either is NaN or both are 0: x > acc ? x : acc */
static inline vec_f max_f(vec_f x, vec_f acc)
{
    return (vec_f)_mm_max_ps((__m128)x, (__m128)acc);
}

static inline vec_d max_d(vec_d x, vec_d acc)
{
    return (vec_d)_mm_max_pd((__m128d)x, (__m128d)acc);
}

static inline unsigned bits_f(mask_f m)
{
    return (unsigned)_mm_movemask_ps((__m128)m);
}

static inline unsigned bits_d(mask_d m)
{
    return (unsigned)_mm_movemask_pd((__m128d)m);
}

static inline vec_d low_d(vec_f v)
{
    return (vec_d)_mm_cvtps_pd((__m128)v);
}

static inline vec_d high_d(vec_f v)
{
    return (vec_d)_mm_cvtps_pd(_mm_movehl_ps((__m128)v, (__m128)v));
}

static inline vec_f narrow_f(vec_d low, vec_d high)
{
    return (vec_f)_mm_movelh_ps(_mm_cvtpd_ps((__m128d)low), _mm_cvtpd_ps((__m128d)high));
}

#include "emulate.h"
#include "scalar16.h"
#include "bfloat16.h"

#include "compress.h"
