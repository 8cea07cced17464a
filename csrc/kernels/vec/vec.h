/* Chooses the vector header of LL_TARGET, the one name that the build gives for each compilation.
 */
#ifndef LL_VEC_H
#define LL_VEC_H

#define LL_JOIN_(a, b) a##b
#define LL_JOIN(a, b) LL_JOIN_(a, b)
#define LL_NAME_OF_(a) #a
#define LL_NAME_OF(a) LL_NAME_OF_(a)
#define LL_IS_generic 1
#define LL_IS_baseline 2
#define LL_IS_avx2 3
#define LL_IS_avx512 4
#define LL_IS_neon 5

/* Macros for where the targets differ. Never the compiler's own macros for it: its options may
 * allow more than the target has. */
#define LL_BUILT_FOR LL_JOIN(LL_IS_, LL_TARGET)

#if LL_BUILT_FOR == LL_IS_generic
#    include "generic.h"
#elif LL_BUILT_FOR == LL_IS_baseline
#    include "baseline.h"
#elif LL_BUILT_FOR == LL_IS_avx2
#    include "avx2.h"
#elif LL_BUILT_FOR == LL_IS_avx512
#    include "avx512.h"
#elif LL_BUILT_FOR == LL_IS_neon
#    include "neon.h"
#else
#    error "LL_TARGET must be generic, baseline, avx2, avx512 or neon"
#endif

#include "first.h"

/* the number of bits set in a mask's bits, at most 16 */
static inline size_t count_bits(unsigned bits)
{
#if LL_BYTES > 16
    return (size_t)__builtin_popcount(bits);
#else
    return (size_t)(0x4332322132212110 >> (bits * 4) & 15); /* 4 lanes at most */
#endif
}

#endif
