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
#include "kernels/float_mode.h"

/* the tokens' rows of `columns` as what products take */
static activations prepare(const ll_session *session, const float *values, size_t columns,
                           size_t tokens)
{
    const size_t blocks = columns / LL_QUANTS;
    for (size_t t = 0; t < tokens; t++) {
        quantise(values + t * columns, columns, session->quants + t * columns,
                 session->scale + t * blocks, session->offset + t * blocks);
    }
    return (activations){values, session->quants, session->scale, session->offset, columns, blocks};
}

static activations prepare_normed(const ll_network *network, const float *weight, size_t tokens)
{
    const ll_session *session = &network->session;
    const size_t width = network->shape.width;
    for (size_t t = 0; t < tokens; t++) {
        normalise(session->hidden + t * width, weight, width, network->shape.epsilon,
                  session->normed + t * width);
    }
    return prepare(session, session->normed, width, tokens);
}

/* where a layer's head of keys or values begins */
static size_t head_offset(const ll_shape *shape, size_t layer, size_t kv_head)
{
    return (layer * shape->kv_heads + kv_head) * shape->capacity * shape->head;
}

/* turns the tokens' queries and keys, and keeps keys and values */
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

static void attend(const ll_network *network, size_t layer, size_t tokens, size_t start)
{
    const ll_shape *shape = &network->shape;
    const ll_session *session = &network->session;
    const size_t group = shape->heads / shape->kv_heads * shape->head;
    for (size_t h = 0; h < shape->kv_heads; h++) {
        const size_t at = head_offset(shape, layer, h);
        for (size_t t = 0; t < tokens; t++) {
            const size_t row = t * shape->width + h * group;
            attend_group(network, session->keys + at, session->values + at, session->query + row,
                         start + t + 1, session->mixed + row);
        }
    }
}

static void attention_layer(const ll_network *network, size_t i, size_t tokens, size_t start)
{
    const ll_layer *layer = &network->layers[i];
    const ll_session *session = &network->session;
    const size_t width = network->shape.width,
                 shared = network->shape.kv_heads * network->shape.head;
    activations x = prepare_normed(network, layer->attention_norm, tokens);
    multiply(&layer->query, &x, tokens, (outputs){session->query, width});
    multiply(&layer->key, &x, tokens, (outputs){session->key, shared});
    multiply(&layer->value, &x, tokens, (outputs){session->value, shared});
    place(network, i, tokens, start);
    attend(network, i, tokens, start);
    x = prepare(session, session->mixed, width, tokens);
    multiply(&layer->attention_out, &x, tokens, (outputs){session->normed, width});
    add_rows(session->hidden, session->normed, tokens * width);
}

static void feed_forward_layer(const ll_network *network, size_t i, size_t tokens)
{
    const ll_layer *layer = &network->layers[i];
    const ll_session *session = &network->session;
    const size_t width = network->shape.width, inner = network->shape.inner;
    activations x = prepare_normed(network, layer->feed_norm, tokens);
    multiply(&layer->gate, &x, tokens, (outputs){session->gate, inner});
    multiply(&layer->up, &x, tokens, (outputs){session->up, inner});
    open_gate(session->gate, session->up, tokens * inner);
    x = prepare(session, session->gate, inner, tokens);
    multiply(&layer->down, &x, tokens, (outputs){session->normed, width});
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
        activations x = prepare(session, session->normed, width, 1);
        multiply(&network->embedding, &x, 1, (outputs){logits, network->shape.vocabulary});
    }
    ll_leave_float_mode(mode);
}

extern const ll_model LL_JOIN(ll_model_, LL_TARGET);

const ll_model LL_JOIN(ll_model_, LL_TARGET) = {
    .name = LL_NAME_OF(LL_TARGET),
    .forward = forward,
    .fill_rotary_tables = fill_rotary_tables,
};
