/* Parameters that broadcast against the rows, as float64 arrays; every element is checked before
 * anything is computed. logitlab.ranges writes the error messages. */
#include "api.h"

static int has_type(PyArrayObject *array, const ll_range *range)
{
    int half = range->whole ? 0 : ll_is_bfloat16(PyArray_DESCR(array));
    return half ? half : PyArray_ISINTEGER(array) || (PyArray_ISFLOAT(array) && !range->whole);
}

static int is_inside(PyArrayObject *array, const ll_range *range)
{
    const double *data = PyArray_DATA(array);
    for (npy_intp i = 0; i < PyArray_SIZE(array); i++) {
        if (!(data[i] >= range->low && data[i] <= range->high) ||
            (range->above && data[i] == range->low)) {
            return 0;
        }
    }
    return 1;
}

PyArrayObject *ll_parameter(PyObject *value, const ll_range *range)
{
    PyArrayObject *result = NULL;
    PyArrayObject *array = ll_array_from(value, range->name, -1, 0);
    int fine = array ? has_type(array, range) : -1;
    if (fine <= 0) {
        goto done;
    }
    result = (PyArrayObject *)PyArray_FromAny(
        (PyObject *)array, PyArray_DescrFromType(NPY_DOUBLE), 0, 0,
        NPY_ARRAY_CARRAY_RO | NPY_ARRAY_FORCECAST | NPY_ARRAY_NOTSWAPPED, NULL);
    fine = result ? is_inside(result, range) : -1;
done:
    if (fine == 0) {
        ll_refuse(range, value);
    }
    if (fine <= 0) {
        ll_release(result);
        result = NULL;
    }
    ll_release(array);
    return result;
}

int ll_integer(PyObject *value, const char *name, long long *number)
{
    if (ll_no_mask(value, name) < 0) {
        return -1;
    }
    PyObject *whole = PyBool_Check(value) || !PyIndex_Check(value) ? NULL : PyNumber_Index(value);
    int overflow = 0;
    if (!whole) {
        return 0; /* what its own code raised is left for ll_got to judge */
    }
    *number = PyLong_AsLongLongAndOverflow(whole, &overflow);
    *number = overflow > 0 ? LLONG_MAX : overflow < 0 ? LLONG_MIN : *number;
    Py_DECREF(whole);
    return 1;
}

static const ll_range TEMPERATURE = {"T", 0.0, Py_HUGE_VAL, 0, 0};

int ll_temperature(PyObject *value, PyArrayObject **array, double *scalar)
{
    *scalar = 1.0;
    if (!value) {
        return 0;
    }
    if (PyFloat_CheckExact(value)) {
        *scalar = PyFloat_AsDouble(value);
        if (*scalar >= 0.0) {
            return 0;
        }
    }
    if (value == Py_None) {
        ll_habit("temperature_needed", value);
        return -1;
    }
    *array = ll_parameter(value, &TEMPERATURE);
    return *array ? 0 : -1;
}
