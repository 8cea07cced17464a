/* The table of steps, and the owner of what a step is: its name, its traits, and its parameters
 * with their ranges. The kernels, the extension and `logitlab._kernels.STEPS` all read it.
 *
 * A new step is a row here, its file beside this one, and its line in all.h. The rows stand in the
 * order in which the default engine, "ollama", runs its steps; steps that llama.cpp lacks stand
 * where its filters are, before the temperature. What is generated from a row: the kind in the
 * enum, `step->NAME.PARAMETER` in ll_step, the traits, and the entry of STEPS.
 *
 * Parameters stand in the order in which the steps' callers give them. Each is a
 *
 *   LL_NUMBER(name, low, high, off)   a real number in [low, high]; `off`: the value at which the
 *                                     step does nothing, or LL_NEVER
 *   LL_ABOVE(name, low, high, off)    the same without `low` itself
 *   LL_WHOLE(name, low, high, off)    an integer in [low, high]
 *   LL_FLAG(name)                     0 or 1
 *   LL_EDGES(name, bits)              edge rules as bits, see chain.h; always the last parameter
 *   LL_STATE(name, low)               a finite number >= low that the caller keeps between tokens
 *   LL_STATE_ABOVE(name, low)         one > low, perhaps infinite
 *
 * or LL_NONE for a step without any.
 */
#ifndef LL_STEPS_H
#define LL_STEPS_H

/* What the code asks about a step, instead of naming steps. */
typedef enum {
    LL_CHANGES_LOGITS = 1 << 0,     /* of single tokens: +inf may still be banned after it */
    LL_FILTER = 1 << 1,             /* removes tokens by their logits or probabilities ... */
    LL_REMOVES_BEST = 1 << 2,       /* ... the best ones among them */
    LL_BY_RANK = 1 << 3,            /* ... the same ones at every temperature */
    LL_SCALES = 1 << 4,             /* sets a temperature */
    LL_NEEDS_SHARE = 1 << 5,        /* with LL_OF_THE_WHOLE, asks what share the filters left */
    LL_COIN = 1 << 6,               /* takes a double before the draw */
    LL_HAS_TOKENS = 1 << 7,         /* has a list of tokens ... */
    LL_LISTS = 1 << 8,              /* ... or of sequences of tokens, with their lengths ... */
    LL_LISTS_WITH_NUMBERS = 1 << 9, /* ... and a number for each */
    LL_HAS_STATE = 1 << 10,         /* its first parameters are a state */
    LL_TRAITS = 11
} ll_trait;

#define LL_INFINITY __builtin_inf()
#define LL_LARGEST 0x1.fffffffffffffp1023
#define LL_NEVER __builtin_nan("")

#define LL_STEPS(STEP)                                                                             \
    STEP(LL_BAN_TOKENS, ban_tokens, LL_CHANGES_LOGITS | LL_LISTS, LL_FLAG(scope))                  \
    STEP(LL_MIN_NEW_TOKENS, min_new_tokens, LL_CHANGES_LOGITS | LL_HAS_TOKENS,                     \
         LL_WHOLE(n, 0, LL_INFINITY, 0))                                                           \
    STEP(LL_NO_REPEAT_NGRAM, no_repeat_ngram, LL_CHANGES_LOGITS, LL_WHOLE(n, 0, LL_INFINITY, 0))   \
    STEP(LL_LOGIT_BIAS, logit_bias, LL_CHANGES_LOGITS | LL_LISTS | LL_LISTS_WITH_NUMBERS, LL_NONE) \
    STEP(LL_REPETITION_PENALTY, repetition_penalty, LL_CHANGES_LOGITS,                             \
         LL_ABOVE(penalty, 0, LL_INFINITY, 1) LL_WHOLE(last_n, -1, LL_INFINITY, 0) LL_FLAG(scope)) \
    STEP(LL_PRESENCE_PENALTY, presence_penalty, LL_CHANGES_LOGITS,                                 \
         LL_NUMBER(penalty, -1e30, 1e30, 0) LL_WHOLE(last_n, -1, LL_INFINITY, 0) LL_FLAG(scope))   \
    STEP(LL_FREQUENCY_PENALTY, frequency_penalty, LL_CHANGES_LOGITS,                               \
         LL_NUMBER(penalty, -1e30, 1e30, 0) LL_WHOLE(last_n, -1, LL_INFINITY, 0) LL_FLAG(scope))   \
    STEP(LL_DRY, dry, LL_CHANGES_LOGITS | LL_LISTS,                                                \
         LL_NUMBER(multiplier, 0, 1e30, 0) LL_NUMBER(base, 1, 1e30, LL_NEVER)                      \
             LL_WHOLE(allowed_length, 1, LL_INFINITY, LL_NEVER)                                    \
                 LL_WHOLE(last_n, -1, LL_INFINITY, 0))                                             \
    STEP(LL_TOP_N_SIGMA, top_n_sigma, LL_FILTER | LL_BY_RANK, LL_NUMBER(n, 0, LL_INFINITY, 0))     \
    STEP(LL_TOP_K, top_k, LL_FILTER | LL_BY_RANK, LL_WHOLE(k, 0, LL_INFINITY, 0) LL_FLAG(ties))    \
    STEP(LL_TYPICAL_P, typical_p, LL_FILTER | LL_REMOVES_BEST,                                     \
         LL_NUMBER(p, 0, 1, 1) LL_WHOLE(min_keep, 1, LL_INFINITY, LL_NEVER) LL_FLAG(strict)        \
             LL_FLAG(ties))                                                                        \
    STEP(LL_TOP_P, top_p, LL_FILTER | LL_NEEDS_SHARE,                                              \
         LL_NUMBER(p, 0, 1, 1) LL_WHOLE(min_keep, 1, LL_INFINITY, LL_NEVER)                        \
             LL_EDGES(edges, LL_STRICT | LL_TIES | LL_OF_THE_WHOLE))                               \
    STEP(LL_TOP_H, top_h, LL_FILTER,                                                               \
         LL_ABOVE(h, 0, 1, LL_NEVER) LL_WHOLE(considered, 1, LL_INFINITY, LL_NEVER))               \
    STEP(LL_MIN_P, min_p, LL_FILTER,                                                               \
         LL_NUMBER(p, 0, 1, 0) LL_WHOLE(min_keep, 1, LL_INFINITY, LL_NEVER) LL_FLAG(strict))       \
    STEP(LL_TOP_A, top_a, LL_FILTER, LL_NUMBER(a, 0, 1, 0))                                        \
    STEP(LL_P_LESS, p_less, LL_FILTER, LL_NONE)                                                    \
    STEP(LL_TAIL_FREE, tail_free, LL_FILTER,                                                       \
         LL_NUMBER(z, 0, 1, 1) LL_WHOLE(min_keep, 1, LL_INFINITY, LL_NEVER))                       \
    STEP(LL_SMOOTHING, smoothing, 0,                                                               \
         LL_NUMBER(factor, 0, 1e30, 0) LL_NUMBER(curve, 1, 3, LL_NEVER))                           \
    STEP(LL_EPSILON_CUTOFF, epsilon_cutoff, LL_FILTER,                                             \
         LL_NUMBER(epsilon, 0, 1, 0) LL_WHOLE(min_keep, 1, LL_INFINITY, LL_NEVER) LL_FLAG(ties))   \
    STEP(LL_ETA_CUTOFF, eta_cutoff, LL_FILTER,                                                     \
         LL_NUMBER(epsilon, 0, 1, 0) LL_WHOLE(min_keep, 1, LL_INFINITY, LL_NEVER) LL_FLAG(ties))   \
    STEP(LL_XTC, xtc, LL_FILTER | LL_REMOVES_BEST | LL_COIN,                                       \
         LL_NUMBER(probability, 0, 1, 0) LL_NUMBER(threshold, 0, 1, LL_NEVER)                      \
             LL_WHOLE(min_keep, 0, LL_INFINITY, LL_NEVER) LL_EDGES(edges, LL_STRICT | LL_TIES))    \
    STEP(LL_DYNAMIC_TEMPERATURE, dynamic_temperature, LL_SCALES,                                   \
         LL_NUMBER(temperature, 0, LL_INFINITY, LL_NEVER) LL_NUMBER(range, 0, LL_INFINITY, 0)      \
             LL_ABOVE(exponent, 0, LL_INFINITY, LL_NEVER))                                         \
    STEP(LL_TEMPERATURE, temperature, LL_SCALES, LL_NUMBER(temperature, 0, LL_INFINITY, 1))        \
    STEP(LL_MIROSTAT, mirostat, LL_FILTER | LL_HAS_STATE,                                          \
         LL_STATE(mu, -LL_LARGEST) LL_WHOLE(considered, 2, LL_INFINITY, LL_NEVER))                 \
    STEP(LL_MIROSTAT_V2, mirostat_v2, LL_FILTER | LL_HAS_STATE, LL_STATE(mu, -LL_LARGEST))         \
    STEP(LL_ADAPTIVE_P, adaptive_p, LL_HAS_STATE,                                                  \
         LL_STATE(weighted_sum, -LL_LARGEST) LL_STATE_ABOVE(total_weight, 0)                       \
             LL_NUMBER(target, 0, 1, LL_NEVER))

/* The steps that a build runs: all of them, unless it says otherwise (csrc/wasm). */
#ifndef LL_STEPS_RUN
#    define LL_STEPS_RUN(STEP) LL_STEPS(STEP)
#endif

#endif
