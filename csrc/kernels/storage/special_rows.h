/* Rows that the formula does not cover, one element at a time, in the contract's order: NaN or all
 * -inf gives NaN; T = 0 is one-hot on the first maximum; +inf shares the mass with the other +inf;
 * T = inf is uniform over what is not -inf; and a temperature whose reciprocal is not a normal
 * number takes (x - max) / T as its argument.
 */
#ifndef LL_STORAGE_H
#    include "storage.h"
#elif !defined(LL_SPECIAL_ROWS_H)
#    define LL_SPECIAL_ROWS_H

/* a probability, or its logarithm; below `smallest` it is 0 */
static double special_result(double w, double sum, double smallest, int logarithm)
{
    double p = w / sum;
    p = p < smallest ? 0.0 : p;
    return !logarithm ? p : p > 0.0 ? log_dd(p).high : -__builtin_inf();
}

/* the sum of the weights; with `weight`, also that of one token */
static double special_sum(ll_dtype dtype, const ll_view *x, size_t n, double temperature,
                          const ll_scan *found, size_t token, double *weight)
{
    double sum = 0.0;
    size_t left = 1;
    for (size_t i = 0; i < n; i++) {
        double w = special_weight(read_element(dtype, x, i), found, temperature, &left);
        sum += w;
        if (weight && i == token) {
            *weight = w;
        }
    }
    return sum;
}

static int has_no_distribution(const ll_scan *found)
{
    return found->nan || found->max == -__builtin_inf();
}

static void special_row(ll_dtype dtype, const ll_view *x, const ll_view *y, size_t n,
                        double temperature, const ll_scan *found, double smallest, int logarithm)
{
    if (has_no_distribution(found)) {
        for (size_t i = 0; i < n; i++) {
            write_element(dtype, y, i, __builtin_nan(""));
        }
        return;
    }
    double sum = special_sum(dtype, x, n, temperature, found, 0, NULL);
    size_t left = 1;
    for (size_t i = 0; i < n; i++) {
        double w = special_weight(read_element(dtype, x, i), found, temperature, &left);
        write_element(dtype, y, i, special_result(w, sum, smallest, logarithm));
    }
}

/* the logarithm of one token's probability */
static void special_token(ll_dtype dtype, const ll_view *x, const ll_view *y, size_t n,
                          double temperature, const ll_scan *found, double smallest, size_t token)
{
    double w = 0.0, result = __builtin_nan("");
    if (!has_no_distribution(found)) {
        double sum = special_sum(dtype, x, n, temperature, found, token, &w);
        result = special_result(w, sum, smallest, 1);
    }
    write_element(dtype, y, 0, result);
}

/* how many logits are equal to the largest */
static double count_maxima(ll_dtype dtype, const ll_view *x, size_t n, double max)
{
    double count = 0.0;
    for (size_t i = 0; i < n; i++) {
        count += read_element(dtype, x, i) == max ? 1.0 : 0.0;
    }
    return count;
}

/* Log sum exp(x / T): -inf of nothing but -inf; at T = 0 the limit from above, which is infinite
 * unless the largest logit is 0. */
static double special_logsumexp(ll_dtype dtype, const ll_view *x, size_t n, double temperature,
                                const ll_scan *found)
{
    if (found->nan) {
        return __builtin_nan("");
    }
    if (found->max == __builtin_inf() || found->max == -__builtin_inf()) {
        return found->max;
    }
    if (temperature == 0.0 && found->max != 0.0) {
        return found->max > 0.0 ? __builtin_inf() : -__builtin_inf();
    }
    if (temperature == 0.0) {
        return log_dd(count_maxima(dtype, x, n, 0.0)).high;
    }
    double sum = special_sum(dtype, x, n, temperature, found, 0, NULL);
    return (temperature == __builtin_inf() ? 0.0 : found->max / temperature) + log_dd(sum).high;
}

#endif
