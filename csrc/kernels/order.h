/* The order of tokens: by logit, then lowest index; NaN last; -0.0 and 0.0 are equal.
 *
 * A value becomes an unsigned key (larger is better, 0 is NaN), so that floats and integers of
 * every width sort alike.
 */
#ifndef LL_ORDER_H
#define LL_ORDER_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t key_d(double x)
{
    uint64_t bits;
    x += 0.0; /* -0.0 becomes 0.0 */
    __builtin_memcpy(&bits, &x, sizeof bits);
    if (x != x) {
        return 0;
    }
    return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

static inline uint64_t key_f(float x)
{
    uint32_t bits;
    x += 0.0f;
    __builtin_memcpy(&bits, &x, sizeof bits);
    if (x != x) {
        return 0;
    }
    return bits >> 31 ? (uint32_t)~bits : bits | 0x80000000u;
}

static inline float value_f(uint64_t key)
{
    uint32_t bits = key >> 31 ? (uint32_t)key & 0x7fffffffu : ~(uint32_t)key;
    float x;
    __builtin_memcpy(&x, &bits, sizeof x);
    return x;
}

static inline double value_d(uint64_t key)
{
    uint64_t bits = key >> 63 ? key & ~((uint64_t)1 << 63) : ~key;
    double x;
    __builtin_memcpy(&x, &bits, sizeof x);
    return x;
}

enum {
    LL_SHORT = 512,  /* rows up to here are listed at once */
    LL_SPARSE = 32,  /* a selection of at most n / 32 uses the maxima of the groups */
    LL_INSERT = 32,  /* pairs so few that a radix sort does not pay ... */
    LL_FEW = 1024,   /* ... and that are sorted by digits of 8 bits ... */
    LL_DIGIT = 11,   /* ... more of them by digits of 11 */
    LL_TOUCHED = 64, /* words of the filter that says which blocks have changed logits */
};

/* elements of an array that a row of n is written to by whole vectors, and that can also hold the
 * maxima and the sums */
#define LL_ROOM(n) ((n) + 256)

#endif
