/* Translates the outcome of a transfer into a Python exception. */
#include "http.h"

static const struct {
    unsigned code;
    const char *kind;
} kinds[] = {
    {LL_CURLE_UNSUPPORTED_PROTOCOL, "protocol"},
    {LL_CURLE_URL_MALFORMAT, "url"},
    {LL_CURLE_COULDNT_RESOLVE_PROXY, "proxy"},
    {LL_CURLE_COULDNT_RESOLVE_HOST, "resolve"},
    {LL_CURLE_COULDNT_CONNECT, "connect"},
    {LL_CURLE_WEIRD_SERVER_REPLY, "protocol"},
    {LL_CURLE_OPERATION_TIMEDOUT, "connect"},
    {LL_CURLE_SSL_CONNECT_ERROR, "tls"},
    {LL_CURLE_TOO_MANY_REDIRECTS, "redirect"},
    {LL_CURLE_PEER_FAILED_VERIFICATION, "tls"},
    {LL_CURLE_SSL_CACERT_BADFILE, "tls"},
    {LL_CURLE_SSL_CERTPROBLEM, "tls"},
    {LL_CURLE_PROXY, "proxy"},
};

/* Every other code is a connection that broke after it was established. */
static const char *kind_of(unsigned code)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].code == code) {
            return kinds[i].kind;
        }
    }
    return "broken";
}

static int set_attribute(PyObject *error, const char *name, PyObject *value)
{
    int status = value == NULL ? -1 : PyObject_SetAttrString(error, name, value);
    Py_XDECREF(value);
    return status;
}

static void raise_error(HttpState *state, const char *kind, unsigned code, const char *message)
{
    /* curl quotes what the server sent, which need not be UTF-8 */
    PyObject *text = PyUnicode_DecodeUTF8(message, (Py_ssize_t)strlen(message), "replace");
    PyObject *error = NULL;
    if (text == NULL) {
        return;
    }
    error = PyObject_CallFunctionObjArgs(state->TransportError, text, NULL);
    Py_DECREF(text);
    if (error == NULL) {
        return;
    }
    if (set_attribute(error, "kind", PyUnicode_FromString(kind)) == 0 &&
        set_attribute(error, "code", PyLong_FromUnsignedLong(code)) == 0) {
        PyErr_SetObject(state->TransportError, error);
    }
    Py_DECREF(error);
}

static void raise_curl(HttpState *state, const struct ll_transfer *transfer, const char *kind)
{
    if (transfer->code == LL_CURLE_OUT_OF_MEMORY) {
        PyErr_NoMemory();
        return;
    }
    const char *words = transfer->detail;
    if (words[0] == '\0') {
        words = transfer->curl->easy_strerror(transfer->code);
    }
    raise_error(state, kind, transfer->code, words);
}

static void raise_multi(HttpState *state, const struct ll_transfer *transfer)
{
    if (transfer->code == LL_CURLM_OUT_OF_MEMORY) {
        PyErr_NoMemory();
        return;
    }
    raise_error(state, "setup", transfer->code,
                transfer->curl->multi_strerror((int)transfer->code));
}

void http_set_error(HttpState *state, const struct ll_transfer *transfer)
{
    char message[128];
    switch (transfer->failure) {
    case LL_CURL:
        raise_curl(state, transfer, kind_of(transfer->code));
        break;
    case LL_PROXY:
        raise_curl(state, transfer, "proxy");
        break;
    case LL_REFUSED:
        raise_curl(state, transfer, "setup");
        break;
    case LL_MULTI:
        raise_multi(state, transfer);
        break;
    case LL_FILES:
        raise_error(state, "files", 0, "too many open files");
        break;
    case LL_TOO_LONG:
        snprintf(message, sizeof message, "a line of the answer is longer than %zu bytes",
                 transfer->limit);
        raise_error(state, "line", 0, message);
        break;
    case LL_SILENCE:
        snprintf(message, sizeof message, "nothing came for %g seconds", transfer->silence);
        raise_error(state, "silence", 0, message);
        break;
    case LL_STOPPED:
        raise_error(state, "closed", 0, "the stream was closed before its end");
        break;
    case LL_FORKED:
        raise_error(state, "forked", 0, "only the process that opened a stream can read it");
        break;
    case LL_MEMORY:
        PyErr_NoMemory();
        break;
    case LL_FINE:
        PyErr_SetString(PyExc_SystemError, "a transfer that ended well was reported as failed");
        break;
    }
}
