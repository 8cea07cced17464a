/* Logits that differ from the row's: what penalties, biases and bans do to a few tokens.
 *
 * A long row is not copied for them. They are kept separately, sorted by token, and replace the
 * row's own in each block that is read; a filter of 4096 bits says which blocks have any. A list is
 * changed in place.
 */
#ifndef LL_CHANGED_LOGITS_H
#define LL_CHANGED_LOGITS_H

#include "rank.h"

/* (logit - largest) / T as logits, for the remaining tokens */
static void set_logits(candidates *c, double temperature)
{
    list_all(c);
    for (size_t i = 0; i < c->count; i++) {
        double distance = (double)c->z[i] - c->max;
        double argument =
            temperature < __builtin_inf() && distance < 0.0 ? distance / temperature : 0.0;
        c->z[i] = (real)(argument > -1e4 ? argument : -1e4);
    }
    c->max = 0.0;
    c->temperature = 1.0;
}

/* Applies what earlier steps deferred, so that logits can be changed: a temperature, and a cut,
 * which must not be compared with the changed logits. */
static void flush(candidates *c)
{
    if (c->temperature != 1.0) {
        set_logits(c, c->temperature);
    }
    if (!c->listed && c->cut > LOWEST) {
        list_all(c);
    }
    into_token_order(c);
}

/* a token's logit; -inf if it is not left */
static real logit_of(const candidates *c, uint32_t token)
{
    const uint32_t *sorted = c->listed ? c->index : c->changed;
    size_t n = c->listed ? c->count : c->n_changed, at = place(sorted, n, token);
    if (at < n && sorted[at] == token) {
        return (c->listed ? c->z : c->changed_z)[at];
    }
    return c->listed ? LOWEST : logit_in_row(&c->row, token);
}

static void insert_change(candidates *c, size_t at, uint32_t token, real z)
{
    size_t block = token / LL_BLOCK % (64 * LL_TOUCHED);
    for (size_t i = c->n_changed++; i > at; i--) {
        c->changed[i] = c->changed[i - 1];
        c->changed_z[i] = c->changed_z[i - 1];
    }
    c->changed[at] = token;
    c->changed_z[at] = z;
    c->touched[block / 64] |= (uint64_t)1 << block % 64;
}

/* changes the logit of a remaining token; finite logits stay finite */
static void change_logit(candidates *c, uint32_t token, double z)
{
    const double most = MOST;
    if (z < __builtin_inf() && z > -__builtin_inf()) {
        z = z > most ? most : z < -most ? -most : z;
    }
    if (c->certain && z > -__builtin_inf()) {
        return; /* nothing finite is added to what is infinite */
    }
    if (!c->listed && c->n_changed == LL_CHANGES) {
        list_all(c);
    }
    const uint32_t *sorted = c->listed ? c->index : c->changed;
    size_t n = c->listed ? c->count : c->n_changed, at = place(sorted, n, token);
    if (at < n && sorted[at] == token) {
        (c->listed ? c->z : c->changed_z)[at] = (real)z;
    } else if (!c->listed) {
        insert_change(c, at, token, (real)z);
    }
}

/* the largest unchanged logit of one lane of a group */
static real unchanged_in_lane(const candidates *c, size_t group, size_t lane)
{
    real max = LOWEST;
    for (size_t i = 0; i < GROUP_VECS; i++) {
        size_t token = group * GROUP + i * LANES + lane;
        size_t at = token < c->row.n ? place(c->changed, c->n_changed, (uint32_t)token) : 0;
        if (token < c->row.n && (at == c->n_changed || c->changed[at] != token)) {
            real z = logit_in_row(&c->row, token);
            max = z > max ? z : max;
        }
    }
    return max;
}

/* the largest of a row with changes: only lanes whose maximum exceeds what is known are looked at
 */
static double largest_of_row(const candidates *c)
{
    real max = LOWEST;
    int lost = 0;
    for (size_t i = 0; i < c->n_changed; i++) {
        max = c->changed_z[i] > max ? c->changed_z[i] : max;
        lost |= (double)logit_in_row(&c->row, c->changed[i]) == c->row_max;
    }
    if (!lost) {
        return max > c->row_max ? max : c->row_max;
    }
    for (size_t g = 0; g < count_groups(c->row.n); g++) {
        const real *maxima = c->maxima + g * LANES;
        for (unsigned m = bits(gt(load(maxima), set(max))); m; m &= m - 1) {
            real z = unchanged_in_lane(c, g, (size_t)__builtin_ctz(m));
            max = z > max ? z : max;
        }
    }
    return max;
}

/* drops tokens that are now -inf from a list, and finds the new largest logit */
static void refresh(candidates *c)
{
    if (!c->listed) {
        c->max = largest_of_row(c);
        return;
    }
    size_t count = 0;
    c->max = -__builtin_inf();
    for (size_t i = 0; i < c->count; i++) {
        if (c->z[i] > LOWEST) {
            c->max = c->z[i] > c->max ? c->z[i] : c->max;
            c->z[count] = c->z[i];
            c->index[count++] = c->index[i];
        }
    }
    c->count = count;
}

#endif
