/* The handles whose connections to one server are alive, lent to one transfer at a time. Knows no
 * Python.
 *
 * A transfer borrows a handle for as long as it runs, so any number of threads work at once, each
 * on a handle of its own; the one given back last goes out first, which is the one most likely to
 * be alive still. A child of a fork leaves its parent's handles alone: see ll_handle_close.
 */
#ifndef LOGITLAB_HTTP_POOL_H
#define LOGITLAB_HTTP_POOL_H

#include "transfer.h"

enum { LL_MOST_IDLE = 8 };

struct ll_pool {
    pthread_mutex_t guard; /* of what follows */
    bool closed;
    int n_idle;
    struct ll_handle idle[LL_MOST_IDLE];
};

void ll_pool_init(struct ll_pool *pool);
void ll_pool_free(struct ll_pool *pool); /* after ll_pool_close */

/* A handle, alive or new. LL_STOPPED: the pool is closed. LL_FILES, LL_MEMORY: no new one. */
enum ll_failure ll_pool_borrow(struct ll_pool *pool, const struct ll_curl *curl,
                               struct ll_handle *handle);
void ll_pool_give_back(struct ll_pool *pool, const struct ll_curl *curl, struct ll_handle *handle);

/* Closes the idle handles; the pool goes on. */
void ll_pool_drain(struct ll_pool *pool, const struct ll_curl *curl);

/* Closes the idle handles, and each borrowed one when it is returned. */
void ll_pool_close(struct ll_pool *pool, const struct ll_curl *curl);

#endif
