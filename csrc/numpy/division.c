/* Where a part stops at a row, no later one begins, and the earlier ones are finished: the first
 * row that stops a pass is the same for every number of workers. */
#include "division.h"

#include "threads.h"

#include <limits.h>
#include <stdatomic.h>

enum {
    LEAST = 1 << 14, /* elements that are worth starting a thread for: ten microseconds and more */
    EACH = 8,        /* parts for each worker, so that none waits long for the last one */
    STATUS = 1 << 12 /* above every status */
};

typedef struct {
    const ll_division *division;
    ll_part_of_rows_fn *visit;
    void *pass;
    atomic_llong first; /* row * STATUS + status, the least so far */
} shared;

ll_division ll_division_of(ptrdiff_t rows, ptrdiff_t cost, size_t workers, ptrdiff_t unit)
{
    ll_division whole = {rows, rows ? rows : 1, 1};
    if (workers < 2 || rows < 2) {
        return whole;
    }
    size_t most = workers < LL_MOST_WORKERS ? workers : LL_MOST_WORKERS;
    ptrdiff_t least = LEAST / cost + 1, even = rows / ((ptrdiff_t)most * EACH);
    ptrdiff_t each = even > least ? even : least;
    each = (each + unit - 1) / unit * unit;
    size_t parts = (size_t)((rows + each - 1) / each);
    return (ll_division){rows, each, most < parts ? most : parts};
}

static void keep_first(shared *d, ptrdiff_t row, int status)
{
    long long found = (long long)row * STATUS + status, before = atomic_load(&d->first);
    while (found < before && !atomic_compare_exchange_weak(&d->first, &before, found)) {
    }
}

static void run_part(void *self, size_t number, size_t worker)
{
    shared *d = self;
    ptrdiff_t first = (ptrdiff_t)number * d->division->each, end = first + d->division->each,
              stopped;
    if (atomic_load(&d->first) != LLONG_MAX) {
        return;
    }
    end = end < d->division->rows ? end : d->division->rows;
    int status = d->visit(d->pass, worker, first, end, &stopped);
    if (status) {
        keep_first(d, stopped, status);
    }
}

int ll_division_run(const ll_division *division, ll_part_of_rows_fn *visit, void *pass,
                    ptrdiff_t *stopped)
{
    shared d = {division, visit, pass, LLONG_MAX};
    if (division->workers == 1) {
        return visit(pass, 0, 0, division->rows, stopped);
    }
    size_t count = (size_t)((division->rows + division->each - 1) / division->each);
    ll_share_out(division->workers, count, run_part, &d);
    long long first = atomic_load(&d.first);
    *stopped = (ptrdiff_t)(first / STATUS);
    return first == LLONG_MAX ? 0 : (int)(first % STATUS);
}
