/* One column of the plane of temperature and top_k: what the k best share, and how many choices
 * that is worth, for one temperature and many k. The plane knows top_k and temperature alone.
 *
 * A picture and three digits are made of it, so weights are float's for both kinds of rows: a
 * slider's step computes one column, and in double that would be half of its time.
 */

/* how far 64 logits lie below the best, and what they weigh; those beyond the row weigh nothing */
static void weigh_below(const T *z, T best, size_t n, const weigher_f *w, float *below,
                        float *weight)
{
    float least = w->floor[0];
    vec_f v[VECS_f];
    for (size_t i = 0; i < LL_BLOCK; i++) {
        float x = i < n && z[i] != best ? (float)((double)z[i] - (double)best) : 0.0f;
        below[i] = x > least ? x : least;
    }
    load_reals_f(below, n, v);
    weights_f(v, w, weight);
}

/* z in descending order; k ascending; kept[i] is the mass of the k[i] best, choices[i] the
 * exponential of the entropy of the distribution over them */
EXPORT(plane)
void plane(const T *z, size_t n, double temperature, const uint32_t *k, size_t n_k, double *kept,
           double *choices)
{
    const ll_scale scale = scale_f(0.0, temperature);
    const weigher_f w = weigher_f_of(&scale, FACTOR_f);
    const double unit = 0x1p-100; /* weights carry 2^FACTOR */
    double sum = 0.0, moment = 0.0;
    float below[LL_BLOCK], weight[LL_BLOCK];
    for (size_t i = 0, next = 0; i < n; i++) {
        if (i % LL_BLOCK == 0) {
            weigh_below(z + i, z[0], n - i < LL_BLOCK ? n - i : LL_BLOCK, &w, below, weight);
        }
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
