/* Vectors of two doubles each: the arithmetic of exact.h in every lane. */
#ifndef LL_PAIR_VECTORS_H
#define LL_PAIR_VECTORS_H

#include "exact.h"
#include "vec/vec.h"

typedef uint64_t vec_word __attribute__((vector_size(LL_BYTES)));

typedef struct {
    vec_d high, low;
} dd_v;

static inline dd_v set_dd(dd x)
{
    return (dd_v){set_d(x.high), set_d(x.low)};
}

#define DOUBLE vec_d
#define PAIR dd_v
#define WORD vec_word
#define BITS(x) (vec_word)(x)
#define NUMBER(bits) (vec_d)(bits)
#define CONSTANT(c) set_dd(c)
#define NAME(function) LL_JOIN(function, _v)
#include "pairs.inc"

#endif
