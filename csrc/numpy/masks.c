/* A masked array is an error wherever an array is expected, because NumPy drops its mask when it
 * converts it to a plain array. logitlab/masks.py is the same rule for Python code.
 */
#include "api.h"

enum { LEVELS = 64 }; /* of nested sequences: as many dimensions as an array can have */

/* 1, 0, or -1 with an error; so does each question below */
static int is_masked(PyObject *value)
{
    if (!PyArray_Check(value) || PyArray_CheckExact(value)) {
        return 0;
    }
    int has = ll_has(value, "filled");
    return has == 1 ? ll_has(value, "mask") : has;
}

static int is_number(PyObject *value)
{
    return PyFloat_CheckExact(value) || PyLong_CheckExact(value) ||
           PyArray_IsScalar(value, Generic);
}

/* what NumPy would search for elements: a sequence that is not an array, buffer or text */
static int is_nested(PyObject *value)
{
    if (PyList_Check(value) || PyTuple_Check(value)) {
        return 1;
    }
    if (!PySequence_Check(value) || PyUnicode_Check(value) || PyObject_CheckBuffer(value)) {
        return 0;
    }
    int has = ll_has(value, "__array__");
    return has < 0 ? has : !has;
}

/* whether a value is masked or holds what is */
static int holds_masked(PyObject *value, int levels)
{
    if (is_number(value) || PyArray_CheckExact(value)) {
        return 0;
    }
    int found = is_masked(value);
    if (found) {
        return found;
    }
    int nested = levels ? is_nested(value) : 0;
    if (nested <= 0) {
        return nested;
    }
    Py_ssize_t n = PySequence_Size(value);
    for (Py_ssize_t i = 0; i < n && !found; i++) {
        PyObject *each = PySequence_GetItem(value, i);
        found = each ? holds_masked(each, levels - 1) : -1;
        Py_XDECREF(each);
    }
    return n < 0 ? -1 : found;
}

int ll_no_mask(PyObject *value, const char *name)
{
    int found = holds_masked(value, LEVELS);
    if (found < 0 && PyErr_ExceptionMatches(PyExc_Exception) &&
        !PyErr_ExceptionMatches(PyExc_MemoryError)) {
        PyErr_Clear(); /* not a sequence after all: NumPy decides what it is */
        return 0;
    }
    if (found <= 0) {
        return found;
    }
    PyErr_Format(PyExc_TypeError,
                 "%s must be an array without a mask, got a masked array: fill it first, with "
                 "x.filled(-np.inf) if what is masked cannot be drawn",
                 name);
    return -1;
}

/* `type` is a NumPy type number, or -1 for that of the value */
PyArrayObject *ll_array_from(PyObject *value, const char *name, int type, int flags)
{
    PyArrayObject *array = NULL, *result = NULL;
    if (ll_no_mask(value, name) < 0) {
        return NULL;
    }
    array = (PyArrayObject *)PyArray_FromAny(value, NULL, 0, 0, 0, NULL);
    if (!array || ll_no_mask((PyObject *)array, name) < 0) { /* brought by its own __array__ */
        goto done;
    }
    PyArray_Descr *descr = type < 0 ? NULL : PyArray_DescrFromType(type);
    result = (PyArrayObject *)PyArray_FromAny((PyObject *)array, descr, 0, 0,
                                              flags | NPY_ARRAY_ENSUREARRAY, NULL);
done:
    ll_release(array);
    return result;
}
