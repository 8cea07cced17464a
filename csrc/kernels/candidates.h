/* The remaining tokens of a row between two steps of a chain.
 *
 * Either everything in the row that reaches `cut` (a long row is never copied for that;
 * changed_logits.h has the few logits that differ), or a list of tokens with their logits, in token
 * order or in the order of rank. Temperatures multiply and are applied when weights are taken, so
 * that a logit is never rounded on the way.
 */
#ifndef LL_CANDIDATES_H
#define LL_CANDIDATES_H

#include "integer_weights.h"
#include "order.h"
#include "storage/storage.h"

typedef struct {
    ll_row row;
    double max; /* the largest logit that is left */
    double temperature;
    real cut;           /* of what is not listed */
    int listed, ranked; /* `ranked` only where listed */
    int certain;        /* the remaining tokens were +inf in the row */
    size_t count;       /* of the list */
    real *z;            /* room for n */
    uint32_t *index;
    real *spare;    /* room for n, or for a list of half as many */
    real *maxima;   /* of the groups, for a row that is not listed; as the row came */
    uint64_t *sums; /* one integer per block */
    double row_max; /* of the row as it came */
    size_t n_changed;
    uint32_t *changed; /* in token order; see changes.inc */
    real *changed_z;
    uint64_t touched[LL_TOUCHED];
    const ll_chain *chain;
    const int64_t
        *window; /* of the history, counted in the chain's scratch memory; see history.h */
    size_t n_window, n_counted;
    const double *coins; /* the next one */
    double threshold;    /* what the last step compared with, for a trace */
    int counts_share;
    double share; /* of the mass that the filters kept; only where a step needs it */
} candidates;

/* Cuts a workspace of ll_row_work bytes. The maxima and the sums use the memory of the list, which
 * is needed only when they no longer are: three arrays as long as the row hold everything. */
static candidates candidates_of(const ll_row *row, void *work)
{
    candidates c = {.row = *row, .temperature = 1.0, .cut = LOWEST};
    size_t n = row->n;
    c.changed_z = work;
    c.changed = (uint32_t *)(void *)((char *)work + LL_CHANGES * sizeof(double));
    work = c.changed + LL_CHANGES;
    c.spare = work;
    c.maxima = work;
    c.sums = (uint64_t *)(void *)((char *)work + count_groups(n) * LL_BYTES);
    c.z = c.spare + LL_ROOM(n);
    c.index = (uint32_t *)(void *)(c.z + LL_ROOM(n));
    return c;
}

/* the position of a token in a sorted array, or where it would be inserted */
static size_t place(const uint32_t *sorted, size_t n, size_t token)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (sorted[middle] < token) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* the number of 64-token blocks of the remaining tokens, and one of them; q of what is below `cut`
 * is 0 */
static size_t count_blocks(const candidates *c)
{
    return ((c->listed ? c->count : c->row.n) + LL_BLOCK - 1) / LL_BLOCK;
}

static inline int is_touched(const candidates *c, size_t b)
{
    return c->touched[b / 64 % LL_TOUCHED] >> b % 64 & 1;
}

/* puts the changed logits over a block */
static void put_changes(const candidates *c, size_t b, vec *v)
{
    real z[LL_BLOCK];
    size_t i = place(c->changed, c->n_changed, b * LL_BLOCK);
    __builtin_memcpy(z, v, sizeof z);
    for (; i < c->n_changed && c->changed[i] / LL_BLOCK == b; i++) {
        z[c->changed[i] % LL_BLOCK] = c->changed_z[i];
    }
    __builtin_memcpy(v, z, sizeof z);
}

static inline void read_block_inline(const candidates *c, size_t b, vec *v)
{
    size_t from = b * LL_BLOCK, n = (c->listed ? c->count : c->row.n) - from;
    n = n < LL_BLOCK ? n : LL_BLOCK;
    if (c->listed) {
        load_reals(c->z + from, n, v);
        return;
    }
    load_row_block(&c->row, b, n, v);
    if (is_touched(c, b)) {
        put_changes(c, b, v);
    }
}

/* the same, not inlined: for loops that spend most of their time elsewhere */
LL_OUT_OF_LINE void read_block(const candidates *c, size_t b, vec *v)
{
    read_block_inline(c, b, v);
}

/* whether a group of a row that is not listed may have a logit that reaches the bound; b is its
 * first block */
static inline int may_reach(const candidates *c, size_t b, vec bound)
{
    const real *maxima = c->maxima + b / GROUP_BLOCKS * LANES;
    const uint64_t group = ((uint64_t)1 << GROUP_BLOCKS) - 1; /* its blocks share a word */
    int touched = (c->touched[b / 64 % LL_TOUCHED] >> b % 64 & group) != 0;
    return touched || bits(ge(load(maxima), bound));
}

/* from now on the remaining tokens are those in the list */
static void become_list(candidates *c, size_t count, int ranked)
{
    c->count = count;
    c->listed = 1;
    c->ranked = ranked;
    c->cut = LOWEST;
    c->n_changed = 0; /* `touched` is asked of rows only */
}

/* lists all that is left, in token order */
static void list_all(candidates *c)
{
    size_t count = 0;
    if (c->listed) {
        return;
    }
    const vec cut = set(c->cut), none = set(LOWEST);
    for (size_t b = 0; b < count_blocks(c); b++) {
        vec v[VECS];
        read_block_inline(c, b, v);
        for (size_t i = 0; i < VECS; i++) {
            mask left = ge(v[i], cut) & gt(v[i], none);
            compress_tokens(left, (uint32_t)(b * LL_BLOCK + i * LANES), c->index + count);
            count += compress(v[i], left, c->z + count);
        }
    }
    become_list(c, count, 0);
}

/* The tokens that reach `bound` of a row that is not listed, in token order; NaN never does. */
static size_t tokens_reaching(candidates *c, real bound)
{
    size_t count = 0;
    const vec least = set(bound);
    for (size_t b = 0; b < count_blocks(c); b++) {
        if (b % GROUP_BLOCKS == 0 && !may_reach(c, b, least)) {
            b += GROUP_BLOCKS - 1;
            continue;
        }
        vec v[VECS];
        read_block_inline(c, b, v);
        for (size_t i = 0; i < VECS; i++) {
            mask reach = ge(v[i], least);
            compress_tokens(reach, (uint32_t)(b * LL_BLOCK + i * LANES), c->index + count);
            count += count_bits(bits(reach));
        }
    }
    while (count > 0 && c->index[count - 1] >= c->row.n) {
        count--; /* what pads the last block is -inf */
    }
    return count;
}

/* the logits of tokens in token order */
static void fetch(candidates *c, size_t count)
{
    gather_logits(&c->row, c->index, count, c->z);
    for (size_t i = 0; i < c->n_changed; i++) {
        size_t at = place(c->index, count, c->changed[i]);
        if (at < count && c->index[at] == c->changed[i]) {
            c->z[at] = c->changed_z[i];
        }
    }
}

/* lists what reaches `bound` of a row that is not listed, in token order */
static void list_reaching(candidates *c, real bound)
{
    const real least = -(real)MOST; /* -inf is never left */
    bound = bound > c->cut ? bound : c->cut;
    size_t count = tokens_reaching(c, bound > least ? bound : least);
    fetch(c, count);
    become_list(c, count, 0);
}

/* whether the remaining tokens can be read by blocks of the row: nothing is missing */
static int is_whole(const candidates *c)
{
    return !c->listed || (c->count == c->row.n && !c->ranked);
}

static size_t count_left(const candidates *c)
{
    const vec cut = set(c->cut), none = set(LOWEST);
    size_t count = c->listed ? c->count : 0;
    for (size_t b = 0; !c->listed && b < count_blocks(c); b++) {
        vec v[VECS];
        read_block(c, b, v);
        for (size_t i = 0; i < VECS; i++) {
            count += count_bits(bits(ge(v[i], cut) & gt(v[i], none)));
        }
    }
    return count;
}

/* undoes what was done since a copy was made; the list itself is unchanged */
static void back_to(candidates *c, const candidates *before)
{
    ll_scan found;
    *c = *before;
    if (!c->listed) {
        find_lane_maxima(&c->row, c->maxima, &found);
    }
}

#endif
