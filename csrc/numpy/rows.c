/* softargmax and log_softargmax: arrays in, an array of the same shape out, row by row. */
#include "api.h"

enum { X, T, AXIS, OUT, N_ARGUMENTS };

typedef struct {
    ll_logits x;
    PyArrayObject *T; /* NULL: the scalar */
    double scalar;
    PyArrayObject *out;
    ll_batch batch;
} job;

static const ll_range TEMPERATURE = {"T", ">= 0", 0.0, Py_HUGE_VAL, 0};

/* a float is taken as it is; anything else becomes an array */
static int temperature_from(job *j, PyObject *value)
{
    j->scalar = 1.0;
    if (!value) {
        return 0;
    }
    if (PyFloat_CheckExact(value)) {
        j->scalar = PyFloat_AsDouble(value);
        if (j->scalar >= 0.0) {
            return 0;
        }
    }
    if (value == Py_None) {
        ll_habit("temperature_needed", value);
        return -1;
    }
    j->T = ll_parameter(value, &TEMPERATURE);
    return j->T ? 0 : -1;
}

static int batch_from(job *j)
{
    ll_batch_of(&j->batch, &j->x);
    if (j->T && ll_batch_join(&j->batch, j->T, "T") < 0) {
        return -1;
    }
    ll_batch_count(&j->batch);
    return 0;
}

static PyArrayObject *new_result(const job *j, int ndim, npy_intp *shape)
{
    PyArray_Descr *descr = PyArray_DESCR(j->x.array);
    if (PyArray_ISBYTESWAPPED(j->x.array)) {
        descr = PyArray_DescrNewByteorder(descr, NPY_NATIVE);
        if (!descr) {
            return NULL;
        }
    } else {
        ll_keep(descr);
    }
    return (PyArrayObject *)PyArray_NewFromDescr(&PyArray_Type, descr, ndim, shape, NULL, NULL, 0,
                                                 NULL);
}

/* the result's shape as a user sees it: with axis=None, the batch and then the whole shape of the
 * input */
static int visible_shape(const job *j, npy_intp *shape)
{
    if (!j->x.flattened) {
        return ll_result_shape(&j->batch, j->x.axis, j->x.n, shape);
    }
    int ndim = PyArray_NDIM(j->x.original);
    if (j->batch.ndim + ndim > NPY_MAXDIMS) {
        PyErr_SetString(PyExc_ValueError, "T and the logits have too many dimensions together");
        return -1;
    }
    memcpy(shape, j->batch.shape, (size_t)j->batch.ndim * sizeof *shape);
    memcpy(shape + j->batch.ndim, PyArray_DIMS(j->x.original), (size_t)ndim * sizeof *shape);
    return j->batch.ndim + ndim;
}

static int same_shape(PyArrayObject *array, int ndim, const npy_intp *shape)
{
    return PyArray_NDIM(array) == ndim && PyArray_CompareLists(PyArray_DIMS(array), shape, ndim);
}

static PyObject *shape_tuple(int ndim, const npy_intp *shape)
{
    PyObject *tuple = PyTuple_New(ndim);
    for (int i = 0; tuple && i < ndim; i++) {
        PyObject *n = PyLong_FromSsize_t(shape[i]);
        if (!n || PyTuple_SetItem(tuple, i, n) < 0) {
            Py_CLEAR(tuple);
        }
    }
    return tuple;
}

static int check_out(const job *j, PyObject *out, int ndim, const npy_intp *shape,
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
        PyObject *need = shape_tuple(ndim, shape),
                 *got = shape_tuple(PyArray_NDIM(array), PyArray_DIMS(array));
        if (need && got) {
            PyErr_Format(PyExc_ValueError, "%s() needs out of shape %S, got %S", function, need,
                         got);
        }
        Py_XDECREF(need);
        Py_XDECREF(got);
        return -1;
    }
    if (PyArray_TYPE(array) != PyArray_TYPE(j->x.array) || PyArray_ISBYTESWAPPED(array)) {
        PyErr_Format(PyExc_TypeError, "%s() needs out of dtype %S in native byte order, got %S",
                     function, (PyObject *)PyArray_DESCR(j->x.array),
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

static int same_memory(PyArrayObject *a, PyArrayObject *b)
{
    if (PyArray_BYTES(a) != PyArray_BYTES(b) || PyArray_SIZE(a) != PyArray_SIZE(b)) {
        return 0;
    }
    return (PyArray_IS_C_CONTIGUOUS(a) && PyArray_IS_C_CONTIGUOUS(b)) ||
           (same_shape(a, PyArray_NDIM(b), PyArray_DIMS(b)) &&
            PyArray_CompareLists(PyArray_STRIDES(a), PyArray_STRIDES(b), PyArray_NDIM(a)));
}

static int copy_if_overlapping(PyArrayObject **array, PyArrayObject *out)
{
    if (!*array || !overlap(*array, out) || same_memory(*array, out)) {
        return 0;
    }
    PyArrayObject *copy = (PyArrayObject *)PyArray_NewCopy(*array, NPY_CORDER);
    ll_release(*array);
    *array = copy;
    return copy ? 0 : -1;
}

/* out, checked, or a new array; what it overlaps is copied unless row lies on row */
static int prepare_out(job *j, PyObject *out, const char *function)
{
    npy_intp shape[NPY_MAXDIMS];
    int ndim = visible_shape(j, shape);
    if (ndim < 0) {
        return -1;
    }
    if (!out || out == Py_None) {
        j->out = new_result(j, ndim, shape);
        return j->out ? 0 : -1;
    }
    if (check_out(j, out, ndim, shape, function) < 0) {
        return -1;
    }
    j->out = ll_keep(out);
    return copy_if_overlapping(&j->x.array, j->out) < 0 ||
                   (j->T && copy_if_overlapping(&j->T, j->out) < 0)
               ? -1
               : 0;
}

static int run_rows(job *j, PyArrayObject *result, ll_row_fn *kernel)
{
    ll_walk walk = {&j->batch, j->x.array, result, j->T, &j->scalar, j->x.axis, j->x.n, kernel};
    return ll_walk_rows(&walk);
}

/* axis=None: the rows are flat, the result is not; a flat view where there is one, else a copy */
static int run_flat(job *j, ll_row_fn *kernel)
{
    npy_intp shape[NPY_MAXDIMS];
    int ndim = ll_result_shape(&j->batch, -1, j->x.n, shape), status = -1;
    PyArray_Dims dims = {shape, ndim};
    PyArrayObject *flat = NULL, *whole = NULL;
    if (PyArray_IS_C_CONTIGUOUS(j->out)) {
        flat = (PyArrayObject *)PyArray_Newshape(j->out, &dims, NPY_CORDER);
        status = flat ? run_rows(j, flat, kernel) : -1;
        goto done;
    }
    flat = new_result(j, ndim, shape);
    if (!flat || run_rows(j, flat, kernel) < 0) {
        goto done;
    }
    dims = (PyArray_Dims){PyArray_DIMS(j->out), PyArray_NDIM(j->out)};
    whole = (PyArrayObject *)PyArray_Newshape(flat, &dims, NPY_CORDER);
    status = whole ? PyArray_CopyInto(j->out, whole) : -1;
done:
    ll_release(flat);
    ll_release(whole);
    return status;
}

static PyObject *apply(PyObject *const *interned, const ll_signature *signature,
                       ll_row_fn *const *kernels, PyObject *const *args, Py_ssize_t nargs,
                       PyObject *keywords)
{
    PyObject *values[LL_MAX_ARGUMENTS], *result = NULL;
    job j;
    j.T = j.out = NULL;
    if (ll_parse(signature, interned, args, nargs, keywords, values) < 0) {
        return NULL;
    }
    if (ll_logits_from(&j.x, values[X], values[AXIS], 0, signature->function) < 0 ||
        temperature_from(&j, values[T]) < 0 || batch_from(&j) < 0 ||
        prepare_out(&j, values[OUT], signature->function) < 0) {
        goto done;
    }
    ll_row_fn *kernel = kernels[j.x.dtype];
    if ((j.x.flattened ? run_flat(&j, kernel) : run_rows(&j, j.out, kernel)) == 0) {
        result = ll_keep(j.out);
    }
done:
    ll_logits_clear(&j.x);
    ll_release(j.T);
    ll_release(j.out);
    return result;
}

const ll_signature ll_softargmax_signature = {
    "softargmax", 1, 2, N_ARGUMENTS, {"x", "T", "axis", "out"}, 0};
const ll_signature ll_log_softargmax_signature = {"log_softargmax",          1, 2, N_ARGUMENTS,
                                                  {"x", "T", "axis", "out"}, 0};

PyObject *ll_softargmax(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
                        PyObject *keywords)
{
    const ll_state *state = ll_state_of(module);
    const ll_row_kernels *const *rows = state->kernels->rows;
    ll_row_fn *const kernels[] = {rows[0]->softargmax, rows[1]->softargmax, rows[2]->softargmax,
                                  rows[3]->softargmax};
    return apply(state->interned[LL_SOFTARGMAX], &ll_softargmax_signature, kernels, args, nargs,
                 keywords);
}

PyObject *ll_log_softargmax(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
                            PyObject *keywords)
{
    const ll_state *state = ll_state_of(module);
    const ll_row_kernels *const *rows = state->kernels->rows;
    ll_row_fn *const kernels[] = {rows[0]->log_softargmax, rows[1]->log_softargmax,
                                  rows[2]->log_softargmax, rows[3]->log_softargmax};
    return apply(state->interned[LL_LOG_SOFTARGMAX], &ll_log_softargmax_signature, kernels, args,
                 nargs, keywords);
}
