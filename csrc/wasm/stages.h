/* What a chain leaves of a row, for the page: the trace of its steps, and the candidates at its
 * end, which stay for as many draws as are asked for. */

static NAME(candidates) left;
static uint64_t total;
static ll_chain program;

/* The trace of csrc/kernels/chain.h. `room` has space for n reals and n uint32_t. */
EXPORT(trace)
int trace(const T *x, size_t n, const ll_step *steps, size_t n_steps, ll_record *records,
          int8_t *removed, T *margin, T *after, void *room, void *work)
{
    ll_chain chain = {.steps = steps, .n_steps = n_steps};
    ll_trace result = {records, removed, margin, after, room};
    __builtin_memset(after, 0, n * sizeof *after);
    return NAME(trace)(x, n, &chain, &result, work);
}

/* Runs the chain and keeps what is left; `work` stays in use. */
EXPORT(settle) int settle(const T *x, size_t n, const ll_step *steps, size_t n_steps, void *work)
{
    program = (ll_chain){.steps = steps, .n_steps = n_steps};
    left = NAME(candidates_of)(x, n, work);
    int status = NAME(run)(&left, &program);
    if (status == LL_OK) {
        NAME(into_token_order)(&left);
        LL_JOIN(weigher_, R) w = NAME(weigher)(&left);
        total = NAME(running_sums)(&left, &w);
    }
    return status;
}

/* one token per uniform, from what is left */
EXPORT(draws) void draws(const double *uniforms, uint32_t *tokens, size_t n)
{
    LL_JOIN(weigher_, R) w = NAME(weigher)(&left);
    for (size_t i = 0; i < n; i++) {
        uint64_t target = draw_target(uniforms[i], total);
        tokens[i] = (uint32_t)NAME(find)(&left, &w, target);
    }
}

/* the running sum before a candidate, counted in what is left */
static uint64_t sum_before(size_t at)
{
    LL_JOIN(weigher_, R) w = NAME(weigher)(&left);
    size_t block = at / LL_BLOCK;
    uint64_t sum = block ? left.sums[block - 1] : 0;
    VEC v[NAME(VECS)];
    int64_t q[LL_BLOCK];
    if (at % LL_BLOCK) {
        NAME(block)(&left, block, v);
        REAL(integers)(v, &w, REAL(set)(left.cut), q);
    }
    for (size_t i = 0; i < at % LL_BLOCK; i++) {
        sum += (uint64_t)q[i];
    }
    return sum;
}

/* the running sum before each token, as a share of the total: the draw's own integers, so that a u
 * that lies between a token's and the next one's belongs to the token */
EXPORT(cumulative) void cumulative(const uint32_t *tokens, double *share, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = left.listed ? NAME(place)(left.index, left.count, tokens[i]) : tokens[i];
        share[i] = (double)sum_before(at) / (double)total;
    }
}
