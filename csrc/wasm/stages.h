/* What is left of a row before and after each step, the probabilities and the draws at the end: one
 * pass of the chain, whose candidates stay for as many draws as are asked for. */

typedef struct {
    double count, temperature; /* tokens left; the product of the temperatures so far */
    double mass;               /* the sum of exp((z - max) / temperature) over them */
    double entropy;            /* nats, at that temperature */
} stage;

static NAME(candidates) left;
static uint64_t total;

static inline void add_moments_f(vec_f weight, vec_f below, vec_d *sum, vec_d *moment)
{
    *sum += low_d(weight) + high_d(weight);
    *moment += low_d(weight) * low_d(below) + high_d(weight) * high_d(below);
}

static inline void add_moments_d(vec_d weight, vec_d below, vec_d *sum, vec_d *moment)
{
    *sum += weight;
    *moment += weight * below;
}

/* the number of candidates, the mass sum exp((z - max) / temperature), the entropy in nats */
static stage measure(const NAME(candidates) * c)
{
    const LL_JOIN(weigher_, R) w = NAME(weigher)(c);
    const VEC cut = REAL(set)(c->cut), lowest = REAL(set)(-(FLOAT)__builtin_inf());
    const VEC max = REAL(set)((FLOAT)c->max);
    VEC error, one = REAL(weight)(max, &w, &error);
    vec_d sum = {0}, moment = {0};
    stage s = {.temperature = c->temperature};
    for (size_t b = 0; b < NAME(blocks)(c); b++) {
        VEC v[NAME(VECS)];
        NAME(block)(c, b, v);
        for (size_t i = 0; i < NAME(VECS); i++) {
            REAL(mask) in = REAL(ge)(v[i], cut) & REAL(gt)(v[i], lowest);
            if (REAL(bits)(in)) {
                VEC weight = REAL(keep)(in, REAL(weight)(v[i], &w, &error));
                REAL(add_moments)(weight, REAL(keep)(in, max - v[i]), &sum, &moment);
                s.count += (double)count_bits(REAL(bits)(in));
            }
        }
    }
    s.mass = sum[0] + sum[1];
    s.entropy = (moment[0] + moment[1]) / (c->temperature * s.mass);
    s.mass /= one[0];
    s.entropy += log_dd(s.mass).high;
    return s;
}

/* notes for every token that is left that it was there at this stage */
static void mark(const NAME(candidates) * c, uint8_t at, uint8_t *last)
{
    for (size_t i = 0; c->listed && i < c->count; i++) {
        last[c->index[i]] = at;
    }
    for (size_t i = 0; !c->listed && i < c->n; i++) {
        int in = c->x[i] >= c->cut && c->x[i] > -(FLOAT)__builtin_inf();
        last[i] = in ? at : last[i];
    }
}

/* the distribution that is drawn from: 0 for what was removed */
static void probabilities(const NAME(candidates) * c, T *y, void *work)
{
    for (size_t i = 0; i < c->n; i++) {
        int in = !c->listed && c->x[i] >= c->cut;
        y[i] = in ? c->x[i] : -(FLOAT)__builtin_inf();
    }
    for (size_t i = 0; c->listed && i < c->count; i++) {
        y[c->index[i]] = c->z[i];
    }
    ll_view view = {(char *)y, sizeof(T), 1, 0};
    NAME(softargmax)(&view, &view, c->n, c->temperature, work);
}

/* Runs the chain. found[0] is the row, found[i] what step i left; last[token] the last stage in
 * which the token was there, 255 for -inf; y the probabilities. `work` stays in use. */
EXPORT(stages)
int stages(const T *x, size_t n, const ll_step *steps, size_t n_steps, stage *found, uint8_t *last,
           T *y, void *work, void *row_work)
{
    NAME(candidates) *c = &left;
    *c = NAME(candidates_of)(x, n, work);
    ll_scan scan = NAME(look)(c);
    if (scan.nan || scan.max == -__builtin_inf()) {
        return LL_NOTHING_LEFT;
    }
    c->max = scan.max;
    if (scan.max == __builtin_inf()) {
        NAME(keep_certain)(c);
    }
    __builtin_memset(last, 255, n);
    for (size_t i = 0; i <= n_steps; i++) {
        if (i > 0) {
            NAME(step)[steps[i - 1].kind](c, &steps[i - 1]);
        }
        found[i] = measure(c);
        mark(c, (uint8_t)i, last);
    }
    NAME(into_token_order)(c);
    LL_JOIN(weigher_, R) w = NAME(weigher)(c);
    total = NAME(running_sums)(c, &w);
    probabilities(c, y, row_work);
    return LL_OK;
}

/* one token per uniform, from what `stages` left */
EXPORT(draws) void draws(const double *uniforms, uint32_t *tokens, size_t n)
{
    LL_JOIN(weigher_, R) w = NAME(weigher)(&left);
    for (size_t i = 0; i < n; i++) {
        uint64_t target = draw_target(uniforms[i], total);
        tokens[i] = (uint32_t)NAME(find)(&left, &w, target);
    }
}

/* where a token stands in what is left: the number of candidates before it */
static size_t position(const NAME(candidates) * c, uint32_t token)
{
    size_t low = 0, high = c->count;
    while (c->listed && low < high) {
        size_t middle = (low + high) / 2;
        if (c->index[middle] < token) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return c->listed ? low : token;
}

/* the running sum before each token, as a share of the total: the draw's own integers, so that a u
 * that lies between it and the next belongs to the token */
EXPORT(cumulative) void cumulative(const uint32_t *tokens, double *share, size_t n)
{
    const NAME(candidates) *c = &left;
    LL_JOIN(weigher_, R) w = NAME(weigher)(c);
    for (size_t i = 0; i < n; i++) {
        size_t at = position(c, tokens[i]), block = at / LL_BLOCK;
        uint64_t sum = block ? c->sums[block - 1] : 0;
        if (at % LL_BLOCK) {
            VEC v[NAME(VECS)];
            int64_t q[LL_BLOCK];
            NAME(block)(c, block, v);
            REAL(integers)(v, &w, REAL(set)(c->cut), q);
            for (size_t j = 0; j < at % LL_BLOCK; j++) {
                sum += (uint64_t)q[j];
            }
        }
        share[i] = (double)sum / (double)total;
    }
}
