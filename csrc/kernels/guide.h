/* Many draws from one row: its running sums once, and a table of where the draws of each equal part
 * of [0, 1) begin, which leaves little to search (Chen and Asau 1974). The tokens are the same as
 * those of single draws.
 */
#ifndef LL_GUIDE_H
#define LL_GUIDE_H

#include "rank.h"

typedef struct {
    uint64_t *sums; /* of all tokens, in token order */
    uint32_t *first;
    size_t count, cells; /* a power of two */
} guide;

enum { FEW_DRAWS = 16, DRAWS_PER_BLOCK = 2 };

/* Takes memory for the table that is free once all steps have run. 0 if there is not enough, or if
 * there are too few draws to pay for it. */
static int place_guide(const candidates *c, size_t draws, guide *g)
{
    size_t n = c->row.n, room;
    g->count = c->listed ? c->count : n;
    if (draws < FEW_DRAWS || draws < count_blocks(c) * DRAWS_PER_BLOCK) {
        return 0;
    }
    if (!c->listed) {
        g->sums = (uint64_t *)(((uintptr_t)c->z + 7) & ~(uintptr_t)7);
        g->first = (uint32_t *)(void *)c->spare;
        room = LL_ROOM(n);
    } else {
        g->sums = (uint64_t *)(void *)c->changed_z;
        g->first = (uint32_t *)(g->sums + LL_SHORT);
        room = LL_CHANGES * (sizeof(double) + sizeof(uint32_t)) / sizeof(uint32_t) - 2 * LL_SHORT;
    }
    for (g->cells = 1; 2 * g->cells <= room && g->cells < draws; g->cells *= 2) {
    }
    return !c->listed || c->count <= LL_SHORT;
}

static void fill_guide(candidates *c, const weigher *w, guide *g)
{
    const vec cut = set(c->cut);
    uint64_t sum = 0;
    for (size_t b = 0, i = 0; i < g->count; b++) {
        vec v[VECS];
        int64_t q[LL_BLOCK];
        read_block(c, b, v);
        integer_weights(v, w, cut, q);
        for (size_t j = 0; j < LL_BLOCK && i < g->count; j++) {
            g->sums[i++] = sum += (uint64_t)q[j];
        }
    }
    for (size_t cell = 0, i = 0; cell < g->cells; cell++) {
        uint64_t target = draw_target((double)cell / (double)g->cells, sum);
        while (g->sums[i] <= target) {
            i++;
        }
        g->first[cell] = (uint32_t)i;
    }
}

/* where the running sum is the first to exceed the target of a double */
static inline size_t guided(const guide *g, double uniform)
{
    uint64_t target = draw_target(uniform, g->sums[g->count - 1]);
    size_t cell = (size_t)(uniform * (double)g->cells);
    size_t high = cell + 1 < g->cells ? g->first[cell + 1] : g->count - 1;
    return first_beyond(g->sums, g->first[cell], high, target);
}

/* 0 if a table is not worthwhile; nothing was drawn then */
static int draw_guided(candidates *c, const weigher *w, ll_draws *draws)
{
    guide g;
    if (draws->n_looks || !place_guide(c, draws->n, &g)) {
        return 0;
    }
    fill_guide(c, w, &g);
    for (size_t i = 0; i < draws->n; i++) {
        size_t at = guided(&g, draws->uniform[i]);
        draws->token[i] = c->listed ? c->index[at] : (int64_t)at;
    }
    return 1;
}

#endif
