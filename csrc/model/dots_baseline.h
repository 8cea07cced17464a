/* Integer dot products of 16 rows with one block of 32 activations: SSE2, which multiplies 16-bit
 * numbers only and adds pairs of products into 32 bits. */
#ifndef LL_DOTS_BASELINE_H
#define LL_DOTS_BASELINE_H

#include "scales.h"

/* Two sums for each of 4 rows, of elements 0 and 1 and of elements 2 and 3 of each four: rows 0 and
 * 1 in the first register, rows 2 and 3 in the second. */
typedef struct {
    __m128i first, second;
} pair_sums;

/* four activations as 16-bit numbers, twice */
static inline __m128i four_words(const int8_t *x)
{
    int32_t word;
    __builtin_memcpy(&word, x, sizeof word);
    __m128i bytes = _mm_cvtsi32_si128(word);
    __m128i words = _mm_srai_epi16(_mm_unpacklo_epi8(bytes, bytes), 8);
    return _mm_unpacklo_epi64(words, words);
}

static inline void add_products(pair_sums *sums, __m128i first, __m128i second, __m128i x)
{
    sums->first = _mm_add_epi32(sums->first, _mm_madd_epi16(first, x));
    sums->second = _mm_add_epi32(sums->second, _mm_madd_epi16(second, x));
}

static inline vec_i add_pairs(pair_sums sums)
{
    __m128 a = _mm_castsi128_ps(sums.first), b = _mm_castsi128_ps(sums.second);
    __m128i even = _mm_castps_si128(_mm_shuffle_ps(a, b, _MM_SHUFFLE(2, 0, 2, 0)));
    __m128i odd = _mm_castps_si128(_mm_shuffle_ps(a, b, _MM_SHUFFLE(3, 1, 3, 1)));
    return (vec_i)_mm_add_epi32(even, odd);
}

static inline vec_i dot_nibbles_of_part(const uint8_t *w, const __m128i *x)
{
    const __m128i mask = _mm_set1_epi8(15), zero = _mm_setzero_si128();
    pair_sums sums = {zero, zero};
    for (int v = 0; v < 4; v++) {
        __m128i both = _mm_loadu_si128((const __m128i *)(const void *)(w + 64 * v));
        __m128i low = _mm_and_si128(both, mask);
        __m128i high = _mm_and_si128(_mm_srli_epi16(both, 4), mask);
        add_products(&sums, _mm_unpacklo_epi8(low, zero), _mm_unpackhi_epi8(low, zero), x[v]);
        add_products(&sums, _mm_unpacklo_epi8(high, zero), _mm_unpackhi_epi8(high, zero), x[4 + v]);
    }
    return add_pairs(sums);
}

static inline vec_i dot_bytes_of_part(const int8_t *w, const __m128i *x)
{
    pair_sums sums = {_mm_setzero_si128(), _mm_setzero_si128()};
    for (int v = 0; v < 8; v++) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(w + 64 * v));
        __m128i first = _mm_srai_epi16(_mm_unpacklo_epi8(bytes, bytes), 8);
        __m128i second = _mm_srai_epi16(_mm_unpackhi_epi8(bytes, bytes), 8);
        add_products(&sums, first, second, x[v]);
    }
    return add_pairs(sums);
}

static inline void all_words(const int8_t *x, __m128i *words)
{
    for (int v = 0; v < 8; v++) {
        words[v] = four_words(x + 4 * v);
    }
}

LL_INLINE void dots_nibbles(const uint8_t *w, const int8_t *const *x, size_t tokens,
                            vec_i (*out)[PARTS])
{
    for (size_t t = 0; t < tokens; t++) {
        __m128i words[8];
        all_words(x[t], words);
        for (int part = 0; part < PARTS; part++) {
            out[t][part] = dot_nibbles_of_part(w + LL_BYTES * part, words);
        }
    }
}

LL_INLINE void dots_bytes(const int8_t *w, const int8_t *const *x, size_t tokens,
                          vec_i (*out)[PARTS])
{
    for (size_t t = 0; t < tokens; t++) {
        __m128i words[8];
        all_words(x[t], words);
        for (int part = 0; part < PARTS; part++) {
            out[t][part] = dot_bytes_of_part(w + LL_BYTES * part, words);
        }
    }
}

#endif
