/* The operations between the products: norms, rotary positions, the gate, rows of the embedding. */
#ifndef LL_ELEMENTWISE_H
#define LL_ELEMENTWISE_H

#include "lanes.h"

/* The sum of squares: element i goes to lane i mod 16 in double, and the lanes are folded
 * + 8, + 4, + 2, + 1. */
static double sum_of_squares(const float *x, size_t n)
{
    double lanes[16] = {0};
    for (size_t i = 0; i < n; i++) {
        lanes[i % 16] += (double)x[i] * x[i];
    }
    for (size_t half = 8; half > 0; half /= 2) {
        for (size_t i = 0; i < half; i++) {
            lanes[i] += lanes[i + half];
        }
    }
    return lanes[0];
}

/* y = x / sqrt(mean of squares + epsilon) * weight (Zhang and Sennrich, arXiv 1910.07467); the
 * reciprocal root is taken in double and rounded once */
static void normalise(const float *x, const float *weight, size_t n, float epsilon, float *y)
{
    double mean = sum_of_squares(x, n) / (double)n;
    float scale = (float)(1.0 / square_root(mean + (double)epsilon));
    for (size_t i = 0; i < n; i += LANES_f) {
        store_f(y + i, load_f(x + i) * scale * load_f(weight + i));
    }
}

/* rotates elements 2i and 2i + 1 of each head by the angle of the position (Su et al.,
 * arXiv 2104.09864) */
static void rotate(float *x, size_t heads, size_t head, const float *cosine, const float *sine)
{
    for (size_t i = 0; i < heads * head; i += 2) {
        float even = x[i], odd = x[i + 1], c = cosine[i % head / 2], s = sine[i % head / 2];
        x[i] = even * c - odd * s;
        x[i + 1] = even * s + odd * c;
    }
}

/* gate * sigmoid(gate) * up (Shazeer, arXiv 2002.05202). With e = exp(-|gate|), held at 2^-50, the
 * sigmoid is 1 / (1 + e), or e / (1 + e) below 0; exp is the kernels'. */
static void open_gate(float *gate, const float *up, size_t n)
{
    const ll_scale scale = scale_f(0.0, 1.0);
    const weigher_f weigher = weigher_of_f(&scale, 0);
    for (size_t i = 0; i < n; i += LANES_f) {
        vec_f x = load_f(gate + i), error;
        vec_f e = weight_f((vec_f)((vec_i)x | (vec_i)set_f(-0.0f)), &weigher, &error);
        vec_f above = keep_f(ge_f(x, set_f(0.0f)), set_f(1.0f) - e) + e;
        store_f(gate + i, x * (above / (set_f(1.0f) + e)) * load_f(up + i));
    }
}

static void add_rows(float *x, const float *y, size_t n)
{
    for (size_t i = 0; i < n; i += LANES_f) {
        store_f(x + i, load_f(x + i) + load_f(y + i));
    }
}

/* the weight at a row's column, and the row of a token as the first layer's input */
static float weight_at(const ll_matrix *m, size_t row, size_t column)
{
    size_t group = row / LL_ROWS, lane = row % LL_ROWS;
    if (m->packing == LL_FLOATS) {
        return ((const float *)m->values)[(group * m->columns + column) * LL_ROWS + lane];
    }
    size_t block = group * (m->columns / LL_QUANTS) + column / LL_QUANTS, j = column % LL_QUANTS;
    const uint8_t *bytes = m->values;
    if (m->packing == LL_BYTE_BLOCKS) {
        int8_t value = (int8_t)bytes[((block * 8 + j / 4) * LL_ROWS + lane) * 4 + j % 4];
        return to_real_f16(m->scales[block * LL_ROWS + lane]) * (float)value;
    }
    const uint16_t *scales = m->scales + block * 2 * LL_ROWS + lane;
    size_t low = j % 16;
    int value =
        bytes[((block * 4 + low / 4) * LL_ROWS + lane) * 4 + low % 4] >> (j < 16 ? 0 : 4) & 15;
    return to_real_f16(scales[0]) * (float)value + to_real_f16(scales[LL_ROWS]);
}

static void embed(const ll_matrix *embedding, size_t token, float *x)
{
    for (size_t i = 0; i < embedding->columns; i++) {
        x[i] = weight_at(embedding, token, i);
    }
}

#endif
