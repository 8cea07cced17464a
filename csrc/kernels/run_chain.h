/* A whole chain over one row: scan it once, apply the steps in order, draw. */
#ifndef LL_RUN_CHAIN_H
#define LL_RUN_CHAIN_H

#include "draw.h"
#include "mass.h"
#include "steps/all.h"

static void (*const STEP_FUNCTIONS[LL_STEP_KINDS])(candidates *, const ll_step *) = {
#define LL_STEP(KIND, name, ...) [KIND] = step_##name,
    LL_STEPS_RUN(LL_STEP)
#undef LL_STEP
};

/* lists a short row; a long one is only measured */
static ll_scan scan_row(candidates *c)
{
    ll_scan found = {-__builtin_inf(), 0};
    if (c->row.n <= LL_SHORT) {
        scan_short_row(&c->row, &found);
        list_all(c);
    } else {
        find_lane_maxima(&c->row, c->maxima, &found);
    }
    return found;
}

/* +inf is certain: it shares the whole with the other +inf, whatever the temperature */
static void settle_infinite(candidates *c)
{
    if (c->max < __builtin_inf()) {
        return;
    }
    list_all(c);
    size_t count = 0;
    for (size_t i = 0; i < c->count; i++) {
        if (c->z[i] == (real)__builtin_inf()) {
            c->z[count] = 0;
            c->index[count++] = c->index[i];
        }
    }
    c->count = count;
    c->max = 0.0;
    c->certain = 1;
}

static int begin_chain(candidates *c, const ll_chain *chain)
{
    ll_scan found = scan_row(c);
    if (found.nan || found.max == -__builtin_inf()) {
        return LL_NO_ROW;
    }
    c->max = c->row_max = found.max;
    c->chain = chain;
    c->coins = chain->coins;
    c->share = 1.0;
    c->counts_share = 0;
    for (size_t i = 0; i < chain->n_steps; i++) {
        c->counts_share |= ll_step_needs_share(chain->steps + i);
    }
    return LL_OK;
}

/* a step that may remove tokens, and the share of the mass that it leaves */
static void apply_filter(candidates *c, const ll_step *step)
{
    measure m = {.w = draw_weigher(c)};
    double whole = (double)mass_left(c, &m);
    size_t count = count_left(c);
    STEP_FUNCTIONS[step->kind](c, step);
    if (count_left(c) < count) {
        c->share *= (double)mass_left(c, &m) / whole;
    }
}

static int apply_step(candidates *c, size_t i)
{
    const ll_step *step = c->chain->steps + i;
    const int changes = ll_step_has(step, LL_CHANGES_LOGITS);
    if (!changes) {
        settle_infinite(c);
    }
    if (c->counts_share && !changes) {
        apply_filter(c, step);
    } else {
        STEP_FUNCTIONS[step->kind](c, step);
    }
    int left = c->listed ? c->count > 0 : c->max > -__builtin_inf();
    return left ? LL_OK : LL_NOTHING_LEFT + (int)i;
}

static int run_steps(candidates *c, const ll_chain *chain)
{
    int status = begin_chain(c, chain);
    for (size_t i = 0; status == LL_OK && i < chain->n_steps; i++) {
        status = apply_step(c, i);
    }
    if (status == LL_OK) {
        settle_infinite(c);
    }
    return status;
}

/* what an observation records of the tokens drawn, after a draw or its running sums */
static void observe(const candidates *c, ll_draws *draws, size_t look)
{
    weigher w = draw_weigher(c);
    double total = (double)c->sums[count_blocks(c) - 1];
    for (size_t i = 0; i < draws->n; i++) {
        size_t token = (size_t)draws->token[i];
        size_t at = c->listed ? place(c->index, c->count, token) : token;
        weight_cache window = {.block = (size_t)-1};
        double q = (double)weight_at(c, &w, &window, at);
        ll_seen *seen = draws->seen + i * draws->n_looks + look;
        seen->probability = q / total;
        seen->surprisal = q > 0.0 ? -log_dd(q / total).high * LOG2_E.high : __builtin_inf();
    }
}

/* The observations for steps with a state: first of the distribution that was drawn from, then, for
 * a step that asks what was before it, at a shorter chain, which is run again: c's room is needed
 * for that. */
static void observe_all(candidates *c, ll_draws *draws, void *work)
{
    const ll_chain *chain = c->chain;
    for (size_t look = 0; look < draws->n_looks; look++) {
        if (draws->looks[look] == chain->n_steps) {
            observe(c, draws, look);
        }
    }
    for (size_t look = 0; look < draws->n_looks; look++) {
        ll_chain shorter = *chain;
        shorter.n_steps = draws->looks[look];
        candidates before = candidates_of(&c->row, work);
        if (shorter.n_steps < chain->n_steps && run_steps(&before, &shorter) == LL_OK) {
            into_token_order(&before);
            weigher w = draw_weigher(&before);
            running_sums(&before, &w);
            observe(&before, draws, look);
        }
    }
}

static int run_chain(const ll_row *row, const ll_chain *chain, ll_draws *draws, void *work)
{
    candidates c = candidates_of(row, work);
    int status = run_steps(&c, chain);
    if (status == LL_OK) {
        draw_tokens(&c, draws);
        observe_all(&c, draws, work);
    }
    return status;
}

#endif
