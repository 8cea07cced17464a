/* Packing the lanes of a mask, one at a time, for targets without an instruction for it. */
#ifndef LL_VEC_COMPRESS_H
#define LL_VEC_COMPRESS_H

/* the lanes where the mask holds, packed to the front of `to` (which has room for a whole vector);
 * how many they are */
static inline size_t compress_f(vec_f v, mask_f m, float *to)
{
    size_t count = 0;
    for (unsigned bits = bits_f(m); bits; bits &= bits - 1) {
        to[count++] = v[__builtin_ctz(bits)];
    }
    return count;
}

static inline size_t compress_d(vec_d v, mask_d m, double *to)
{
    size_t count = 0;
    for (unsigned bits = bits_d(m); bits; bits &= bits - 1) {
        to[count++] = v[__builtin_ctz(bits)];
    }
    return count;
}

/* the same for the tokens that go with the lanes; `to` may be `from` or lie before it */
static inline void compress_index(unsigned bits, const uint32_t *from, uint32_t *to)
{
    for (; bits; bits &= bits - 1) {
        *to++ = from[__builtin_ctz(bits)];
    }
}

static inline void compress_index_f(mask_f m, const uint32_t *from, uint32_t *to)
{
    compress_index(bits_f(m), from, to);
}

static inline void compress_index_d(mask_d m, const uint32_t *from, uint32_t *to)
{
    compress_index(bits_d(m), from, to);
}

/* the same for the numbers from, from + 1, ... of the lanes */
static inline void compress_tokens(unsigned bits, uint32_t from, uint32_t *to)
{
    for (; bits; bits &= bits - 1) {
        *to++ = from + (uint32_t)__builtin_ctz(bits);
    }
}

static inline void compress_tokens_f(mask_f m, uint32_t from, uint32_t *to)
{
    compress_tokens(bits_f(m), from, to);
}

static inline void compress_tokens_d(mask_d m, uint32_t from, uint32_t *to)
{
    compress_tokens(bits_d(m), from, to);
}

#endif
