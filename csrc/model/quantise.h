/* Activations as integers: blocks of 32, each with its own factor.
 *
 * With m the largest magnitude of a block, X = m / 127 and q = rint(x * (127 / m)), half to even,
 * so that |q| <= 127; S = X * (q_0 + ... + q_31). A block with m below 2^-100 counts as zeros.
 * Where a number is infinite, NaN or at least 2^120, X is NaN: the logits then say so.
 */
#ifndef LL_QUANTISE_H
#define LL_QUANTISE_H

#include "lanes.h"

enum { BLOCK_PARTS = LL_QUANTS / LANES_f };

static inline float float_of_bits(int32_t bits)
{
    float value;
    __builtin_memcpy(&value, &bits, sizeof value);
    return value;
}

/* the bits of the largest magnitude; those of a NaN are larger than all others */
static inline int32_t largest_magnitude(const vec_f *x)
{
    int32_t largest = 0;
    vec_i most = {0};
    for (int i = 0; i < BLOCK_PARTS; i++) {
        vec_i bits = (vec_i)x[i] & 0x7fffffff, more = (vec_i)(bits > most);
        most = (bits & more) | (most & ~more);
    }
    for (int i = 0; i < LANES_f; i++) {
        largest = most[i] > largest ? most[i] : largest;
    }
    return largest;
}

/* rint(x * inverse), by adding and subtracting 1.5 * 2^23; returns the sum */
static inline int32_t round_block(const vec_f *x, float inverse, int8_t *quants)
{
    int32_t all[LL_QUANTS], sum = 0;
    for (int i = 0; i < BLOCK_PARTS; i++) {
        vec_i rounded = (vec_i)(x[i] * inverse + 0x1.8p23f) - 0x4b400000;
        __builtin_memcpy(all + i * LANES_f, &rounded, sizeof rounded);
    }
    for (int i = 0; i < LL_QUANTS; i++) {
        quants[i] = (int8_t)all[i];
        sum += all[i];
    }
    return sum;
}

static inline void quantise_block(const float *values, int8_t *quants, float *scale, float *offset)
{
    const int32_t LEAST = 0x0d800000, MOST = 0x7b800000; /* 2^-100 and 2^120 */
    vec_f x[BLOCK_PARTS];
    for (int i = 0; i < BLOCK_PARTS; i++) {
        x[i] = load_f(values + i * LANES_f);
    }
    int32_t largest = largest_magnitude(x);
    if (largest < LEAST || largest >= MOST) {
        __builtin_memset(quants, 0, LL_QUANTS);
        *scale = *offset = largest < LEAST ? 0.0f : __builtin_nanf("");
        return;
    }
    float most = float_of_bits(largest);
    *scale = most / 127.0f;
    *offset = *scale * (float)round_block(x, 127.0f / most, quants);
}

static void quantise(const float *values, size_t columns, int8_t *quants, float *scale,
                     float *offset)
{
    for (size_t block = 0; block < columns / LL_QUANTS; block++) {
        size_t at = block * LL_QUANTS;
        quantise_block(values + at, quants + at, scale + block, offset + block);
    }
}

#endif
