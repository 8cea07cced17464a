/* Stream: one request and its answer, read line by line.
 *
 * Nothing runs in the background: bytes are received inside next(), wait(), read() and
 * finish(), without the GIL, in slices of a tenth of a second between which signals are handled.
 * Closing is always possible, also from another thread while one waits, and closes the connection
 * unless the answer has come to its end.
 */
#include "http.h"

enum { SLICE_MS = 100 };

static int stream_lock(Stream *self)
{
    int got = PyThread_acquire_lock(self->lock, NOWAIT_LOCK);
    while (!got) {
        PyThreadState *suspended = PyEval_SaveThread();
        got = PyThread_acquire_lock_timed(self->lock, SLICE_MS * 1000, 0) == PY_LOCK_ACQUIRED;
        PyEval_RestoreThread(suspended);
        if (PyErr_CheckSignals() < 0) {
            if (got) {
                PyThread_release_lock(self->lock);
            }
            return -1;
        }
    }
    return 0;
}

static long status_lock_held(Stream *self)
{
    return self->finished ? self->status : ll_transfer_status(&self->transfer);
}

static const char *content_type_lock_held(Stream *self)
{
    return self->finished ? self->content_type : ll_transfer_content_type(&self->transfer);
}

/* Returns the handle to the pool, or closes its connection if the answer is unfinished. */
static void finish_lock_held(Stream *self)
{
    struct ll_handle handle;
    if (self->finished) {
        return;
    }
    self->status = status_lock_held(self);
    snprintf(self->content_type, sizeof self->content_type, "%s", content_type_lock_held(self));
    self->finished = true;
    if (!self->transfer.ended) {
        self->transfer.failure = LL_STOPPED;
    }
    if (self->started && ll_transfer_finish(&self->transfer, &handle)) {
        ll_pool_give_back(&self->connection->pool, self->transfer.curl, &handle);
    }
    Py_CLEAR(self->body);
}

/* Closes the stream if the caller's `cancelled` says so; -1 when it raised. */
static int ask_lock_held(Stream *self)
{
    PyObject *answer = PyObject_CallNoArgs(self->cancelled);
    int yes = answer == NULL ? -1 : PyObject_IsTrue(answer);
    Py_XDECREF(answer);
    if (yes > 0) {
        finish_lock_held(self);
    }
    return yes < 0 ? -1 : 0;
}

/* One slice of waiting, without the GIL; -1 when a signal's handler raised. */
static int pump_lock_held(Stream *self, int ms)
{
    PyThreadState *suspended = PyEval_SaveThread();
    ll_transfer_step(&self->transfer, ms);
    PyEval_RestoreThread(suspended);
    if (PyErr_CheckSignals() < 0) {
        return -1;
    }
    return self->cancelled == NULL ? 0 : ask_lock_held(self);
}

enum goal { FIRST_BYTE, LINE, END };

static bool reached(Stream *self, enum goal goal)
{
    struct ll_transfer *transfer = &self->transfer;
    return self->finished || transfer->ended ||
           (goal == FIRST_BYTE && ll_lines_held(&transfer->lines) > 0) ||
           (goal == LINE && ll_lines_ready(&transfer->lines));
}

/* Waits for the goal, or until `seconds` are over (negative: never). */
static int wait_lock_held(Stream *self, enum goal goal, double seconds)
{
    if (reached(self, goal)) {
        return 0;
    }
    double start = ll_now(), left = seconds;
    ll_transfer_listen(&self->transfer);
    while (!reached(self, goal) && (seconds < 0 || left > 0)) {
        bool whole_slice = seconds < 0 || left * 1000 > (double)SLICE_MS;
        if (pump_lock_held(self, whole_slice ? SLICE_MS : (int)(left * 1000) + 1) < 0) {
            return -1;
        }
        left = seconds - (ll_now() - start);
    }
    return 0;
}

/* Raises the transfer's failure, once; nothing if it succeeded. */
static int check_lock_held(Stream *self)
{
    if (self->transfer.failure == LL_FINE || self->reported) {
        return 0;
    }
    finish_lock_held(self);
    self->reported = true;
    http_set_error(self->connection->state, &self->transfer);
    return -1;
}

static PyObject *as_text(const char *line, size_t n)
{
    return PyUnicode_DecodeUTF8(line, (Py_ssize_t)n, "replace");
}

/* What follows the last newline of a complete answer is a line too. */
static PyObject *last_line_lock_held(Stream *self)
{
    const char *line;
    size_t n;
    PyObject *text = NULL;
    if (check_lock_held(self) < 0 || self->finished) {
        return NULL;
    }
    if (ll_lines_last(&self->transfer.lines, &line, &n)) {
        text = as_text(line, n);
    }
    finish_lock_held(self);
    return text;
}

static PyObject *next_lock_held(Stream *self)
{
    const char *line;
    size_t n;
    if (self->finished) {
        check_lock_held(self);
        return NULL;
    }
    if (wait_lock_held(self, LINE, -1) < 0) {
        return NULL;
    }
    if (ll_lines_next(&self->transfer.lines, &line, &n)) {
        return as_text(line, n);
    }
    return last_line_lock_held(self);
}

static PyObject *stream_next(Stream *self)
{
    if (stream_lock(self) < 0) {
        return NULL;
    }
    PyObject *line = next_lock_held(self);
    PyThread_release_lock(self->lock);
    return line;
}

PyDoc_STRVAR(wait_doc,
             "wait($self, seconds=-1.0, /)\n--\n\n"
             "Waits for the answer's first byte or its end. False: it did not come in time.\n"
             "From then on `status` and `content_type` are known.");

static PyObject *stream_wait(Stream *self, PyObject *args)
{
    double seconds = -1;
    PyObject *result = NULL;
    if (!PyArg_ParseTuple(args, "|d:wait", &seconds) || stream_lock(self) < 0) {
        return NULL;
    }
    if (wait_lock_held(self, FIRST_BYTE, seconds) == 0) {
        bool held = !self->finished && ll_lines_held(&self->transfer.lines) > 0;
        if (held || check_lock_held(self) == 0) {
            result = PyBool_FromLong(reached(self, FIRST_BYTE));
        }
    }
    PyThread_release_lock(self->lock);
    return result;
}

PyDoc_STRVAR(
    read_doc,
    "read($self)\n--\n\nWaits for the answer's end and gives what was not read of it, as bytes.");

static PyObject *read_lock_held(Stream *self)
{
    const char *bytes = "";
    size_t n = 0;
    if (!self->finished) {
        self->transfer.whole = true;
        if (wait_lock_held(self, END, -1) < 0) {
            return NULL;
        }
    }
    if (check_lock_held(self) < 0) {
        return NULL;
    }
    if (!self->finished) {
        ll_lines_rest(&self->transfer.lines, &bytes, &n);
    }
    PyObject *rest = PyBytes_FromStringAndSize(bytes, (Py_ssize_t)n);
    finish_lock_held(self);
    return rest;
}

static PyObject *stream_read(Stream *self, PyObject *Py_UNUSED(ignored))
{
    if (stream_lock(self) < 0) {
        return NULL;
    }
    PyObject *rest = read_lock_held(self);
    PyThread_release_lock(self->lock);
    return rest;
}

/* A header's bytes have no encoding of their own; Latin-1 decodes any of them. */
static PyObject *header_text(const char *value)
{
    return PyUnicode_DecodeLatin1(value, (Py_ssize_t)strlen(value), NULL);
}

PyObject *stream_answer(PyObject *stream)
{
    Stream *self = (Stream *)stream;
    PyObject *body = stream_read(self, NULL);
    PyObject *type = body == NULL ? NULL : header_text(self->content_type);
    if (type == NULL) {
        Py_XDECREF(body);
        return NULL;
    }
    return Py_BuildValue("lNN", self->status, type, body);
}

PyDoc_STRVAR(finish_doc,
             "finish($self, seconds, /)\n--\n\n"
             "For an answer whose last line was read: waits a little for its end, so that the\n"
             "connection can be used again, and closes it if more comes instead.");

static PyObject *stream_finish(Stream *self, PyObject *args)
{
    double seconds;
    if (!PyArg_ParseTuple(args, "d:finish", &seconds) || stream_lock(self) < 0) {
        return NULL;
    }
    int status = wait_lock_held(self, LINE, seconds);
    if (status == 0) {
        finish_lock_held(self);
    }
    PyThread_release_lock(self->lock);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

PyDoc_STRVAR(close_doc,
             "close($self)\n--\n\n"
             "Ends the request, from any thread; one that waits gets TransportError (closed).");

static PyObject *stream_close(Stream *self, PyObject *Py_UNUSED(ignored))
{
    if (!PyThread_acquire_lock(self->lock, NOWAIT_LOCK)) {
        ll_transfer_stop(&self->transfer);
        if (stream_lock(self) < 0) {
            return NULL;
        }
    }
    finish_lock_held(self);
    PyThread_release_lock(self->lock);
    Py_RETURN_NONE;
}

static PyObject *stream_self(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_NewRef(self);
}

static PyObject *stream_exit(Stream *self, PyObject *Py_UNUSED(args))
{
    return stream_close(self, NULL);
}

static PyObject *get_status(Stream *self, void *Py_UNUSED(closure))
{
    if (stream_lock(self) < 0) {
        return NULL;
    }
    long status = status_lock_held(self);
    PyThread_release_lock(self->lock);
    return PyLong_FromLong(status);
}

static PyObject *get_content_type(Stream *self, void *Py_UNUSED(closure))
{
    if (stream_lock(self) < 0) {
        return NULL;
    }
    PyObject *text = header_text(content_type_lock_held(self));
    PyThread_release_lock(self->lock);
    return text;
}

static int stream_traverse(Stream *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE((PyObject *)self));
    Py_VISIT(self->connection);
    Py_VISIT(self->cancelled);
    return 0;
}

static int stream_clear(Stream *self)
{
    Py_CLEAR(self->cancelled);
    return 0;
}

static void stream_dealloc(Stream *self)
{
    PyTypeObject *type = Py_TYPE((PyObject *)self);
    PyObject_GC_UnTrack(self);
    stream_clear(self);
    finish_lock_held(self); /* no other reference exists */
    ll_transfer_free(&self->transfer);
    if (self->lock != NULL) {
        PyThread_free_lock(self->lock);
    }
    Py_CLEAR(self->body);
    Py_CLEAR(self->connection);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(self);
    Py_DECREF(type);
}

static PyMethodDef stream_methods[] = {
    {"wait", (PyCFunction)stream_wait, METH_VARARGS, wait_doc},
    {"read", (PyCFunction)stream_read, METH_NOARGS, read_doc},
    {"finish", (PyCFunction)stream_finish, METH_VARARGS, finish_doc},
    {"close", (PyCFunction)stream_close, METH_NOARGS, close_doc},
    {"__enter__", stream_self, METH_NOARGS, NULL},
    {"__exit__", (PyCFunction)stream_exit, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef stream_getters[] = {
    {"status", (getter)get_status, NULL, "The answer's HTTP status; 0 before it has come.", NULL},
    {"content_type", (getter)get_content_type, NULL, "The answer's Content-Type, or ''.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(
    stream_doc,
    "An answer as an iterator of its lines (str, without line ends, blank ones left out).\n\n"
    "Closed at its end, by close(), at the end of its `with` block, or when it is dropped.");

static PyType_Slot stream_slots[] = {
    {Py_tp_doc, (void *)stream_doc},
    {Py_tp_dealloc, (void *)stream_dealloc},
    {Py_tp_traverse, (void *)stream_traverse},
    {Py_tp_clear, (void *)stream_clear},
    {Py_tp_iter, (void *)PyObject_SelfIter},
    {Py_tp_iternext, (void *)stream_next},
    {Py_tp_methods, stream_methods},
    {Py_tp_getset, stream_getters},
    {0, NULL},
};

PyType_Spec stream_spec = {
    .name = "logitlab._http.Stream",
    .basicsize = sizeof(Stream),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE |
             Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = stream_slots,
};
