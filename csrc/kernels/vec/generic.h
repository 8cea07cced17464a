/* Any CPU: 16-byte vectors in the compiler's own notation, no intrinsics, fused operations
 * emulated. WebAssembly's simd128 is this file too. */
#define LL_BYTES 16
#include "common.h"
#include "masks.h"

static inline vec_f max_f(vec_f x, vec_f acc)
{
    vec_i more = (vec_i)(x > acc);
    return (vec_f)((more & (vec_i)x) | (~more & (vec_i)acc));
}

static inline vec_d max_d(vec_d x, vec_d acc)
{
    vec_l more = (vec_l)(x > acc);
    return (vec_d)((more & (vec_l)x) | (~more & (vec_l)acc));
}

static inline unsigned bits_f(mask_f m)
{
    return (unsigned)((m[0] & 1) | (m[1] & 2) | (m[2] & 4) | (m[3] & 8));
}

static inline unsigned bits_d(mask_d m)
{
    return (unsigned)((m[0] & 1) | (m[1] & 2));
}

static inline vec_d low_d(vec_f v)
{
    return (vec_d){v[0], v[1]};
}

static inline vec_d high_d(vec_f v)
{
    return (vec_d){v[2], v[3]};
}

static inline vec_f narrow_f(vec_d low, vec_d high)
{
    return (vec_f){(float)low[0], (float)low[1], (float)high[0], (float)high[1]};
}

#include "emulate.h"
#include "scalar16.h"
#include "bfloat16.h"

#include "compress.h"
