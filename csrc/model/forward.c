/* The forward pass of one CPU target: compiled once for each with -DLL_TARGET=<name>, as the
 * kernels are; everything but the table at its end is static. */
#include "model.h"
#include "kernels/half.h"
#include "lanes.h"

#if LL_JOIN(LL_IS_, LL_TARGET) == LL_IS_avx2
#    include "dots_avx2.h"
#elif LL_JOIN(LL_IS_, LL_TARGET) == LL_IS_baseline
#    include "dots_baseline.h"
#elif LL_JOIN(LL_IS_, LL_TARGET) == LL_IS_neon
#    include "dots_neon.h"
#else
#    include "dots_generic.h"
#endif

#include "product.h"
#include "elementwise.h"
#include "attention.h"
#include "rotary.h"

/* The tokens' rows of `columns` that become what products take. With a norm's weight they are the
 * hidden rows, which it makes the values of first. */
typedef struct {
    const ll_network *network;
    float *values;
    const float *weight;
    size_t columns;
} input_rows;

static void prepare_rows(const void *job, size_t from, size_t to)
{
    const input_rows *rows = job;
    const ll_session *session = &rows->network->session;
    const size_t columns = rows->columns, blocks = columns / LL_QUANTS;
    for (size_t t = from; t < to; t++) {
        float *values = rows->values + t * columns;
        if (rows->weight) {
            normalise(session->hidden + t * columns, rows->weight, columns,
                      rows->network->shape.epsilon, values);
        }
        quantise(values, columns, session->quants + t * columns, session->scale + t * blocks,
                 session->offset + t * blocks);
    }
}

static activations prepare(const ll_network *network, float *values, const float *weight,
                           size_t columns, size_t tokens)
{
    const ll_session *session = &network->session;
    share(network, tokens, prepare_rows, &(input_rows){network, values, weight, columns});
    return (activations){values,          session->quants, session->scale,
                         session->offset, columns,         columns / LL_QUANTS};
}

/* where a layer's head of keys or values begins */
static size_t head_offset(const ll_shape *shape, size_t layer, size_t kv_head)
{
    return (layer * shape->kv_heads + kv_head) * shape->capacity * shape->head;
}

/* rotates the tokens' queries and keys, and stores keys and values */
static void place(const ll_network *network, size_t layer, size_t tokens, size_t start)
{
    const ll_shape *shape = &network->shape;
    const ll_session *session = &network->session;
    const size_t head = shape->head, shared = shape->kv_heads * head;
    for (size_t t = 0; t < tokens; t++) {
        const size_t position = start + t;
        const float *cosine = session->cosine + position * (head / 2);
        const float *sine = session->sine + position * (head / 2);
        rotate(session->query + t * shape->width, shape->heads, head, cosine, sine);
        rotate(session->key + t * shared, shape->kv_heads, head, cosine, sine);
        for (size_t h = 0; h < shape->kv_heads; h++) {
            const size_t at = head_offset(shape, layer, h);
            keep_key(session->keys + at, session->key + t * shared + h * head, head, position);
            __builtin_memcpy(session->values + at + position * head,
                             session->value + t * shared + h * head, head * sizeof(float));
        }
    }
}

/* A layer's queries and what they attend to. */
typedef struct {
    const ll_network *network;
    size_t layer, tokens, start;
} attention;

static void attend_heads(const void *job, size_t from, size_t to)
{
    const attention *a = job;
    const ll_shape *shape = &a->network->shape;
    const ll_session *session = &a->network->session;
    const size_t queries = shape->heads / shape->kv_heads, group = queries * shape->head;
    for (size_t h = from; h < to; h++) {
        const size_t at = head_offset(shape, a->layer, h);
        for (size_t t = 0; t < a->tokens; t++) {
            const size_t row = t * shape->width + h * group;
            attend_group(a->network, session->keys + at, session->values + at, session->query + row,
                         a->start + t + 1, session->scores + h * queries * shape->capacity,
                         session->mixed + row);
        }
    }
}

static void attention_layer(const ll_network *network, size_t i, size_t tokens, size_t start)
{
    const ll_layer *layer = &network->layers[i];
    const ll_session *session = &network->session;
    const size_t width = network->shape.width,
                 shared = network->shape.kv_heads * network->shape.head;
    activations x = prepare(network, session->normed, layer->attention_norm, width, tokens);
    const product inputs[] = {{&layer->query, {session->query, width}},
                              {&layer->key, {session->key, shared}},
                              {&layer->value, {session->value, shared}}};
    multiply(network, &x, tokens, inputs, 3);
    place(network, i, tokens, start);
    share(network, network->shape.kv_heads, attend_heads, &(attention){network, i, tokens, start});
    x = prepare(network, session->mixed, NULL, width, tokens);
    multiply(network, &x, tokens, &(product){&layer->attention_out, {session->normed, width}}, 1);
    add_rows(session->hidden, session->normed, tokens * width);
}

static void open_gates(const void *job, size_t from, size_t to)
{
    const ll_network *network = job;
    const size_t inner = network->shape.inner;
    open_gate(network->session.gate + from * inner, network->session.up + from * inner,
              (to - from) * inner);
}

static void feed_forward_layer(const ll_network *network, size_t i, size_t tokens)
{
    const ll_layer *layer = &network->layers[i];
    const ll_session *session = &network->session;
    const size_t width = network->shape.width, inner = network->shape.inner;
    activations x = prepare(network, session->normed, layer->feed_norm, width, tokens);
    const product inputs[] = {{&layer->gate, {session->gate, inner}},
                              {&layer->up, {session->up, inner}}};
    multiply(network, &x, tokens, inputs, 2);
    share(network, tokens, open_gates, network);
    x = prepare(network, session->gate, NULL, inner, tokens);
    multiply(network, &x, tokens, &(product){&layer->down, {session->normed, width}}, 1);
    add_rows(session->hidden, session->normed, tokens * width);
}

static void forward(const ll_network *network, const int32_t *tokens, size_t count, size_t start,
                    float *logits)
{
    const ll_session *session = &network->session;
    const size_t width = network->shape.width;
    const uint64_t mode = ll_enter_float_mode();
    for (size_t t = 0; t < count; t++) {
        embed(&network->embedding, (size_t)tokens[t], session->hidden + t * width);
    }
    for (size_t i = 0; i < network->shape.layers; i++) {
        attention_layer(network, i, count, start);
        feed_forward_layer(network, i, count);
    }
    if (logits) {
        const float *last = session->hidden + (count - 1) * width;
        normalise(last, network->output_norm, width, network->shape.epsilon, session->normed);
        activations x = prepare(network, session->normed, NULL, width, 1);
        multiply(network, &x, 1,
                 &(product){&network->embedding, {logits, network->shape.vocabulary}}, 1);
    }
    ll_leave_float_mode(mode);
}

extern const ll_model LL_JOIN(ll_model_, LL_TARGET);

const ll_model LL_JOIN(ll_model_, LL_TARGET) = {
    .name = LL_NAME_OF(LL_TARGET),
    .forward = forward,
    .fill_rotary_tables = fill_rotary_tables,
};
