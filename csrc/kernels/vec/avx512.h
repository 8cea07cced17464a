/* x86-64 with AVX-512 F, BW, VL and DQ: 16 floats or 8 doubles, comparisons into mask registers. */
#define LL_BYTES 64
#include <immintrin.h>
#include "common.h"
#include "bfloat16.h"

typedef __mmask16 mask_f;
typedef __mmask8 mask_d;

static inline mask_f nan_f(vec_f x)
{
    return _mm512_cmp_ps_mask((__m512)x, (__m512)x, _CMP_UNORD_Q);
}

static inline mask_d nan_d(vec_d x)
{
    return _mm512_cmp_pd_mask((__m512d)x, (__m512d)x, _CMP_UNORD_Q);
}

static inline mask_f ge_f(vec_f a, vec_f b)
{
    return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_GE_OQ);
}

static inline mask_d ge_d(vec_d a, vec_d b)
{
    return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_GE_OQ);
}

static inline mask_f gt_f(vec_f a, vec_f b)
{
    return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_GT_OQ);
}

static inline mask_d gt_d(vec_d a, vec_d b)
{
    return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_GT_OQ);
}

static inline vec_f keep_f(mask_f m, vec_f v)
{
    return (vec_f)_mm512_maskz_mov_ps(m, (__m512)v);
}

static inline vec_d keep_d(mask_d m, vec_d v)
{
    return (vec_d)_mm512_maskz_mov_pd(m, (__m512d)v);
}

static inline unsigned bits_f(mask_f m)
{
    return m;
}

static inline unsigned bits_d(mask_d m)
{
    return m;
}

static inline uint64_t across_l(vec_l v)
{
    return (uint64_t)_mm512_reduce_add_epi64((__m512i)v);
}

static inline vec_f max_f(vec_f x, vec_f acc)
{
    return (vec_f)_mm512_max_ps((__m512)x, (__m512)acc);
}

static inline vec_d max_d(vec_d x, vec_d acc)
{
    return (vec_d)_mm512_max_pd((__m512d)x, (__m512d)acc);
}

static inline vec_d low_d(vec_f v)
{
    return (vec_d)_mm512_cvtps_pd(_mm512_castps512_ps256((__m512)v));
}

static inline vec_d high_d(vec_f v)
{
    return (vec_d)_mm512_cvtps_pd(_mm512_extractf32x8_ps((__m512)v, 1));
}

static inline vec_f narrow_f(vec_d low, vec_d high)
{
    __m256 a = _mm512_cvtpd_ps((__m512d)low), b = _mm512_cvtpd_ps((__m512d)high);
    return (vec_f)_mm512_insertf32x8(_mm512_castps256_ps512(a), b, 1);
}

static inline vec_f fma_f(vec_f a, vec_f b, vec_f c)
{
    return (vec_f)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
}

static inline vec_d fma_d(vec_d a, vec_d b, vec_d c)
{
    return (vec_d)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
}

static inline vec_f load_f16(const uint16_t *p)
{
    return (vec_f)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p));
}

static inline void store_f16(uint16_t *p, vec_f v)
{
    _mm256_storeu_si256((__m256i *)p, _mm512_cvtps_ph((__m512)v, _MM_FROUND_TO_NEAREST_INT));
}

/* Into a register first: VPCOMPRESS to memory is microcoded on some CPUs. `to` has room for a whole
 * vector. */
static inline size_t compress_f(vec_f v, mask_f m, float *to)
{
    _mm512_storeu_ps(to, _mm512_maskz_compress_ps(m, (__m512)v));
    return (size_t)__builtin_popcount(m);
}

static inline size_t compress_d(vec_d v, mask_d m, double *to)
{
    _mm512_storeu_pd(to, _mm512_maskz_compress_pd(m, (__m512d)v));
    return (size_t)__builtin_popcount(m);
}

static inline void compress_tokens_f(mask_f m, uint32_t from, uint32_t *to)
{
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m512i tokens = _mm512_add_epi32(lanes, _mm512_set1_epi32((int)from));
    _mm512_storeu_si512(to, _mm512_maskz_compress_epi32(m, tokens));
}

static inline void compress_tokens_d(mask_d m, uint32_t from, uint32_t *to)
{
    compress_tokens_f(m, from, to);
}

/* the same for the tokens that go with the lanes; `to` may be `from` or lie before it */
static inline void compress_index_f(mask_f m, const uint32_t *from, uint32_t *to)
{
    _mm512_storeu_si512(to, _mm512_maskz_compress_epi32(m, _mm512_loadu_si512(from)));
}

static inline void compress_index_d(mask_d m, const uint32_t *from, uint32_t *to)
{
    __m256i tokens = _mm256_loadu_si256((const __m256i *)(const void *)from);
    _mm256_storeu_si256((__m256i *)(void *)to, _mm256_maskz_compress_epi32(m, tokens));
}

/* part of a vector, without a detour through memory: see first.h */
static inline vec_f load_first_f(const float *p, size_t n)
{
    const __m512 lowest = _mm512_set1_ps(-__builtin_inff());
    return (vec_f)_mm512_mask_loadu_ps(lowest, (mask_f)((1u << n) - 1), p);
}

static inline vec_d load_first_d(const double *p, size_t n)
{
    const __m512d lowest = _mm512_set1_pd(-__builtin_inf());
    return (vec_d)_mm512_mask_loadu_pd(lowest, (mask_d)((1u << n) - 1), p);
}

static inline void store_first_f(float *p, vec_f v, size_t n)
{
    _mm512_mask_storeu_ps(p, (mask_f)((1u << n) - 1), (__m512)v);
}

static inline void store_first_d(double *p, vec_d v, size_t n)
{
    _mm512_mask_storeu_pd(p, (mask_d)((1u << n) - 1), (__m512d)v);
}

static inline vec_f first_f(vec_f v, size_t n)
{
    return keep_f((mask_f)((1u << n) - 1), v);
}

static inline vec_d first_d(vec_d v, size_t n)
{
    return keep_d((mask_d)((1u << n) - 1), v);
}
