/* numpy.random.PCG64(seed) and Generator.random(n) */

static ll_pcg64 stream;

EXPORT(seed) void seed(const uint32_t *words, size_t n)
{
    ll_pcg64_seed(&stream, words, n);
}

EXPORT(doubles) void doubles(double *to, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        to[i] = ll_pcg64_double(&stream);
    }
}
