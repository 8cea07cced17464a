/* What a chain leaves of a row, for the page: the trace of its steps, and the candidates at its
 * end, which stay for as many draws as are asked for. */

static candidates left;
static uint64_t total;
static ll_chain program;
static weigher weights;
static weight_cache cache;

/* The trace of csrc/kernels/chain.h. `room` has space for n reals and n uint32_t; `work` stays in
 * use. */
EXPORT(trace)
int trace(const real *x, size_t n, const ll_step *steps, size_t n_steps, ll_record *records,
          int8_t *removed, real *margin, real *after, void *room, void *work)
{
    program = (ll_chain){.steps = steps, .n_steps = n_steps};
    ll_trace result = {records, removed, margin, after, room};
    __builtin_memset(after, 0, n * sizeof *after);
    left = candidates_of(&(ll_row){x, n, DTYPE}, work);
    return trace_into(&left, &program, &result);
}

/* Prepares draws from what the last trace left. */
EXPORT(settle) void settle(void)
{
    weights = draw_weigher(&left);
    total = running_sums(&left, &weights);
    cache.block = (size_t)-1;
}

/* q of the i-th candidate; its block stays for the next ones */
static uint64_t weight_of(size_t i)
{
    return weight_at(&left, &weights, &cache, i);
}

/* the running sum before a candidate */
static uint64_t sum_before(size_t at)
{
    size_t block = at / LL_BLOCK;
    uint64_t sum = block ? left.sums[block - 1] : 0;
    for (size_t i = block * LL_BLOCK; i < at; i++) {
        sum += weight_of(i);
    }
    return sum;
}

/* one token per uniform, from the remaining tokens; ascending uniforms are fastest, they weigh each
 * block once */
EXPORT(draws) void draws(const double *uniforms, uint32_t *tokens, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t target = draw_target(uniforms[i], total);
        size_t at = block_beyond(&left, target) * LL_BLOCK;
        uint64_t sum = sum_before(at);
        while ((sum += weight_of(at)) <= target) {
            at++;
        }
        tokens[i] = left.listed ? left.index[at] : (uint32_t)at;
    }
}

/* the running sum before each token, as a share of the total: the draw's own integers, so that a u
 * that lies between a token's and the next one's belongs to the token */
EXPORT(cumulative) void cumulative(const uint32_t *tokens, double *share, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = left.listed ? place(left.index, left.count, tokens[i]) : tokens[i];
        share[i] = (double)sum_before(at) / (double)total;
    }
}
