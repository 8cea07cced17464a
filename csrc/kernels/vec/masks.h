/* Comparisons for targets whose masks are vectors of 0 and -1 (all but AVX-512). */
#ifndef LL_VEC_MASKS_H
#define LL_VEC_MASKS_H

typedef vec_i mask_f;
typedef vec_l mask_d;

static inline mask_f nan_f(vec_f x)
{
    return (mask_f)(x != x);
}

static inline mask_d nan_d(vec_d x)
{
    return (mask_d)(x != x);
}

static inline mask_f ge_f(vec_f a, vec_f b)
{
    return (mask_f)(a >= b);
}

static inline mask_d ge_d(vec_d a, vec_d b)
{
    return (mask_d)(a >= b);
}

static inline mask_f gt_f(vec_f a, vec_f b)
{
    return (mask_f)(a > b);
}

static inline mask_d gt_d(vec_d a, vec_d b)
{
    return (mask_d)(a > b);
}

/* v where the mask holds, else +0 */
static inline vec_f keep_f(mask_f m, vec_f v)
{
    return (vec_f)(m & (vec_i)v);
}

static inline vec_d keep_d(mask_d m, vec_d v)
{
    return (vec_d)(m & (vec_l)v);
}

static inline uint64_t across_l(vec_l v)
{
    uint64_t sum = 0;
    for (int i = 0; i < LANES_d; i++) {
        sum += (uint64_t)v[i];
    }
    return sum;
}

#endif
