/* top_k and argtop_k: the k largest along an axis, ascending or best first, as values, as indices,
 * or as both. */
#include "rows.h"

#include "kernels/select_integers.h"

enum {
    LOGITS,
    K,
    AXIS,
    ORDER,
    WORKERS,
    RETURN_INDICES,
    N_ARGUMENTS
}; /* argtop_k has all but the last */

typedef struct {
    ll_logits x;
    npy_intp k;
    int descending;
    const ll_kernels *kernels;
    size_t workers;
    size_t order;                    /* bytes of the k indices at the beginning of the workspace */
    PyArrayObject *values, *indices; /* the results; one of them may be NULL */
    npy_intp index_stride;           /* from one index of a row to the next */
} call;

static int k_from(call *c, PyObject *value)
{
    long long k = 0;
    int found = ll_integer(value, "k", &k);
    if (found <= 0 || k < 0) {
        if (found >= 0) {
            ll_got(found ? PyExc_ValueError : PyExc_TypeError, value, "k must be an integer >= 0");
        }
        return -1;
    }
    c->k = k > c->x.n ? c->x.n : (npy_intp)k;
    return 0;
}

static void select_row(const call *c, const char *row, uint32_t *order, void *work)
{
    size_t n = (size_t)c->x.n, k = (size_t)c->k;
    if (c->x.dtype == LL_NOT_REAL) {
        ll_select_integers(row, (size_t)PyArray_ITEMSIZE(c->x.array), PyArray_ISSIGNED(c->x.array),
                           n, k, order, work);
    } else {
        c->kernels->rows[c->x.dtype]->select(row, n, k, order, work);
    }
}

static int order_from(call *c, PyObject *value)
{
    int ascending = !value || (PyUnicode_Check(value) &&
                               PyUnicode_CompareWithASCIIString(value, "ascending") == 0);
    c->descending = !ascending && PyUnicode_Check(value) &&
                    PyUnicode_CompareWithASCIIString(value, "descending") == 0;
    if (!ascending && !c->descending) {
        ll_got(PyUnicode_Check(value) ? PyExc_ValueError : PyExc_TypeError, value,
               "order must be 'ascending' or 'descending'");
        return -1;
    }
    return 0;
}

static int flag_from(PyObject *value, int *flag)
{
    *flag = 0;
    if (!value) {
        return 0;
    }
    if (!PyBool_Check(value) && !PyArray_IsScalar(value, Bool)) {
        ll_got(PyExc_TypeError, value, "return_indices must be True or False");
        return -1;
    }
    *flag = PyObject_IsTrue(value);
    return *flag < 0 ? -1 : 0;
}

/* the i-th of the result: `order` is best first */
static inline size_t chosen(const call *c, const uint32_t *order, npy_intp i)
{
    return order[c->descending ? i : c->k - 1 - i];
}

static void write_indices(const call *c, const uint32_t *order, char *to)
{
    for (npy_intp i = 0; i < c->k; i++) {
        npy_intp index = (npy_intp)chosen(c, order, i);
        memcpy(to + i * c->index_stride, &index, sizeof index);
    }
}

static inline void write_values(const call *c, const ll_view *row, const uint32_t *order,
                                const ll_view *to, size_t size)
{
    for (npy_intp i = 0; i < c->k; i++) {
        const char *from = row->data + (npy_intp)chosen(c, order, i) * row->stride;
        ll_copy_element(to->data + i * to->stride, from, size, row->swapped);
    }
}

/* with sizes that the compiler knows, for the two that matter; `index` is where the indices go */
static void write_row(const call *c, const ll_view *row, const uint32_t *order, const ll_view *to,
                      const char *index)
{
    size_t size = (size_t)PyArray_ITEMSIZE(c->x.array);
    if (c->values && size == 8) {
        write_values(c, row, order, to, 8);
    } else if (c->values && size == 4) {
        write_values(c, row, order, to, 4);
    } else if (c->values) {
        write_values(c, row, order, to, size);
    }
    if (c->indices) {
        write_indices(c, order, (char *)(uintptr_t)index);
    }
}

static int visit_row(void *self, const ll_row *row)
{
    const call *c = self;
    uint32_t *order = (uint32_t *)(void *)row->work;
    select_row(c, row->x.data, order, row->work + c->order);
    write_row(c, &row->x, order, &row->y, c->indices ? row->parameters[0] : NULL);
    return LL_OK;
}

/* a short row that may lie anywhere, alone: `copy` has room for it, then for its workspace */
static void select_copy(const call *c, const ll_view *row, uint32_t *order, char *copy)
{
    size_t size = (size_t)PyArray_ITEMSIZE(c->x.array), bytes = (size_t)c->x.n * size;
    for (npy_intp i = 0; i < c->x.n; i++) {
        ll_copy_element(copy + (size_t)i * size, row->data + i * row->stride, size, row->swapped);
    }
    select_row(c, copy, order, copy + ll_align64(bytes));
}

/* many short rows: as many at once as the kernel takes */
static int visit_block(void *self, const ll_block *block, npy_intp *stopped)
{
    const call *c = self;
    const ll_row *first = &block->first;
    size_t n = (size_t)c->x.n, k = (size_t)c->k;
    uint32_t *order = (uint32_t *)(void *)first->work;
    char *work = first->work + c->order;
    ll_view x = first->x, y = first->y;
    const char *index = c->indices ? first->parameters[0] : NULL;
    (void)stopped;
    for (npy_intp from = 0; from < block->count; from += LL_ROWS_IN_LANES) {
        npy_intp left = block->count - from;
        size_t rows = (size_t)(left < LL_ROWS_IN_LANES ? left : LL_ROWS_IN_LANES);
        uint32_t alone =
            c->kernels->rows[c->x.dtype]->select_rows(&x, block->x_step, rows, n, k, order, work);
        for (size_t r = 0; r < rows; r++) {
            if (alone >> r & 1) {
                select_copy(c, &x, order + r * k, work);
            }
            write_row(c, &x, order + r * k, &y, index);
            x.data += block->x_step;
            y.data += block->y_step;
            index = c->indices ? index + block->parameter_steps[0] : NULL;
        }
    }
    return LL_OK;
}

static int results_new(call *c, const ll_batch *batch, int values, int indices)
{
    npy_intp shape[NPY_MAXDIMS];
    int ndim = ll_result_shape(batch, c->x.axis, c->k, shape);
    if (values) {
        c->values = ll_result_new(&c->x, -1, ndim, shape, 0);
    }
    if (indices) {
        c->indices = ll_result_new(&c->x, NPY_INTP, ndim, shape, 0);
    }
    if ((values && !c->values) || (indices && !c->indices)) {
        return -1;
    }
    c->index_stride = indices ? PyArray_STRIDE(c->indices, ndim + c->x.axis) : 0;
    return 0;
}

/* whether several rows are selected from at once */
static int in_lanes(const call *c, const ll_batch *batch)
{
    return c->x.dtype != LL_NOT_REAL && batch->rows > 1 && c->k > 0 && c->x.n <= LL_SHORT_ROW;
}

static int run_rows(call *c, int values, int indices)
{
    ll_batch batch;
    ll_rows rows;
    ll_batch_of(&batch, &c->x);
    ll_batch_count(&batch);
    if (results_new(c, &batch, values, indices) < 0 ||
        ll_rows_begin(&rows, &batch, &c->x, c->values, 1, LL_GATHERED) < 0) {
        return -1;
    }
    if (c->indices) {
        ll_rows_add_rows(&rows, c->indices, c->x.axis);
    }
    rows.workers = c->workers;
    size_t n = (size_t)c->x.n;
    size_t work = c->x.dtype == LL_NOT_REAL ? 8 * n : ll_row_work((ll_dtype)c->x.dtype, n);
    if (in_lanes(c, &batch)) {
        c->order = ll_align64(LL_ROWS_IN_LANES * (size_t)c->k * sizeof(uint32_t));
        work += ll_align64(8 * n);
        work = work > LL_LANES_WORK ? work : LL_LANES_WORK;
        return ll_rows_visit_blocks(&rows, visit_block, c, c->order + work);
    }
    c->order = ll_align64((size_t)c->k * sizeof(uint32_t));
    return ll_rows_visit(&rows, visit_row, c, c->order + work);
}

/* the result, or both as a tuple */
static PyObject *results_of(const call *c)
{
    if (c->values && c->indices) {
        return PyTuple_Pack(2, (PyObject *)c->values, (PyObject *)c->indices);
    }
    return ll_keep(c->values ? c->values : c->indices);
}

static PyObject *apply(PyObject *module, int function, const ll_signature *signature, int values,
                       PyObject *const *args, Py_ssize_t nargs, PyObject *keywords)
{
    PyObject *given[LL_MAX_ARGUMENTS] = {NULL}, *result = NULL;
    int both = 0;
    call c = {.kernels = ll_state_of(module)->kernels};
    if (ll_parse(signature, ll_state_of(module)->interned[function], args, nargs, keywords, given) <
        0) {
        return NULL;
    }
    if (ll_logits_from(&c.x, given[LOGITS], given[AXIS], 1, signature->function) == 0 &&
        k_from(&c, given[K]) == 0 && order_from(&c, given[ORDER]) == 0 &&
        ll_workers_from(ll_state_of(module), given[WORKERS], &c.workers) == 0 &&
        flag_from(given[RETURN_INDICES], &both) == 0 &&
        run_rows(&c, values, !values || both) == 0) {
        result = results_of(&c);
    }
    ll_logits_clear(&c.x);
    ll_release(c.values);
    ll_release(c.indices);
    return result;
}

const ll_signature ll_top_k_signature = {
    "top_k", 2, 2, N_ARGUMENTS, {"logits", "k", "axis", "order", "workers", "return_indices"}};
const ll_signature ll_argtop_k_signature = {
    "argtop_k", 2, 2, RETURN_INDICES, {"logits", "k", "axis", "order", "workers"}};

PyObject *ll_top_k(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *keywords)
{
    return apply(module, LL_TOP_K_FUNCTION, &ll_top_k_signature, 1, args, nargs, keywords);
}

PyObject *ll_argtop_k(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *keywords)
{
    return apply(module, LL_ARGTOP_K, &ll_argtop_k_signature, 0, args, nargs, keywords);
}
