/* What the files of logitlab._http that know Python share: the module's state, the two types, the
 * error translator. Helpers whose name ends in _lock_held require the object's lock to be held. */
#ifndef LOGITLAB_HTTP_HTTP_H
#define LOGITLAB_HTTP_HTTP_H

#include <Python.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pool.h"

typedef struct {
    PyObject *TransportError;
    PyTypeObject *Connection;
    PyTypeObject *Stream;
    PyThread_type_lock lock; /* of the two below */
    bool opened;
    struct ll_curl curl; /* read-only once opened */
} HttpState;

HttpState *http_state(PyObject *module);

/* libcurl, opened if it is not yet; NULL with an ImportError that names the package to install. */
const struct ll_curl *http_curl(HttpState *state);

/* The exception for a transfer's failure: TransportError or MemoryError. */
void http_set_error(HttpState *state, const struct ll_transfer *transfer);

/* The texts of a Connection; all but the first may be NULL. */
enum { BASE, CA_FILE, CERT_FILE, KEY_FILE, KEY_PASSWORD, TEXTS };

/* connection.c: a base address, what every request has in common, and the pool of its handles. */
typedef struct {
    PyObject_HEAD
    HttpState *state;  /* lives as long as the type */
    PyObject *headers; /* tuple of str, sent with every request */
    char *texts[TEXTS];
    double connect_timeout;
    double silence;
    bool direct;
    bool verify;
    struct ll_pool pool;
} Connection;

extern PyType_Spec connection_spec;

/* stream.c: one request and its answer; opening.c: how it is started. */
typedef struct {
    PyObject_HEAD
    Connection *connection;
    PyObject *body;          /* bytes that curl reads, or None */
    PyObject *cancelled;     /* NULL, or asked between two slices of a wait whether to close */
    PyThread_type_lock lock; /* of what follows */
    struct ll_transfer transfer;
    bool started;
    bool finished; /* the handle is gone; below is what is kept of it */
    bool reported; /* its failure was raised */
    long status;
    char content_type[128];
} Stream;

extern PyType_Spec stream_spec;

PyObject *stream_open(Connection *connection, const char *method, const char *path, PyObject *body,
                      PyObject *headers, PyObject *cancelled);
/* (status, content type, body) of the whole answer. */
PyObject *stream_answer(PyObject *stream);

#endif
