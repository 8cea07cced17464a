/* A sampler's chain as the kernels see it: steps in order, their parameters for one row, and the
 * draws at its end.
 *
 * The draw is exact in integers. A candidate's weight is q = rint(w * 2^s), w the weight of
 * weight.h (the largest is near 1), s = min(44, 62 - ceil(log2 n)) for a row of n tokens; a draw
 * takes 53 random bits u and returns the first token, in token order, whose running sum of q
 * exceeds floor(u * total / 2^53). Integer sums are associative, so no vector width, no block and
 * no skipped zero changes a token.
 */
#ifndef LL_CHAIN_H
#define LL_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "steps/steps.h"
#include "wide.h"

typedef enum {
#define LL_STEP(KIND, name, parameters) KIND,
    LL_STEPS(LL_STEP)
#undef LL_STEP
        LL_STEP_KINDS,
} ll_step_kind;

enum { LL_STEP_PARAMETERS = 4 };

typedef struct {
    ll_step_kind kind;
    double value[LL_STEP_PARAMETERS];
} ll_step;

struct ll_chain {
    const ll_step *steps;
    size_t n_steps;
};

struct ll_draws {
    const double *uniform; /* in [0, 1), multiples of 2^-53 */
    int64_t *token;
    size_t n;
};

typedef enum {
    LL_OK,
    LL_NOTHING_LEFT, /* NaN in the row, or nothing but -inf */
} ll_status;

/* floor(u * total / 2^53) for the 53 bits u of a double in [0, 1) */
static inline uint64_t draw_target(double uniform, uint64_t total)
{
    uint64_t high, low;
    multiply_wide((uint64_t)(uniform * 0x1p53) << 11, total, &high, &low);
    return high;
}

/* the smallest integer that is at least p * total, for p in (0, 1) */
static inline uint64_t ceil_share(double p, uint64_t total)
{
    uint64_t bits, high, low;
    __builtin_memcpy(&bits, &p, sizeof bits);
    uint64_t exponent = bits >> 52, mantissa = (bits & 0xfffffffffffff) | (uint64_t)1 << 52;
    uint64_t shift = 1075 - exponent; /* p = mantissa * 2^-shift, shift >= 53 */
    multiply_wide(mantissa, total, &high, &low);
    if (exponent == 0 || shift >= 127) {
        return total > 0; /* p * total < 1 */
    }
    uint64_t rest, share;
    if (shift < 64) {
        share = high << (64 - shift) | low >> shift;
        rest = low << (64 - shift);
    } else {
        share = shift == 64 ? high : high >> (shift - 64);
        rest = low | (shift == 64 ? 0 : high << (128 - shift));
    }
    return share + (rest != 0);
}

/* s of the draw's rule */
static inline int draw_shift(size_t n)
{
    int log2_ceil = 0;
    while (((size_t)1 << log2_ceil) < n) {
        log2_ceil++;
    }
    return log2_ceil <= 18 ? 44 : 62 - log2_ceil;
}

#endif
