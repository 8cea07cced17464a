/* NumPy's default random stream, without NumPy: PCG64 (O'Neill 2014, XSL-RR 128/64) seeded by its
 * SeedSequence. */
#ifndef LL_PCG64_H
#define LL_PCG64_H

#include <stddef.h>
#include <stdint.h>

#include "ieee.h"

typedef struct {
    uint64_t state_high, state_low, increment_high, increment_low;
} ll_pcg64;

/* The stream of numpy.random.PCG64(seed): `words` are the seed's 32-bit digits, the lowest first;
 * at least one. */
void ll_pcg64_seed(ll_pcg64 *rng, const uint32_t *words, size_t n);

uint64_t ll_pcg64_next(ll_pcg64 *rng);

/* in [0, 1), a multiple of 2^-53: Generator.random() */
double ll_pcg64_double(ll_pcg64 *rng);

#endif
