/* The built-in model's forward pass: token ids in, float32 logits out, with the same bits on every
 * CPU.
 *
 * A decoder of the llama family whose weights were repacked so that 16 rows of a matrix lie side by
 * side: a vector's lanes then hold different rows, every sum runs along a lane, and its order does
 * not depend on the vector's width. Products of quantised matrices are exact integer dot products
 * of blocks of 32, scaled and added in order. docs/arithmetic.md has the whole arithmetic.
 *
 * Freestanding like csrc/kernels: the caller owns all memory, and nothing is allocated here.
 */
#ifndef LL_MODEL_H
#define LL_MODEL_H

#include "kernels/kernels.h"
#include "kernels/share.h"

enum {
    LL_ROWS = 16,   /* rows of a matrix that lie side by side */
    LL_QUANTS = 32, /* elements of a quantised block */
    LL_TOKENS = 32, /* the most tokens of one call */
    LL_MAX_LAYERS = 256,
};

/* How the elements of a matrix are stored, 16 rows after 16 rows (the last are padded with zeros):
 *   FLOATS   [columns][16] float32
 *   BYTES    [blocks][8][16][4] int8, and scales [blocks][16] float16; after Q8_0
 *   NIBBLES  [blocks][4][16][4] bytes, the low nibbles being elements 4v to 4v + 3 of a block and
 *            the high ones 16 + 4v to 16 + 4v + 3; scales [blocks][2][16] float16: a factor, then
 *            what is added; after Q4_1 */
typedef enum { LL_FLOATS, LL_BYTE_BLOCKS, LL_NIBBLE_BLOCKS, LL_PACKINGS } ll_packing;

typedef struct {
    ll_packing packing;
    size_t rows, columns;
    const void *values;
    const uint16_t *scales; /* finite float16 numbers; NULL for FLOATS */
} ll_matrix;

typedef struct {
    const float *attention_norm, *feed_norm;
    ll_matrix query, key, value, attention_out, gate, up, down;
} ll_layer;

typedef struct {
    size_t width, heads, kv_heads, head, inner, layers, vocabulary;
    size_t capacity; /* tokens that the session has room for; a multiple of 16 */
    float epsilon;   /* of the root-mean-square norms */
    double base;     /* of the rotary positions */
} ll_shape;

/* What one sequence of tokens needs: its keys and values, and room for the pass itself. */
typedef struct {
    float *keys;          /* [layers][kv_heads][capacity / 16][head][16] */
    float *values;        /* [layers][kv_heads][capacity][head] */
    float *cosine, *sine; /* [capacity][head / 2] */
    float *hidden, *normed, *query, *key, *value, *mixed, *gate, *up; /* [LL_TOKENS][...] */
    float *scores;                                                    /* [heads][capacity] */
    float *scale, *offset; /* [LL_TOKENS][blocks of the widest row] */
    int8_t *quants;        /* [LL_TOKENS][the widest row] */
    void *work;            /* LL_ROW_WORK bytes for softargmax, which writes none for such rows */
} ll_session;

typedef struct {
    ll_shape shape;
    size_t workers;        /* threads that may share a pass; any number gives the same bits */
    ll_share_fn *share;    /* not called with one worker */
    ll_row_fn *softargmax; /* of float32 rows */
    const float *output_norm;
    ll_matrix embedding; /* of the tokens, and used again for the logits */
    ll_layer layers[LL_MAX_LAYERS];
    ll_session session;
} ll_network;

/* Runs `count` tokens, at most LL_TOKENS, that follow the `start` tokens whose keys and values are
 * in the session. Writes the logits after the last one, unless `logits` is NULL. */
typedef void ll_forward_fn(const ll_network *network, const int32_t *tokens, size_t count,
                           size_t start, float *logits);

typedef struct {
    const char *name;
    ll_forward_fn *forward;
    void (*fill_rotary_tables)(const ll_session *session, const ll_shape *shape);
} ll_model;

/* Bytes of a matrix's values and scales. */
size_t ll_matrix_bytes(const ll_matrix *matrix);
size_t ll_scale_bytes(const ll_matrix *matrix);

/* Bytes of a session's memory, or 0 where that overflows. */
size_t ll_session_bytes(const ll_shape *shape);

/* Points the session into `memory` (zeroed, aligned to 64); its rotary tables are filled next. */
void ll_session_open(ll_session *session, const ll_shape *shape, void *memory);

#endif
