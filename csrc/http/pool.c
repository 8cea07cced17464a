#include "pool.h"

#include <string.h>

void ll_pool_init(struct ll_pool *pool)
{
    *pool = (struct ll_pool){0};
    pthread_mutex_init(&pool->guard, NULL);
}

void ll_pool_free(struct ll_pool *pool)
{
    pthread_mutex_destroy(&pool->guard);
}

enum ll_failure ll_pool_borrow(struct ll_pool *pool, const struct ll_curl *curl,
                               struct ll_handle *handle)
{
    *handle = (struct ll_handle){0};
    pthread_mutex_lock(&pool->guard);
    bool closed = pool->closed;
    while (!closed && handle->easy == NULL && pool->n_idle > 0) {
        struct ll_handle *idle = &pool->idle[--pool->n_idle];
        if (ll_handle_is_ours(idle)) {
            *handle = *idle;
        }
    }
    pthread_mutex_unlock(&pool->guard);
    if (closed) {
        return LL_STOPPED;
    }
    return handle->easy != NULL ? LL_FINE : ll_handle_open(curl, handle);
}

void ll_pool_give_back(struct ll_pool *pool, const struct ll_curl *curl, struct ll_handle *handle)
{
    pthread_mutex_lock(&pool->guard);
    bool kept = !pool->closed && pool->n_idle < LL_MOST_IDLE && ll_handle_is_ours(handle);
    if (kept) {
        pool->idle[pool->n_idle++] = *handle;
    }
    pthread_mutex_unlock(&pool->guard);
    if (!kept) {
        ll_handle_close(curl, handle);
    }
}

static void drain(struct ll_pool *pool, const struct ll_curl *curl, bool closing)
{
    struct ll_handle idle[LL_MOST_IDLE];
    pthread_mutex_lock(&pool->guard);
    int n = pool->n_idle;
    memcpy(idle, pool->idle, sizeof idle);
    pool->closed |= closing;
    pool->n_idle = 0;
    pthread_mutex_unlock(&pool->guard);
    for (int i = 0; i < n; i++) {
        ll_handle_close(curl, &idle[i]);
    }
}

void ll_pool_drain(struct ll_pool *pool, const struct ll_curl *curl)
{
    drain(pool, curl, false);
}

void ll_pool_close(struct ll_pool *pool, const struct ll_curl *curl)
{
    drain(pool, curl, true);
}
