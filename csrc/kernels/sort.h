/* Sorting lists of (logit, token) pairs, which are two arrays: by token, or from token order by
 * rank.
 *
 * A few are inserted one by one; many by a radix sort, which asks no question that depends on them
 * and keeps equal keys in their order. While sorting by rank, keys are stored in place of logits.
 */
#ifndef LL_SORT_H
#define LL_SORT_H

#include "real.h"

typedef struct {
    real *z;
    uint32_t *index;
} pairs;

/* smaller is better */
static inline word rank_key(real z)
{
    return (word)~key(z);
}

static inline void insertion_sort(pairs list, size_t n, int by_token)
{
    for (size_t i = 1; i < n; i++) {
        real z = list.z[i];
        uint32_t token = list.index[i];
        word key = rank_key(z);
        size_t j = i;
        for (; j > 0 && (by_token ? list.index[j - 1] > token : rank_key(list.z[j - 1]) > key);
             j--) {
            list.z[j] = list.z[j - 1];
            list.index[j] = list.index[j - 1];
        }
        list.z[j] = z;
        list.index[j] = token;
    }
}

static inline uint64_t sort_key(pairs list, size_t i, int by_token)
{
    word key;
    __builtin_memcpy(&key, list.z + i, sizeof key);
    return by_token ? list.index[i] : key;
}

/* One pass, by one digit of the keys; returns 0 if it is the same in all of them. */
static inline int sort_pass(pairs from, size_t n, int by_token, unsigned shift, unsigned width,
                            pairs to)
{
    uint32_t start[1 << LL_DIGIT], mask = (1u << width) - 1;
    __builtin_memset(start, 0, sizeof *start << width);
    for (size_t i = 0; i < n; i++) {
        start[sort_key(from, i, by_token) >> shift & mask]++;
    }
    if (start[sort_key(from, 0, by_token) >> shift & mask] == n) {
        return 0;
    }
    for (uint32_t digit = 0, sum = 0; digit <= mask; digit++) {
        uint32_t here = start[digit];
        start[digit] = sum;
        sum += here;
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t at = start[sort_key(from, i, by_token) >> shift & mask]++;
        to.z[at] = from.z[i];
        to.index[at] = from.index[i];
    }
    return 1;
}

static inline void radix_sort(pairs list, size_t n, int by_token, unsigned bits, pairs spare)
{
    unsigned width = n <= LL_FEW ? 8 : LL_DIGIT;
    pairs from = list, to = spare;
    for (unsigned shift = 0; shift < bits; shift += width) {
        if (sort_pass(from, n, by_token, shift, width, to)) {
            pairs swap = from;
            from = to;
            to = swap;
        }
    }
    if (from.z != list.z) {
        __builtin_memcpy(list.z, from.z, n * sizeof *list.z);
        __builtin_memcpy(list.index, from.index, n * sizeof *list.index);
    }
}

/* the tokens are below `end`; `spare` has room for n, too */
static void sort_by_token(pairs list, size_t n, size_t end, pairs spare)
{
    unsigned bits = 0;
    while (end >> bits > 0) {
        bits++;
    }
    if (n <= LL_INSERT) {
        insertion_sort(list, n, 1);
    } else {
        radix_sort(list, n, 1, bits, spare);
    }
}

static void sort_by_rank(pairs list, size_t n, pairs spare)
{
    if (n <= LL_INSERT) {
        insertion_sort(list, n, 0);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        word key = rank_key(list.z[i]);
        __builtin_memcpy(list.z + i, &key, sizeof key);
    }
    radix_sort(list, n, 0, 8 * sizeof(real), spare);
    for (size_t i = 0; i < n; i++) {
        word key;
        __builtin_memcpy(&key, list.z + i, sizeof key);
        list.z[i] = value((word)~key);
    }
}

#endif
