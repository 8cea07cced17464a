/* Integer dot products of 16 rows with one block of 32 activations: AVX2.
 *
 * VPMADDUBSW multiplies unsigned by signed bytes and adds pairs into 16 bits. Eight such sums of
 * nibbles fit: 8 * 2 * 15 * 127 = 30480. Signed weights give their sign to the activation, and two
 * products at most, 2 * 128 * 127 = 32512, are added in 16 bits.
 */
#ifndef LL_DOTS_AVX2_H
#define LL_DOTS_AVX2_H

#include "lanes.h"

static inline vec_f load_scales(const uint16_t *p)
{
    return load_f16(p);
}

static inline __m256i four_bytes(const int8_t *x)
{
    int32_t word;
    __builtin_memcpy(&word, x, sizeof word);
    return _mm256_set1_epi32(word);
}

static inline __m256i load_bytes(const void *p)
{
    return _mm256_loadu_si256((const __m256i *)p);
}

/* The nibbles of 8 rows, an element of the block in each byte of a row's four. */
static inline void unpack_nibbles(const uint8_t *w, __m256i *low, __m256i *high)
{
    const __m256i mask = _mm256_set1_epi8(15);
    for (int v = 0; v < 4; v++) {
        __m256i both = load_bytes(w + 64 * v);
        low[v] = _mm256_and_si256(both, mask);
        high[v] = _mm256_and_si256(_mm256_srli_epi16(both, 4), mask);
    }
}

LL_INLINE void dots_nibbles(const uint8_t *w, const int8_t *const *x, size_t tokens,
                            vec_i (*out)[PARTS])
{
    const __m256i ones = _mm256_set1_epi16(1);
    for (int part = 0; part < PARTS; part++) {
        __m256i low[4], high[4];
        unpack_nibbles(w + LL_BYTES * part, low, high);
        for (size_t t = 0; t < tokens; t++) {
            __m256i sum = _mm256_setzero_si256();
            for (int v = 0; v < 4; v++) {
                __m256i a = _mm256_maddubs_epi16(low[v], four_bytes(x[t] + 4 * v));
                __m256i b = _mm256_maddubs_epi16(high[v], four_bytes(x[t] + 16 + 4 * v));
                sum = _mm256_add_epi16(sum, _mm256_add_epi16(a, b));
            }
            out[t][part] = (vec_i)_mm256_madd_epi16(sum, ones);
        }
    }
}

LL_INLINE void dots_bytes(const int8_t *w, const int8_t *const *x, size_t tokens,
                          vec_i (*out)[PARTS])
{
    const __m256i ones = _mm256_set1_epi16(1);
    for (int part = 0; part < PARTS; part++) {
        for (size_t t = 0; t < tokens; t++) {
            __m256i sum = _mm256_setzero_si256();
            for (int v = 0; v < 8; v++) {
                __m256i weights = load_bytes(w + LL_BYTES * part + 64 * v);
                __m256i signs = _mm256_sign_epi8(four_bytes(x[t] + 4 * v), weights);
                __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(weights), signs);
                sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, ones));
            }
            out[t][part] = (vec_i)sum;
        }
    }
}

#endif
