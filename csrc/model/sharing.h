/* Steps of the pass whose items several threads may share. No result depends on who computes it, or
 * on where a part ends: an item is a row of a token, 16 rows of a matrix, or a head. */
#ifndef LL_SHARING_H
#define LL_SHARING_H

#include "lanes.h"
#include "kernels/float_mode.h"

enum { EACH = 4 }; /* parts for each worker, so that none waits long for the last one */

typedef void items_fn(const void *job, size_t from, size_t to);

typedef struct {
    items_fn *run;
    const void *job;
    size_t items, each;
} shared_items;

static void run_part(void *self, size_t part, size_t worker)
{
    const shared_items *shared = self;
    const size_t from = part * shared->each, to = from + shared->each;
    const uint64_t mode = ll_enter_float_mode();
    (void)worker;
    shared->run(shared->job, from, to < shared->items ? to : shared->items);
    ll_leave_float_mode(mode);
}

static void share(const ll_network *network, size_t items, items_fn *run, const void *job)
{
    if (network->workers < 2 || items < 2) {
        run(job, 0, items);
        return;
    }
    size_t most = network->workers < items ? network->workers * EACH : items;
    shared_items shared = {run, job, items, (items + most - 1) / most};
    network->share(network->workers, (items + shared.each - 1) / shared.each, run_part, &shared);
}

#endif
