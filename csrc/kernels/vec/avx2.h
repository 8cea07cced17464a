/* x86-64 with AVX2, FMA and F16C: 8 floats or 4 doubles. */
#define LL_BYTES 32
#include <immintrin.h>
#include "common.h"
#include "masks.h"
#include "bfloat16.h"

static inline vec_f max_f(vec_f x, vec_f acc)
{
    return (vec_f)_mm256_max_ps((__m256)x, (__m256)acc);
}

static inline vec_d max_d(vec_d x, vec_d acc)
{
    return (vec_d)_mm256_max_pd((__m256d)x, (__m256d)acc);
}

static inline unsigned bits_f(mask_f m)
{
    return (unsigned)_mm256_movemask_ps((__m256)m);
}

static inline unsigned bits_d(mask_d m)
{
    return (unsigned)_mm256_movemask_pd((__m256d)m);
}

static inline vec_d low_d(vec_f v)
{
    return (vec_d)_mm256_cvtps_pd(_mm256_castps256_ps128((__m256)v));
}

static inline vec_d high_d(vec_f v)
{
    return (vec_d)_mm256_cvtps_pd(_mm256_extractf128_ps((__m256)v, 1));
}

static inline vec_f narrow_f(vec_d low, vec_d high)
{
    __m128 a = _mm256_cvtpd_ps((__m256d)low), b = _mm256_cvtpd_ps((__m256d)high);
    return (vec_f)_mm256_set_m128(b, a);
}

static inline vec_f fma_f(vec_f a, vec_f b, vec_f c)
{
    return (vec_f)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
}

static inline vec_d fma_d(vec_d a, vec_d b, vec_d c)
{
    return (vec_d)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
}

static inline vec_f load_f16(const uint16_t *p)
{
    return (vec_f)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p));
}

static inline void store_f16(uint16_t *p, vec_f v)
{
    _mm_storeu_si128((__m128i *)p, _mm256_cvtps_ph((__m256)v, _MM_FROUND_TO_NEAREST_INT));
}

#include "compress.h"
