/* The arithmetic is IEEE 754's, one operation at a time: that is what makes every build give the
 * same bits. setup.py reverts the compiler options that change it; a build that does not do so
 * fails here. */
#ifndef LL_IEEE_H
#define LL_IEEE_H

#if defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__) ||     \
    defined(__NO_SIGNED_ZEROS__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#    error                                                                                         \
        "logitlab's arithmetic must follow IEEE 754: compile without -ffast-math, -Ofast and what they stand for"
#endif

#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0
#    error                                                                                         \
        "float and double expressions must be evaluated in their own precision (FLT_EVAL_METHOD 0)"
#endif

_Static_assert(sizeof 0.1 == sizeof(double),
               "constants must be doubles: compile without -fsingle-precision-constant");

#endif
