/* Workspace from Python's own allocator, so that tracemalloc sees it (the raw allocator is not in
 * the limited API of Python 3.11); allocated and freed with the GIL held. */
#include "api.h"

int ll_work_new(ll_work *work, size_t bytes)
{
    work->memory = PyMem_Malloc(bytes + 64);
    if (!work->memory) {
        PyErr_NoMemory();
        return -1;
    }
    work->aligned = (void *)ll_align64((uintptr_t)work->memory);
    return 0;
}

void ll_work_free(ll_work *work)
{
    if (work->memory) {
        PyMem_Free(work->memory);
    }
    work->memory = work->aligned = NULL;
}
