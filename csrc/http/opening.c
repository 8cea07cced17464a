/* How a Stream begins: address, headers and body checked, a handle borrowed, the request handed to
 * curl. */
#include "http.h"

enum { LINE_LIMIT = 64 << 20 };

/* Appends the strings to the request's headers, refusing what would be two headers. */
static int add_headers(struct ll_transfer *transfer, PyObject *headers)
{
    for (Py_ssize_t i = 0; i < PyTuple_Size(headers); i++) {
        const char *text = PyUnicode_AsUTF8AndSize(PyTuple_GetItem(headers, i), NULL);
        if (text == NULL) {
            return -1;
        }
        if (strpbrk(text, "\r\n") != NULL) {
            PyErr_SetString(PyExc_ValueError, "a header must be one line");
            return -1;
        }
        struct ll_curl_slist *longer = transfer->curl->slist_append(transfer->headers, text);
        if (longer == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        transfer->headers = longer;
    }
    return 0;
}

static int add_all_headers(Stream *self, PyObject *headers)
{
    PyObject *own = headers == NULL ? PyTuple_New(0) : PySequence_Tuple(headers);
    /* curl would ask a server for permission to send a large body, and wait a second for the
     * answer. */
    PyObject *fixed = Py_BuildValue("(s)", "Expect:");
    int status = -1;
    if (own != NULL && fixed != NULL && add_headers(&self->transfer, fixed) == 0 &&
        add_headers(&self->transfer, self->connection->headers) == 0) {
        status = add_headers(&self->transfer, own);
    }
    Py_XDECREF(own);
    Py_XDECREF(fixed);
    return status;
}

static int check_url(const char *url)
{
    for (const char *c = url; *c != '\0'; c++) {
        if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 127) {
            PyErr_Format(PyExc_ValueError,
                         "an address must have its blanks, control and non-ASCII characters "
                         "percent-encoded, got the byte 0x%02x",
                         (unsigned char)*c);
            return -1;
        }
    }
    return 0;
}

static int borrow(Stream *self)
{
    Connection *connection = self->connection;
    struct ll_transfer *transfer = &self->transfer;
    transfer->failure = ll_pool_borrow(&connection->pool, transfer->curl, &transfer->handle);
    if (transfer->failure == LL_STOPPED) {
        PyErr_SetString(PyExc_ValueError, "the connection is closed");
    } else if (transfer->failure != LL_FINE) {
        http_set_error(connection->state, transfer);
    }
    return transfer->failure == LL_FINE ? 0 : -1;
}

static int start(Stream *self, const char *method, const char *url, PyObject *headers)
{
    Connection *connection = self->connection;
    struct ll_request request = {
        .method = method,
        .url = url,
        .ca_file = connection->texts[CA_FILE],
        .cert_file = connection->texts[CERT_FILE],
        .key_file = connection->texts[KEY_FILE],
        .key_password = connection->texts[KEY_PASSWORD],
        .connect_timeout = connection->connect_timeout,
        .direct = connection->direct,
        .trusting = !connection->verify,
    };
    char *body = NULL;
    Py_ssize_t n_body = 0;
    if (self->body != Py_None && PyBytes_AsStringAndSize(self->body, &body, &n_body) < 0) {
        return -1;
    }
    request.body = body;
    request.n_body = (size_t)n_body;
    if (borrow(self) < 0) {
        return -1;
    }
    self->started = true;
    if (add_all_headers(self, headers) < 0) {
        return -1;
    }
    if (!ll_transfer_start(&self->transfer, &request)) {
        http_set_error(connection->state, &self->transfer);
        return -1;
    }
    return 0;
}

static Stream *stream_allocate(Connection *connection, PyObject *body)
{
    PyTypeObject *type = connection->state->Stream;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Stream *self = (Stream *)allocate(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->connection = (Connection *)Py_NewRef((PyObject *)connection);
    self->body = Py_NewRef(body);
    ll_transfer_init(&self->transfer, &connection->state->curl, LINE_LIMIT, connection->silence);
    self->lock = PyThread_allocate_lock();
    if (self->lock == NULL) {
        PyErr_NoMemory();
        Py_CLEAR(self);
    }
    return self;
}

PyObject *stream_open(Connection *connection, const char *method, const char *path, PyObject *body,
                      PyObject *headers, PyObject *cancelled)
{
    size_t n = strlen(connection->texts[BASE]) + strlen(path) + 1;
    char *url = PyMem_Malloc(n);
    Stream *self = NULL;
    if (url == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    snprintf(url, n, "%s%s", connection->texts[BASE], path);
    if (check_url(url) < 0) {
        goto done;
    }
    self = stream_allocate(connection, body);
    if (self != NULL && cancelled != NULL) {
        self->cancelled = Py_NewRef(cancelled);
    }
    if (self != NULL && start(self, method, url, headers) < 0) {
        Py_CLEAR(self);
    }
done:
    PyMem_Free(url);
    return (PyObject *)self;
}
