/* libFuzzer's entry for csrc/model: a model of any small shape whose packed weights are any bytes,
 * as a damaged cache would have them.
 *
 * What must hold: nothing outside the tensors and the session is touched (each block has exactly
 * its size, under AddressSanitizer); no conversion overflows; and, where all scales are the finite
 * numbers that packing lets through, every target gives the same bits, however the tokens are cut
 * into calls and in whatever order workers take the parts. A NaN is a NaN, whatever its bits.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

extern const ll_model ll_model_generic, ll_model_baseline, ll_model_avx2;
extern const ll_row_kernels ll_kernels_generic_f[], ll_kernels_baseline_f[], ll_kernels_avx2_f[];

enum { MAX_TARGETS = 3, TOKENS = 20, MAX_BLOCKS = 64 };

static struct {
    const ll_model *model;
    ll_row_fn *softargmax;
} targets[MAX_TARGETS];
static size_t n_targets;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    targets[n_targets].model = &ll_model_generic;
    targets[n_targets++].softargmax = ll_kernels_generic_f[LL_F32].softargmax;
    targets[n_targets].model = &ll_model_baseline;
    targets[n_targets++].softargmax = ll_kernels_baseline_f[LL_F32].softargmax;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        targets[n_targets].model = &ll_model_avx2;
        targets[n_targets++].softargmax = ll_kernels_avx2_f[LL_F32].softargmax;
    }
    for (size_t i = 0; i < n_targets; i++) {
        fprintf(stderr, "target: %s\n", targets[i].model->name);
    }
    return 0;
}

/* The input's bytes, again and again; and the blocks that were taken. */
typedef struct {
    const uint8_t *bytes;
    size_t size, at;
    int finite; /* scales are finite */
    void *blocks[MAX_BLOCKS];
    size_t n_blocks;
} input;

static uint8_t next_byte(input *in)
{
    uint8_t mixed = (uint8_t)(in->at / in->size * 37); /* a repetition is not the same */
    return in->bytes[in->at++ % in->size] ^ mixed;
}

static void *block(input *in, size_t size)
{
    void *memory = NULL;
    CHECK(in->n_blocks < MAX_BLOCKS && posix_memalign(&memory, 64, size ? size : 1) == 0);
    return in->blocks[in->n_blocks++] = memory;
}

static void *filled(input *in, size_t size)
{
    uint8_t *memory = block(in, size);
    for (size_t i = 0; i < size; i++) {
        memory[i] = next_byte(in);
    }
    return memory;
}

/* any bits, or numbers of everyday size */
static float *floats(input *in, size_t n)
{
    float *numbers = filled(in, n * sizeof(float));
    for (size_t i = 0; i < n && in->finite; i++) {
        numbers[i] = (float)(next_byte(in) - 128) / 64.0f;
    }
    return numbers;
}

static uint16_t *scales(input *in, size_t bytes)
{
    uint16_t *halves = filled(in, bytes);
    for (size_t i = 0; i < bytes / 2 && in->finite; i++) {
        halves[i] &= (halves[i] & 0x7c00) == 0x7c00 ? 0xbfff : 0xffff;
    }
    return halves;
}

static ll_matrix matrix(input *in, size_t rows, size_t columns)
{
    ll_matrix m = {.packing = (ll_packing)(next_byte(in) % LL_PACKINGS), rows, columns, NULL, NULL};
    size_t bytes = ll_matrix_bytes(&m);
    m.values = m.packing == LL_FLOATS ? (void *)floats(in, bytes / 4) : filled(in, bytes);
    m.scales = scales(in, ll_scale_bytes(&m));
    return m;
}

static void next_shape(input *in, ll_shape *s)
{
    size_t kv_heads = 1 + next_byte(in) % 3, group = 1 + next_byte(in) % 4;
    s->head = 32;
    s->kv_heads = kv_heads;
    s->heads = kv_heads * group;
    s->width = s->heads * s->head;
    s->inner = LL_QUANTS * (1 + (size_t)next_byte(in) % 4);
    s->layers = 1 + next_byte(in) % 2;
    s->vocabulary = 1 + next_byte(in) % 50;
    s->capacity = 32;
    s->epsilon = next_byte(in) % 2 ? 1e-5f : 0.0f;
    s->base = 1.0 + next_byte(in) * 100.0;
}

static void next_network(input *in, ll_network *n)
{
    const ll_shape *s = &n->shape;
    next_shape(in, &n->shape);
    n->output_norm = floats(in, s->width);
    n->embedding = matrix(in, s->vocabulary, s->width);
    for (size_t i = 0; i < s->layers; i++) {
        ll_layer *layer = &n->layers[i];
        layer->attention_norm = floats(in, s->width);
        layer->query = matrix(in, s->width, s->width);
        layer->key = matrix(in, s->kv_heads * s->head, s->width);
        layer->value = matrix(in, s->kv_heads * s->head, s->width);
        layer->attention_out = matrix(in, s->width, s->width);
        layer->feed_norm = floats(in, s->width);
        layer->gate = matrix(in, s->inner, s->width);
        layer->up = matrix(in, s->inner, s->width);
        layer->down = matrix(in, s->width, s->inner);
    }
}

/* the last part first, each by another worker */
static void backwards(size_t workers, size_t parts, ll_part_fn *run, void *job)
{
    for (size_t part = parts; part-- > 0;) {
        run(job, part, part % workers);
    }
}

/* the logits after all tokens, fed `each` at a time in a session of its own */
static void run(ll_network *n, size_t target, const int32_t *tokens, size_t count, size_t each,
                size_t workers, float *logits)
{
    size_t bytes = ll_session_bytes(&n->shape);
    void *memory = NULL;
    CHECK(bytes && posix_memalign(&memory, 64, bytes) == 0);
    memset(memory, 0, bytes);
    n->softargmax = targets[target].softargmax;
    n->workers = workers;
    n->share = backwards;
    ll_session_open(&n->session, &n->shape, memory);
    targets[target].model->fill_rotary_tables(&n->session, &n->shape);
    for (size_t at = 0; at < count; at += each) {
        size_t now = count - at < each ? count - at : each;
        targets[target].model->forward(n, tokens + at, now, at, at + now == count ? logits : NULL);
    }
    for (size_t i = 0; i < n->shape.vocabulary; i++) {
        logits[i] = isnan(logits[i]) ? NAN : logits[i];
    }
    free(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size < 16) {
        return 0;
    }
    static ll_network network;
    input in = {.bytes = bytes, .size = size};
    int32_t tokens[TOKENS];
    in.finite = next_byte(&in) % 4 != 0;
    next_network(&in, &network);
    size_t count = 1 + next_byte(&in) % TOKENS, n = network.shape.vocabulary * sizeof(float);
    for (size_t i = 0; i < count; i++) {
        tokens[i] = (int32_t)(next_byte(&in) % network.shape.vocabulary);
    }
    float *first = block(&in, n), *other = block(&in, n);
    run(&network, 0, tokens, count, count, 1, first);
    for (size_t target = 0; target < n_targets; target++) {
        run(&network, target, tokens, count, 1 + next_byte(&in) % count, 1 + next_byte(&in) % 9,
            other);
        CHECK(!in.finite || memcmp(first, other, n) == 0);
    }
    while (in.n_blocks > 0) {
        free(in.blocks[--in.n_blocks]);
    }
    return 0;
}
