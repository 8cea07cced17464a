/* The process's own pool of threads. Knows no Python. */
#ifndef LL_NUMPY_THREADS_H
#define LL_NUMPY_THREADS_H

#include "kernels/share.h"

enum { LL_MOST_WORKERS = 256 }; /* of one job, its caller included */

/* An ll_share_fn. Threads are started when a call first wants them, and kept. If none is available,
 * because they are busy or cannot be started, the caller does all parts itself. */
void ll_share_out(size_t workers, size_t parts, ll_part_fn *run, void *job);

/* Stops the threads; each finishes its part. After that, callers do everything themselves. */
void ll_threads_close(void);

/* The cores that this process may use, at least 1. */
size_t ll_cores(void);

#endif
