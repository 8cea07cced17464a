/* The pass over rows.
 *
 * Rows that lie contiguously are visited where they lie. Others would be read an element here and
 * an element there; where neighbouring rows lie next to each other (axis=0 of a C-ordered array), a
 * tile of them is gathered at once, so that every cache line is read once.
 */
#include "rows.h"

#include "kernels/float_mode.h"

enum {
    LONG = 4096,          /* elements from which on the GIL is released */
    TILE_BYTES = 1 << 19, /* fits the second-level cache */
    TILE_ROWS = 16,       /* neighbours in one cache line of floats */
};

enum { X, Y, PARAMETERS }; /* the order of the operands */

/* where a pass is: what one thread moves and writes */
typedef struct {
    const ll_rows *rows;
    ll_visit *visit;
    void *call;
    ll_row row;
    char *tile;
    const char **data, *few[LL_FEW_OPERANDS]; /* of each operand */
    npy_intp at[NPY_MAXDIMS];
} cursor;

static ll_view view_of(PyArrayObject *array, int axis)
{
    int at = PyArray_NDIM(array) + axis, swapped = PyArray_ISBYTESWAPPED(array);
    npy_intp stride = PyArray_STRIDE(array, at);
    int contiguous = stride == PyArray_ITEMSIZE(array) || PyArray_DIM(array, at) == 1;
    return (ll_view){.stride = stride,
                     .direct = contiguous && PyArray_ISALIGNED(array) && !swapped,
                     .swapped = swapped};
}

/* an array with its rows along `axis`, counted from the end, or with none: 0 */
static void add_array(ll_rows *rows, PyArrayObject *array, int axis)
{
    ll_operand *operand = &rows->operands[rows->n_operands++];
    int ndim = PyArray_NDIM(array), skip = axis ? ndim + axis : -1, to = rows->batch->ndim;
    operand->data = PyArray_BYTES(array);
    for (int i = ndim - 1; i >= 0; i--) {
        if (i != skip) {
            operand->stride[--to] = PyArray_DIM(array, i) == 1 ? 0 : PyArray_STRIDE(array, i);
        }
    }
    while (to > 0) {
        operand->stride[--to] = 0;
    }
}

static void add_fixed(ll_rows *rows, const char *data)
{
    ll_operand *operand = &rows->operands[rows->n_operands++];
    operand->data = data;
    for (int i = 0; i < rows->batch->ndim; i++) {
        operand->stride[i] = 0;
    }
}

void ll_rows_add(ll_rows *rows, PyArrayObject *parameter)
{
    add_array(rows, parameter, 0);
}

void ll_rows_add_scalar(ll_rows *rows, const double *value)
{
    add_fixed(rows, (const char *)value);
}

/* rows of a tile, 0 for none: only rows that have a neighbour and are short enough */
static npy_intp tile_rows(const ll_rows *rows)
{
    const ll_batch *batch = rows->batch;
    npy_intp fit = TILE_BYTES / ((npy_intp)rows->size * rows->n);
    if (batch->ndim == 0 || batch->shape[batch->ndim - 1] < 2 || fit < 2) {
        return 0;
    }
    return fit < TILE_ROWS ? fit : TILE_ROWS;
}

static void choose_tile(ll_rows *rows, ll_layout layout)
{
    rows->scatters = layout == LL_IN_TILES;
    rows->tile = 0;
    if (layout == LL_GATHERED) {
        rows->tile = !rows->x.direct;
    } else if (!rows->x.direct || !rows->y.direct) {
        rows->tile = tile_rows(rows);
    }
}

int ll_rows_begin(ll_rows *rows, const ll_batch *batch, const ll_logits *x, PyArrayObject *y,
                  int parameters, ll_layout layout)
{
    size_t operands = PARAMETERS + (size_t)parameters;
    rows->operands = rows->few;
    if (operands > LL_FEW_OPERANDS) {
        rows->operands = PyMem_Malloc(operands * sizeof *rows->operands);
    }
    if (!rows->operands) {
        PyErr_NoMemory();
        return -1;
    }
    rows->batch = batch;
    rows->n = x->n;
    rows->size = (size_t)PyArray_ITEMSIZE(x->array);
    rows->n_operands = 0;
    rows->x = view_of(x->array, x->axis);
    add_array(rows, x->array, x->axis);
    if (y) {
        rows->y = view_of(y, x->axis);
        add_array(rows, y, x->axis);
    } else {
        rows->y = (ll_view){NULL, 0, 0, 0};
        add_fixed(rows, "");
    }
    choose_tile(rows, layout);
    return 0;
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

/* `count` neighbours into the tile, one after the other; `step` is the bytes from one to the next
 */
static inline void gather(const cursor *c, const char *x, npy_intp count, size_t size, int swapped)
{
    const ll_rows *rows = c->rows;
    npy_intp step = count > 1 ? rows->operands[X].stride[rows->batch->ndim - 1] : 0;
    for (npy_intp i = 0; i < rows->n; i++) {
        const char *from = x + i * rows->x.stride;
        char *to = c->tile + (size_t)i * size;
        for (npy_intp r = 0; r < count; r++) {
            copy_element(to + (size_t)(r * rows->n) * size, from + r * step, size, swapped);
        }
    }
}

static inline void scatter(const cursor *c, char *y, npy_intp count, size_t size)
{
    const ll_rows *rows = c->rows;
    npy_intp step = count > 1 ? rows->operands[Y].stride[rows->batch->ndim - 1] : 0;
    for (npy_intp i = 0; i < rows->n; i++) {
        char *to = y + i * rows->y.stride;
        const char *from = c->tile + (size_t)i * size;
        for (npy_intp r = 0; r < count; r++) {
            copy_element(to + r * step, from + (size_t)(r * rows->n) * size, size, 0);
        }
    }
}

/* the same with sizes that the compiler knows, for the two that matter */
static void gather_tile(const cursor *c, const char *x, npy_intp count)
{
    size_t size = c->rows->size;
    if (size == 4 && !c->rows->x.swapped) {
        gather(c, x, count, 4, 0);
    } else if (size == 8 && !c->rows->x.swapped) {
        gather(c, x, count, 8, 0);
    } else {
        gather(c, x, count, size, c->rows->x.swapped);
    }
}

static void scatter_tile(const cursor *c, char *y, npy_intp count)
{
    if (c->rows->size == 4) {
        scatter(c, y, count, 4);
    } else if (c->rows->size == 8) {
        scatter(c, y, count, 8);
    } else {
        scatter(c, y, count, c->rows->size);
    }
}

/* moves to the next row in C order */
static void next(cursor *c)
{
    const ll_batch *batch = c->rows->batch;
    const ll_operand *operands = c->rows->operands;
    c->row.index++;
    for (int i = batch->ndim - 1; i >= 0; i--) {
        int inside = ++c->at[i] < batch->shape[i];
        npy_intp step = inside ? 1 : 1 - batch->shape[i];
        for (int j = 0; j < c->rows->n_operands; j++) {
            c->data[j] += step * operands[j].stride[i];
        }
        if (inside) {
            return;
        }
        c->at[i] = 0;
    }
}

/* the rows from here to the end of the innermost dimension, at most a tile of them */
static int visit_tile(cursor *c)
{
    const ll_rows *rows = c->rows;
    int inner = rows->batch->ndim - 1, status = LL_OK;
    npy_intp left = inner < 0 ? 1 : rows->batch->shape[inner] - c->at[inner];
    npy_intp count = left < rows->tile ? left : rows->tile;
    char *y = (char *)(uintptr_t)c->data[Y];
    gather_tile(c, c->data[X], count);
    for (npy_intp r = 0; r < count && status == LL_OK; r++) {
        c->row.x.data = c->tile + (size_t)(r * rows->n) * rows->size;
        c->row.y.data = rows->scatters ? c->row.x.data : (char *)(uintptr_t)c->data[Y];
        status = c->visit(c->call, &c->row);
        if (status == LL_OK) {
            next(c);
        }
    }
    if (rows->scatters) {
        scatter_tile(c, y, count);
    }
    return status;
}

static int visit_by_tiles(cursor *c)
{
    const ll_view direct = {.stride = (ptrdiff_t)c->rows->size, .direct = 1};
    int status = LL_OK;
    c->row.x = direct;
    c->row.y = c->rows->scatters ? direct : c->rows->y;
    while (status == LL_OK && c->row.index < c->rows->batch->rows) {
        status = visit_tile(c);
    }
    return status;
}

static int visit_by_rows(cursor *c)
{
    c->row.x = c->rows->x;
    c->row.y = c->rows->y;
    while (c->row.index < c->rows->batch->rows) {
        c->row.x.data = (char *)(uintptr_t)c->data[X];
        c->row.y.data = (char *)(uintptr_t)c->data[Y];
        int status = c->visit(c->call, &c->row);
        if (status != LL_OK) {
            return status;
        }
        next(c);
    }
    return LL_OK;
}

static int run(cursor *c)
{
    uint64_t mode = ll_enter_float_mode();
    int status = c->rows->tile ? visit_by_tiles(c) : visit_by_rows(c);
    ll_leave_float_mode(mode);
    return status;
}

/* at the first row; the workspace is the visitor's, then the tile, then what many operands need */
static int cursor_new(cursor *c, ll_work *memory, size_t work)
{
    const ll_rows *rows = c->rows;
    size_t tile = ll_align64(work);
    size_t data = tile + ll_align64((size_t)(rows->tile * rows->n) * rows->size);
    int many = rows->n_operands > LL_FEW_OPERANDS;
    size_t bytes = data + (many ? (size_t)rows->n_operands * sizeof *c->data : 0);
    memory->memory = memory->aligned = NULL;
    if (bytes && ll_work_new(memory, bytes) < 0) {
        return -1;
    }
    c->row.index = 0;
    c->row.work = memory->aligned;
    c->tile = bytes ? c->row.work + tile : NULL;
    c->data = many ? (const char **)(void *)(c->row.work + data) : c->few;
    c->row.parameters = c->data + PARAMETERS;
    for (int i = 0; i < rows->n_operands; i++) {
        c->data[i] = rows->operands[i].data;
    }
    for (int i = 0; i < rows->batch->ndim; i++) {
        c->at[i] = 0;
    }
    return 0;
}

int ll_rows_visit(ll_rows *rows, ll_visit *visit, void *call, size_t work)
{
    cursor c;
    ll_work memory;
    int status = -1;
    c.rows = rows;
    c.visit = visit;
    c.call = call;
    if (cursor_new(&c, &memory, work) < 0) {
        goto done;
    }
    if (rows->batch->rows * rows->n >= LONG) {
        PyThreadState *state = PyEval_SaveThread();
        status = run(&c);
        PyEval_RestoreThread(state);
    } else {
        status = run(&c);
    }
    rows->stopped = c.row.index;
    ll_work_free(&memory);
done:
    if (rows->operands != rows->few) {
        PyMem_Free(rows->operands);
    }
    return status;
}
