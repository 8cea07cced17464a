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

#include "kernels.h"
#include "steps/steps.h"
#include "wide.h"

typedef enum {
#define LL_STEP(KIND, ...) KIND,
    LL_STEPS(LL_STEP)
#undef LL_STEP
        LL_STEP_KINDS,
} ll_step_kind;

/* of each step, the ll_trait bits that it has */
static const unsigned short LL_STEP_TRAITS[LL_STEP_KINDS] = {
#define LL_STEP(KIND, name, traits, ...) [KIND] = traits,
    LL_STEPS(LL_STEP)
#undef LL_STEP
};

enum { LL_STEP_PARAMETERS = 4, LL_MAX_STEPS = 100 };

/* Edge rules of a step that has several, as the bits of one parameter. */
enum {
    LL_STRICT = 1,       /* a bound itself does not count as reached */
    LL_TIES = 2,         /* tokens equal to the last one kept are kept too */
    LL_OF_THE_WHOLE = 4, /* a share is relative to the mass before the first filter */
};

/* One step of a chain. Its parameters are read by name, step->top_k.k, or by their place in the
 * table. */
typedef struct {
    ll_step_kind kind;
    union {
        double value[LL_STEP_PARAMETERS];
#define LL_NUMBER(name, ...) double name;
#define LL_ABOVE(name, ...) double name;
#define LL_WHOLE(name, ...) double name;
#define LL_FLAG(name) double name;
#define LL_EDGES(name, bits) double name;
#define LL_STATE(name, low) double name;
#define LL_STATE_ABOVE(name, low) double name;
#define LL_NONE double none;
#define LL_STEP(KIND, name, traits, parameters)                                                    \
    struct {                                                                                       \
        parameters                                                                                 \
    } name;
        LL_STEPS(LL_STEP)
#undef LL_STEP
#undef LL_NUMBER
#undef LL_ABOVE
#undef LL_WHOLE
#undef LL_FLAG
#undef LL_EDGES
#undef LL_STATE
#undef LL_STATE_ABOVE
#undef LL_NONE
    };
    const int64_t *tokens; /* where a step has a list of tokens, or of sequences of tokens ... */
    size_t n_tokens;
    const double *numbers; /* ... a length and a number for each sequence */
    size_t n_numbers;
} ll_step;

#define LL_STEP(KIND, name, ...)                                                                   \
    _Static_assert(sizeof((ll_step *)0)->name <= sizeof((ll_step *)0)->value,                      \
                   #name " has more parameters than LL_STEP_PARAMETERS");
LL_STEPS(LL_STEP)
#undef LL_STEP

/* how many parameters each step has */
static const unsigned char LL_STEP_COUNTS[LL_STEP_KINDS] = {
#define LL_NUMBER(...) +1
#define LL_ABOVE(...) +1
#define LL_WHOLE(...) +1
#define LL_FLAG(...) +1
#define LL_EDGES(...) +1
#define LL_STATE(...) +1
#define LL_STATE_ABOVE(...) +1
#define LL_NONE
#define LL_STEP(KIND, name, traits, parameters) [KIND] = 0 parameters,
    LL_STEPS(LL_STEP)
#undef LL_STEP
#undef LL_NUMBER
#undef LL_ABOVE
#undef LL_WHOLE
#undef LL_FLAG
#undef LL_EDGES
#undef LL_STATE
#undef LL_STATE_ABOVE
#undef LL_NONE
};

static inline int ll_step_has(const ll_step *step, ll_trait trait)
{
    return (LL_STEP_TRAITS[step->kind] & trait) != 0;
}

/* whether a step needs to know what share of the whole the earlier filters kept */
static inline int ll_step_needs_share(const ll_step *step)
{
    return ll_step_has(step, LL_NEEDS_SHARE) &&
           ((int)step->value[LL_STEP_COUNTS[step->kind] - 1] & LL_OF_THE_WHOLE) != 0;
}

/* `room` is scratch memory for 3 * n_history integers; every token is checked to be one of the
 * row's. */
struct ll_chain {
    const ll_step *steps;
    size_t n_steps;
    const int64_t *history; /* the tokens before the one that is drawn, oldest first */
    size_t n_history;
    size_t n_generated; /* how many of them, at the end, the model wrote itself */
    uint32_t *room;
    const double *coins; /* one for every step that tosses one */
};

/* What a step with a state learns about a token that was drawn. */
typedef struct {
    double probability;
    double surprisal; /* -log2 of it */
} ll_seen;

struct ll_draws {
    const double *uniform; /* in [0, 1), multiples of 2^-53 */
    int64_t *token;
    size_t n;
    ll_seen *seen;       /* n_looks for each token */
    const size_t *looks; /* each observes the distribution after this many steps */
    size_t n_looks;
};

/* The remaining tokens before the first step and after each step. */
typedef struct {
    double count;
    double mass;        /* of the row's own distribution (T = 1, no step) */
    double kept;        /* of the distribution before this step */
    double entropy;     /* in nats, at the temperature so far */
    double threshold;   /* what the step compared with; NaN if it has none */
    double low, high;   /* the smallest and the largest logit that is left */
    double temperature; /* still to be applied to them */
} ll_record;

struct ll_trace {
    ll_record *records; /* n_steps + 1 */
    int8_t *removed; /* for each token the step that removed it, counted from 1: 0 if it was -inf in
                        the row, n_steps + 1 if none did */
    void *margin;    /* how far it lies from what the step kept, in logits at the temperature, as a
                        float of the row's arithmetic */
    void *after;     /* the distribution that is drawn from, of the row's dtype; zeros before */
    void *room;      /* n such floats and n uint32_t */
};

/* The result of running a chain over a row: LL_OK; LL_NO_ROW if it has a NaN or nothing but -inf;
 * LL_NOTHING_LEFT + i if step i removed every token. */
typedef enum {
    LL_OK,
    LL_NO_ROW,
    LL_NOTHING_LEFT,
} ll_status;

/* floor(u * total / 2^53) for the 53 bits u of a double in [0, 1) */
static inline uint64_t draw_target(double uniform, uint64_t total)
{
    uint64_t high, low;
    multiply_wide((uint64_t)(uniform * 0x1p53) << 11, total, &high, &low);
    return high;
}

/* the first of the running sums low to high that exceeds target; the last one does */
static inline size_t first_beyond(const uint64_t *sums, size_t low, size_t high, uint64_t target)
{
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (sums[middle] > target) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

/* the smallest integer that is at least p * total, or with `strict` above it, for p in [0, 1) */
static inline uint64_t share_of(double p, uint64_t total, int strict)
{
    uint64_t bits, high, low;
    __builtin_memcpy(&bits, &p, sizeof bits);
    uint64_t exponent = bits >> 52, mantissa = (bits & 0xfffffffffffff) | (uint64_t)1 << 52;
    uint64_t shift = 1075 - exponent; /* p = mantissa * 2^-shift, shift >= 53 */
    multiply_wide(mantissa, total, &high, &low);
    if (exponent == 0 || shift >= 127) {
        return total > 0 && (p > 0.0 || strict); /* p * total < 1 */
    }
    uint64_t rest, share;
    if (shift < 64) {
        share = high << (64 - shift) | low >> shift;
        rest = low << (64 - shift);
    } else {
        share = shift == 64 ? high : high >> (shift - 64);
        rest = low | (shift == 64 ? 0 : high << (128 - shift));
    }
    return share + (rest != 0 || strict);
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
