/* A list in the order of rank, and back in token order.
 *
 * Only half a list fits into what is spare. A longer one is parted first, at its middle rank or
 * token, and its halves are sorted one after the other.
 */
#ifndef LL_RANK_H
#define LL_RANK_H

#include "prefix.h"
#include "sort.h"

/* parts a list: what `end` keeps, or what is below a token, comes to its front; how much that is */
static size_t partition(candidates *c, const prefix_end *end, uint32_t token, pairs rest)
{
    size_t front = 0, back = 0;
    uint64_t equal = end ? end->equal : 0;
    for (size_t i = 0; i < c->count; i++) {
        real z = c->z[i];
        uint32_t at = c->index[i];
        size_t tie = end && z == end->logit && equal > 0;
        size_t keep = end ? tie | (z > end->logit) : at < token;
        equal -= tie;
        c->z[front] = rest.z[back] = z;
        c->index[front] = rest.index[back] = at;
        front += keep;
        back += 1 - keep;
    }
    __builtin_memcpy(c->z + front, rest.z, back * sizeof *c->z);
    __builtin_memcpy(c->index + front, rest.index, back * sizeof *c->index);
    return front;
}

static void sort_list(candidates *c, int by_token)
{
    size_t room = LL_ROOM(c->row.n) / 2, front = c->count;
    pairs spare = {c->spare, (uint32_t *)(void *)(c->spare + room)};
    if (c->count > room && by_token) {
        front = partition(c, NULL, (uint32_t)(c->row.n / 2), spare);
    } else if (c->count > room) {
        prefix_end end = find_end(c->z, c->count, c->max, NULL, c->count / 2, c->spare);
        front = partition(c, &end, 0, spare);
    }
    pairs first = {c->z, c->index}, second = {c->z + front, c->index + front};
    if (by_token) {
        sort_by_token(first, front, c->row.n, spare);
        sort_by_token(second, c->count - front, c->row.n, spare);
    } else {
        sort_by_rank(first, front, spare);
        sort_by_rank(second, c->count - front, spare);
    }
}

static void into_token_order(candidates *c)
{
    if (c->ranked) {
        sort_list(c, 1);
    }
    c->ranked = 0;
}

/* lists all that is left in order of rank */
static void rank(candidates *c)
{
    list_all(c);
    if (!c->ranked) {
        sort_list(c, 0);
    }
    c->ranked = 1;
}

#endif
