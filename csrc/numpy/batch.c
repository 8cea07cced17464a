/* The batch: the shape of the rows of an array with any axis, what broadcasts against it, and the
 * results that have it. */
#include "api.h"

void ll_batch_of(ll_batch *batch, const ll_logits *logits)
{
    int ndim = PyArray_NDIM(logits->array), axis = ndim + logits->axis;
    batch->ndim = 0;
    for (int i = 0; i < ndim; i++) {
        if (i != axis) {
            batch->shape[batch->ndim++] = PyArray_DIM(logits->array, i);
        }
    }
}

int ll_batch_join(ll_batch *batch, PyArrayObject *parameter, const char *name)
{
    int ndim = PyArray_NDIM(parameter), more = ndim - batch->ndim;
    if (more > 0) {
        if (ndim >= NPY_MAXDIMS) {
            PyErr_Format(PyExc_ValueError, "%s has too many dimensions: %d", name, ndim);
            return -1;
        }
        memmove(batch->shape + more, batch->shape, (size_t)batch->ndim * sizeof *batch->shape);
        for (int i = 0; i < more; i++) {
            batch->shape[i] = 1;
        }
        batch->ndim = ndim;
    }
    for (int i = 0; i < ndim; i++) {
        npy_intp *have = &batch->shape[batch->ndim - ndim + i], come = PyArray_DIM(parameter, i);
        if (*have != come && *have != 1 && come != 1) {
            PyErr_Format(PyExc_ValueError,
                         "%s does not broadcast against the rows: needed 1 or %zd in dimension %d "
                         "of the batch, got %zd",
                         name, (Py_ssize_t)*have, batch->ndim - ndim + i, (Py_ssize_t)come);
            return -1;
        }
        *have = *have == 1 ? come : *have;
    }
    return 0;
}

void ll_batch_count(ll_batch *batch)
{
    batch->rows = 1;
    for (int i = 0; i < batch->ndim; i++) {
        batch->rows *= batch->shape[i];
    }
}

int ll_result_shape(const ll_batch *batch, int axis, npy_intp n, npy_intp *shape)
{
    int ndim = batch->ndim + 1, at = ndim + axis;
    for (int i = 0, from = 0; i < ndim; i++) {
        shape[i] = i == at ? n : batch->shape[from++];
    }
    return ndim;
}

int ll_whole_shape(const ll_batch *batch, const ll_logits *x, npy_intp *shape)
{
    if (!x->joined) {
        return ll_result_shape(batch, x->axis, x->n, shape);
    }
    const npy_intp *whole = PyArray_DIMS(x->original);
    int had = PyArray_NDIM(x->original), left = batch->ndim, at = NPY_MAXDIMS;
    npy_intp backwards[NPY_MAXDIMS];
    for (uint64_t axes = x->joined; (axes || left) && at > 0; axes >>= 1, had--) {
        backwards[--at] = axes & 1 ? whole[had - 1] : batch->shape[--left];
    }
    if (left) {
        PyErr_SetString(PyExc_ValueError, "T and the logits have too many dimensions together");
        return -1;
    }
    memcpy(shape, backwards + at, (size_t)(NPY_MAXDIMS - at) * sizeof *shape);
    return NPY_MAXDIMS - at;
}

PyArrayObject *ll_result_new(const ll_logits *logits, int type, int ndim, npy_intp *shape,
                             int zeros)
{
    PyArray_Descr *descr = PyArray_DESCR(logits->array);
    if (type >= 0) {
        descr = PyArray_DescrFromType(type);
    } else if (PyArray_ISBYTESWAPPED(logits->array)) {
        descr = PyArray_DescrNewByteorder(descr, NPY_NATIVE);
    } else {
        ll_keep(descr);
    }
    PyObject *result = NULL;
    if (descr && zeros) {
        result = PyArray_Zeros(ndim, shape, descr, 0);
    } else if (descr) {
        result = PyArray_NewFromDescr(&PyArray_Type, descr, ndim, shape, NULL, NULL, 0, NULL);
    }
    return (PyArrayObject *)result;
}
