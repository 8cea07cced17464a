/* AArch64: Advanced SIMD, with fused operations and float16 conversions. FMAX would return NaN, so
 * max is a select. */
#define LL_BYTES 16
#include <arm_neon.h>
#include "common.h"
#include "masks.h"
#include "bfloat16.h"

static inline vec_f max_f(vec_f x, vec_f acc)
{
    float32x4_t a = (float32x4_t)x, b = (float32x4_t)acc;
    return (vec_f)vbslq_f32(vcgtq_f32(a, b), a, b);
}

static inline vec_d max_d(vec_d x, vec_d acc)
{
    float64x2_t a = (float64x2_t)x, b = (float64x2_t)acc;
    return (vec_d)vbslq_f64(vcgtq_f64(a, b), a, b);
}

static inline unsigned bits_f(mask_f m)
{
    return vaddvq_u32(vandq_u32((uint32x4_t)m, (uint32x4_t){1, 2, 4, 8}));
}

static inline unsigned bits_d(mask_d m)
{
    return (unsigned)vaddvq_u64(vandq_u64((uint64x2_t)m, (uint64x2_t){1, 2}));
}

static inline vec_d low_d(vec_f v)
{
    return (vec_d)vcvt_f64_f32(vget_low_f32((float32x4_t)v));
}

static inline vec_d high_d(vec_f v)
{
    return (vec_d)vcvt_high_f64_f32((float32x4_t)v);
}

static inline vec_f narrow_f(vec_d low, vec_d high)
{
    return (vec_f)vcvt_high_f32_f64(vcvt_f32_f64((float64x2_t)low), (float64x2_t)high);
}

static inline vec_f fma_f(vec_f a, vec_f b, vec_f c)
{
    return (vec_f)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
}

static inline vec_d fma_d(vec_d a, vec_d b, vec_d c)
{
    return (vec_d)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
}

static inline vec_f load_f16(const uint16_t *p)
{
    return (vec_f)vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p)));
}

static inline void store_f16(uint16_t *p, vec_f v)
{
    vst1_u16(p, vreinterpret_u16_f16(vcvt_f16_f32((float32x4_t)v)));
}

#include "compress.h"
