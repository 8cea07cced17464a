/* libFuzzer's entry: one row, one kernel, every target that this CPU runs.
 *
 * What must hold: all targets and all memory layouts give the same bits; nothing outside the blocks
 * is touched (each has exactly the promised size, under AddressSanitizer); the input stays as it
 * was; and what the functions promise of any row at all. The oracles are as plain as can be: this
 * looks for wrong rows, the tests look at accuracy.
 */
#include <stdio.h>

#include "chains.h"
#include "kernels/pcg64.h"
#include "kernels/select_integers.h"

LL_DECLARE_TARGET(generic);
LL_DECLARE_TARGET(baseline);
LL_DECLARE_TARGET(avx2);
LL_DECLARE_TARGET(avx512);

static const ll_kernels generic = LL_JOIN_TARGET(generic), baseline = LL_JOIN_TARGET(baseline),
                        avx2 = LL_JOIN_TARGET(avx2), avx512 = LL_JOIN_TARGET(avx512);

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

enum { MAX_TARGETS = 4, MAX_DRAWS = 8 };

static const ll_kernels *targets[MAX_TARGETS];
static size_t n_targets;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    targets[n_targets++] = &generic;
    targets[n_targets++] = &baseline;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        targets[n_targets++] = &avx2;
    }
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq")) {
        targets[n_targets++] = &avx512;
    }
    for (size_t i = 0; i < n_targets; i++) {
        fprintf(stderr, "target: %s\n", targets[i]->name);
    }
    return 0;
}

typedef struct {
    ll_dtype dtype;
    size_t n, size;
    uint64_t *bits;         /* the logits, one by one */
    int nan, finite_or_inf; /* any NaN; anything above -inf */
} row;

static row next_row(input *in)
{
    row r = {.dtype = (ll_dtype)(next_byte(in) % LL_DTYPES), .n = next_length(in)};
    r.size = size_of(r.dtype);
    r.bits = block(r.n * sizeof *r.bits);
    for (size_t i = 0; i < r.n; i++) {
        r.bits[i] = next_logit(in, r.dtype);
        double value = value_of(r.bits[i], r.dtype);
        r.nan |= isnan(value);
        r.finite_or_inf |= value > -INFINITY;
    }
    return r;
}

static void put_row(const ll_view *view, const row *r)
{
    for (size_t i = 0; i < r->n; i++) {
        put(view, i, r->size, r->bits[i]);
    }
}

static ll_row_fn *row_kernel(const ll_kernels *target, ll_dtype dtype, int log)
{
    return log ? target->rows[dtype]->log_softargmax : target->rows[dtype]->softargmax;
}

/* a probability, or its logarithm, is what it may be for this logit */
static void check_value(const row *r, size_t i, double p, int log)
{
    if (r->nan || !r->finite_or_inf) {
        CHECK(isnan(p));
    } else if (log) {
        CHECK(p <= 0);
    } else {
        CHECK(p >= 0 && p <= 1);
        CHECK(value_of(r->bits[i], r->dtype) > -INFINITY || p == 0);
    }
}

static void check_row(const row *r, const ll_view *y, int log)
{
    double sum = 0;
    for (size_t i = 0; i < r->n; i++) {
        double p = value_of(get(y, i, r->size), r->dtype);
        check_value(r, i, p, log);
        sum += log ? exp(p) : p;
    }
    double tolerance =
        r->size == 2 ? 0.05 : 1e-5; /* 16 bits: half an ULP of each of many small numbers */
    CHECK(r->nan || !r->finite_or_inf || (log && r->size == 2) ||
          fabs(sum - 1) < tolerance + (r->size == 2 ? r->n * 6e-8 : 0));
}

/* The workspace that csrc/numpy passes for these views: none where both are direct. */
static void *work_for(const ll_view *x, const ll_view *y, void *work)
{
    return x->direct && y->direct ? NULL : work;
}

/* softargmax and its logarithm */
static void try_row(input *in, int log)
{
    row r = next_row(in);
    double T = next_temperature(in);
    int from = next_byte(in) % N_LAYOUTS, to = next_byte(in) % N_RESULT_LAYOUTS;
    int in_place = next_byte(in) % 4 == 0 && from < N_RESULT_LAYOUTS;
    void *reference_memory, *x_memory, *y_memory, *work = block(LL_ROW_WORK);
    if (from == REPEATED) {
        for (size_t i = 1; i < r.n; i++) {
            r.bits[i] = r.bits[0];
        }
        r.nan = isnan(value_of(r.bits[0], r.dtype));
        r.finite_or_inf = value_of(r.bits[0], r.dtype) > -INFINITY;
    }
    ll_view reference = lay(DIRECT, r.n, r.size, &reference_memory);
    put_row(&reference, &r);
    row_kernel(targets[0], r.dtype, log)(&reference, &reference, r.n, T, NULL);
    check_row(&r, &reference, log);
    for (size_t t = 0; t < n_targets; t++) {
        ll_view x = lay(from, r.n, r.size, &x_memory), y = lay(to, r.n, r.size, &y_memory);
        put_row(&x, &r);
        const ll_view *result = in_place ? &x : &y;
        row_kernel(targets[t], r.dtype, log)(&x, result, r.n, T, work_for(&x, result, work));
        for (size_t i = 0; i < r.n; i++) {
            CHECK(get(result, i, r.size) == get(&reference, i, r.size));
            CHECK(result == &x || get(&x, i, r.size) == r.bits[i]);
        }
        free(x_memory);
        free(y_memory);
    }
    free(reference_memory);
    free(work);
    free(r.bits);
}

enum { MAX_ROWS = 40 };

/* A batch: the logits of a row, cut into rows, that lie one after the other or side by side. */
typedef struct {
    row all;
    size_t rows, n;
    int columns;
    double T[MAX_ROWS], uniform[MAX_ROWS];
    ptrdiff_t T_step;
} batch;

static batch next_batch(input *in)
{
    batch b = {.rows = 1 + next_byte(in) % MAX_ROWS, .columns = next_byte(in) % 2};
    b.T_step = next_byte(in) % 2 ? (ptrdiff_t)sizeof(double) : 0;
    for (size_t i = 0; i < MAX_ROWS; i++) {
        b.T[i] = i == 0 || b.T_step ? next_temperature(in) : b.T[0];
        b.uniform[i] = next_uniform(in);
    }
    b.all = next_row(in);
    b.n = b.all.n / b.rows;
    return b;
}

static ll_views views_of(const batch *b, char *data)
{
    ptrdiff_t size = (ptrdiff_t)b->all.size, n = (ptrdiff_t)b->n, rows = (ptrdiff_t)b->rows;
    ll_view first = {data, b->columns ? rows * size : size, !b->columns, 0};
    return (ll_views){first, b->columns ? size : n * size};
}

static ll_view row_of(const ll_views *x, size_t row)
{
    ll_view view = x->first;
    view.data += (ptrdiff_t)row * x->step;
    return view;
}

/* one row on the first target, alone; `reference` holds it, then its result */
static void check_alone(const batch *b, size_t r, const ll_views *y, const ll_view *reference,
                        int log)
{
    void *work = block(LL_ROW_WORK);
    ll_view result = row_of(y, r);
    for (size_t i = 0; i < b->n; i++) {
        put(reference, i, b->all.size, b->all.bits[r * b->n + i]);
    }
    row_kernel(targets[0], b->all.dtype, log)(reference, reference, b->n, b->T[r], work);
    for (size_t i = 0; i < b->n; i++) {
        CHECK(get(&result, i, b->all.size) == get(reference, i, b->all.size));
    }
    free(work);
}

static void put_batch(const batch *b, const ll_views *x)
{
    for (size_t r = 0; r < b->rows; r++) {
        ll_view to = row_of(x, r);
        for (size_t i = 0; i < b->n; i++) {
            put(&to, i, b->all.size, b->all.bits[r * b->n + i]);
        }
    }
}

/* the tokens of a batch are those of its rows alone */
static void check_draws(const batch *b, const ll_views *x, const ll_view *alone, size_t t)
{
    int64_t token[MAX_ROWS], single;
    size_t stopped = b->rows;
    void *work = block(ll_draw_rows_work(b->all.dtype, b->n));
    int status = targets[t]->rows[b->all.dtype]->draw_rows(
        x, b->rows, b->n, (const char *)b->T, b->T_step, b->uniform, token, &stopped, work);
    for (size_t r = 0; r < b->rows && r <= stopped; r++) {
        ll_step step = {.kind = LL_TEMPERATURE, .temperature = {b->T[r]}};
        ll_chain chain = {.steps = &step, .n_steps = 1};
        ll_draws draws = {.uniform = b->uniform + r, .token = &single, .n = 1};
        for (size_t i = 0; i < b->n; i++) {
            put(alone, i, b->all.size, b->all.bits[r * b->n + i]);
        }
        int found = targets[0]->rows[b->all.dtype]->chain(alone->data, b->n, &chain, &draws, work);
        CHECK(found == (r == stopped ? status : LL_OK));
        CHECK(found != LL_OK || token[r] == single);
    }
    CHECK((status == LL_OK) == (stopped == b->rows));
    free(work);
}

/* the rows of a batch at once: softargmax, its logarithm, draws */
static void try_batch(input *in)
{
    batch b = next_batch(in);
    int log = next_byte(in) % 2;
    void *memory;
    size_t bytes = b.rows * b.n * b.all.size;
    ll_view alone = lay(DIRECT, b.n ? b.n : 1, b.all.size, &memory);
    for (size_t t = 0; b.n > 0 && t < n_targets; t++) {
        char *from = block(bytes), *to = block(bytes);
        ll_views x = views_of(&b, from), y = views_of(&b, to);
        size_t strip = ll_strip_rows(b.all.dtype, &x, &y, b.rows, b.n);
        void *work = block(ll_rows_work(strip, b.n));
        put_batch(&b, &x);
        if (b.n <= LL_LANES_DRAW) {
            check_draws(&b, &x, &alone, t);
        }
        if (ll_rows_pay(b.all.dtype, &x, &y, b.rows, b.n)) {
            targets[t]->rows[b.all.dtype]->rows(&x, &y, b.rows, b.n, (const char *)b.T, b.T_step,
                                                log, work);
            for (size_t r = 0; r < b.rows; r++) {
                check_alone(&b, r, &y, &alone, log);
            }
        }
        free(from);
        free(to);
        free(work);
    }
    free(memory);
    free(b.all.bits);
}

/* whether a stands before b in the order of selection */
static int before(const row *r, size_t a, size_t b)
{
    double x = value_of(r->bits[a], r->dtype), y = value_of(r->bits[b], r->dtype);
    if (isnan(x) || isnan(y)) {
        return isnan(x) == isnan(y) ? a < b : isnan(y);
    }
    return x == y ? a < b : x > y;
}

static size_t next_k(input *in, size_t n)
{
    uint8_t byte = next_byte(in);
    return byte < 16 ? n : byte < 32 ? 0 : next_bits(in, 2) % (n + 1);
}

static void check_order(const row *r, const uint32_t *order, size_t k)
{
    char *chosen = calloc(r->n, 1);
    for (size_t i = 0; i < k; i++) {
        CHECK(order[i] < r->n && !chosen[order[i]]);
        CHECK(i == 0 || before(r, order[i - 1], order[i]));
        chosen[order[i]] = 1;
    }
    for (size_t i = 0; k > 0 && i < r->n; i++) {
        CHECK(chosen[i] || before(r, order[k - 1], i));
    }
    free(chosen);
}

static void try_select(input *in)
{
    row r = next_row(in);
    size_t k = next_k(in, r.n);
    void *memory, *work = block(ll_row_work(r.dtype, r.n));
    uint32_t *order = block(k * sizeof *order);
    ll_view x = lay(DIRECT, r.n, r.size, &memory);
    put_row(&x, &r);
    for (size_t t = 0; t < n_targets; t++) {
        targets[t]->rows[r.dtype]->select(x.data, r.n, k, order, work);
        check_order(&r, order, k);
    }
    free(memory);
    free(work);
    free(order);
    free(r.bits);
}

typedef struct {
    int status;
    int64_t token[MAX_DRAWS];
    ll_seen seen[MAX_DRAWS][2];
} drawn;

/* what one target draws, and that its distribution agrees with it */
static drawn draw_on(const ll_kernels *target, const row *r, const char *x, const fuzzed_chain *f,
                     const double *uniform, size_t n_draws)
{
    drawn d = {0};
    const size_t looks[2] = {f->chain.n_steps, f->chain.n_steps / 2};
    ll_draws draws = {uniform, d.token, n_draws, d.seen[0], looks, 2};
    ll_view p;
    void *memory, *work = block(ll_row_work(r->dtype, r->n));
    p = lay(DIRECT, r->n, r->size, &memory);
    d.status = target->rows[r->dtype]->chain(x, r->n, &f->chain, &draws, work);
    CHECK((d.status == LL_NO_ROW) == (r->nan || !r->finite_or_inf));
    CHECK(d.status < LL_NOTHING_LEFT + (int)f->chain.n_steps);
    CHECK(target->rows[r->dtype]->probs(x, r->n, &f->chain, p.data, work) == d.status);
    for (size_t i = 0; d.status == LL_OK && i < n_draws; i++) {
        CHECK(d.token[i] >= 0 && (size_t)d.token[i] < r->n);
        CHECK(value_of(r->bits[d.token[i]], r->dtype) > -INFINITY);
        CHECK(d.seen[i][0].surprise >= 0 && d.seen[i][0].probability > 0);
        CHECK(d.seen[i][1].surprise >= 0 && d.seen[i][1].probability <= 1);
        /* a probability below what the dtype holds may still be drawn */
        CHECK(value_of(get(&p, (size_t)d.token[i], r->size), r->dtype) > 0 ||
              d.seen[i][0].surprise > 20);
    }
    free(memory);
    free(work);
    return d;
}

/* FUZZ_DESCRIBE=1 build/fuzz/kernels build/fuzz/crash-...: what a finding was about */
static void describe(const row *r, const fuzzed_chain *f)
{
    static const char *const NAMES[] = {
#define LL_STEP(KIND, name, ...) [KIND] = #name,
        LL_STEPS(LL_STEP)
#undef LL_STEP
    };
    fprintf(stderr, "dtype %d, n %zu, history %zu:", (int)r->dtype, r->n, f->chain.n_history);
    for (size_t i = 0; i < r->n && i < 24; i++) {
        fprintf(stderr, " %g", value_of(r->bits[i], r->dtype));
    }
    for (size_t i = 0; i < f->chain.n_steps; i++) {
        const ll_step *s = f->steps + i;
        fprintf(stderr, "\n%s %g %g %g %g", NAMES[s->kind], s->value[0], s->value[1], s->value[2],
                s->value[3]);
        for (size_t j = 0; j < s->n_numbers; j++) {
            fprintf(stderr, " [%g]", s->numbers[j]);
        }
    }
    fprintf(stderr, "\n");
}

static void try_chain(input *in)
{
    static fuzzed_chain f;
    row r = next_row(in);
    double uniform[MAX_DRAWS];
    size_t n_draws = next_byte(in) % (MAX_DRAWS + 1);
    for (size_t i = 0; i < n_draws; i++) {
        uniform[i] = next_uniform(in);
    }
    next_chain(in, &f, r.n);
    if (getenv("FUZZ_DESCRIBE")) {
        describe(&r, &f);
    }
    void *memory;
    ll_view x = lay(DIRECT, r.n, r.size, &memory);
    put_row(&x, &r);
    drawn first = draw_on(targets[0], &r, x.data, &f, uniform, n_draws);
    for (size_t t = 1; t < n_targets; t++) {
        drawn d = draw_on(targets[t], &r, x.data, &f, uniform, n_draws);
        CHECK(d.status == first.status);
        CHECK(d.status != LL_OK || !memcmp(&d, &first, sizeof d));
    }
    free(memory);
    free(r.bits);
}

/* a as an integer, sign-extended or not, so that it can be compared as int64 or uint64 */
static int64_t integer_of(uint64_t bits, size_t size, int is_signed)
{
    unsigned shift = 64 - 8 * (unsigned)size;
    return is_signed ? (int64_t)(bits << shift) >> shift : (int64_t)(bits << shift >> shift);
}

static int integer_before(const int64_t *x, int is_signed, size_t a, size_t b)
{
    int greater = is_signed ? x[a] > x[b] : (uint64_t)x[a] > (uint64_t)x[b];
    return x[a] == x[b] ? a < b : greater;
}

static void try_integers(input *in)
{
    size_t size = (size_t)1 << next_byte(in) % 4, n = next_length(in), k;
    int is_signed = next_byte(in) % 2;
    int64_t *x = block(n * sizeof *x);
    char *data = block(n * size), *chosen = calloc(n, 1);
    for (size_t i = 0; i < n; i++) {
        uint64_t bits = next_byte(in) < 128 ? next_byte(in) % 8 - 4u : next_bits(in, size);
        memcpy(data + i * size, &bits, size);
        x[i] = integer_of(bits, size, is_signed);
    }
    k = next_k(in, n);
    uint32_t *order = block(k * sizeof *order);
    void *work = block(8 * n);
    ll_select_integers(data, size, is_signed, n, k, order, work);
    for (size_t i = 0; i < k; i++) {
        CHECK(order[i] < n && !chosen[order[i]]++);
        CHECK(i == 0 || integer_before(x, is_signed, order[i - 1], order[i]));
    }
    for (size_t i = 0; k > 0 && i < n; i++) {
        CHECK(chosen[i] || integer_before(x, is_signed, order[k - 1], i));
    }
    free(x);
    free(data);
    free(chosen);
    free(order);
    free(work);
}

static void try_pcg64(input *in)
{
    uint32_t words[9];
    size_t n = 1 + next_byte(in) % 9;
    ll_pcg64 rng, again;
    for (size_t i = 0; i < n; i++) {
        words[i] = (uint32_t)next_bits(in, 4);
    }
    ll_pcg64_seed(&rng, words, n);
    again = rng;
    for (int i = 0; i < 4; i++) {
        double u = ll_pcg64_double(&rng);
        CHECK(u >= 0 && u < 1 && u * 0x1p53 == floor(u * 0x1p53));
        CHECK(u == (double)(ll_pcg64_next(&again) >> 11) * 0x1p-53);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    input in = {bytes, size, 0};
    if (size < 4) {
        return 0;
    }
    switch (next_byte(&in) % 10) {
    case 0:
    case 1:
        try_row(&in, 0);
        break;
    case 2:
        try_row(&in, 1);
        break;
    case 3:
        try_select(&in);
        break;
    case 4:
        try_integers(&in);
        break;
    case 5:
        try_pcg64(&in);
        break;
    case 6:
    case 7:
        try_batch(&in);
        break;
    default:
        try_chain(&in);
    }
    return 0;
}
