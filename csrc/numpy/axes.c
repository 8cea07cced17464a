/* The axis of a call: one, all of them (None), or a tuple, which is handled as one long axis.
 *
 * Joined axes become the last, in the order in which they stand in the array, whatever the tuple's.
 * Where they lie one after the other in memory, as in most arrays, that is a view.
 */
#include "api.h"

/* numpy.exceptions.AxisError(axis, ndim): a ValueError and an IndexError */
static void axis_error(long axis, int ndim)
{
    PyObject *module = PyImport_ImportModule("numpy.exceptions");
    PyObject *type = module ? PyObject_GetAttrString(module, "AxisError") : NULL;
    PyObject *error = type ? PyObject_CallFunction(type, "li", axis, ndim) : NULL;
    if (error) {
        PyErr_SetObject(type, error);
    }
    Py_XDECREF(error);
    Py_XDECREF(type);
    Py_XDECREF(module);
}

/* one axis, counted from the end; `given` is the whole argument */
static int axis_from(PyObject *value, int ndim, PyObject *given, long *axis)
{
    if (!value || PyBool_Check(value) || !PyIndex_Check(value)) {
        ll_axis_needed(given);
        return -1;
    }
    PyObject *number = PyNumber_Index(value);
    if (!number) {
        ll_axis_needed(given);
        return -1;
    }
    *axis = PyLong_AsLong(number);
    Py_DECREF(number);
    if (*axis == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (*axis < -ndim || *axis >= ndim) {
        axis_error(*axis, ndim);
        return -1;
    }
    *axis -= *axis < 0 ? 0 : ndim;
    return 0;
}

int ll_axes_from(PyObject *given, int ndim, uint64_t *axes)
{
    int several = PyTuple_Check(given);
    Py_ssize_t n = several ? PyTuple_Size(given) : 1;
    *axes = 0;
    if (given == Py_None) {
        *axes = ~(uint64_t)0 >> (64 - ndim);
        return 0;
    }
    if (n == 0) {
        PyErr_SetString(PyExc_ValueError, "axis must name at least one axis, got ()");
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        long axis = -1;
        if (axis_from(several ? PyTuple_GetItem(given, i) : given, ndim, given, &axis) < 0) {
            return -1;
        }
        uint64_t bit = (uint64_t)1 << (-1 - axis);
        if (*axes & bit) {
            ll_got(PyExc_ValueError, given, "axis must name each axis once");
            return -1;
        }
        *axes |= bit;
    }
    return 0;
}

/* the array with these axes last */
static PyArrayObject *moved(PyArrayObject *array, uint64_t axes)
{
    npy_intp order[NPY_MAXDIMS];
    PyArray_Dims permutation = {order, PyArray_NDIM(array)};
    int ndim = permutation.len, at = 0;
    for (int joined = 0; joined < 2; joined++) {
        for (int i = 0; i < ndim; i++) {
            if ((int)(axes >> (ndim - 1 - i) & 1) == joined) {
                order[at++] = i;
            }
        }
    }
    return (PyArrayObject *)PyArray_Transpose(array, &permutation);
}

PyArrayObject *ll_joined(PyArrayObject *array, uint64_t axes)
{
    npy_intp shape[NPY_MAXDIMS], n = 1;
    PyArray_Dims dims = {shape, 0};
    int ndim = PyArray_NDIM(array), overflow = 0;
    for (int i = 0; i < ndim; i++) {
        npy_intp size = PyArray_DIM(array, i);
        if (axes >> (ndim - 1 - i) & 1) {
            overflow |= __builtin_mul_overflow(n, size, &n);
        } else {
            shape[dims.len++] = size;
        }
    }
    if (overflow) {
        PyErr_SetString(PyExc_ValueError, "the axes have too many logits together");
        return NULL;
    }
    shape[dims.len++] = n;
    PyArrayObject *last = moved(array, axes), *result = NULL;
    if (last) {
        result = (PyArrayObject *)PyArray_Newshape(last, &dims, NPY_CORDER);
    }
    ll_release(last);
    return result;
}

int ll_copy_back(PyArrayObject *array, uint64_t axes, PyArrayObject *joined)
{
    if (PyArray_DATA(joined) == PyArray_DATA(array)) {
        return 0;
    }
    int status = -1;
    PyArrayObject *last = moved(array, axes), *parts = NULL;
    if (last) {
        PyArray_Dims dims = {PyArray_DIMS(last), PyArray_NDIM(last)};
        parts = (PyArrayObject *)PyArray_Newshape(joined, &dims, NPY_CORDER);
    }
    if (parts) {
        status = PyArray_CopyInto(last, parts);
    }
    ll_release(parts);
    ll_release(last);
    return status;
}
