/* The table of steps: kind, name, number of parameters. A new step is a row here, its file, and its
 * line in steps.inc. */
#ifndef LL_STEPS_H
#define LL_STEPS_H

#define LL_STEPS(STEP)                                                                             \
    STEP(LL_TEMPERATURE, temperature, 1)                                                           \
    STEP(LL_TOP_K, top_k, 1)                                                                       \
    STEP(LL_TOP_P, top_p, 1)                                                                       \
    STEP(LL_MIN_P, min_p, 1)

#endif
