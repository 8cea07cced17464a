/* Fused multiply-add for targets that have none: slow, and equal to the hardware's in every bit.
 *
 * float: the product is exact in double. Rounding the sum to double and then to float differs from
 * rounding it once only where the first rounding ends halfway between two floats; there, which is
 * rare, it is rounded to odd, which keeps enough to round once more. (A result below 2^-126 may
 * differ by 2^-149: weight.h takes 2^f of it, which is 1.) double: Dekker's product, two TwoSums
 * and one addition rounded to odd (Boldo and Melquiond, IEEE Transactions on Computers 57(4),
 * 2008). Exact as long as no partial product falls below 2^-1022; weight.h scales so that none does
 * that could reach a result.
 */
#ifndef LL_VEC_EMULATE_H
#define LL_VEC_EMULATE_H

/* a + b = sum + error, exactly (Knuth) */
static inline vec_d two_sum_error_d(vec_d a, vec_d b, vec_d sum)
{
    vec_d bb = sum - a;
    return (a - (sum - bb)) + (b - bb);
}

/* a + b rounded to odd: where the sum is inexact, the neighbour whose last bit is 1 */
static inline vec_d add_odd_d(vec_d a, vec_d b)
{
    vec_d sum = a + b;
    vec_d error = two_sum_error_d(a, b, sum);
    vec_l inexact = (vec_l)(error != 0.0);
    vec_l even = ((vec_l)sum & 1) - 1; /* -1 where the last bit is 0 */
    vec_l inward =
        (vec_l)(error > 0.0) ^ (vec_l)(sum > 0.0); /* -1 where the exact sum is nearer to 0 */
    vec_l step = 1 + 2 * inward; /* +1 outward, -1 inward, on the magnitude's bits */
    return (vec_d)((vec_l)sum + (inexact & even & step));
}

static inline vec_d split_high_d(vec_d a)
{
    vec_d t = a * 134217729.0; /* 2^27 + 1, Veltkamp */
    return t - (t - a);
}

static inline vec_d fma_d(vec_d a, vec_d b, vec_d c)
{
    vec_d ah = split_high_d(a), al = a - ah, bh = split_high_d(b), bl = b - bh;
    vec_d p = a * b;
    vec_d e = ((ah * bh - p) + ah * bl + al * bh) + al * bl;
    vec_d u = c + e;
    vec_d v = two_sum_error_d(c, e, u);
    vec_d t = p + u;
    vec_d w = two_sum_error_d(p, u, t);
    return t + add_odd_d(w, v);
}

/* whether any of the sums lies halfway between two floats: a 1 and 28 zeros at its end */
static inline int halfway_f(vec_d low, vec_d high)
{
    vec_i last = (vec_i)(((vec_l)low & 0x1fffffff) | (vec_l)high << 32);
    vec_l halfway = (vec_l)((last & 0x1fffffff) == 0x10000000);
    return (halfway[0] | halfway[1]) != 0;
}

LL_OUT_OF_LINE vec_f fma_odd_f(vec_f a, vec_f b, vec_f c)
{
    vec_d low = add_odd_d(low_d(a) * low_d(b), low_d(c));
    vec_d high = add_odd_d(high_d(a) * high_d(b), high_d(c));
    return narrow_f(low, high);
}

static inline vec_f fma_f(vec_f a, vec_f b, vec_f c)
{
    vec_d low_sum = low_d(a) * low_d(b) + low_d(c);
    vec_d high_sum = high_d(a) * high_d(b) + high_d(c);
    if (__builtin_expect(halfway_f(low_sum, high_sum), 0)) {
        return fma_odd_f(a, b, c);
    }
    return narrow_f(low_sum, high_sum);
}

#endif
