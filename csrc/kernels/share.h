/* Work in parts that several threads may do: whoever has the work names the parts, whoever has the
 * threads hands them out. */
#ifndef LL_SHARE_H
#define LL_SHARE_H

#include <stddef.h>

/* Does one part. Of one job, no two threads have the same number, below `workers`, at a time. */
typedef void ll_part_fn(void *job, size_t part, size_t worker);

/* Does all parts, with at most `workers` threads, the caller's own among them as number 0. Parts
 * begin in order. Returns when all are done. */
typedef void ll_share_fn(size_t workers, size_t parts, ll_part_fn *run, void *job);

#endif
