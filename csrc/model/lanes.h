/* What the files of the forward pass share: the target's vectors, 16 rows as a few of them, and
 * loops over constant counts that the compiler is to unroll. */
#ifndef LL_MODEL_LANES_H
#define LL_MODEL_LANES_H

#include "model.h"
#include "kernels/weight.h"

enum { PARTS = LL_ROWS / LANES_f }; /* vectors that hold 16 rows */

#define LL_INLINE static inline __attribute__((always_inline))

static inline vec_f as_floats(vec_i v)
{
    return __builtin_convertvector(v, vec_f);
}

#endif
