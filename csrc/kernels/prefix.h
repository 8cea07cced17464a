/* Where the shortest prefix of a list, in the order of rank, reaches a mass or a number of tokens.
 *
 * Nothing is sorted: what lies above a bound is a sum, and the bound is bisected while what lies
 * between the two ends shrinks. A number of tokens is a mass where each weighs 1: for that the
 * measure is NULL.
 */
#ifndef LL_PREFIX_H
#define LL_PREFIX_H

#include "mass.h"

/* a prefix ends at this logit, with so many of the tokens that have it; its mass, and that of its
 * last token */
typedef struct {
    real logit;
    uint64_t equal, mass, last;
} prefix_end;

/* the least of n numbers */
static real smallest(const real *z, size_t n)
{
    vec most = set(LOWEST);
    real least = z[n - 1];
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        most = max(-load(z + i), most);
    }
    for (; i < n; i++) {
        least = z[i] < least ? z[i] : least;
    }
    for (int lane = 0; lane < LANES; lane++) {
        least = -most[lane] < least ? -most[lane] : least;
    }
    return least;
}

/* copies what reaches `low` and does not reach `high` (which is NaN where it is the key after +inf)
 */
static size_t between(const real *z, size_t n, real low, real high, real *to)
{
    size_t count = 0;
    const vec a = set(low), b = set(high);
    for (size_t from = 0; from < n; from += LL_BLOCK) {
        vec v[VECS];
        load_reals(z + from, n - from < LL_BLOCK ? n - from : LL_BLOCK, v);
        for (size_t i = 0; i < VECS; i++) {
            mask in = (mask)(ge(v[i], a) & ~ge(v[i], b));
            count += compress(v[i], in, to + count);
        }
    }
    return count;
}

/* A key in (low, high) to bisect at: the middle one of three logits, which suits most lists, or now
 * and then the middle of the two ends, which comes to an end for every list. */
static uint64_t pivot(const real *z, size_t n, uint64_t low, uint64_t high, unsigned round)
{
    real a = z[n / 4], b = z[n / 2], c = z[n - 1 - n / 4];
    real middle = a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b);
    uint64_t key = key(middle);
    return round % 4 < 3 && key > low && key < high ? key : low + (high - low) / 2;
}

/* Where the prefix ends that reaches `need` (not more than there is), among n logits of which the
 * largest is at most max; none is NaN or, with weights, -inf. `spare` has room for them, and may be
 * z. */
static prefix_end find_end(const real *z, size_t n, double max, const measure *m, uint64_t need,
                           real *spare)
{
    uint64_t low = key(smallest(z, n)), high = key((real)max) + 1;
    uint64_t above = 0; /* the mass of what is not below high */
    for (unsigned round = 0; n > 1 && high - low > 1; round++) {
        uint64_t middle = pivot(z, n, low, high, round);
        real bound = value(middle);
        uint64_t mass = above + mass_reaching(z, n, m, bound);
        if (!m && mass == need) {
            return (prefix_end){bound, n, mass, 1};
        }
        low = mass >= need ? middle : low;
        above = mass >= need ? above : mass;
        high = mass >= need ? high : middle;
        n = between(z, n, value(low), value(high), spare);
        z = spare;
    }
    /* all that is left is equal */
    uint64_t each = m ? mass_reaching(z, 1, m, z[0]) : 1;
    uint64_t equal = (need - above + each - 1) / each;
    return (prefix_end){z[0], equal, above + equal * each, each};
}

/* drops what lies beyond the end from a list */
static void keep_to_end(candidates *c, prefix_end end)
{
    size_t count = 0, i = 0;
    const vec last = set(end.logit);
    for (; i + LANES <= c->count; i += LANES) {
        vec v = load(c->z + i);
        mask keep = ge(v, last);
        size_t kept = count_bits(bits(keep));
        size_t equal = kept - count_bits(bits(gt(v, last)));
        if (equal > end.equal) {
            break; /* from here on one by one */
        }
        end.equal -= equal;
        compress_index(keep, c->index + i, c->index + count);
        count += compress(v, keep, c->z + count);
    }
    for (; i < c->count; i++) {
        int equal = c->z[i] == end.logit && end.equal > 0;
        end.equal -= (uint64_t)equal;
        if (equal || c->z[i] > end.logit) {
            c->z[count] = c->z[i];
            c->index[count++] = c->index[i];
        }
    }
    c->count = count;
}

static size_t count_to_end(const candidates *c, prefix_end end)
{
    size_t count = 0;
    for (size_t i = 0; i < c->count; i++) {
        count += c->z[i] > end.logit;
    }
    return count + end.equal;
}

#endif
