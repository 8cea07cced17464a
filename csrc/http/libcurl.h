/* libcurl, opened at first use.
 *
 * Nothing of curl is needed to build: the functions and constants used are declared here, under our
 * own names, and tests/http/test_curl_headers.py compiles them against curl's own headers where
 * those are installed. libcurl keeps its ABI since 7.16 (libcurl.so.4), so the numbers below do not
 * change.
 */
#ifndef LOGITLAB_HTTP_LIBCURL_H
#define LOGITLAB_HTTP_LIBCURL_H

#include <stdbool.h>
#include <stddef.h>

struct ll_curl_slist;
struct ll_curl_waitfd;

/* What curl_multi_info_read gives. */
struct ll_curl_message {
    int msg;
    void *easy;
    union {
        void *whatever;
        unsigned result;
    } data;
};

/* Every function used: result, name after `curl_`, parameters. The result types stand for curl's
 * enums. */
#define LL_CURL_FUNCTIONS(X)                                                                       \
    X(unsigned, global_init, (long flags))                                                         \
    X(char *, version, (void))                                                                     \
    X(void *, easy_init, (void))                                                                   \
    X(void, easy_cleanup, (void *easy))                                                            \
    X(void, easy_reset, (void *easy))                                                              \
    X(unsigned, easy_setopt, (void *easy, unsigned option, ...))                                   \
    X(unsigned, easy_getinfo, (void *easy, unsigned info, ...))                                    \
    X(unsigned, easy_pause, (void *easy, int bitmask))                                             \
    X(const char *, easy_strerror, (unsigned code))                                                \
    X(void *, multi_init, (void))                                                                  \
    X(int, multi_cleanup, (void *multi))                                                           \
    X(int, multi_add_handle, (void *multi, void *easy))                                            \
    X(int, multi_remove_handle, (void *multi, void *easy))                                         \
    X(int, multi_setopt, (void *multi, unsigned option, ...))                                      \
    X(int, multi_perform, (void *multi, int *running))                                             \
    X(int, multi_poll,                                                                             \
      (void *multi, struct ll_curl_waitfd *extra, unsigned n, int timeout_ms, int *ready))         \
    X(int, multi_wakeup, (void *multi))                                                            \
    X(const char *, multi_strerror, (int code))                                                    \
    X(struct ll_curl_message *, multi_info_read, (void *multi, int *left))                         \
    X(struct ll_curl_slist *, slist_append, (struct ll_curl_slist * list, const char *text))       \
    X(void, slist_free_all, (struct ll_curl_slist * list))

#define LL_CURL_MEMBER(result, name, parameters) result(*name) parameters;
struct ll_curl {
    LL_CURL_FUNCTIONS(LL_CURL_MEMBER)
};
#undef LL_CURL_MEMBER

/* Every constant used: its name in curl's headers, and its value. */
#define LL_CURL_CONSTANTS(X)                                                                       \
    X(CURL_GLOBAL_DEFAULT, 3)                                                                      \
    X(CURL_ERROR_SIZE, 256)                                                                        \
    X(CURL_WRITEFUNC_PAUSE, 0x10000001)                                                            \
    X(CURLPAUSE_CONT, 0)                                                                           \
    X(CURL_REDIR_POST_ALL, 7)                                                                      \
    X(CURL_HTTP_VERSION_1_1, 2)                                                                    \
    X(CURLPROTO_HTTP, 1)                                                                           \
    X(CURLPROTO_HTTPS, 2)                                                                          \
    X(CURLMSG_DONE, 1)                                                                             \
    X(CURLM_OK, 0)                                                                                 \
    X(CURLM_OUT_OF_MEMORY, 3)                                                                      \
    X(CURLMOPT_MAXCONNECTS, 6)                                                                     \
    X(CURLOPT_WRITEDATA, 10001)                                                                    \
    X(CURLOPT_URL, 10002)                                                                          \
    X(CURLOPT_PROXY, 10004)                                                                        \
    X(CURLOPT_ERRORBUFFER, 10010)                                                                  \
    X(CURLOPT_WRITEFUNCTION, 20011)                                                                \
    X(CURLOPT_POSTFIELDS, 10015)                                                                   \
    X(CURLOPT_HTTPHEADER, 10023)                                                                   \
    X(CURLOPT_CUSTOMREQUEST, 10036)                                                                \
    X(CURLOPT_NOBODY, 44)                                                                          \
    X(CURLOPT_SSLCERT, 10025)                                                                      \
    X(CURLOPT_KEYPASSWD, 10026)                                                                    \
    X(CURLOPT_SSLKEY, 10087)                                                                       \
    X(CURLOPT_SSL_VERIFYPEER, 64)                                                                  \
    X(CURLOPT_SSL_VERIFYHOST, 81)                                                                  \
    X(CURLOPT_FOLLOWLOCATION, 52)                                                                  \
    X(CURLOPT_CAINFO, 10065)                                                                       \
    X(CURLOPT_MAXREDIRS, 68)                                                                       \
    X(CURLOPT_HTTP_VERSION, 84)                                                                    \
    X(CURLOPT_NOSIGNAL, 99)                                                                        \
    X(CURLOPT_POSTFIELDSIZE_LARGE, 30120)                                                          \
    X(CURLOPT_CONNECTTIMEOUT_MS, 156)                                                              \
    X(CURLOPT_POSTREDIR, 161)                                                                      \
    X(CURLOPT_TCP_KEEPALIVE, 213)                                                                  \
    X(CURLOPT_PROTOCOLS, 181)                                                                      \
    X(CURLOPT_PROTOCOLS_STR, 10318)                                                                \
    X(CURLOPT_QUICK_EXIT, 322)                                                                     \
    X(CURLINFO_RESPONSE_CODE, 0x200002)                                                            \
    X(CURLINFO_CONTENT_TYPE, 0x100012)                                                             \
    X(CURLINFO_PRETRANSFER_TIME_T, 0x600035)                                                       \
    X(CURLINFO_HTTP_CONNECTCODE, 0x200016)                                                         \
    X(CURLE_OK, 0)                                                                                 \
    X(CURLE_UNSUPPORTED_PROTOCOL, 1)                                                               \
    X(CURLE_FAILED_INIT, 2)                                                                        \
    X(CURLE_URL_MALFORMAT, 3)                                                                      \
    X(CURLE_COULDNT_RESOLVE_PROXY, 5)                                                              \
    X(CURLE_COULDNT_RESOLVE_HOST, 6)                                                               \
    X(CURLE_COULDNT_CONNECT, 7)                                                                    \
    X(CURLE_WEIRD_SERVER_REPLY, 8)                                                                 \
    X(CURLE_OUT_OF_MEMORY, 27)                                                                     \
    X(CURLE_OPERATION_TIMEDOUT, 28)                                                                \
    X(CURLE_SSL_CONNECT_ERROR, 35)                                                                 \
    X(CURLE_TOO_MANY_REDIRECTS, 47)                                                                \
    X(CURLE_UNKNOWN_OPTION, 48)                                                                    \
    X(CURLE_SSL_CERTPROBLEM, 58)                                                                   \
    X(CURLE_PEER_FAILED_VERIFICATION, 60)                                                          \
    X(CURLE_SSL_CACERT_BADFILE, 77)                                                                \
    X(CURLE_PROXY, 97)

#define LL_CURL_ENUMERATOR(name, value) LL_##name = value,
enum { LL_CURL_CONSTANTS(LL_CURL_ENUMERATOR) };
#undef LL_CURL_ENUMERATOR

/* Opens the first of the paths that is a libcurl new enough and fills the table. The paths end with
 * NULL. False: `why` (of n bytes) says what was tried and what came. Call it with no other call in
 * flight. */
bool ll_libcurl_open(struct ll_curl *curl, const char *const *paths, char *why, size_t n);

#endif
