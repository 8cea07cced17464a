/* Connection: a server's address and the handles whose connections to it are alive.
 *
 * A request borrows a handle for as long as it runs, so any number of threads work at once, each on
 * a handle of its own; the one given back last goes out first, which is the one most likely to be
 * alive still. After a fork the child leaves the parent's connections alone.
 */
#include "http.h"

#include <unistd.h>

enum { MOST_IDLE = sizeof((Connection *)NULL)->idle / sizeof((Connection *)NULL)->idle[0] };

bool connection_borrow(Connection *self, struct ll_handle *handle)
{
    *handle = (struct ll_handle){0};
    PyThread_acquire_lock(self->lock, WAIT_LOCK);
    bool closed = self->closed;
    if (self->owner != (long)getpid()) {
        self->owner = (long)getpid();
        self->n_idle = 0;
    }
    if (!closed && self->n_idle > 0) {
        *handle = self->idle[--self->n_idle];
    }
    PyThread_release_lock(self->lock);
    if (closed) {
        PyErr_SetString(PyExc_ValueError, "the connection is closed");
        return false;
    }
    if (handle->easy == NULL && !ll_handle_open(&self->state->curl, handle)) {
        PyErr_NoMemory();
        return false;
    }
    return true;
}

void connection_give_back(Connection *self, struct ll_handle *handle)
{
    PyThread_acquire_lock(self->lock, WAIT_LOCK);
    bool kept = !self->closed && self->n_idle < MOST_IDLE && self->owner == (long)getpid();
    if (kept) {
        self->idle[self->n_idle++] = *handle;
    }
    PyThread_release_lock(self->lock);
    if (!kept) {
        ll_handle_close(&self->state->curl, handle);
    }
}

static void close_idle(Connection *self)
{
    struct ll_handle idle[MOST_IDLE];
    int n = 0;
    PyThread_acquire_lock(self->lock, WAIT_LOCK);
    self->closed = true;
    if (self->owner == (long)getpid()) {
        n = self->n_idle;
        memcpy(idle, self->idle, sizeof idle);
    }
    self->n_idle = 0;
    PyThread_release_lock(self->lock);
    for (int i = 0; i < n; i++) {
        ll_handle_close(&self->state->curl, &idle[i]);
    }
}

/* Whether the host of the address is this machine: a proxy could not reach it. */
static bool is_loopback(const char *url)
{
    const char *host = strstr(url, "://") + 3;
    size_t authority = strcspn(host, "/?#");
    for (const char *at = host; (at = memchr(at, '@', authority - (size_t)(at - host))) != NULL;) {
        authority -= (size_t)(++at - host);
        host = at;
    }
    size_t n = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/?#");
    return (n > 4 && strncmp(host, "127.", 4) == 0) ||
           (n == 9 && strncmp(host, "localhost", 9) == 0) ||
           (n == 5 && strncmp(host, "[::1]", 5) == 0);
}

static char *copy_string(const char *text)
{
    char *copy = PyMem_Malloc(strlen(text) + 1);
    if (copy == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    return strcpy(copy, text);
}

static bool is_address(const char *base)
{
    return strncmp(base, "http://", 7) == 0 || strncmp(base, "https://", 8) == 0;
}

static int fill(Connection *self, const char *base, const char *ca_file, PyObject *headers)
{
    self->direct = is_loopback(base);
    self->owner = (long)getpid();
    self->lock = PyThread_allocate_lock();
    if (self->lock == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->base = copy_string(base);
    if (self->base == NULL) {
        return -1;
    }
    if (ca_file != NULL && (self->ca_file = copy_string(ca_file)) == NULL) {
        return -1;
    }
    self->headers = headers == NULL ? PyTuple_New(0) : PySequence_Tuple(headers);
    return self->headers == NULL ? -1 : 0;
}

static PyObject *connection_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"base", "headers", "connect_timeout", "silence", "ca_file", NULL};
    const char *base = NULL, *ca_file = NULL;
    PyObject *headers = NULL;
    double connect_timeout = 3, silence = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "s|$Oddz:Connection", names, &base, &headers,
                                     &connect_timeout, &silence, &ca_file)) {
        return NULL;
    }
    if (!is_address(base)) {
        PyErr_Format(PyExc_ValueError, "base must begin with http:// or https://, got '%s'", base);
        return NULL;
    }
    if (!(connect_timeout > 0 && connect_timeout < 1e6) || !(silence >= 0)) {
        PyErr_SetString(PyExc_ValueError,
                        "connect_timeout must be in (0, 1e6) seconds and silence not "
                        "below 0 (0: no limit)");
        return NULL;
    }
    HttpState *state = PyType_GetModuleState(type);
    if (http_curl(state) == NULL) {
        return NULL;
    }
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Connection *self = (Connection *)allocate(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->state = state;
    self->connect_timeout = connect_timeout;
    self->silence = silence;
    if (fill(self, base, ca_file, headers) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static int connection_traverse(Connection *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE((PyObject *)self));
    Py_VISIT(self->headers);
    return 0;
}

static int connection_clear(Connection *self)
{
    Py_CLEAR(self->headers);
    return 0;
}

static void connection_dealloc(Connection *self)
{
    PyTypeObject *type = Py_TYPE((PyObject *)self);
    PyObject_GC_UnTrack(self);
    connection_clear(self);
    if (self->lock != NULL) {
        close_idle(self);
        PyThread_free_lock(self->lock);
    }
    PyMem_Free(self->base);
    PyMem_Free(self->ca_file);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(self);
    Py_DECREF(type);
}

PyDoc_STRVAR(
    stream_doc,
    "stream($self, method, path, body=None, headers=(), *, cancelled=...)\n--\n\n"
    "Starts a request and gives its Stream at once, before any answer. `path` is appended to the\n"
    "base, `body` is bytes, `headers` are 'Name: value' strings. `cancelled()` is asked ten times "
    "a\n"
    "second while the stream waits; True closes it.");

static PyObject *connection_stream(Connection *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"method", "path", "body", "headers", "cancelled", NULL};
    const char *method = NULL, *path = NULL;
    PyObject *body = Py_None, *headers = NULL, *cancelled = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "ss|OO$O:stream", names, &method, &path, &body,
                                     &headers, &cancelled)) {
        return NULL;
    }
    return stream_open(self, method, path, body, headers, cancelled);
}

PyDoc_STRVAR(request_doc, "request($self, method, path, body=None, headers=())\n--\n\n"
                          "The whole answer as (status, content type, body), body as bytes.");

static PyObject *connection_request(Connection *self, PyObject *args, PyObject *kwargs)
{
    PyObject *stream = connection_stream(self, args, kwargs);
    PyObject *answer = stream == NULL ? NULL : stream_answer(stream);
    Py_XDECREF(stream); /* closes it */
    return answer;
}

PyDoc_STRVAR(close_doc,
             "close($self)\n--\n\n"
             "Closes the idle connections; a stream that is open stays so. No new request.");

static PyObject *connection_close(Connection *self, PyObject *Py_UNUSED(ignored))
{
    close_idle(self);
    Py_RETURN_NONE;
}

static PyObject *connection_enter(Connection *self, PyObject *Py_UNUSED(ignored))
{
    return Py_NewRef((PyObject *)self);
}

static PyObject *connection_exit(Connection *self, PyObject *Py_UNUSED(args))
{
    return connection_close(self, NULL);
}

static PyMethodDef connection_methods[] = {
    {"stream", (PyCFunction)(void (*)(void))connection_stream, METH_VARARGS | METH_KEYWORDS,
     stream_doc},
    {"request", (PyCFunction)(void (*)(void))connection_request, METH_VARARGS | METH_KEYWORDS,
     request_doc},
    {"close", (PyCFunction)connection_close, METH_NOARGS, close_doc},
    {"__enter__", (PyCFunction)connection_enter, METH_NOARGS, NULL},
    {"__exit__", (PyCFunction)connection_exit, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(
    connection_doc,
    "Connection(base, *, headers=(), connect_timeout=3.0, silence=0.0, ca_file=None)\n--\n\n"
    "Requests to one server, from any thread; connections are kept alive and reused.\n\n"
    "`silence` is the longest time in seconds without a byte from the server (0: no limit).\n"
    "`ca_file` holds the certificates to trust instead of the system's.");

static PyType_Slot connection_slots[] = {
    {Py_tp_doc, (void *)connection_doc},
    {Py_tp_new, (void *)connection_new},
    {Py_tp_dealloc, (void *)connection_dealloc},
    {Py_tp_traverse, (void *)connection_traverse},
    {Py_tp_clear, (void *)connection_clear},
    {Py_tp_methods, connection_methods},
    {0, NULL},
};

PyType_Spec connection_spec = {
    .name = "logitlab._http.Connection",
    .basicsize = sizeof(Connection),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = connection_slots,
};
