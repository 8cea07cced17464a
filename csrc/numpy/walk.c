/* A row kernel over all rows of an array, with a result of the same rows and a temperature for
 * each.
 *
 * Rows that lie contiguously are computed where they lie. Others would be read an element here and
 * an element there; where neighbouring rows lie next to each other (axis=0 of a C-ordered array), a
 * tile of them is gathered at once, so that every cache line is read once. A row too long for a
 * tile passes through the kernels' own small buffer, chunk by chunk.
 */
#include "api.h"

#include "kernels/float_mode.h"

enum {
    LONG = 4096,          /* elements from which on the GIL is released */
    TILE_BYTES = 1 << 19, /* fits the second-level cache */
    TILE_ROWS = 16,       /* neighbours in one cache line of floats */
};

typedef struct {
    const ll_walk *walk;
    ll_view from, to;
    ll_operand x, y, t;
    size_t size;   /* of an element */
    npy_intp rows; /* of a tile */
    char *tile;
    void *work;
} job;

static void start(job *j)
{
    const ll_walk *w = j->walk;
    ll_operand_of(&j->x, w->batch, w->x, w->axis);
    ll_operand_of(&j->y, w->batch, w->y, w->axis);
    if (w->T) {
        ll_operand_of(&j->t, w->batch, w->T, 0);
    } else {
        ll_operand_scalar(&j->t, w->batch, w->scalar);
    }
}

static inline void copy_element(char *to, const char *from, size_t size, int swapped)
{
    for (size_t i = 0; swapped && i < size; i++) {
        to[i] = from[size - 1 - i];
    }
    if (!swapped) {
        memcpy(to, from, size);
    }
}

/* `rows` neighbours into the tile, one after the other; `step` is the bytes from one to the next */
static inline void gather(const job *j, npy_intp rows, npy_intp step, size_t size, int swapped)
{
    for (npy_intp i = 0; i < j->walk->n; i++) {
        const char *from = j->x.data + i * j->from.stride;
        char *to = j->tile + (size_t)i * size;
        for (npy_intp r = 0; r < rows; r++) {
            copy_element(to + (size_t)(r * j->walk->n) * size, from + r * step, size, swapped);
        }
    }
}

static inline void scatter(const job *j, npy_intp rows, npy_intp step, size_t size)
{
    for (npy_intp i = 0; i < j->walk->n; i++) {
        char *to = (char *)j->y.data + i * j->to.stride;
        const char *from = j->tile + (size_t)i * size;
        for (npy_intp r = 0; r < rows; r++) {
            copy_element(to + r * step, from + (size_t)(r * j->walk->n) * size, size, 0);
        }
    }
}

/* the same with sizes that the compiler knows, for the two that matter */
static void gather_tile(const job *j, npy_intp rows, npy_intp step)
{
    if (j->size == 4 && !j->from.swapped) {
        gather(j, rows, step, 4, 0);
    } else if (j->size == 8 && !j->from.swapped) {
        gather(j, rows, step, 8, 0);
    } else {
        gather(j, rows, step, j->size, j->from.swapped);
    }
}

static void scatter_tile(const job *j, npy_intp rows, npy_intp step)
{
    if (j->size == 4) {
        scatter(j, rows, step, 4);
    } else if (j->size == 8) {
        scatter(j, rows, step, 8);
    } else {
        scatter(j, rows, step, j->size);
    }
}

/* the rows from here to the end of the innermost dimension, at most a tile of them */
static void run_tile(job *j, npy_intp rows)
{
    int inner = j->walk->batch->ndim - 1;
    gather_tile(j, rows, j->x.stride[inner]);
    for (npy_intp r = 0; r < rows; r++) {
        ll_view row = {.data = j->tile + (size_t)(r * j->walk->n) * j->size,
                       .stride = (npy_intp)j->size,
                       .direct = 1};
        const char *t = j->t.data + r * j->t.stride[inner];
        j->walk->kernel(&row, &row, (size_t)j->walk->n, *(const double *)(const void *)t, j->work);
    }
    scatter_tile(j, rows, j->y.stride[inner]);
}

static void run_by_tiles(job *j)
{
    ll_batch *batch = j->walk->batch;
    ll_operand *operands[] = {&j->x, &j->y, &j->t};
    for (npy_intp row = 0; row < batch->rows;) {
        npy_intp left = batch->shape[batch->ndim - 1] - batch->at[batch->ndim - 1];
        npy_intp rows = left < j->rows ? left : j->rows;
        run_tile(j, rows);
        row += rows;
        while (rows-- > 0) {
            ll_batch_next(batch, operands, 3);
        }
    }
}

static void run_by_rows(job *j)
{
    ll_operand *operands[] = {&j->x, &j->y, &j->t};
    for (npy_intp row = 0; row < j->walk->batch->rows; row++) {
        j->from.data = (char *)j->x.data;
        j->to.data = (char *)j->y.data;
        j->walk->kernel(&j->from, &j->to, (size_t)j->walk->n,
                        *(const double *)(const void *)j->t.data, j->work);
        ll_batch_next(j->walk->batch, operands, 3);
    }
}

static void run(job *j)
{
    uint64_t mode = ll_enter_float_mode();
    start(j);
    (j->rows > 1 ? run_by_tiles : run_by_rows)(j);
    ll_leave_float_mode(mode);
}

/* rows of a tile, 1 for none: only rows that are not direct, have a neighbour and are short enough
 */
static npy_intp tile_rows(const job *j)
{
    const ll_batch *batch = j->walk->batch;
    npy_intp fit = TILE_BYTES / ((npy_intp)j->size * j->walk->n);
    if ((j->from.direct && j->to.direct) || batch->ndim == 0 || batch->shape[batch->ndim - 1] < 2 ||
        fit < 2) {
        return 1;
    }
    return fit < TILE_ROWS ? fit : TILE_ROWS;
}

int ll_walk_rows(const ll_walk *walk)
{
    ll_work work = {NULL, NULL};
    job j = {.walk = walk, .size = (size_t)PyArray_ITEMSIZE(walk->x), .tile = NULL};
    j.from = ll_rows(walk->x, walk->axis);
    j.to = ll_rows(walk->y, walk->axis);
    j.rows = tile_rows(&j);
    if (!(j.from.direct && j.to.direct) && ll_work_new(&work, LL_ROW_WORK + TILE_BYTES) < 0) {
        return -1;
    }
    j.work = work.aligned;
    j.tile = work.aligned ? (char *)work.aligned + LL_ROW_WORK : NULL;
    if (walk->batch->rows * walk->n >= LONG) {
        PyThreadState *state = PyEval_SaveThread();
        run(&j);
        PyEval_RestoreThread(state);
    } else {
        run(&j);
    }
    ll_work_free(&work);
    return 0;
}
