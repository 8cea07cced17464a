/* The rotary tables: the cosine and sine of position * base^(-2i / head).
 *
 * They need no libm: an angle's cosine and sine at each position follow from those at position 1 by
 * turning again and again, in double and without fused operations, and so are the same everywhere.
 */
#ifndef LL_ROTARY_H
#define LL_ROTARY_H

#include "model.h"
#include "kernels/exact.h"

/* cos and sin of an angle in (0, 1] by Taylor's series, the smallest terms first */
static void turn_of(double angle, double *cosine, double *sine)
{
    double square = angle * angle, c = 1.0, s = 1.0;
    for (int k = 12; k > 0; k--) {
        c = 1.0 - c * square / (double)((2 * k - 1) * (2 * k));
        s = 1.0 - s * square / (double)((2 * k) * (2 * k + 1));
    }
    *cosine = c;
    *sine = angle * s;
}

/* the i-th column: position * angle for each position */
static void fill_column(const ll_session *session, const ll_shape *shape, size_t i, double angle)
{
    const size_t half = shape->head / 2;
    double c, s, cosine = 1.0, sine = 0.0;
    turn_of(angle, &c, &s);
    for (size_t position = 0; position < shape->capacity; position++) {
        session->cosine[position * half + i] = (float)cosine;
        session->sine[position * half + i] = (float)sine;
        double turned = cosine * c - sine * s;
        sine = cosine * s + sine * c;
        cosine = turned;
    }
}

static void fill_rotary_tables(const ll_session *session, const ll_shape *shape)
{
    for (size_t i = 0; i < shape->head / 2; i++) {
        fill_column(session, shape, i, power(shape->base, -2.0 * (double)i / (double)shape->head));
    }
}

#endif
