/* The k best of a row, without sorting the row.
 *
 * Where k is small beside n the maxima of the lanes give a bound that at least k elements reach
 * (each of k lanes holds one), and only groups that reach it are looked at again. Of what is listed
 * then, a bisection finds the k-th. All of it gives the one order of order.h, so the target's width
 * changes nothing.
 */
#ifndef LL_SELECT_H
#define LL_SELECT_H

#include "rank.h"

static size_t count_reaching(const real *maxima, size_t groups, real bound)
{
    const vec b = set(bound);
    size_t count = 0;
    for (size_t g = 0; g < groups; g++) {
        count += count_bits(bits(ge(load(maxima + g * LANES), b)));
    }
    return count;
}

/* The maxima of eight vectors each, while that leaves many more than k lanes: a bound that k of the
 * fewer lanes reach is reached by k of the many, and is little lower. Returns the number of
 * vectors, in `folded` or still in `maxima`. */
static size_t fold_maxima(const real **maxima, size_t vectors, size_t k, real *folded)
{
    while (vectors * LANES >= 48 * k && vectors >= 16) {
        size_t count = (vectors + 7) / 8;
        for (size_t i = 0; i < count; i++) {
            vec max = load(*maxima + 8 * i * LANES);
            for (size_t j = 8 * i + 1; j < 8 * i + 8 && j < vectors; j++) {
                max = max(load(*maxima + j * LANES), max);
            }
            store(folded + i * LANES, max);
        }
        *maxima = folded;
        vectors = count;
    }
    return vectors;
}

/* a value that at least k lane maxima reach, and few more than k if values differ: bisection over
 * the keys */
static real lane_bound(const real *maxima, size_t vectors, size_t k, double max, real *folded)
{
    vectors = fold_maxima(&maxima, vectors, k, folded);
    uint64_t low = key(smallest(maxima, vectors * LANES)), high = key((real)max) + 1;
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        size_t count = count_reaching(maxima, vectors, value(middle));
        low = count >= k ? middle : low;
        high = count >= k ? high : middle;
        if (count >= k && count <= k + k / 8 + 4) {
            break;
        }
    }
    return value(low);
}

/* lists at least the best k of the remaining tokens, and all that equals the last of them */
static void list_best(candidates *c, size_t k)
{
    size_t needed = k + c->n_changed;
    if (!c->listed && needed <= c->row.n / LL_SPARSE) {
        size_t vectors = count_groups(c->row.n);
        list_reaching(c, lane_bound(c->maxima, vectors, needed, c->row_max, c->z));
    }
    list_all(c);
}

/* where the best k of a list end */
static prefix_end end_of_best(const candidates *c, size_t k)
{
    k = k < c->count ? k : c->count;
    return find_end(c->z, c->count, c->max, NULL, k, c->spare);
}

/* keeps the best k of the remaining tokens, as a list */
static void take_set(candidates *c, double most)
{
    size_t k = most < (double)c->row.n ? (size_t)most : c->row.n;
    list_best(c, k);
    if (k < c->count && !c->ranked) {
        keep_to_end(c, end_of_best(c, k));
    }
    c->count = k < c->count ? k : c->count;
}

/* the same, ranked */
static void take_best(candidates *c, double most)
{
    take_set(c, most);
    rank(c);
}

/* keeps logits >= `bound` */
static void keep_reaching(candidates *c, real bound)
{
    size_t count = 0;
    if (!c->listed) {
        list_reaching(c, bound);
        return;
    }
    for (size_t i = 0; i < c->count; i++) {
        if (c->z[i] >= bound) {
            c->z[count] = c->z[i];
            c->index[count++] = c->index[i];
        }
    }
    c->count = count;
}

/* keeps the best k of the remaining tokens, and all that equals the last of them */
static void take_tied_best(candidates *c, double most)
{
    size_t k = most < (double)c->row.n ? (size_t)most : c->row.n;
    list_best(c, k);
    keep_reaching(c, end_of_best(c, k).logit);
}

/* the one or the other */
static void take_at_least(candidates *c, double most, int ties)
{
    if (ties) {
        take_tied_best(c, most);
    } else {
        take_best(c, most);
    }
}

/* where fewer than k of a row are numbers, its first NaN */
static void add_nan(candidates *c, size_t k)
{
    for (size_t i = 0; c->count < k && i < c->row.n; i++) {
        real value = logit_in_row(&c->row, i);
        if (value != value) {
            c->z[c->count] = value;
            c->index[c->count++] = (uint32_t)i;
        }
    }
}

/* a few are sorted whole */
static void select_of_few(const ll_row *row, size_t k, uint32_t *order, void *work)
{
    pairs list = {work, (uint32_t *)(void *)((real *)work + LL_INSERT)};
    for (size_t i = 0; i < row->n; i++) {
        list.z[i] = logit_in_row(row, i);
        list.index[i] = (uint32_t)i;
    }
    insertion_sort(list, row->n, 0);
    __builtin_memcpy(order, list.index, k * sizeof *order);
}

/* see kernels.h; -inf counts here, and NaN comes last */
static void run_select(const ll_row *row, size_t k, uint32_t *order, void *work)
{
    const size_t n = row->n;
    if (n <= LL_INSERT) {
        select_of_few(row, k, order, work);
        return;
    }
    candidates c = candidates_of(row, work);
    const real all = LOWEST;
    ll_scan found;
    find_lane_maxima(row, c.maxima, &found);
    c.max = found.max;
    int sparse = k <= n / LL_SPARSE;
    real bound = sparse ? lane_bound(c.maxima, count_groups(n), k, c.max, c.z) : all;
    size_t count = tokens_reaching(&c, bound);
    fetch(&c, count);
    become_list(&c, count, 0);
    if (k < count) {
        keep_to_end(&c, end_of_best(&c, k));
    }
    rank(&c);
    add_nan(&c, k);
    __builtin_memcpy(order, c.index, k * sizeof *order);
}

#endif
