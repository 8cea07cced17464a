/* A bump allocator on the module's memory: the page takes what a row needs, and gives all of it
 * back when another row comes. */

extern unsigned char __heap_base;
static size_t top;

EXPORT(reset) void reset(void)
{
    top = 0;
}

/* `bytes` bytes, aligned to 64; NULL when the memory cannot grow */
EXPORT(allocate) void *allocate(size_t bytes)
{
    enum { PAGE = 65536 };
    top = top ? top : (size_t)&__heap_base;
    size_t from = ll_align64(top), end = from + bytes;
    size_t have = __builtin_wasm_memory_size(0) * PAGE;
    if (end < from || (end > have && __builtin_wasm_memory_grow(0, (end - have + PAGE - 1) /
                                                                       PAGE) == (size_t)-1)) {
        return (void *)0;
    }
    top = end;
    return (void *)from;
}
