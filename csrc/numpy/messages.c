/* Error messages that show the value received, shortened and explained by Python code
 * (logitlab.messages, logitlab.habits), which the Python side uses as well. It is imported only
 * when there is an error.
 */
#include "api.h"

/* module.function(*args) as a string; `args` is consumed and may be NULL with an error */
static PyObject *ask(const char *module, const char *function, PyObject *args)
{
    PyObject *home = args ? PyImport_ImportModule(module) : NULL;
    PyObject *callable = home ? PyObject_GetAttrString(home, function) : NULL;
    PyObject *said = callable ? PyObject_CallObject(callable, args) : NULL;
    Py_XDECREF(callable);
    Py_XDECREF(home);
    Py_XDECREF(args);
    return said;
}

PyObject *ll_shown(PyObject *value)
{
    return ask("logitlab.messages", "shown", Py_BuildValue("(O)", value));
}

void ll_got(PyObject *type, PyObject *value, const char *needed, ...)
{
    va_list parts;
    if (!ll_refused()) {
        return;
    }
    va_start(parts, needed);
    PyObject *text = PyUnicode_FromFormatV(needed, parts);
    va_end(parts);
    PyObject *got = text ? ll_shown(value) : NULL;
    if (got) {
        PyErr_Format(type, "%U, got %U", text, got);
    }
    Py_XDECREF(got);
    Py_XDECREF(text);
}

static void type_error(PyObject *said)
{
    if (said) {
        PyErr_SetObject(PyExc_TypeError, said);
    }
    Py_XDECREF(said);
}

void ll_refuse(const ll_range *range, PyObject *value)
{
    PyErr_Clear();
    PyObject *args =
        Py_BuildValue("(sddOOO)", range->name, range->low, range->high,
                      range->above ? Py_True : Py_False, range->whole ? Py_True : Py_False, value);
    PyObject *fine = ask("logitlab.ranges", "refuse", args);
    if (fine) {
        PyErr_Format(PyExc_SystemError, "%s is refused here, but not in logitlab.ranges",
                     range->name);
    }
    Py_XDECREF(fine);
}

void ll_habit(const char *habit, PyObject *value)
{
    if (!ll_refused()) {
        return;
    }
    type_error(ask("logitlab.habits", habit, Py_BuildValue("(O)", value)));
}

void ll_axis_needed(PyObject *axis)
{
    ll_habit("axis_needed", axis);
}

void ll_tokens_needed(PyObject *tokens, npy_intp n)
{
    Py_XDECREF(
        ask("logitlab.messages", "refuse_tokens", Py_BuildValue("(On)", tokens, (Py_ssize_t)n)));
    if (!PyErr_Occurred()) {
        PyErr_SetString(PyExc_ValueError, "tokens changed while they were read");
    }
}

static PyObject *names_from(const ll_signature *s, int first)
{
    PyObject *names = PyList_New(0);
    for (int i = first; names && i < s->total; i++) {
        PyObject *name = PyUnicode_FromString(s->names[i]);
        if (!name || PyList_Append(names, name) < 0) {
            Py_CLEAR(names);
        }
        Py_XDECREF(name);
    }
    return names;
}

void ll_unexpected(const ll_signature *s, PyObject *name)
{
    PyObject *names = names_from(s, 0);
    if (names) {
        type_error(
            ask("logitlab.habits", "unexpected", Py_BuildValue("(sOO)", s->function, name, names)));
    }
    Py_XDECREF(names);
}

void ll_too_many(const ll_signature *s, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *names = names_from(s, s->positional), *given = PyTuple_New(nargs);
    for (Py_ssize_t i = 0; given && i < nargs; i++) {
        Py_INCREF(args[i]);
        PyTuple_SetItem(given, i, args[i]);
    }
    if (names && given) {
        type_error(ask("logitlab.habits", "too_many",
                       Py_BuildValue("(siOO)", s->function, s->positional, given, names)));
    }
    Py_XDECREF(given);
    Py_XDECREF(names);
}

PyObject *ll_shape_tuple(int ndim, const npy_intp *shape)
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
