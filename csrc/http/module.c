/* logitlab._http: HTTP and NDJSON over libcurl, which is opened at first use and not linked.
 *
 * To see how a request runs, read transfer.h, then stream.c. Python does the rest: JSON,
 * Ollama's protocol, errors that say what to do.
 */
#include "http.h"

static const char install[] =
    "logitlab's Ollama client needs libcurl 7.68 or newer; install it with "
    "`apt-get install libcurl4` (Debian, Ubuntu), `dnf install libcurl` (Fedora), "
    "`conda install libcurl` or `brew install curl`, or set LOGITLAB_LIBCURL to its path. Tried: ";

HttpState *http_state(PyObject *module)
{
    return PyModule_GetState(module);
}

#ifdef __APPLE__
static const char *const library_names[] = {"libcurl.4.dylib"};
#else
/* The second one comes with git on Debian: the same library on GnuTLS. */
static const char *const library_names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};
#endif
enum { NAMES = sizeof library_names / sizeof library_names[0] };

/* <prefix>/lib/<name> as a new string: an environment's own library comes before the system's. */
static PyObject *in_environment(const char *attribute)
{
    PyObject *prefix = PySys_GetObject(attribute); /* borrowed */
    if (prefix == NULL || !PyUnicode_Check(prefix)) {
        return PyUnicode_FromString(library_names[0]);
    }
    return PyUnicode_FromFormat("%U/lib/%s", prefix, library_names[0]);
}

static bool open_first(HttpState *state, const char *const *paths)
{
    char why[1024];
    if (ll_libcurl_open(&state->curl, paths, why, sizeof why)) {
        return true;
    }
    PyErr_Format(PyExc_ImportError, "%s%s", install, why);
    return false;
}

static bool open_anywhere(HttpState *state)
{
    const char *paths[2 + NAMES + 1] = {getenv("LOGITLAB_LIBCURL")};
    if (paths[0] != NULL && paths[0][0] != '\0') {
        return open_first(state, paths);
    }
    bool opened = false;
    PyObject *prefix = in_environment("prefix");
    PyObject *base = in_environment("base_prefix");
    if (prefix == NULL || base == NULL) {
        goto done;
    }
    paths[0] = PyUnicode_AsUTF8AndSize(prefix, NULL);
    paths[1] = PyUnicode_AsUTF8AndSize(base, NULL);
    if (paths[0] == NULL || paths[1] == NULL) {
        goto done;
    }
    memcpy(paths + 2, library_names, sizeof library_names);
    opened = open_first(state, paths);
done:
    Py_XDECREF(prefix);
    Py_XDECREF(base);
    return opened;
}

const struct ll_curl *http_curl(HttpState *state)
{
    PyThreadState *suspended = PyEval_SaveThread();
    PyThread_acquire_lock(state->lock, WAIT_LOCK);
    PyEval_RestoreThread(suspended);
    if (!state->opened) {
        state->opened = open_anywhere(state);
    }
    bool opened = state->opened;
    PyThread_release_lock(state->lock);
    return opened ? &state->curl : NULL;
}

PyDoc_STRVAR(version_doc,
             "libcurl_version()\n--\n\nWhat the opened libcurl says it is, and is built on.");

static PyObject *libcurl_version(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    const struct ll_curl *curl = http_curl(http_state(module));
    return curl == NULL ? NULL : PyUnicode_FromString(curl->version());
}

PyDoc_STRVAR(
    error_doc,
    "A request that got no answer, or not all of it.\n\n"
    "`kind` is one of url, resolve, connect, proxy, tls, setup, files, protocol, redirect,\n"
    "broken, silence, line, closed, forked; `code` is libcurl's number, or 0.");

static int add_type(PyObject *module, PyType_Spec *spec, PyTypeObject **type)
{
    *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    return *type == NULL ? -1 : PyModule_AddType(module, *type);
}

static int http_exec(PyObject *module)
{
    HttpState *state = http_state(module);
    state->lock = PyThread_allocate_lock();
    if (state->lock == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    state->TransportError =
        PyErr_NewExceptionWithDoc("logitlab._http.TransportError", error_doc, NULL, NULL);
    if (state->TransportError == NULL ||
        PyModule_AddObjectRef(module, "TransportError", state->TransportError) < 0) {
        return -1;
    }
    if (add_type(module, &connection_spec, &state->Connection) < 0) {
        return -1;
    }
    return add_type(module, &stream_spec, &state->Stream);
}

static int http_traverse(PyObject *module, visitproc visit, void *arg)
{
    HttpState *state = http_state(module);
    Py_VISIT(state->TransportError);
    Py_VISIT(state->Connection);
    Py_VISIT(state->Stream);
    return 0;
}

static int http_clear(PyObject *module)
{
    HttpState *state = http_state(module);
    Py_CLEAR(state->TransportError);
    Py_CLEAR(state->Connection);
    Py_CLEAR(state->Stream);
    return 0;
}

/* The library stays open: what it initialised in the process (TLS) must outlive us. */
static void http_free(void *module)
{
    HttpState *state = http_state(module);
    http_clear(module);
    if (state->lock != NULL) {
        PyThread_free_lock(state->lock);
        state->lock = NULL;
    }
}

static PyMethodDef http_methods[] = {
    {"libcurl_version", libcurl_version, METH_NOARGS, version_doc},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot http_slots[] = {
    {Py_mod_exec, (void *)http_exec},
/* CPython 3.15 names the slots in every limited API and their values in its own only, so the values
 * are what to ask for. */
#ifdef Py_MOD_PER_INTERPRETER_GIL_SUPPORTED
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
#ifdef Py_MOD_GIL_NOT_USED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static struct PyModuleDef http_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "logitlab._http",
    .m_doc = "HTTP and NDJSON over libcurl, which is opened at first use.",
    .m_size = sizeof(HttpState),
    .m_methods = http_methods,
    .m_slots = http_slots,
    .m_traverse = http_traverse,
    .m_clear = http_clear,
    .m_free = http_free,
};

PyMODINIT_FUNC PyInit__http(void)
{
    return PyModuleDef_Init(&http_module);
}
