/* The pass over rows.
 *
 * Rows that lie contiguously are visited where they lie. Others would be read an element here and
 * an element there; where neighbouring rows lie next to each other (axis=0 of a C-ordered array), a
 * tile of them is gathered at once, so that every cache line is read once.
 */
#include "rows.h"

#include "division.h"
#include "kernels/float_mode.h"

enum {
    LONG = 4096,          /* elements from which on the GIL is released */
    TILE_BYTES = 1 << 19, /* fits the second-level cache */
    TILE_ROWS = 16,       /* neighbours in one cache line of floats */
};

enum { X, Y, PARAMETERS }; /* the order of the operands */

/* a worker's position: what one thread moves and writes */
typedef struct {
    const ll_rows *rows;
    ll_visit *visit;
    ll_visit_block *visit_block; /* one of the two is NULL */
    void *call;
    ll_row row;
    npy_intp end; /* the row after its part */
    char *tile;
    const char **data, *few[LL_FEW_OPERANDS]; /* of each operand */
    npy_intp *step, few_steps[LL_FEW_OPERANDS];
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

void ll_rows_add_rows(ll_rows *rows, PyArrayObject *array, int axis)
{
    add_array(rows, array, axis);
}

void ll_rows_add_scalar(ll_rows *rows, const double *value)
{
    add_fixed(rows, (const char *)value);
}

/* whether a step along `outer` is as far as `length` steps along `inner`, for every operand */
static int walk_as_one(const ll_rows *rows, int outer, int inner, npy_intp length)
{
    for (int j = 0; j < rows->n_operands; j++) {
        const npy_intp *stride = rows->operands[j].stride;
        if (stride[outer] != length * stride[inner]) {
            return 0;
        }
    }
    return 1;
}

static void set_strides(ll_rows *rows, int to, int from)
{
    for (int j = 0; j < rows->n_operands; j++) {
        npy_intp *stride = rows->operands[j].stride;
        stride[to] = from < 0 ? 0 : stride[from];
    }
}

/* The dimensions of the pass, at least one: those of the batch, as few as C order allows. */
static void merge_dimensions(ll_rows *rows)
{
    int last = -1;
    if (rows->ndim > 0) {
        return;
    }
    for (int i = 0; i < rows->batch->ndim; i++) {
        npy_intp length = rows->batch->shape[i];
        if (length == 1) {
            continue;
        }
        if (last >= 0 && walk_as_one(rows, last, i, length)) {
            rows->shape[last] *= length;
        } else {
            rows->shape[++last] = length;
        }
        set_strides(rows, last, i);
    }
    if (last < 0) {
        rows->shape[++last] = 1;
        set_strides(rows, last, -1);
    }
    rows->ndim = last + 1;
}

/* rows of a tile, 0 for none: only rows that have a neighbour and are short enough */
static npy_intp tile_rows(const ll_rows *rows)
{
    npy_intp fit = TILE_BYTES / ((npy_intp)rows->size * rows->n);
    if (rows->shape[rows->ndim - 1] < 2 || fit < 2) {
        return 0;
    }
    return fit < TILE_ROWS ? fit : TILE_ROWS;
}

static void choose_tile(ll_rows *rows, int by_rows)
{
    rows->scatters = rows->has_y && rows->layout == LL_IN_TILES;
    rows->tile = 0;
    if (by_rows && rows->layout == LL_GATHERED) {
        rows->tile = !rows->x.direct;
    } else if (by_rows && (!rows->x.direct || !rows->y.direct)) {
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
    rows->workers = 1;
    rows->n = rows->cost = x->n;
    rows->size = (size_t)PyArray_ITEMSIZE(x->array);
    rows->n_operands = 0;
    rows->x = view_of(x->array, x->axis);
    add_array(rows, x->array, x->axis);
    if (y) {
        rows->y = view_of(y, x->axis);
        add_array(rows, y, x->axis);
    } else {
        rows->y = (ll_view){.direct = 1}; /* nothing that would have to be moved */
        add_fixed(rows, "");
    }
    rows->layout = layout;
    rows->has_y = y != NULL;
    rows->ndim = 0; /* until they are merged */
    return 0;
}

ll_block ll_rows_blocks(ll_rows *rows)
{
    merge_dimensions(rows);
    int inner = rows->ndim - 1;
    ll_block block = {.count = rows->shape[inner],
                      .x_step = rows->operands[X].stride[inner],
                      .y_step = rows->operands[Y].stride[inner]};
    block.first.x = rows->x;
    block.first.y = rows->y;
    block.first.x.data = (char *)(uintptr_t)rows->operands[X].data;
    block.first.y.data = (char *)(uintptr_t)rows->operands[Y].data;
    return block;
}

/* `count` neighbours into the tile, one after the other; `step` is the bytes from one to the next
 */
static inline void gather(const cursor *c, const char *x, npy_intp count, size_t size, int swapped)
{
    const ll_rows *rows = c->rows;
    npy_intp step = c->step[X];
    for (npy_intp i = 0; i < rows->n; i++) {
        const char *from = x + i * rows->x.stride;
        char *to = c->tile + (size_t)i * size;
        for (npy_intp r = 0; r < count; r++) {
            ll_copy_element(to + (size_t)(r * rows->n) * size, from + r * step, size, swapped);
        }
    }
}

static inline void scatter(const cursor *c, char *y, npy_intp count, size_t size)
{
    const ll_rows *rows = c->rows;
    npy_intp step = c->step[Y];
    for (npy_intp i = 0; i < rows->n; i++) {
        char *to = y + i * rows->y.stride;
        const char *from = c->tile + (size_t)i * size;
        for (npy_intp r = 0; r < count; r++) {
            ll_copy_element(to + r * step, from + (size_t)(r * rows->n) * size, size, 0);
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

/* moves on in C order, by a number of rows that are left in the innermost dimension */
static void move(cursor *c, npy_intp count)
{
    const ll_rows *rows = c->rows;
    c->row.index += count;
    for (int i = rows->ndim - 1; i >= 0; i--) {
        int inside = (c->at[i] += count) < rows->shape[i];
        npy_intp steps = inside ? count : count - rows->shape[i];
        for (int j = 0; j < rows->n_operands; j++) {
            c->data[j] += steps * rows->operands[j].stride[i];
        }
        if (inside) {
            return;
        }
        c->at[i] = 0;
        count = 1;
    }
}

/* the rows from here to the end of the innermost dimension, or of the cursor's part */
static npy_intp rows_left(const cursor *c)
{
    int inner = c->rows->ndim - 1;
    npy_intp left = c->rows->shape[inner] - c->at[inner], own = c->end - c->row.index;
    return left < own ? left : own;
}

/* those rows, at most a tile of them */
static int visit_tile(cursor *c)
{
    const ll_rows *rows = c->rows;
    int status = LL_OK;
    npy_intp left = rows_left(c), count = left < rows->tile ? left : rows->tile;
    char *y = (char *)(uintptr_t)c->data[Y];
    gather_tile(c, c->data[X], count);
    for (npy_intp r = 0; r < count && status == LL_OK; r++) {
        c->row.x.data = c->tile + (size_t)(r * rows->n) * rows->size;
        c->row.y.data = rows->scatters ? c->row.x.data : (char *)(uintptr_t)c->data[Y];
        status = c->visit(c->call, &c->row);
        if (status == LL_OK) {
            move(c, 1);
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
    while (status == LL_OK && c->row.index < c->end) {
        status = visit_tile(c);
    }
    return status;
}

static int visit_by_rows(cursor *c)
{
    c->row.x = c->rows->x;
    c->row.y = c->rows->y;
    while (c->row.index < c->end) {
        c->row.x.data = (char *)(uintptr_t)c->data[X];
        c->row.y.data = (char *)(uintptr_t)c->data[Y];
        int status = c->visit(c->call, &c->row);
        if (status != LL_OK) {
            return status;
        }
        move(c, 1);
    }
    return LL_OK;
}

static int visit_by_blocks(cursor *c)
{
    const ll_rows *rows = c->rows;
    ll_block block = {
        .x_step = c->step[X], .y_step = c->step[Y], .parameter_steps = c->step + PARAMETERS};
    c->row.x = rows->x;
    c->row.y = rows->y;
    while (c->row.index < c->end) {
        npy_intp stopped = 0;
        c->row.x.data = (char *)(uintptr_t)c->data[X];
        c->row.y.data = (char *)(uintptr_t)c->data[Y];
        block.first = c->row;
        block.count = rows_left(c);
        int status = c->visit_block(c->call, &block, &stopped);
        if (status != LL_OK) {
            c->row.index += stopped;
            return status;
        }
        move(c, block.count);
    }
    return LL_OK;
}

/* moves to a row, for a part that ends before another */
static void seek(cursor *c, npy_intp row, npy_intp end)
{
    const ll_rows *rows = c->rows;
    c->row.index = row;
    c->end = end;
    for (int j = 0; j < rows->n_operands; j++) {
        c->data[j] = rows->operands[j].data;
    }
    for (int i = rows->ndim - 1; i >= 0; i--) {
        c->at[i] = row ? row % rows->shape[i] : 0;
        row = row ? row / rows->shape[i] : 0;
        for (int j = 0; c->at[i] && j < rows->n_operands; j++) {
            c->data[j] += c->at[i] * rows->operands[j].stride[i];
        }
    }
}

static int run(cursor *c)
{
    uint64_t mode = ll_enter_float_mode();
    int status = c->visit_block  ? visit_by_blocks(c)
                 : c->rows->tile ? visit_by_tiles(c)
                                 : visit_by_rows(c);
    ll_leave_float_mode(mode);
    return status;
}

static int visit_part(void *cursors, size_t worker, ptrdiff_t first, ptrdiff_t end,
                      ptrdiff_t *stopped)
{
    cursor *c = (cursor *)cursors + worker;
    seek(c, first, end);
    int status = run(c);
    *stopped = c->row.index;
    return status;
}

/* Memory for each worker: the visitor's workspace, then the tile, then what many operands need. The
 * cursors lie behind all of it, but that of a lone worker, which the caller has. */
static cursor *cursors_new(const ll_rows *rows, size_t work, size_t workers, cursor *lone,
                           ll_work *memory)
{
    size_t tile = ll_align64(work);
    size_t data = tile + ll_align64((size_t)(rows->tile * rows->n) * rows->size);
    int many = rows->n_operands > LL_FEW_OPERANDS;
    size_t pointers = (size_t)rows->n_operands * sizeof(char *);
    size_t steps = (size_t)rows->n_operands * sizeof(npy_intp);
    size_t own = ll_align64(data + (many ? pointers + steps : 0));
    size_t bytes = workers > 1 ? workers * (own + sizeof(cursor)) : own;
    memory->memory = memory->aligned = NULL;
    if (bytes && ll_work_new(memory, bytes) < 0) {
        return NULL;
    }
    char *room = memory->aligned;
    cursor *cursors = workers > 1 ? (cursor *)(void *)(room + workers * own) : lone;
    for (cursor *c = cursors; c < cursors + workers; c++) {
        c->rows = rows;
        c->row.work = room;
        c->tile = room ? room + tile : NULL;
        c->data = many ? (const char **)(void *)(room + data) : c->few;
        c->step = many ? (npy_intp *)(void *)(room + data + pointers) : c->few_steps;
        c->row.parameters = c->data + PARAMETERS;
        room = room ? room + own : NULL;
        for (int i = 0; i < rows->n_operands; i++) {
            c->step[i] = rows->operands[i].stride[rows->ndim - 1];
        }
    }
    return cursors;
}

/* tiles, and lines of 16 rows, are not cut */
static npy_intp unit_of(const ll_rows *rows)
{
    npy_intp tile = rows->tile > 1 ? rows->tile : 1;
    return rows->n <= TILE_ROWS * TILE_ROWS ? TILE_ROWS : tile;
}

/* by the one of the two visitors that is not NULL */
static int visit_all(ll_rows *rows, ll_visit *visit, ll_visit_block *visit_block, void *call,
                     size_t work)
{
    cursor lone, *cursors;
    ll_work memory;
    int status = -1;
    merge_dimensions(rows);
    choose_tile(rows, visit != NULL);
    ll_division division =
        ll_division_of(rows->batch->rows, rows->cost, rows->workers, unit_of(rows));
    cursors = cursors_new(rows, work, division.workers, &lone, &memory);
    if (!cursors) {
        goto done;
    }
    for (size_t i = 0; i < division.workers; i++) {
        cursors[i].visit = visit;
        cursors[i].visit_block = visit_block;
        cursors[i].call = call;
    }
    int is_long = rows->batch->rows * rows->cost >= LONG;
    PyThreadState *state = is_long ? PyEval_SaveThread() : NULL;
    status = ll_division_run(&division, visit_part, cursors, &rows->stopped);
    if (state) {
        PyEval_RestoreThread(state);
    }
    ll_work_free(&memory);
done:
    if (rows->operands != rows->few) {
        PyMem_Free(rows->operands);
    }
    return status;
}

int ll_rows_visit(ll_rows *rows, ll_visit *visit, void *call, size_t work)
{
    return visit_all(rows, visit, NULL, call, work);
}

int ll_rows_visit_blocks(ll_rows *rows, ll_visit_block *visit, void *call, size_t work)
{
    return visit_all(rows, NULL, visit, call, work);
}
