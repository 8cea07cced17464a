/* Arguments of a fast call (METH_FASTCALL | METH_KEYWORDS), matched against a table of names.
 *
 * At n = 4 the call is the whole cost, so nothing is allocated and a positional argument costs one
 * store.
 */
#include "api.h"

int ll_intern(const ll_signature *s, PyObject **interned)
{
    for (int i = 0; i < s->total; i++) {
        interned[i] = PyUnicode_InternFromString(s->names[i]);
        if (!interned[i]) {
            return -1;
        }
    }
    return 0;
}

/* by address, which an interned name has in common; a name made at run time by its characters */
static int find(const ll_signature *s, PyObject *const *interned, PyObject *name)
{
    for (int i = 0; i < s->total; i++) {
        if (name == interned[i]) {
            return i;
        }
    }
    for (int i = 0; i < s->total; i++) {
        if (PyUnicode_CompareWithASCIIString(name, s->names[i]) == 0) {
            return i;
        }
    }
    return -1;
}

int ll_knows(const ll_signature *s, PyObject *const *interned, PyObject *keywords)
{
    Py_ssize_t n = keywords ? PyTuple_Size(keywords) : 0, known = 0;
    while (known < n && find(s, interned, PyTuple_GetItem(keywords, known)) >= 0) {
        known++;
    }
    return known == n;
}

int ll_parse(const ll_signature *s, PyObject *const *interned, PyObject *const *args,
             Py_ssize_t nargs, PyObject *keywords, PyObject **values)
{
    Py_ssize_t n_keywords = keywords ? PyTuple_Size(keywords) : 0;
    if (nargs > s->positional) {
        ll_too_many(s, args, nargs);
        return -1;
    }
    for (int i = 0; i < s->total; i++) {
        values[i] = i < nargs ? args[i] : NULL;
    }
    for (Py_ssize_t i = 0; i < n_keywords; i++) {
        PyObject *name = PyTuple_GetItem(keywords, i);
        int at = name ? find(s, interned, name) : -1;
        if (at < 0) {
            ll_unexpected(s, name);
            return -1;
        }
        if (values[at]) {
            PyErr_Format(PyExc_TypeError, "%s() got multiple values for argument '%U'", s->function,
                         name);
            return -1;
        }
        values[at] = args[nargs + i];
    }
    for (int i = 0; i < s->required; i++) {
        if (!values[i]) {
            PyErr_Format(PyExc_TypeError, "%s() missing required argument: '%s'", s->function,
                         s->names[i]);
            return -1;
        }
    }
    return 0;
}
