/* What every target shares: vector types of the target's own width, and the few operations that
 * GCC's and clang's vector extensions spell the same everywhere.
 *
 * A target header defines LL_BYTES (its register width) and then includes this file. Names end in
 * the lane type: _f float, _d double, _i int32, _l int64. `mask_f` and `mask_d` are whatever the
 * target compares into; `|` joins two.
 */
#ifndef LL_VEC_COMMON_H
#define LL_VEC_COMMON_H

#include <stddef.h>
#include <stdint.h>

/* for what is called once per block or row: inlined everywhere it would be most of the code */
#define LL_OUT_OF_LINE static __attribute__((noinline))

typedef float vec_f __attribute__((vector_size(LL_BYTES)));
typedef double vec_d __attribute__((vector_size(LL_BYTES)));
typedef int32_t vec_i __attribute__((vector_size(LL_BYTES)));
typedef int64_t vec_l __attribute__((vector_size(LL_BYTES)));

enum { LANES_f = LL_BYTES / 4, LANES_d = LL_BYTES / 8 };

static inline vec_f load_f(const float *p)
{
    vec_f v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
}

static inline void store_f(float *p, vec_f v)
{
    __builtin_memcpy(p, &v, sizeof v);
}

static inline vec_d load_d(const double *p)
{
    vec_d v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
}

static inline void store_d(double *p, vec_d v)
{
    __builtin_memcpy(p, &v, sizeof v);
}

static inline vec_f set_f(float x)
{
    return x - (vec_f){0};
}

static inline vec_d set_d(double x)
{
    return x - (vec_d){0};
}

#endif
