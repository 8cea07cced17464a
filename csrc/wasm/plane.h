/* One column of the plane of temperature and top_k: what the k best share, and how many choices
 * that is worth, for one temperature and many k. The plane knows top_k and temperature alone. */

/* how far 64 logits lie below the best, and what they weigh; those beyond the row weigh nothing */
static void weigh_below(const real *z, real best, size_t n, const weigher *w, real *below,
                        real *weight)
{
    real least = w->floor[0];
    vec v[VECS];
    for (size_t i = 0; i < LL_BLOCK; i++) {
        real x = i < n && z[i] != best ? (real)(z[i] - best) : 0;
        below[i] = x > least ? x : least;
    }
    load_reals(below, n, v);
    real_weights(v, w, weight);
}

/* z in descending order; k ascending; kept[i] is the mass of the k[i] best, choices[i] the
 * exponential of the entropy of the distribution over them */
EXPORT(plane)
void plane(const real *z, size_t n, double temperature, const uint32_t *k, size_t n_k, double *kept,
           double *choices)
{
    const ll_scale scale = scale(0.0, temperature);
    const weigher w = weigher_of(&scale, FACTOR);
    double sum = 0.0, moment = 0.0, unit = 1.0;
    real below[LL_BLOCK], weight[LL_BLOCK];
    for (size_t i = 0, next = 0; i < n; i++) {
        if (i % LL_BLOCK == 0) {
            weigh_below(z + i, z[0], n - i < LL_BLOCK ? n - i : LL_BLOCK, &w, below, weight);
        }
        unit = i == 0 ? 1.0 / (double)weight[0] : unit; /* weights carry a factor */
        double share = (double)weight[i % LL_BLOCK] * unit;
        sum += share;
        moment -= share * (double)below[i % LL_BLOCK];
        for (; next < n_k && k[next] == i + 1; next++) {
            kept[next] = sum;
            choices[next] = sum * exp_double(moment / (sum * temperature));
        }
    }
    for (size_t i = 0; i < n_k; i++) {
        kept[i] /= sum;
    }
}
