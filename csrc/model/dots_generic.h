/* Integer dot products of 16 rows with one block of 32 activations: plain C, for any CPU. */
#ifndef LL_DOTS_GENERIC_H
#define LL_DOTS_GENERIC_H

#include "scales.h"

static inline int32_t dot_nibbles_of_row(const uint8_t *w, const int8_t *x)
{
    int32_t sum = 0;
    for (int v = 0; v < 4; v++) {
        for (int j = 0; j < 4; j++) {
            int byte = w[64 * v + j];
            sum += (byte & 15) * x[4 * v + j] + (byte >> 4) * x[16 + 4 * v + j];
        }
    }
    return sum;
}

static inline int32_t dot_bytes_of_row(const int8_t *w, const int8_t *x)
{
    int32_t sum = 0;
    for (int v = 0; v < 8; v++) {
        for (int j = 0; j < 4; j++) {
            sum += w[64 * v + j] * x[4 * v + j];
        }
    }
    return sum;
}

static inline void dots_nibbles(const uint8_t *w, const int8_t *const *x, size_t tokens,
                                vec_i (*out)[PARTS])
{
    for (size_t t = 0; t < tokens; t++) {
        for (int row = 0; row < LL_ROWS; row++) {
            out[t][row / LANES_f][row % LANES_f] = dot_nibbles_of_row(w + 4 * row, x[t]);
        }
    }
}

static inline void dots_bytes(const int8_t *w, const int8_t *const *x, size_t tokens,
                              vec_i (*out)[PARTS])
{
    for (size_t t = 0; t < tokens; t++) {
        for (int row = 0; row < LL_ROWS; row++) {
            out[t][row / LANES_f][row % LANES_f] = dot_bytes_of_row(w + 4 * row, x[t]);
        }
    }
}

#endif
