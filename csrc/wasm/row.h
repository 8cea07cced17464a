/* The functions of a row, with plain pointers. */

EXPORT(work_bytes) size_t work_bytes(size_t n)
{
    size_t bytes = ll_row_work(sizeof(T) == 8 ? LL_F64 : LL_F32, n);
    return bytes > LL_ROW_WORK ? bytes : LL_ROW_WORK;
}

EXPORT(softargmax) void softargmax(T *x, T *y, size_t n, double temperature, void *work)
{
    ll_view from = {(char *)x, sizeof(T), 1, 0}, to = {(char *)y, sizeof(T), 1, 0};
    NAME(softargmax)(&from, &to, n, temperature, work);
}

/* the k best, best first */
EXPORT(order) void order(const T *x, size_t n, size_t k, uint32_t *best, void *work)
{
    NAME(select)(x, n, k, best, work);
}

/* one token per uniform; gives an ll_status */
EXPORT(chain)
int chain(const T *x, size_t n, const ll_step *steps, size_t n_steps, const double *uniforms,
          int64_t *tokens, size_t n_draws, void *work)
{
    ll_chain chain = {.steps = steps, .n_steps = n_steps};
    ll_draws draws = {.uniform = uniforms, .token = tokens, .n = n_draws};
    return NAME(chain)(x, n, &chain, &draws, work);
}

/* exp((z - max) / temperature), as special.inc takes it: for the arithmetic of one token */
EXPORT(weight) double weight(double z, double max, double temperature)
{
    return exp_double((z - max) / temperature);
}
