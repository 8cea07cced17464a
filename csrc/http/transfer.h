/* One HTTP exchange on one handle, without Python.
 *
 * A handle is an easy handle inside a multi handle of its own, which keeps the connection alive
 * between exchanges. The multi interface is what makes the rest possible: a wait ends after a given
 * time (so that signals are seen), another thread can end it (ll_transfer_stop), and a stream whose
 * reader is slow is paused instead of piling up: TCP then slows the server down.
 */
#ifndef LOGITLAB_HTTP_TRANSFER_H
#define LOGITLAB_HTTP_TRANSFER_H

#include "libcurl.h"
#include "lines.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

struct ll_handle {
    void *multi;
    void *easy;
    long owner; /* the process that opened it */
};

/* How a transfer ended, when it was not well. */
enum ll_failure {
    LL_FINE,
    LL_CURL,     /* code is curl's */
    LL_REFUSED,  /* curl refused an option of the request; code is curl's */
    LL_MULTI,    /* code is that of curl's multi interface */
    LL_MEMORY,   /* out of memory */
    LL_FILES,    /* too many open files */
    LL_PROXY,    /* a proxy refused to connect; code is curl's */
    LL_TOO_LONG, /* a line longer than the limit */
    LL_SILENCE,  /* nothing came for longer than allowed */
    LL_STOPPED,  /* closed from elsewhere */
    LL_FORKED,   /* opened by another process, of which this one is a fork */
};

/* LL_FINE, LL_MEMORY or LL_FILES. */
enum ll_failure ll_handle_open(const struct ll_curl *curl, struct ll_handle *handle);

/* Whether this process opened it, and not one that it was forked from. */
bool ll_handle_is_ours(const struct ll_handle *handle);

/* Closes the handle and its connection. One that another process opened is dropped instead: closing
 * it would shut down a connection that the other process still uses. */
void ll_handle_close(const struct ll_curl *curl, struct ll_handle *handle);

struct ll_request {
    const char *method;
    const char *url;
    const char *body; /* NULL: none; must outlive the transfer */
    size_t n_body;
    const char *ca_file;      /* NULL: the library's own */
    const char *cert_file;    /* the client's certificate, or NULL */
    const char *key_file;     /* its key; NULL: in cert_file */
    const char *key_password; /* or NULL */
    double connect_timeout;   /* seconds */
    bool direct;              /* no proxy, whatever the environment says */
    bool trusting;            /* no certificate is verified */
};

struct ll_transfer {
    const struct ll_curl *curl;
    struct ll_handle handle;
    pthread_mutex_t guard; /* held while `handle` is released and while another thread wakes it */
    struct ll_curl_slist *headers; /* owned */
    struct ll_lines lines;
    size_t limit;     /* bytes of one line */
    double silence;   /* how many seconds may pass without a byte; 0: no limit */
    double heard;     /* when the last byte came or went, or the wait began */
    atomic_bool stop; /* set by ll_transfer_stop */
    bool whole;       /* the reader wants everything at once: do not pause */
    bool paused;
    bool ended; /* nothing more will come */
    enum ll_failure failure;
    unsigned code;
    char detail[LL_CURL_ERROR_SIZE]; /* curl's own words about the failure */
};

void ll_transfer_init(struct ll_transfer *transfer, const struct ll_curl *curl, size_t limit,
                      double silence);
void ll_transfer_free(struct ll_transfer *transfer); /* after ll_transfer_finish */

/* Starts the exchange: nothing is waited for. `handle` and `headers` are set by then;
 * ll_transfer_finish ends it also on failure (false: `failure` and `code` say why). */
bool ll_transfer_start(struct ll_transfer *transfer, const struct ll_request *request);

/* Sends and receives without waiting; if there is then nothing to read, waits up to `ms`. */
void ll_transfer_step(struct ll_transfer *transfer, int ms);

/* Seconds of a clock that only goes forward. */
double ll_now(void);

/* Starts a wait: earlier silence does not count. */
void ll_transfer_listen(struct ll_transfer *transfer);

/* From any thread: makes a step in progress in another thread return now, and every later one at
 * once.
 */
void ll_transfer_stop(struct ll_transfer *transfer);

/* 0 until the answer's head has come. */
long ll_transfer_status(const struct ll_transfer *transfer);
const char *ll_transfer_content_type(const struct ll_transfer *transfer);

/* Ends the exchange. True: `handle` can be used for the next exchange, with its connection open;
 * else it is closed with its connection, so that the server notices. */
bool ll_transfer_finish(struct ll_transfer *transfer, struct ll_handle *handle);

#endif
