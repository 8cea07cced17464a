/* One column of the plane of temperature and top_k: what the k best share, and how many choices
 * that is worth, for one temperature and many k. The plane knows top_k and temperature alone. */

/* z in descending order; k ascending; kept[i] is the mass of the k[i] best, choices[i] the
 * exponential of the entropy of the distribution over them */
EXPORT(plane)
void plane(const T *z, size_t n, double temperature, const uint32_t *k, size_t n_k, double *kept,
           double *choices)
{
    double sum = 0.0, moment = 0.0;
    size_t next = 0;
    for (size_t i = 0; i < n; i++) {
        double argument = ((double)z[i] - (double)z[0]) / temperature;
        double weight = z[i] == z[0] ? 1.0 : exp_double(argument);
        sum += weight;
        moment -= weight > 0.0 ? weight * argument : 0.0;
        for (; next < n_k && k[next] == i + 1; next++) {
            kept[next] = sum;
            choices[next] = sum * exp_double(moment / sum);
        }
    }
    for (size_t i = 0; i < n_k; i++) {
        kept[i] /= sum;
    }
}
