/* What the fuzzer's bytes mean: numbers from tables of edge values, rows of every dtype, layouts in
 * memory.
 *
 * A row that is longer than the bytes repeats them, so that ties come up often.
 */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/kernels.h"

typedef struct {
    const uint8_t *bytes;
    size_t size, at;
} input;

static uint8_t next_byte(input *in)
{
    return in->bytes[in->at++ % in->size];
}

static uint64_t next_bits(input *in, size_t bytes)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < bytes; i++) {
        bits = bits << 8 | next_byte(in);
    }
    return bits;
}

static double double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static size_t size_of(ll_dtype dtype)
{
    return dtype == LL_F64 ? 8 : dtype == LL_F32 ? 4 : 2;
}

enum { N_EDGES = 16 };

/* 0, -0, inf, -inf, NaN, -NaN, largest, -largest, smallest subnormal and its negative, largest
 * subnormal, smallest normal, 1, the next above 1, -1, a mask as low as -1e9 (float16: -65504) */
static const uint64_t EDGES[LL_DTYPES][N_EDGES] = {
    [LL_F16] = {0, 0x8000, 0x7c00, 0xfc00, 0x7e00, 0xfe01, 0x7bff, 0xfbff, 1, 0x8001, 0x3ff, 0x400,
                0x3c00, 0x3c01, 0xbc00, 0xfbff},
    [LL_BF16] = {0, 0x8000, 0x7f80, 0xff80, 0x7fc0, 0xffc1, 0x7f7f, 0xff7f, 1, 0x8001, 0x7f, 0x80,
                 0x3f80, 0x3f81, 0xbf80, 0xce6e},
    [LL_F32] = {0, 0x80000000, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00001, 0x7f7fffff,
                0xff7fffff, 1, 0x80000001, 0x7fffff, 0x800000, 0x3f800000, 0x3f800001, 0xbf800000,
                0xce6e6b28},
    [LL_F64] = {0, 0x8000000000000000, 0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000000,
                0xfff8000000000001, 0x7fefffffffffffff, 0xffefffffffffffff, 1, 0x8000000000000001,
                0xfffffffffffff, 0x10000000000000, 0x3ff0000000000000, 0x3ff0000000000001,
                0xbff0000000000000, 0xc1cdcd6500000000},
};

/* the bits of one logit: an edge value, any bits at all, or an everyday number */
static uint64_t next_logit(input *in, ll_dtype dtype)
{
    uint8_t byte = next_byte(in);
    if (byte < N_EDGES) {
        return EDGES[dtype][byte];
    }
    if (byte < 40) {
        return next_bits(in, size_of(dtype));
    }
    double everyday = (byte - 148) / 8.0;
    float narrow = (float)everyday;
    uint32_t bits;
    memcpy(&bits, &narrow, sizeof bits);
    switch (dtype) {
    case LL_F64:
        return bits_of(everyday);
    case LL_F32:
        return bits;
    case LL_BF16:
        return bits >> 16;
    default:
        return (bits >> 16 & 0x8000) | (0x3800 + byte * 16u);
    }
}

/* the exact value of a logit's bits */
static double value_of(uint64_t bits, ll_dtype dtype)
{
    uint32_t wide = (uint32_t)(dtype == LL_BF16 ? bits << 16 : bits);
    float narrow;
    if (dtype == LL_F64) {
        return double_of(bits);
    }
    if (dtype == LL_F16) {
        int exponent = (int)(bits >> 10 & 31), mantissa = (int)(bits & 1023);
        double size = exponent == 31
                          ? (mantissa ? NAN : INFINITY)
                          : ldexp(mantissa + (exponent ? 1024 : 0), (exponent ? exponent : 1) - 25);
        return bits & 0x8000 ? -size : size;
    }
    memcpy(&narrow, &wide, sizeof narrow);
    return narrow;
}

static double next_temperature(input *in)
{
    static const double TABLE[] = {0.0, 5e-324, 1e-300, 1e-3,  0.1,     0.8,     1.0,
                                   1.5, 5.0,    1e3,    1e300, 1.7e308, INFINITY};
    uint8_t byte = next_byte(in);
    double any = fabs(double_of(next_bits(in, 8)));
    return byte >= 32 && !isnan(any) ? any : TABLE[byte % (sizeof TABLE / sizeof *TABLE)];
}

/* a share in [0, 1] */
static double next_share(input *in)
{
    static const double TABLE[] = {0.0, 5e-324, 1e-16, 0x1p-53,       0.1,
                                   0.5, 0.9,    0.95,  1.0 - 0x1p-53, 1.0};
    uint8_t byte = next_byte(in);
    double any = (double)(next_bits(in, 8) >> 11) * 0x1p-53;
    return byte >= 32 ? any : TABLE[byte % (sizeof TABLE / sizeof *TABLE)];
}

static size_t next_length(input *in)
{
    uint8_t byte = next_byte(in);
    size_t more = next_bits(in, 2);
    return byte < 8 ? 1 + more % 9000 : 1 + more % 300;
}

/* a block of exactly `size` bytes, so that the sanitizer sees one byte too many; aligned as the
 * kernels ask for */
static void *block(size_t size)
{
    void *memory = NULL;
    if (posix_memalign(&memory, 64, size ? size : 1)) {
        abort();
    }
    return memory;
}

/* the last two are for what is only read */
enum {
    DIRECT,
    STRIDED,
    REVERSED,
    UNALIGNED,
    SWAPPED,
    REPEATED,
    N_LAYOUTS,
    N_RESULT_LAYOUTS = SWAPPED
};

/* where a row's elements lie in a block of its own */
static ll_view lay(int layout, size_t n, size_t size, void **memory)
{
    size_t step = layout == STRIDED ? 2 * size : layout == REPEATED ? 0 : size;
    size_t bytes = (n - 1) * step + size + (layout == UNALIGNED);
    char *data = *memory = block(bytes);
    ll_view view = {data + (layout == UNALIGNED), (ptrdiff_t)step, layout == DIRECT,
                    layout == SWAPPED};
    if (layout == REVERSED) {
        view.data += (n - 1) * step;
        view.stride = -view.stride;
    }
    return view;
}

static void swap(char *element, size_t size)
{
    for (size_t i = 0; i < size / 2; i++) {
        char kept = element[i];
        element[i] = element[size - 1 - i];
        element[size - 1 - i] = kept;
    }
}

static void put(const ll_view *view, size_t i, size_t size, uint64_t bits)
{
    char *element = view->data + (ptrdiff_t)i * view->stride;
    memcpy(element, &bits, size);
    if (view->swapped) {
        swap(element, size);
    }
}

static uint64_t get(const ll_view *view, size_t i, size_t size)
{
    uint64_t bits = 0;
    memcpy(&bits, view->data + (ptrdiff_t)i * view->stride, size);
    if (view->swapped) {
        swap((char *)&bits, size);
    }
    return bits;
}

#endif
