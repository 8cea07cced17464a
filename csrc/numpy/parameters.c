/* Parameters that broadcast against the rows, as float64 arrays; every element is checked before
 * anything is computed. */
#include "api.h"

static int check_type(PyObject *value, PyArrayObject *array, const ll_range *range)
{
    int half = range->integer ? 0 : ll_is_bfloat16(PyArray_DESCR(array));
    if (half < 0) {
        return -1;
    }
    int ok = half || PyArray_ISINTEGER(array) || (PyArray_ISFLOAT(array) && !range->integer);
    if (!ok) {
        ll_got(PyExc_TypeError, value, "%s must be %s %s (or an array of them)", range->name,
               range->integer ? "an integer" : "a real number", range->needs);
    }
    return ok ? 0 : -1;
}

static int check_range(PyArrayObject *array, const ll_range *range)
{
    const double *data = PyArray_DATA(array);
    for (npy_intp i = 0; i < PyArray_SIZE(array); i++) {
        if (!(data[i] >= range->least && data[i] <= range->most)) {
            PyObject *got =
                range->integer ? PyLong_FromDouble(data[i]) : PyFloat_FromDouble(data[i]);
            if (got) {
                ll_got(PyExc_ValueError, got, "%s must be %s%s", range->name,
                       range->integer ? "an integer " : "", range->needs);
            }
            Py_XDECREF(got);
            return -1;
        }
    }
    return 0;
}

PyArrayObject *ll_parameter(PyObject *value, const ll_range *range)
{
    PyArrayObject *result = NULL;
    PyArrayObject *array = ll_array_from(value, range->name, -1, 0);
    if (!array || check_type(value, array, range) < 0) {
        goto done;
    }
    result = (PyArrayObject *)PyArray_FromAny(
        (PyObject *)array, PyArray_DescrFromType(NPY_DOUBLE), 0, 0,
        NPY_ARRAY_CARRAY_RO | NPY_ARRAY_FORCECAST | NPY_ARRAY_NOTSWAPPED, NULL);
    if (result && check_range(result, range) < 0) {
        ll_release(result);
        result = NULL;
    }
done:
    ll_release(array);
    return result;
}
