/* Rows that the formula does not cover, one element at a time, in the contract's order: NaN or all
 * -inf gives NaN; T = 0 is one-hot on the first maximum; +inf shares the mass with the other +inf;
 * T = inf is uniform over what is not -inf; and a temperature whose reciprocal is not a normal
 * number takes (x - max) / T as its argument.
 */
#ifndef LL_STORAGE_H
#    include "storage.h"
#elif !defined(LL_SPECIAL_ROWS_H)
#    define LL_SPECIAL_ROWS_H

/* Probabilities below `smallest` become 0; with `logarithm` their logarithms are written. */
static void special_row(ll_dtype dtype, const ll_view *x, const ll_view *y, size_t n,
                        double temperature, const ll_scan *found, double smallest, int logarithm)
{
    if (found->nan || found->max == -__builtin_inf()) {
        for (size_t i = 0; i < n; i++) {
            write_element(dtype, y, i, __builtin_nan(""));
        }
        return;
    }
    double sum = 0.0;
    size_t left = 1;
    for (size_t i = 0; i < n; i++) {
        sum += special_weight(read_element(dtype, x, i), found, temperature, &left);
    }
    left = 1;
    for (size_t i = 0; i < n; i++) {
        double w = special_weight(read_element(dtype, x, i), found, temperature, &left) / sum;
        w = w < smallest ? 0.0 : w;
        write_element(dtype, y, i, !logarithm ? w : w > 0.0 ? log_dd(w).high : -__builtin_inf());
    }
}

#endif
