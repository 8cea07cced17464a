/* The functions of a row, with plain pointers. */

EXPORT(work_bytes) size_t work_bytes(size_t n)
{
    size_t bytes = ll_row_work(sizeof(T) == 8 ? LL_F64 : LL_F32, n);
    return bytes > LL_ROW_WORK ? bytes : LL_ROW_WORK;
}

/* the k best, best first */
EXPORT(order) void order(const T *x, size_t n, size_t k, uint32_t *best, void *work)
{
    NAME(select)(x, n, k, best, work);
}

/* exp((z - max) / temperature), as special.inc takes it: for the arithmetic of one token */
EXPORT(weight) double weight(double z, double max, double temperature)
{
    return exp_double((z - max) / temperature);
}
