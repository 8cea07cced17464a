/* The functions of a row, with plain pointers. */

EXPORT(work_bytes) size_t work_bytes(size_t n)
{
    size_t bytes = ll_row_work(DTYPE, n);
    return bytes > LL_ROW_WORK ? bytes : LL_ROW_WORK;
}

/* the k best, best first */
EXPORT(order) void order(const real *x, size_t n, size_t k, uint32_t *best, void *work)
{
    run_select(&(ll_row){x, n, DTYPE}, k, best, work);
}

/* exp((z - max) / temperature), as special_rows.h computes it: the arithmetic of one token */
EXPORT(weight) double weight_of_token(double z, double max, double temperature)
{
    return exp_double((z - max) / temperature);
}
