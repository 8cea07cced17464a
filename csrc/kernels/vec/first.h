/* Part of a vector: the first n lanes of memory, -inf in the others; and back. */
#ifndef LL_VEC_FIRST_H
#define LL_VEC_FIRST_H

#define LL_FIRST(SUFFIX, T, VEC, LANES, LOWEST)                                                    \
    static inline VEC load_first_##SUFFIX(const T *p, size_t n)                                    \
    {                                                                                              \
        T lane[LANES];                                                                             \
        for (size_t i = 0; i < LANES; i++) {                                                       \
            lane[i] = i < n ? p[i] : LOWEST;                                                       \
        }                                                                                          \
        return load_##SUFFIX(lane);                                                                \
    }                                                                                              \
                                                                                                   \
    static inline void store_first_##SUFFIX(T *p, VEC v, size_t n)                                 \
    {                                                                                              \
        T lane[LANES];                                                                             \
        store_##SUFFIX(lane, v);                                                                   \
        for (size_t i = 0; i < n; i++) {                                                           \
            p[i] = lane[i];                                                                        \
        }                                                                                          \
    }

LL_FIRST(f16, uint16_t, vec_f, LANES_f, 0xfc00)
LL_FIRST(bf16, uint16_t, vec_f, LANES_f, 0xff80)

#if LL_BUILT_FOR != LL_IS_avx512
LL_FIRST(f, float, vec_f, LANES_f, -__builtin_inff())
LL_FIRST(d, double, vec_d, LANES_d, -__builtin_inf())

/* the first n lanes, then zeros */
static inline vec_f first_f(vec_f v, size_t n)
{
    float lane[LANES_f] = {0};
    store_first_f(lane, v, n);
    return load_f(lane);
}

static inline vec_d first_d(vec_d v, size_t n)
{
    double lane[LANES_d] = {0};
    store_first_d(lane, v, n);
    return load_d(lane);
}
#endif

#endif
