/* Errors raised by an argument's own code: its properties, its __index__, its elements. An error
 * that only means that the argument has the wrong type is replaced by ours, which says what was
 * needed. MemoryError, KeyboardInterrupt and all others reach the caller.
 */
#include "api.h"

int ll_refused(void)
{
    if (PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_TypeError) &&
        !PyErr_ExceptionMatches(PyExc_OverflowError)) {
        return 0;
    }
    PyErr_Clear();
    return 1;
}

int ll_attribute(PyObject *object, const char *name, PyObject **value)
{
    *value = PyObject_GetAttrString(object, name);
    if (*value) {
        return 1;
    }
    if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
        return -1;
    }
    PyErr_Clear();
    return 0;
}

int ll_has(PyObject *object, const char *name)
{
    PyObject *value = NULL;
    int has = ll_attribute(object, name, &value);
    Py_XDECREF(value);
    return has;
}
