/* A chain that records what each step did: the remaining mass and entropy, and for each token the
 * step that removed it and by how much.
 *
 * A long row stays unlisted until a step removes something; then one pass gives every token its
 * margin, and after that only lists are compared, before a step and after.
 *
 * Where a row has +inf, those share the mass equally, until they are banned.
 */
#ifndef LL_TRACE_H
#define LL_TRACE_H

#include "entropy.h"
#include "probs.h"

/* how a distribution weighs its logits; `certain` if +inf is among them */
typedef struct {
    weigher w;
    int certain;
} scales;

static scales scales_of(const candidates *c)
{
    scales s = {.certain = c->max == __builtin_inf()};
    if (!s.certain) {
        s.w = draw_weigher(c);
    }
    return s;
}

typedef struct {
    candidates c, before;
    scales raw;                /* of the row's own distribution */
    uint64_t raw_total, total; /* of that, and of the last one described */
    real *margin, *z;          /* z, token: the list before the step */
    uint32_t *token;
    int8_t *removed;
} tracer;

static void describe(tracer *t, ll_record *r, int has_lost)
{
    candidates *c = &t->c;
    r->temperature = c->temperature;
    r->threshold = c->threshold;
    r->high = c->max;
    r->low = has_lost ? __builtin_inf() : -__builtin_inf();
    for (size_t i = 0; has_lost && i < c->count; i++) {
        r->low = c->z[i] < r->low ? c->z[i] : r->low;
    }
    if (c->max < __builtin_inf()) {
        distribution s = distribution_of(c);
        t->total = s.total;
        r->count = (double)s.count;
        r->entropy = s.entropy;
        return;
    }
    r->count = (double)count_left(c);
    t->total = 0;
    for (size_t i = 0; i < c->count; i++) {
        t->total += c->z[i] == (real)__builtin_inf();
    }
    r->entropy = log_dd((double)t->total).high;
}

/* q of up to 64 logits */
static void weigh_few(const real *z, size_t n, const scales *s, int64_t *q)
{
    vec v[VECS];
    for (size_t i = 0; s->certain && i < n; i++) {
        q[i] = z[i] == (real)__builtin_inf();
    }
    if (!s->certain) {
        load_reals(z, n, v);
        integer_weights(v, &s->w, set(LOWEST), q);
    }
}

/* the mass that the remaining tokens have of the row as it came, by the weights given */
static uint64_t mass_in_row(const candidates *c, const scales *s)
{
    uint64_t mass = 0;
    for (size_t from = 0; from < c->count; from += LL_BLOCK) {
        real z[LL_BLOCK];
        int64_t q[LL_BLOCK];
        size_t n = c->count - from < LL_BLOCK ? c->count - from : LL_BLOCK;
        for (size_t i = 0; i < n; i++) {
            z[i] = logit_in_row(&c->row, c->index[from + i]);
        }
        weigh_few(z, n, s, q);
        for (size_t i = 0; i < n; i++) {
            mass += (uint64_t)q[i];
        }
    }
    return mass;
}

/* tokens that are -inf in the row were excluded from the start */
static void mark_absent(tracer *t)
{
    for (size_t i = 0; i < t->c.row.n; i++) {
        if (logit_in_row(&t->c.row, i) == LOWEST) {
            t->removed[i] = 0;
            t->margin[i] = 0;
        }
    }
}

/* the first removal from a row that is not listed: every token's margin, in one pass */
static void mark_row(tracer *t, int8_t step, const ll_record *r, int absent)
{
    const vec low = set((real)r->low), high = set((real)r->high);
    const vec reciprocal = set((real)(1.0 / t->before.temperature));
    const candidates *c = &t->c;
    __builtin_memset(t->removed, step, c->row.n);
    for (size_t from = 0; from < c->row.n; from += LL_BLOCK) {
        vec v[VECS];
        real *to = t->margin + from, few[LL_BLOCK];
        size_t n = c->row.n - from < LL_BLOCK ? c->row.n - from : LL_BLOCK;
        load_row_block(&c->row, from / LL_BLOCK, n, v);
        for (size_t i = 0; i < VECS; i++) {
            v[i] = max(low - v[i], v[i] - high) * reciprocal;
            store((n < LL_BLOCK ? few : to) + i * LANES, v[i]);
        }
        if (n < LL_BLOCK) {
            __builtin_memcpy(to, few, n * sizeof *to);
        }
    }
    for (size_t i = 0; i < c->count; i++) {
        t->removed[c->index[i]] = (int8_t)(step + 1);
        t->margin[c->index[i]] = 0;
    }
    if (absent) {
        mark_absent(t);
    }
}

/* compares a list with its former state; returns the share of the mass that was kept */
static uint64_t mark_list(tracer *t, int8_t step, const ll_record *r, int changes)
{
    scales s = scales_of(&t->before);
    double temperature = t->before.temperature;
    int incomparable = changes || s.certain;
    uint64_t mass = 0;
    for (size_t i = 0; i < t->c.count; i++) {
        t->removed[t->c.index[i]] = (int8_t)(step + 1);
    }
    for (size_t from = 0; from < t->before.count; from += LL_BLOCK) {
        int64_t q[LL_BLOCK];
        size_t n = t->before.count - from < LL_BLOCK ? t->before.count - from : LL_BLOCK;
        weigh_few(t->z + from, n, &s, q);
        for (size_t i = 0; i < n; i++) {
            double z = t->z[from + i], under = r->low - z, over = z - r->high;
            uint32_t token = t->token[from + i];
            if (t->removed[token] == step + 1) {
                mass += (uint64_t)q[i];
            } else {
                double margin = (under > over ? under : over) / temperature;
                t->margin[token] = (real)(incomparable ? __builtin_inf() : margin);
            }
        }
    }
    return mass;
}

static void start_trace(tracer *t, const ll_trace *trace)
{
    candidates *c = &t->c;
    int changes = 0;
    for (size_t i = 0; i < c->chain->n_steps; i++) {
        changes |= ll_step_has(c->chain->steps + i, LL_CHANGES_LOGITS | LL_REMOVES_BEST);
    }
    if (changes || c->max == __builtin_inf()) {
        list_all(c);
    }
    c->threshold = __builtin_nan("");
    describe(t, trace->records, 0);
    trace->records->mass = trace->records->kept = 1.0;
    t->raw_total = t->total;
    t->raw = scales_of(c);
    if (c->listed) {
        __builtin_memset(t->removed, 0, c->row.n);
        __builtin_memset(t->margin, 0, c->row.n * sizeof *t->margin);
    }
    for (size_t i = 0; c->listed && i < c->count; i++) {
        t->removed[c->index[i]] = 1;
    }
}

static int trace_step(tracer *t, size_t i, const ll_trace *trace)
{
    candidates *c = &t->c;
    ll_record *r = trace->records + i + 1;
    uint64_t total = t->total;
    t->before = *c;
    if (c->listed) {
        __builtin_memcpy(t->z, c->z, c->count * sizeof *c->z);
        __builtin_memcpy(t->token, c->index, c->count * sizeof *c->index);
    }
    c->threshold = __builtin_nan("");
    int status = apply_step(c, i);
    if (status != LL_OK) {
        return status;
    }
    if (!c->listed && c->cut > LOWEST) {
        list_reaching(c, c->cut);
    }
    describe(t, r, c->listed && (double)c->count < trace->records->count);
    r->mass = r[-1].mass;
    r->kept = 1.0;
    int8_t step = (int8_t)(i + 1);
    uint64_t kept = total;
    if (t->before.listed) {
        kept = mark_list(t, step, r, ll_step_has(c->chain->steps + i, LL_CHANGES_LOGITS));
    } else if (c->listed) {
        mark_row(t, step, r, trace->records->count < (double)c->row.n);
        scales s = scales_of(&t->before);
        kept = mass_in_row(c, &s);
    }
    if (r->count < r[-1].count) {
        r->kept = (double)kept / (double)total;
        r->mass = (double)mass_in_row(c, &t->raw) / (double)t->raw_total;
    }
    return LL_OK;
}

/* runs the chain and leaves in *c the remaining tokens, in token order; `after` has its
 * probabilities */
static int trace_into(candidates *c, const ll_chain *chain, ll_trace *trace)
{
    size_t n = c->row.n;
    tracer t = {.c = *c, .margin = trace->margin, .removed = trace->removed};
    t.z = trace->room;
    t.token = (uint32_t *)(void *)(t.z + n);
    int status = begin_chain(&t.c, chain);
    if (status != LL_OK) {
        return status;
    }
    start_trace(&t, trace);
    for (size_t i = 0; status == LL_OK && i < chain->n_steps; i++) {
        status = trace_step(&t, i, trace);
    }
    if (status != LL_OK) {
        return status;
    }
    if (!t.c.listed) {
        __builtin_memset(t.removed, (int)chain->n_steps + 1, n);
        __builtin_memset(t.margin, 0, n * sizeof *t.margin);
        mark_absent(&t);
    }
    settle_infinite(&t.c);
    write_probs(&t.c, trace->after);
    *c = t.c;
    return LL_OK;
}

static int run_trace(const ll_row *row, const ll_chain *chain, ll_trace *trace, void *work)
{
    candidates c = candidates_of(row, work);
    return trace_into(&c, chain, trace);
}

#endif
