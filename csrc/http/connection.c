/* Connection: a server's address, what all requests to it share, and the pool of handles with open
 * connections. A request is a Stream; `request` reads one to its end. */
#include "http.h"

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

static int fill(Connection *self, const char *const *texts, PyObject *headers)
{
    for (int i = 0; i < TEXTS; i++) {
        if (texts[i] != NULL && (self->texts[i] = copy_string(texts[i])) == NULL) {
            return -1;
        }
    }
    self->headers = headers == NULL ? PyTuple_New(0) : PySequence_Tuple(headers);
    return self->headers == NULL ? -1 : 0;
}

static int check(const char *base, double connect_timeout, double silence)
{
    if (!is_address(base)) {
        PyErr_SetString(PyExc_ValueError, "base must begin with http:// or https://");
        return -1;
    }
    if (!(connect_timeout > 0 && connect_timeout < 1e6) || !(silence >= 0)) {
        PyErr_SetString(PyExc_ValueError,
                        "connect_timeout must be in (0, 1e6) seconds and silence not "
                        "below 0 (0: no limit)");
        return -1;
    }
    return 0;
}

static PyObject *connection_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"base",      "headers",  "connect_timeout", "silence", "ca_file",
                            "cert_file", "key_file", "key_password",    "verify",  "direct",
                            NULL};
    const char *texts[TEXTS] = {NULL};
    PyObject *headers = NULL;
    double connect_timeout = 3, silence = 0;
    int verify = 1, direct = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "s|$Oddzzzzpp:Connection", names, &texts[BASE],
                                     &headers, &connect_timeout, &silence, &texts[CA_FILE],
                                     &texts[CERT_FILE], &texts[KEY_FILE], &texts[KEY_PASSWORD],
                                     &verify, &direct) ||
        check(texts[BASE], connect_timeout, silence) < 0) {
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
    ll_pool_init(&self->pool);
    self->state = state;
    self->connect_timeout = connect_timeout;
    self->silence = silence;
    self->verify = verify;
    self->direct = direct;
    if (fill(self, texts, headers) < 0) {
        Py_CLEAR(self);
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
    ll_pool_close(&self->pool, &self->state->curl);
    ll_pool_free(&self->pool);
    for (int i = 0; i < TEXTS; i++) {
        PyMem_Free(self->texts[i]);
    }
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

PyDoc_STRVAR(drain_doc, "drain($self)\n--\n\n"
                        "Closes the idle connections; the next request opens one again.");

static PyObject *connection_drain(Connection *self, PyObject *Py_UNUSED(ignored))
{
    ll_pool_drain(&self->pool, &self->state->curl);
    Py_RETURN_NONE;
}

PyDoc_STRVAR(close_doc,
             "close($self)\n--\n\n"
             "Closes the idle connections; a stream that is open stays so. No new request.");

static PyObject *connection_close(Connection *self, PyObject *Py_UNUSED(ignored))
{
    ll_pool_close(&self->pool, &self->state->curl);
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
    {"drain", (PyCFunction)connection_drain, METH_NOARGS, drain_doc},
    {"close", (PyCFunction)connection_close, METH_NOARGS, close_doc},
    {"__enter__", (PyCFunction)connection_enter, METH_NOARGS, NULL},
    {"__exit__", (PyCFunction)connection_exit, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(
    connection_doc,
    "Connection(base, *, headers=(), connect_timeout=3.0, silence=0.0, ca_file=None,\n"
    "           cert_file=None, key_file=None, key_password=None, verify=True, direct=False)\n"
    "--\n\n"
    "Requests to one server, from any thread; connections are kept alive and reused.\n\n"
    "`silence` is the longest time in seconds without a byte from the server (0: no limit).\n"
    "`ca_file` holds the certificates to trust instead of the system's; `cert_file`, `key_file` "
    "and\n"
    "`key_password` are the client's own. With `verify=False` any certificate is trusted.\n"
    "With `direct=True` no proxy is used, whatever the environment says.");

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
