/* Attention of one token to those before it and itself, with grouped queries (Ainslie et al., arXiv
 * 2305.13245).
 *
 * Keys lie with 16 positions side by side, so that a score is summed along a lane, element after
 * element of the head; a mixed value is summed along a lane position after position. The scores
 * become probabilities by softargmax at T = sqrt(head).
 */
#ifndef LL_ATTENTION_H
#define LL_ATTENTION_H

#include "lanes.h"

enum { QUERIES = 3, CHUNK = 4 }; /* queries and vectors that one pass keeps in registers */

static void keep_key(float *keys, const float *key, size_t head, size_t position)
{
    float *at = keys + position / 16 * head * 16 + position % 16;
    for (size_t i = 0; i < head; i++) {
        at[16 * i] = key[i];
    }
}

/* scores of 16 positions for a constant number of queries, which are `head` apart */
LL_INLINE void score_group(const float *keys, const float *query, size_t queries, size_t head,
                           float *scores, size_t stride)
{
    vec_f sums[QUERIES][PARTS];
    for (size_t q = 0; q < queries; q++) {
        for (int part = 0; part < PARTS; part++) {
            sums[q][part] = set_f(0.0f);
        }
    }
    for (size_t i = 0; i < head; i++) {
        for (int part = 0; part < PARTS; part++) {
            vec_f key = load_f(keys + 16 * i + (size_t)part * LANES_f);
            for (size_t q = 0; q < queries; q++) {
                sums[q][part] += key * query[q * head + i];
            }
        }
    }
    for (size_t q = 0; q < queries; q++) {
        for (int part = 0; part < PARTS; part++) {
            store_f(scores + q * stride + (size_t)part * LANES_f, sums[q][part]);
        }
    }
}

LL_INLINE void score_queries(const float *keys, const float *query, size_t queries, size_t head,
                             size_t positions, float *scores, size_t stride)
{
    for (size_t from = 0; from < positions; from += 16) {
        score_group(keys + from * head, query, queries, head, scores + from, stride);
    }
}

/* CHUNK vectors of the mixed values for a constant number of queries */
LL_INLINE void mix_chunk(const float *values, const float *scores, size_t queries, size_t head,
                         size_t positions, size_t stride, float *mixed, size_t vectors)
{
    vec_f sums[QUERIES][CHUNK];
    for (size_t q = 0; q < queries; q++) {
        for (size_t v = 0; v < vectors; v++) {
            sums[q][v] = set_f(0.0f);
        }
    }
    for (size_t position = 0; position < positions; position++, values += head) {
        for (size_t v = 0; v < vectors; v++) {
            vec_f value = load_f(values + v * LANES_f);
            for (size_t q = 0; q < queries; q++) {
                sums[q][v] += value * scores[q * stride + position];
            }
        }
    }
    for (size_t q = 0; q < queries; q++) {
        for (size_t v = 0; v < vectors; v++) {
            store_f(mixed + q * head + v * LANES_f, sums[q][v]);
        }
    }
}

LL_INLINE void mix_queries(const float *values, const float *scores, size_t queries, size_t head,
                           size_t positions, size_t stride, float *mixed)
{
    size_t from = 0;
    for (; from + CHUNK * LANES_f <= head; from += CHUNK * LANES_f) {
        mix_chunk(values + from, scores, queries, head, positions, stride, mixed + from, CHUNK);
    }
    for (; from < head; from += LANES_f) {
        mix_chunk(values + from, scores, queries, head, positions, stride, mixed + from, 1);
    }
}

static void weigh_scores(ll_row_fn *softargmax, float *scores, size_t positions, size_t head,
                         void *work)
{
    const ll_view row = {.data = (char *)scores, .stride = sizeof *scores, .direct = 1};
    softargmax(&row, &row, positions, square_root((double)head), work);
}

/* a constant number of queries that share a head of keys and values */
LL_INLINE void attend_queries(const ll_network *network, const float *keys, const float *values,
                              const float *query, size_t queries, size_t positions, float *scores,
                              float *mixed)
{
    const size_t head = network->shape.head, stride = network->shape.capacity;
    score_queries(keys, query, queries, head, positions, scores, stride);
    for (size_t q = 0; q < queries; q++) {
        weigh_scores(network->softargmax, scores + q * stride, positions, head,
                     network->session.work);
    }
    mix_queries(values, scores, queries, head, positions, stride, mixed);
}

/* all query heads that share one head of keys and values, three at a time */
static void attend_group(const ll_network *network, const float *keys, const float *values,
                         const float *query, size_t positions, float *scores, float *mixed)
{
    const size_t head = network->shape.head;
    size_t left = network->shape.heads / network->shape.kv_heads;
    for (; left >= QUERIES; left -= QUERIES, query += QUERIES * head, mixed += QUERIES * head) {
        attend_queries(network, keys, values, query, QUERIES, positions, scores, mixed);
    }
    for (; left > 0; left--, query += head, mixed += head) {
        attend_queries(network, keys, values, query, 1, positions, scores, mixed);
    }
}

#endif
