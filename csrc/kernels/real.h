/* The arithmetic of one translation unit: LL_REAL is f or d, and from here on the operations of
 * vec/ and weight.h have plain names.
 *
 * A row of halves or floats is computed in float, a row of doubles in double. Where a float kernel
 * means doubles it says so: vec_d, weigher_d and what ends in _d.
 */
#ifndef LL_REAL_H
#define LL_REAL_H

#include "kernels.h"
#include "order.h"
#include "lane_weights.h"

#define REAL(name) LL_JOIN(LL_JOIN(name, _), LL_REAL)
#define LL_IS_DOUBLE_f 0
#define LL_IS_DOUBLE_d 1
#define LL_IS_DOUBLE LL_JOIN(LL_IS_DOUBLE_, LL_REAL)

typedef REAL(real) real;
typedef REAL(word) word; /* as many bits */
typedef REAL(vec) vec;
typedef REAL(mask) mask;
typedef REAL(weigher) weigher;
typedef REAL(lane_sum) lane_sum;

/* a block is VECS vectors; the lanes of a vector fill PARTS vectors of doubles */
enum { LANES = REAL(LANES), VECS = LL_BLOCK / LANES, PARTS = LANES / LANES_d };

#define T_MIN REAL(T_MIN)
#define T_MAX REAL(T_MAX)
#define MOST REAL(MOST)
#define FACTOR REAL(FACTOR)
#define DEPTH REAL(DEPTH)
#define FAR REAL(FAR)
#define LOWEST (-(real)__builtin_inf())

/* vectors: see vec/ */
#define load(p) REAL(load)(p)
#define store(p, v) REAL(store)(p, v)
#define set(x) REAL(set)(x)
#define first(v, n) REAL(first)(v, n)
#define max(x, most) REAL(max)(x, most)
#define ge(a, b) REAL(ge)(a, b)
#define gt(a, b) REAL(gt)(a, b)
#define nan(v) REAL(nan)(v)
#define bits(m) REAL(bits)(m)
#define keep(m, v) REAL(keep)(m, v)
#define compress(v, m, to) REAL(compress)(v, m, to)
#define compress_index(m, from, to) REAL(compress_index)(m, from, to)
#define compress_tokens(m, from, to) REAL(compress_tokens)(m, from, to)

/* weights: see weight.h and scale.h */
#define scale(most, temperature) REAL(scale)(most, temperature)
#define weigher_of(s, factor) REAL(weigher_of)(s, factor)
#define weight(v, w, error) REAL(weight)(v, w, error)
#define round(w, q) REAL(round)(w, q)
#define widen(v, to) REAL(widen)(v, to)
#define add_block(w, error, n, high, low) REAL(add_block)(w, error, n, high, low)
#define fold(sum, n) REAL(fold)(sum, n)
#define fold_few(w, error, n) REAL(fold_few)(w, error, n)
#define as_stored(sum, most, w) REAL(as_stored)(sum, most, w)
#define norm(sum) REAL(norm)(sum)
#define normalise(w, high, low) REAL(normalise)(w, high, low)
#define log_probability(v, shift, r, log_sum) REAL(log_probability)(v, shift, r, log_sum)

/* the same where lanes are rows: see lane_weights.h */
#define join(x) REAL(join)(x)
#define integer(top, c_high) REAL(integer)(top, c_high)
#define magic(whole, factor) REAL(magic)(whole, factor)
#define add_lane(w, error, n, begun, sum) REAL(add_lane)(w, error, n, begun, sum)
#define settle_lane(sum) REAL(settle_lane)(sum)
#define fold_lane(a, b) REAL(fold_lane)(a, b)
#define store_most(sum, most, w) REAL(store_most)(sum, most, w)
#define norms(sum, high, low) REAL(norms)(sum, high, low)
#define logs(sum, whole, log_sum) REAL(logs)(sum, whole, log_sum)
#define log_part(x, shift, r, log_sum) REAL(log_part)(x, shift, r, log_sum)

/* keys: see order.h */
#define key(z) REAL(key)(z)
#define value(k) REAL(value)(k)

/* the smallest real that is at least x */
static inline real ceil_real(double x)
{
    real y = (real)x;
    return (double)y < x ? value(key(y) + 1) : y;
}

/* the next real above a finite x */
static inline real next_above(real x)
{
    return value(key(x) + 1);
}

#endif
