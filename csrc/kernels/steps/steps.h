/* The table of steps: kind, name, and whether it changes logits (see chain.h). A new step is a row
 * here, its file, and its line in steps.inc. */
#ifndef LL_STEPS_H
#define LL_STEPS_H

#define LL_STEPS(STEP)                                                                             \
    STEP(LL_TEMPERATURE, temperature, 0)                                                           \
    STEP(LL_DYNAMIC_TEMPERATURE, dynamic_temperature, 0)                                           \
    STEP(LL_TOP_K, top_k, 0)                                                                       \
    STEP(LL_TOP_P, top_p, 0)                                                                       \
    STEP(LL_MIN_P, min_p, 0)                                                                       \
    STEP(LL_TYPICAL_P, typical_p, 2)                                                               \
    STEP(LL_EPSILON_CUTOFF, epsilon_cutoff, 0)                                                     \
    STEP(LL_ETA_CUTOFF, eta_cutoff, 0)                                                             \
    STEP(LL_TOP_N_SIGMA, top_n_sigma, 0)                                                           \
    STEP(LL_TOP_H, top_h, 0)                                                                       \
    STEP(LL_XTC, xtc, 2)                                                                           \
    STEP(LL_REPETITION_PENALTY, repetition_penalty, 1)                                             \
    STEP(LL_PRESENCE_PENALTY, presence_penalty, 1)                                                 \
    STEP(LL_FREQUENCY_PENALTY, frequency_penalty, 1)                                               \
    STEP(LL_DRY, dry, 1)                                                                           \
    STEP(LL_NO_REPEAT_NGRAM, no_repeat_ngram, 1)                                                   \
    STEP(LL_LOGIT_BIAS, logit_bias, 1)                                                             \
    STEP(LL_BAN_TOKENS, ban_tokens, 1)                                                             \
    STEP(LL_MIN_NEW_TOKENS, min_new_tokens, 1)                                                     \
    STEP(LL_TOP_A, top_a, 0)                                                                       \
    STEP(LL_P_LESS, p_less, 0)                                                                     \
    STEP(LL_TAIL_FREE, tail_free, 0)                                                               \
    STEP(LL_SMOOTHING, smoothing, 0)                                                               \
    STEP(LL_MIROSTAT_V2, mirostat_v2, 0)                                                           \
    STEP(LL_MIROSTAT, mirostat, 0)                                                                 \
    STEP(LL_ADAPTIVE_P, adaptive_p, 0)

#endif
