/* softargmax and log_softargmax: arrays in, an array of the same shape out, row by row. */
#include "rows.h"

enum { X, T, AXIS, OUT, WORKERS, N_ARGUMENTS };

typedef struct {
    ll_logits x;
    PyArrayObject *T; /* NULL: the scalar */
    double scalar;
    PyArrayObject *out;
    ll_row_fn *kernel;
    ll_rows_fn *rows_kernel;
    int logarithm;
    size_t workers;
    ll_batch batch;
} call;

static int batch_from(call *c)
{
    ll_batch_of(&c->batch, &c->x);
    if (c->T && ll_batch_join(&c->batch, c->T, "T") < 0) {
        return -1;
    }
    ll_batch_count(&c->batch);
    return 0;
}

static int same_shape(PyArrayObject *array, int ndim, const npy_intp *shape)
{
    return PyArray_NDIM(array) == ndim && PyArray_CompareLists(PyArray_DIMS(array), shape, ndim);
}

static int check_out(const call *c, PyObject *out, int ndim, const npy_intp *shape,
                     const char *function)
{
    PyArrayObject *array = (PyArrayObject *)out;
    if (!PyArray_Check(out)) {
        ll_got(PyExc_TypeError, (PyObject *)Py_TYPE(out), "%s() needs out to be an ndarray",
               function);
        return -1;
    }
    if (ll_no_mask(out, "out") < 0) {
        return -1;
    }
    if (!same_shape(array, ndim, shape)) {
        PyObject *need = ll_shape_tuple(ndim, shape),
                 *got = ll_shape_tuple(PyArray_NDIM(array), PyArray_DIMS(array));
        if (need && got) {
            PyErr_Format(PyExc_ValueError, "%s() needs out of shape %S, got %S", function, need,
                         got);
        }
        Py_XDECREF(need);
        Py_XDECREF(got);
        return -1;
    }
    if (PyArray_TYPE(array) != PyArray_TYPE(c->x.array) || PyArray_ISBYTESWAPPED(array)) {
        PyErr_Format(PyExc_TypeError, "%s() needs out of dtype %S in native byte order, got %S",
                     function, (PyObject *)PyArray_DESCR(c->x.array),
                     (PyObject *)PyArray_DESCR(array));
        return -1;
    }
    if (!PyArray_ISWRITEABLE(array)) {
        PyErr_Format(PyExc_ValueError, "%s() needs out to be writeable, got a read-only array",
                     function);
        return -1;
    }
    return 0;
}

/* the bytes that an array may touch */
static void extent(PyArrayObject *array, const char **low, const char **high)
{
    *low = PyArray_BYTES(array);
    *high = *low + PyArray_ITEMSIZE(array);
    for (int i = 0; i < PyArray_NDIM(array); i++) {
        npy_intp span = (PyArray_DIM(array, i) - 1) * PyArray_STRIDE(array, i);
        *(span < 0 ? low : high) += span;
    }
}

static int overlap(PyArrayObject *a, PyArrayObject *b)
{
    const char *a_low, *a_high, *b_low, *b_high;
    extent(a, &a_low, &a_high);
    extent(b, &b_low, &b_high);
    return PyArray_SIZE(a) > 0 && PyArray_SIZE(b) > 0 && a_low < b_high && b_low < a_high;
}

static npy_intp step_of(PyArrayObject *array, int dimension)
{
    npy_intp stride = PyArray_STRIDE(array, dimension);
    return PyArray_DIM(array, dimension) < 2 ? 0 : stride < 0 ? -stride : stride;
}

/* Whether no two elements share memory, by a quick check: every dimension, in the order of their
 * steps, must step over all that the earlier ones reach. */
static int has_own_places(PyArrayObject *array)
{
    int ndim = PyArray_NDIM(array), left = 0;
    npy_intp reach = PyArray_ITEMSIZE(array), last = 0;
    for (int i = 0; i < ndim; i++) {
        left += PyArray_DIM(array, i) > 1;
    }
    for (; left > 0; left--) {
        int next = -1;
        for (int i = 0; i < ndim; i++) {
            npy_intp step = step_of(array, i);
            next = step > last && (next < 0 || step < step_of(array, next)) ? i : next;
        }
        if (next < 0 || step_of(array, next) < reach) {
            return 0;
        }
        last = step_of(array, next);
        reach += last * (PyArray_DIM(array, next) - 1);
    }
    return 1;
}

static int same_memory(PyArrayObject *a, PyArrayObject *b)
{
    if (PyArray_BYTES(a) != PyArray_BYTES(b) || PyArray_SIZE(a) != PyArray_SIZE(b)) {
        return 0;
    }
    return (PyArray_IS_C_CONTIGUOUS(a) && PyArray_IS_C_CONTIGUOUS(b)) ||
           (same_shape(a, PyArray_NDIM(b), PyArray_DIMS(b)) &&
            PyArray_CompareLists(PyArray_STRIDES(a), PyArray_STRIDES(b), PyArray_NDIM(a)));
}

/* `seen` is the array as it was given */
static int copy_if_overlapping(PyArrayObject **array, PyArrayObject *seen, PyArrayObject *out)
{
    if (!*array || !overlap(*array, out) || same_memory(seen, out)) {
        return 0;
    }
    PyArrayObject *copy = (PyArrayObject *)PyArray_NewCopy(*array, NPY_CORDER);
    ll_release(*array);
    *array = copy;
    return copy ? 0 : -1;
}

/* out, checked, or a new array; what it overlaps is copied unless row lies on row */
static int prepare_out(call *c, PyObject *out, const char *function)
{
    npy_intp shape[NPY_MAXDIMS];
    int ndim = ll_whole_shape(&c->batch, &c->x, shape);
    if (ndim < 0) {
        return -1;
    }
    if (!out || out == Py_None) {
        c->out = ll_result_new(&c->x, -1, ndim, shape, 0);
        return c->out ? 0 : -1;
    }
    if (check_out(c, out, ndim, shape, function) < 0) {
        return -1;
    }
    c->out = ll_keep(out);
    c->workers = has_own_places(c->out) ? c->workers : 1;
    PyArrayObject *seen = c->x.original ? c->x.original : c->x.array;
    return copy_if_overlapping(&c->x.array, seen, c->out) < 0 ||
                   (c->T && copy_if_overlapping(&c->T, c->T, c->out) < 0)
               ? -1
               : 0;
}

static int visit_row(void *self, const ll_row *row)
{
    const call *c = self;
    double T = *(const double *)(const void *)row->parameters[0];
    c->kernel(&row->x, &row->y, (size_t)c->x.n, T, row->work);
    return LL_OK;
}

static ll_views views_of(const ll_view *first, npy_intp step)
{
    return (ll_views){*first, step};
}

static int visit_block(void *self, const ll_block *block, npy_intp *stopped)
{
    const call *c = self;
    ll_views x = views_of(&block->first.x, block->x_step);
    ll_views y = views_of(&block->first.y, block->y_step);
    (void)stopped;
    c->rows_kernel(&x, &y, (size_t)block->count, (size_t)c->x.n, block->first.parameters[0],
                   block->parameter_steps[0], c->logarithm, block->first.work);
    return LL_OK;
}

/* The workspace for whole blocks of rows, 0 where a row at a time is better. */
static size_t blocks_work(const call *c, ll_rows *rows)
{
    ll_block block = ll_rows_blocks(rows);
    ll_views x = views_of(&block.first.x, block.x_step);
    ll_views y = views_of(&block.first.y, block.y_step);
    size_t count = (size_t)block.count, n = (size_t)c->x.n;
    if (!ll_rows_pay((ll_dtype)c->x.dtype, &x, &y, count, n)) {
        return 0;
    }
    return ll_rows_work(ll_strip_rows((ll_dtype)c->x.dtype, &x, &y, count, n), n);
}

static int run_rows(call *c, PyArrayObject *result)
{
    ll_rows rows;
    if (ll_rows_begin(&rows, &c->batch, &c->x, result, 1, LL_IN_TILES) < 0) {
        return -1;
    }
    if (c->T) {
        ll_rows_add(&rows, c->T);
    } else {
        ll_rows_add_scalar(&rows, &c->scalar);
    }
    rows.workers = c->workers;
    size_t work = blocks_work(c, &rows);
    if (work) {
        return ll_rows_visit_blocks(&rows, visit_block, c, work);
    }
    work = rows.x.direct && rows.y.direct ? 0 : LL_ROW_WORK;
    return ll_rows_visit(&rows, visit_row, c, work);
}

/* several axes: their rows in the result, or in a copy of it */
static int run_joined(call *c)
{
    PyArrayObject *rows = ll_joined(c->out, c->x.joined);
    int status = -1;
    if (rows && run_rows(c, rows) == 0) {
        status = ll_copy_back(c->out, c->x.joined, rows);
    }
    ll_release(rows);
    return status;
}

typedef void choice(call *c, const ll_row_kernels *kernels);

static PyObject *apply(PyObject *module, int function, const ll_signature *signature,
                       choice *choose, PyObject *const *args, Py_ssize_t nargs, PyObject *keywords)
{
    ll_state *state = ll_state_of(module);
    PyObject *values[LL_MAX_ARGUMENTS], *result = NULL;
    call c;
    c.T = c.out = NULL;
    if (ll_parse(signature, state->interned[function], args, nargs, keywords, values) < 0) {
        return NULL;
    }
    if (ll_logits_from(&c.x, values[X], values[AXIS], 0, signature->function) < 0 ||
        ll_workers_from(state, values[WORKERS], &c.workers) < 0 ||
        ll_temperature(values[T], &c.T, &c.scalar) < 0 || batch_from(&c) < 0 ||
        prepare_out(&c, values[OUT], signature->function) < 0) {
        goto done;
    }
    choose(&c, state->kernels->rows[c.x.dtype]);
    if ((c.x.joined ? run_joined(&c) : run_rows(&c, c.out)) == 0) {
        result = ll_keep(c.out);
    }
done:
    ll_logits_clear(&c.x);
    ll_release(c.T);
    ll_release(c.out);
    return result;
}

const ll_signature ll_softargmax_signature = {
    "softargmax", 1, 2, N_ARGUMENTS, {"x", "T", "axis", "out", "workers"}};
const ll_signature ll_log_softargmax_signature = {
    "log_softargmax", 1, 2, N_ARGUMENTS, {"x", "T", "axis", "out", "workers"}};

static void use_softargmax(call *c, const ll_row_kernels *kernels)
{
    c->kernel = kernels->softargmax;
    c->rows_kernel = kernels->rows;
    c->logarithm = 0;
}

static void use_log_softargmax(call *c, const ll_row_kernels *kernels)
{
    c->kernel = kernels->log_softargmax;
    c->rows_kernel = kernels->rows;
    c->logarithm = 1;
}

PyObject *ll_softargmax(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
                        PyObject *keywords)
{
    return apply(module, LL_SOFTARGMAX, &ll_softargmax_signature, use_softargmax, args, nargs,
                 keywords);
}

PyObject *ll_log_softargmax(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
                            PyObject *keywords)
{
    return apply(module, LL_LOG_SOFTARGMAX, &ll_log_softargmax_signature, use_log_softargmax, args,
                 nargs, keywords);
}
