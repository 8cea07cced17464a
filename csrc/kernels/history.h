/* What penalties need to know about the tokens so far: how often each occurs, and which of them
 * would repeat something. Tokens only, no logits. */
#ifndef LL_HISTORY_H
#define LL_HISTORY_H

#include "chain.h"

/* the last `last_n` tokens; a negative number means all. The number of generated tokens may be
 * known without the tokens themselves. */
static inline const int64_t *history_window(const ll_chain *chain, double last_n, int generated,
                                            size_t *n)
{
    size_t all = chain->n_history;
    all = generated && chain->n_generated < all ? chain->n_generated : all;
    *n = last_n >= 0.0 && last_n < (double)all ? (size_t)last_n : all;
    return chain->n_history ? chain->history + (chain->n_history - *n) : chain->history;
}

/* sorts n tokens */
static inline void sort_tokens(uint32_t *token, size_t n)
{
    for (size_t gap = n > 8 ? 1 + n / 3 : 1; gap > 0; gap = gap == 1 ? 0 : gap < 5 ? 1 : gap / 3) {
        for (size_t i = gap; i < n; i++) {
            uint32_t value = token[i];
            size_t j = i;
            for (; j >= gap && token[j - gap] > value; j -= gap) {
                token[j] = token[j - gap];
            }
            token[j] = value;
        }
    }
}

/* the different tokens of a window, ascending, and how often each occurs; how many they are */
static inline size_t count_tokens(const int64_t *window, size_t n, uint32_t *token, uint32_t *times)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        token[i] = (uint32_t)window[i];
    }
    sort_tokens(token, n);
    for (size_t i = 0; i < n; i++) {
        if (count > 0 && token[count - 1] == token[i]) {
            times[count - 1]++;
        } else {
            token[count] = token[i];
            times[count++] = 1;
        }
    }
    return count;
}

/* whether the history, or its generated part, ends with `n` tokens */
static inline int history_ends_with(const ll_chain *chain, const int64_t *tokens, size_t n,
                                    int generated)
{
    if (n > chain->n_history || (generated && n > chain->n_generated)) {
        return 0;
    }
    const int64_t *end = chain->history + (chain->n_history - n);
    for (size_t i = 0; i < n; i++) {
        if (end[i] != tokens[i]) {
            return 0;
        }
    }
    return 1;
}

/* Z algorithm on a window read backwards: length[i] is how many tokens before the i-th last one
 * equal the last ones; length[0] is not set. */
static inline void repeat_lengths(const int64_t *window, size_t n, uint32_t *length)
{
    const int64_t *last = window + n - 1; /* last[-i] is the i-th, backwards */
    size_t left = 0, right = 0;
    for (size_t i = 1; i < n; i++) {
        size_t z = 0;
        if (i < right) {
            z = length[i - left] < right - i ? length[i - left] : right - i;
        }
        while (i + z < n && last[-(ptrdiff_t)z] == last[-(ptrdiff_t)(i + z)]) {
            z++;
        }
        if (i + z > right) {
            left = i;
            right = i + z;
        }
        length[i] = (uint32_t)z;
    }
}

#endif
