/* The memory of a session: how much of it there is, where its parts begin, and its rotary tables.
 *
 * The tables need no libm: the angles' cosines and sines follow from those of one position by
 * turning again and again, in double and without fused operations, and so are the same everywhere.
 */
#include "model.h"

static size_t widest(const ll_shape *shape)
{
    return shape->inner > shape->width ? shape->inner : shape->width;
}

size_t ll_matrix_bytes(const ll_matrix *matrix)
{
    static const size_t QUARTERS[LL_PACKINGS] = {16, 4, 2}; /* of a byte, for each element */
    size_t rows = (matrix->rows + LL_ROWS - 1) / LL_ROWS * LL_ROWS;
    return rows * matrix->columns * QUARTERS[matrix->packing] / 4;
}

size_t ll_scale_bytes(const ll_matrix *matrix)
{
    static const size_t COUNT[LL_PACKINGS] = {0, 1, 2}; /* scales of a block */
    size_t rows = (matrix->rows + LL_ROWS - 1) / LL_ROWS * LL_ROWS;
    return rows * (matrix->columns / LL_QUANTS) * COUNT[matrix->packing] * sizeof(uint16_t);
}

/* Takes the next part of the memory: its end moves on by `count` elements of `size` bytes, rounded
 * up to 64. With no memory it only counts. */
static void *take(char *memory, size_t *end, size_t count, size_t size)
{
    size_t bytes, begin = *end;
    if (begin == SIZE_MAX || __builtin_mul_overflow(count, size, &bytes) ||
        __builtin_add_overflow(bytes, 63, &bytes) ||
        __builtin_add_overflow(begin, bytes & ~(size_t)63, end)) {
        *end = SIZE_MAX;
        return NULL;
    }
    return memory ? memory + begin : NULL;
}

static size_t lay_out(ll_session *session, const ll_shape *shape, char *memory)
{
    const size_t head = shape->head, shared = shape->kv_heads * head, T = LL_TOKENS,
                 most = widest(shape);
    const size_t capacity = shape->capacity;
    size_t end = 0, kept = 0;
    if (__builtin_mul_overflow(shape->layers * shared, capacity, &kept)) {
        return SIZE_MAX;
    }
    session->keys = take(memory, &end, kept, sizeof(float));
    session->values = take(memory, &end, kept, sizeof(float));
    session->cosine = take(memory, &end, capacity * (head / 2), sizeof(float));
    session->sine = take(memory, &end, capacity * (head / 2), sizeof(float));
    session->hidden = take(memory, &end, T * shape->width, sizeof(float));
    session->normed = take(memory, &end, T * shape->width, sizeof(float));
    session->query = take(memory, &end, T * shape->width, sizeof(float));
    session->key = take(memory, &end, T * shared, sizeof(float));
    session->value = take(memory, &end, T * shared, sizeof(float));
    session->mixed = take(memory, &end, T * shape->width, sizeof(float));
    session->gate = take(memory, &end, T * shape->inner, sizeof(float));
    session->up = take(memory, &end, T * shape->inner, sizeof(float));
    session->scores = take(memory, &end, shape->heads * capacity, sizeof(float));
    session->scale = take(memory, &end, T * (most / LL_QUANTS), sizeof(float));
    session->offset = take(memory, &end, T * (most / LL_QUANTS), sizeof(float));
    session->quants = take(memory, &end, T * most, 1);
    session->work = take(memory, &end, LL_ROW_WORK, 1);
    return end;
}

size_t ll_session_bytes(const ll_shape *shape)
{
    ll_session session;
    size_t bytes = lay_out(&session, shape, NULL);
    return bytes == SIZE_MAX ? 0 : bytes;
}

void ll_session_open(ll_session *session, const ll_shape *shape, void *memory)
{
    (void)lay_out(session, shape, memory);
}
