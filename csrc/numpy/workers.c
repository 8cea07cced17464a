/* How many threads a call may use: its own workers=, else the process's setting, which begins as
 * the environment's LOGITLAB_WORKERS or 1. As in scipy.fft a negative number counts down from the
 * cores; it is resolved when a call is made, because a process may be moved to other cores
 * meanwhile.
 */
#include "api.h"

#include "threads.h"

typedef struct {
    const char *name;
    PyObject *wrong_type, *wrong_value; /* the errors that it raises */
} source;

/* an integer that is not 0 and does not count down below one core */
static int number_from(PyObject *value, const source *from, long long *number)
{
    static const char NEEDED[] =
        "%s must be an integer >= 1, or from -1 (every core that this process may use) to -%d (one "
        "of %d)";
    int cores = (int)ll_cores(), found = ll_integer(value, from->name, number);
    if (found <= 0 || *number == 0 || *number < -cores) {
        if (found >= 0) {
            ll_got(found ? from->wrong_value : from->wrong_type, value, NEEDED, from->name, cores,
                   cores);
        }
        return -1;
    }
    return 0;
}

static int argument_from(PyObject *value, long long *number)
{
    const source argument = {"workers", PyExc_TypeError, PyExc_ValueError};
    return number_from(value, &argument, number);
}

static int environment_from(const char *text, long long *number)
{
    const source environment = {"LOGITLAB_WORKERS", PyExc_ImportError, PyExc_ImportError};
    PyObject *value = PyLong_FromString(text, NULL, 10);
    if (!value) {
        PyErr_Clear();
        value = PyUnicode_DecodeFSDefault(text);
    }
    int status = value ? number_from(value, &environment, number) : -1;
    Py_XDECREF(value);
    return status;
}

static size_t threads_of(long long number)
{
    if (number < 0) {
        number += (long long)ll_cores() + 1;
        return number < 1 ? 1 : (size_t)number;
    }
    return (size_t)number;
}

static PyObject *close_threads(PyObject *unused, PyObject *none)
{
    (void)unused;
    (void)none;
    Py_BEGIN_ALLOW_THREADS ll_threads_close();
    Py_END_ALLOW_THREADS return ll_keep(Py_None);
}

/* at exit, before the interpreter goes */
static int register_close(void)
{
    static PyMethodDef close = {"close_threads", close_threads, METH_NOARGS, NULL};
    PyObject *function = PyCFunction_NewEx(&close, NULL, NULL);
    PyObject *atexit = function ? PyImport_ImportModule("atexit") : NULL;
    PyObject *done = atexit ? PyObject_CallMethod(atexit, "register", "O", function) : NULL;
    Py_XDECREF(done);
    Py_XDECREF(atexit);
    Py_XDECREF(function);
    return done ? 0 : -1;
}

int ll_workers_from(ll_state *state, PyObject *value, size_t *workers)
{
    long long number = atomic_load(&state->workers);
    if (value && value != Py_None && argument_from(value, &number) < 0) {
        return -1;
    }
    *workers = threads_of(number);
    if (*workers > 1 && !atomic_exchange(&state->closes, 1) && register_close() < 0) {
        atomic_store(&state->closes, 0);
        return -1;
    }
    return 0;
}

PyObject *ll_threads_of(PyObject *module, PyObject *value)
{
    size_t workers;
    if (ll_workers_from(ll_state_of(module), value, &workers) < 0) {
        return NULL;
    }
    return PyLong_FromSize_t(workers);
}

PyObject *ll_set_workers(PyObject *module, PyObject *value)
{
    long long number;
    if (argument_from(value, &number) < 0) {
        return NULL;
    }
    return PyLong_FromLongLong(atomic_exchange(&ll_state_of(module)->workers, number));
}

int ll_workers_begin(ll_state *state)
{
    const char *text = getenv("LOGITLAB_WORKERS");
    long long number = 1;
    if (text && *text && environment_from(text, &number) < 0) {
        return -1;
    }
    atomic_store(&state->workers, number);
    return 0;
}
