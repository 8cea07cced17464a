/* What counts as logits, and the errors for everything else. */
#include "api.h"

int ll_is_bfloat16(PyArray_Descr *descr)
{
    if (descr->type_num < NPY_USERDEF || PyDataType_ELSIZE(descr) != 2) {
        return 0;
    }
    PyObject *name = PyObject_GetAttrString((PyObject *)descr, "name");
    if (!name) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
            return -1;
        }
        PyErr_Clear();
        return 0;
    }
    int is = PyUnicode_Check(name) && PyUnicode_CompareWithASCIIString(name, "bfloat16") == 0;
    Py_DECREF(name);
    return is;
}

enum { FAILED = -2 }; /* neither an ll_dtype nor LL_NOT_REAL */

/* an ll_dtype or LL_NOT_REAL; FAILED with an error */
static int dtype_of(PyArray_Descr *descr)
{
    switch (descr->type_num) {
    case NPY_DOUBLE:
        return LL_F64;
    case NPY_FLOAT:
        return LL_F32;
    case NPY_HALF:
        return LL_F16;
    default: {
        int is = ll_is_bfloat16(descr);
        return is < 0 ? FAILED : is ? LL_BF16 : LL_NOT_REAL;
    }
    }
}

static PyArrayObject *as_array(PyObject *x)
{
    if (PyArray_CheckExact(x)) {
        return ll_keep(x);
    }
    return ll_array_from(x, "logits", -1, 0);
}

static int check_dtype(ll_logits *logits, int keep_integers, const char *function)
{
    PyArrayObject *array = logits->array;
    logits->dtype = dtype_of(PyArray_DESCR(array));
    if (logits->dtype != LL_NOT_REAL) {
        return logits->dtype == FAILED ? -1 : 0;
    }
    if (!PyArray_ISINTEGER(array) && !PyArray_ISBOOL(array)) {
        ll_got(PyExc_TypeError, (PyObject *)PyArray_DESCR(array),
               "%s() needs logits of dtype float16, bfloat16, float32, float64, an integer or bool",
               function);
        return -1;
    }
    if (keep_integers) {
        return 0;
    }
    logits->array = (PyArrayObject *)PyArray_Cast(array, NPY_DOUBLE);
    logits->dtype = LL_F64;
    ll_release(array);
    return logits->array ? 0 : -1;
}

/* the axis, or several joined to one */
static int resolve_axis(ll_logits *logits, PyObject *axis)
{
    uint64_t axes = 1;
    logits->axis = -1;
    if (axis && ll_axes_from(axis, PyArray_NDIM(logits->array), &axes) < 0) {
        return -1;
    }
    if (axes & (axes - 1)) {
        logits->joined = axes;
        logits->original = logits->array;
        logits->array = ll_joined(logits->original, axes);
        return logits->array ? 0 : -1;
    }
    for (; axes > 1; axes >>= 1) {
        logits->axis--;
    }
    return 0;
}

int ll_logits_from(ll_logits *logits, PyObject *x, PyObject *axis, int keep_integers,
                   const char *function)
{
    *logits = (ll_logits){.array = as_array(x)};
    if (!logits->array || check_dtype(logits, keep_integers, function) < 0) {
        return -1;
    }
    if (PyArray_NDIM(logits->array) == 0) {
        PyErr_Format(PyExc_ValueError,
                     "%s() needs an array of at least one dimension, got a scalar", function);
        return -1;
    }
    if (resolve_axis(logits, axis) < 0) {
        return -1;
    }
    logits->n = PyArray_DIM(logits->array, PyArray_NDIM(logits->array) + logits->axis);
    if (logits->n == 0) {
        PyErr_Format(PyExc_ValueError, "%s() needs at least one logit along the axis, got 0",
                     function);
        return -1;
    }
    if ((npy_uint64)logits->n >= (npy_uint64)1 << 32) {
        PyErr_Format(PyExc_ValueError, "%s() takes rows of fewer than 2**32 logits, got %zd",
                     function, (Py_ssize_t)logits->n);
        return -1;
    }
    return 0;
}

void ll_logits_clear(ll_logits *logits)
{
    ll_release(logits->array);
    ll_release(logits->original);
    logits->array = logits->original = NULL;
}
