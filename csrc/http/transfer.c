#define _POSIX_C_SOURCE 200809L /* clock_gettime, and pthread under -std=c11 */

#include "transfer.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* How many bytes may be buffered while a whole line waits for its reader. */
static const size_t ENOUGH = 1 << 18;

/* Whether the process may open no more files. A pipe needs two: so do the wakeup and the resolver
 * of curl, whose own errors do not tell. */
static bool no_files_left(void)
{
    int ends[2];
    if (pipe(ends) != 0) {
        return errno == EMFILE || errno == ENFILE;
    }
    close(ends[0]);
    close(ends[1]);
    return false;
}

enum ll_failure ll_handle_open(const struct ll_curl *curl, struct ll_handle *handle)
{
    handle->owner = (long)getpid();
    handle->multi = curl->multi_init();
    handle->easy = curl->easy_init();
    if (handle->multi != NULL && handle->easy != NULL) {
        curl->multi_setopt(handle->multi, LL_CURLMOPT_MAXCONNECTS, 2L);
        return LL_FINE;
    }
    enum ll_failure why = no_files_left() ? LL_FILES : LL_MEMORY;
    ll_handle_close(curl, handle);
    return why;
}

bool ll_handle_is_ours(const struct ll_handle *handle)
{
    return handle->owner == (long)getpid();
}

void ll_handle_close(const struct ll_curl *curl, struct ll_handle *handle)
{
    bool ours = ll_handle_is_ours(handle);
    if (ours && handle->easy != NULL) {
        curl->easy_cleanup(handle->easy);
    }
    if (ours && handle->multi != NULL) {
        curl->multi_cleanup(handle->multi);
    }
    *handle = (struct ll_handle){0};
}

double ll_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* curl's write callback, called inside a step: takes all, or asks for a pause, or (0) gives up. */
static size_t receive(char *bytes, size_t size, size_t count, void *data)
{
    struct ll_transfer *transfer = data;
    size_t n = size * count;
    if (!transfer->whole && ll_lines_held(&transfer->lines) >= ENOUGH &&
        ll_lines_ready(&transfer->lines)) {
        transfer->paused = true;
        return LL_CURL_WRITEFUNC_PAUSE;
    }
    transfer->heard = ll_now();
    if (!ll_lines_append(&transfer->lines, bytes, n)) {
        transfer->failure = LL_MEMORY;
        return 0;
    }
    if (!transfer->whole && ll_lines_held(&transfer->lines) > transfer->limit &&
        !ll_lines_ready(&transfer->lines)) {
        transfer->failure = LL_TOO_LONG;
        return 0;
    }
    return n;
}

static unsigned set_protocols(const struct ll_curl *curl, void *easy)
{
    unsigned code = curl->easy_setopt(easy, LL_CURLOPT_PROTOCOLS_STR, "http,https");
    if (code == LL_CURLE_UNKNOWN_OPTION) { /* before 7.85 */
        code = curl->easy_setopt(easy, LL_CURLOPT_PROTOCOLS,
                                 (long)(LL_CURLPROTO_HTTP | LL_CURLPROTO_HTTPS));
    }
    return code;
}

/* Remembers the first code that is an error. */
static void note(unsigned *first, unsigned code)
{
    if (*first == LL_CURLE_OK) {
        *first = code;
    }
}

static unsigned set_method(const struct ll_curl *curl, void *easy, const struct ll_request *request)
{
    unsigned bad = LL_CURLE_OK;
    if (strcmp(request->method, "HEAD") == 0) {
        note(&bad, curl->easy_setopt(easy, LL_CURLOPT_NOBODY, 1L));
    }
    if (request->body != NULL) {
        note(&bad,
             curl->easy_setopt(easy, LL_CURLOPT_POSTFIELDSIZE_LARGE, (int64_t)request->n_body));
        note(&bad, curl->easy_setopt(easy, LL_CURLOPT_POSTFIELDS, request->body));
    }
    /* A method set this way is kept across redirects, and so is the body. */
    note(&bad, curl->easy_setopt(easy, LL_CURLOPT_CUSTOMREQUEST, request->method));
    note(&bad, curl->easy_setopt(easy, LL_CURLOPT_POSTREDIR, (long)LL_CURL_REDIR_POST_ALL));
    return bad;
}

static unsigned set_route(const struct ll_curl *curl, void *easy, const struct ll_request *request)
{
    long connect_ms = (long)(request->connect_timeout * 1000);
    unsigned bad = set_protocols(curl, easy);
    note(&bad, curl->easy_setopt(easy, LL_CURLOPT_URL, request->url));
    note(&bad, curl->easy_setopt(easy, LL_CURLOPT_HTTP_VERSION, (long)LL_CURL_HTTP_VERSION_1_1));
    note(&bad, curl->easy_setopt(easy, LL_CURLOPT_FOLLOWLOCATION, 1L));
    note(&bad, curl->easy_setopt(easy, LL_CURLOPT_MAXREDIRS, 5L));
    note(&bad,
         curl->easy_setopt(easy, LL_CURLOPT_CONNECTTIMEOUT_MS, connect_ms > 0 ? connect_ms : 1L));
    /* Without a silence limit, keepalive detects that a server's machine has died. */
    note(&bad, curl->easy_setopt(easy, LL_CURLOPT_TCP_KEEPALIVE, 1L));
    if (request->direct) {
        note(&bad, curl->easy_setopt(easy, LL_CURLOPT_PROXY, ""));
    }
    return bad;
}

static void set_text(const struct ll_curl *curl, void *easy, unsigned *bad, unsigned option,
                     const char *text)
{
    if (text != NULL) {
        note(bad, curl->easy_setopt(easy, option, text));
    }
}

static unsigned set_trust(const struct ll_curl *curl, void *easy, const struct ll_request *request)
{
    unsigned bad = LL_CURLE_OK;
    set_text(curl, easy, &bad, LL_CURLOPT_CAINFO, request->ca_file);
    set_text(curl, easy, &bad, LL_CURLOPT_SSLCERT, request->cert_file);
    set_text(curl, easy, &bad, LL_CURLOPT_SSLKEY, request->key_file);
    set_text(curl, easy, &bad, LL_CURLOPT_KEYPASSWD, request->key_password);
    if (request->trusting) {
        note(&bad, curl->easy_setopt(easy, LL_CURLOPT_SSL_VERIFYPEER, 0L));
        note(&bad, curl->easy_setopt(easy, LL_CURLOPT_SSL_VERIFYHOST, 0L));
    }
    return bad;
}

static unsigned set_up(struct ll_transfer *transfer, const struct ll_request *request)
{
    const struct ll_curl *curl = transfer->curl;
    void *easy = transfer->handle.easy;
    unsigned bad = set_method(curl, easy, request);
    note(&bad, set_route(curl, easy, request));
    note(&bad, set_trust(curl, easy, request));
    note(&bad, curl->easy_setopt(easy, LL_CURLOPT_HTTPHEADER, transfer->headers));
    note(&bad, curl->easy_setopt(easy, LL_CURLOPT_ERRORBUFFER, transfer->detail));
    note(&bad, curl->easy_setopt(easy, LL_CURLOPT_WRITEFUNCTION, receive));
    note(&bad, curl->easy_setopt(easy, LL_CURLOPT_WRITEDATA, transfer));
    note(&bad, curl->easy_setopt(easy, LL_CURLOPT_NOSIGNAL, 1L));
    /* Closing must not wait for a slow name server. Unknown before 7.87, where it then may. */
    curl->easy_setopt(easy, LL_CURLOPT_QUICK_EXIT, 1L);
    return bad;
}

void ll_transfer_init(struct ll_transfer *transfer, const struct ll_curl *curl, size_t limit,
                      double silence)
{
    *transfer = (struct ll_transfer){.curl = curl, .limit = limit, .silence = silence};
    pthread_mutex_init(&transfer->guard, NULL);
}

void ll_transfer_free(struct ll_transfer *transfer)
{
    pthread_mutex_destroy(&transfer->guard);
}

static void fail(struct ll_transfer *transfer, enum ll_failure failure)
{
    if (transfer->failure == LL_FINE) {
        transfer->failure = failure;
    }
    transfer->ended = true;
}

static void fail_multi(struct ll_transfer *transfer, int code)
{
    transfer->code = (unsigned)code;
    fail(transfer, LL_MULTI);
}

bool ll_transfer_start(struct ll_transfer *transfer, const struct ll_request *request)
{
    ll_transfer_listen(transfer);
    transfer->code = set_up(transfer, request);
    if (transfer->code != LL_CURLE_OK) {
        fail(transfer, LL_REFUSED);
        return false;
    }
    int code = transfer->curl->multi_add_handle(transfer->handle.multi, transfer->handle.easy);
    if (code != LL_CURLM_OK) {
        fail_multi(transfer, code);
        return false;
    }
    return true;
}

/* The cause of a transfer's end that curl reports as an error. */
static enum ll_failure failure_of(struct ll_transfer *transfer)
{
    long proxy_status = 0;
    switch (transfer->code) {
    case LL_CURLE_COULDNT_CONNECT:
    case LL_CURLE_COULDNT_RESOLVE_HOST:
    case LL_CURLE_COULDNT_RESOLVE_PROXY:
    case LL_CURLE_FAILED_INIT:
    case LL_CURLE_OUT_OF_MEMORY:
    case LL_CURLE_SSL_CERTPROBLEM:
    case LL_CURLE_SSL_CACERT_BADFILE:
        if (no_files_left()) {
            return LL_FILES;
        }
    }
    transfer->curl->easy_getinfo(transfer->handle.easy, LL_CURLINFO_HTTP_CONNECTCODE,
                                 &proxy_status);
    return proxy_status >= 300 ? LL_PROXY : LL_CURL;
}

/* Lets curl work, and notes the end. */
static void perform(struct ll_transfer *transfer)
{
    const struct ll_curl *curl = transfer->curl;
    int running = 0, left = 0;
    if (transfer->paused) {
        transfer->paused = false;
        curl->easy_pause(transfer->handle.easy, LL_CURLPAUSE_CONT);
    }
    int code = curl->multi_perform(transfer->handle.multi, &running);
    if (code != LL_CURLM_OK) {
        fail_multi(transfer, code);
        return;
    }
    struct ll_curl_message *message = curl->multi_info_read(transfer->handle.multi, &left);
    if (message != NULL && message->msg == LL_CURLMSG_DONE) {
        transfer->code = message->data.result;
        transfer->ended = true;
        if (transfer->code != LL_CURLE_OK) {
            fail(transfer, failure_of(transfer));
        }
    }
}

void ll_transfer_listen(struct ll_transfer *transfer)
{
    transfer->heard = ll_now();
}

/* Waits for the network; any traffic, headers and sent data included, ends a silence. */
static void wait_for_network(struct ll_transfer *transfer, int ms)
{
    int ready = 0;
    transfer->curl->multi_poll(transfer->handle.multi, NULL, 0, ms, &ready);
    if (ready > 0) {
        ll_transfer_listen(transfer);
    }
}

/* Whether the silence has lasted too long. Connecting has its own limit. */
static bool silent(struct ll_transfer *transfer)
{
    int64_t connected = 0;
    if (transfer->silence <= 0) {
        return false;
    }
    transfer->curl->easy_getinfo(transfer->handle.easy, LL_CURLINFO_PRETRANSFER_TIME_T, &connected);
    if (connected == 0) {
        ll_transfer_listen(transfer);
    }
    return ll_now() - transfer->heard > transfer->silence;
}

static bool something(struct ll_transfer *transfer)
{
    return transfer->ended || (!transfer->whole && ll_lines_ready(&transfer->lines));
}

void ll_transfer_step(struct ll_transfer *transfer, int ms)
{
    if (transfer->ended) {
        return;
    }
    if (!ll_handle_is_ours(&transfer->handle)) {
        fail(transfer, LL_FORKED);
        return;
    }
    if (!atomic_load(&transfer->stop)) {
        perform(transfer);
        if (!something(transfer)) {
            wait_for_network(transfer, ms);
            perform(transfer);
        }
    }
    if (atomic_load(&transfer->stop)) {
        fail(transfer, LL_STOPPED);
    } else if (!something(transfer) && silent(transfer)) {
        fail(transfer, LL_SILENCE);
    }
}

void ll_transfer_stop(struct ll_transfer *transfer)
{
    pthread_mutex_lock(&transfer->guard);
    atomic_store(&transfer->stop, true);
    if (transfer->handle.multi != NULL) {
        transfer->curl->multi_wakeup(transfer->handle.multi);
    }
    pthread_mutex_unlock(&transfer->guard);
}

long ll_transfer_status(const struct ll_transfer *transfer)
{
    long status = 0;
    if (transfer->handle.easy != NULL) {
        transfer->curl->easy_getinfo(transfer->handle.easy, LL_CURLINFO_RESPONSE_CODE, &status);
    }
    return status;
}

const char *ll_transfer_content_type(const struct ll_transfer *transfer)
{
    const char *type = NULL;
    if (transfer->handle.easy != NULL) {
        transfer->curl->easy_getinfo(transfer->handle.easy, LL_CURLINFO_CONTENT_TYPE, &type);
    }
    return type == NULL ? "" : type;
}

bool ll_transfer_finish(struct ll_transfer *transfer, struct ll_handle *handle)
{
    const struct ll_curl *curl = transfer->curl;
    pthread_mutex_lock(&transfer->guard);
    *handle = transfer->handle;
    transfer->handle = (struct ll_handle){0};
    pthread_mutex_unlock(&transfer->guard);
    if (handle->easy != NULL && ll_handle_is_ours(handle)) {
        curl->multi_remove_handle(handle->multi, handle->easy);
        curl->easy_reset(handle->easy);
    }
    curl->slist_free_all(transfer->headers);
    transfer->headers = NULL;
    ll_lines_free(&transfer->lines);
    if (transfer->ended && transfer->failure == LL_FINE && ll_handle_is_ours(handle)) {
        return true;
    }
    ll_handle_close(curl, handle);
    return false;
}
