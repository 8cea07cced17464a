/* The floating-point control register, as the kernels need it: round to nearest, no flushing of
 * subnormal numbers. Another library may have changed it (torch.set_flush_denormal, code built with
 * -ffast-math); it is restored afterwards. */
#ifndef LL_FLOAT_MODE_H
#define LL_FLOAT_MODE_H

#include <stdint.h>

#if defined(__x86_64__)
#    include <xmmintrin.h>

static inline uint64_t ll_enter_float_mode(void)
{
    unsigned found = _mm_getcsr();
    if (found & 0xe040) { /* flush to zero, rounding mode, denormals are zero */
        _mm_setcsr(found & ~0xe040u);
    }
    return found;
}

static inline void ll_leave_float_mode(uint64_t found)
{
    if (found & 0xe040) {
        _mm_setcsr((unsigned)found);
    }
}

#elif defined(__aarch64__)

static inline uint64_t ll_enter_float_mode(void)
{
    uint64_t found;
    __asm__ volatile("mrs %0, fpcr" : "=r"(found));
    if (found & 0x1c80000) { /* FZ, RMode, FZ16 */
        __asm__ volatile("msr fpcr, %0" : : "r"(found & ~(uint64_t)0x1c80000));
    }
    return found;
}

static inline void ll_leave_float_mode(uint64_t found)
{
    if (found & 0x1c80000) {
        __asm__ volatile("msr fpcr, %0" : : "r"(found));
    }
}

#else

static inline uint64_t ll_enter_float_mode(void)
{
    return 0;
}

static inline void ll_leave_float_mode(uint64_t found)
{
    (void)found;
}

#endif
#endif
