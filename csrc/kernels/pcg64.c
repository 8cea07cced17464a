/* NumPy's PCG64 and SeedSequence in C, so that an integer seed gives the same tokens where there is
 * no NumPy (WebAssembly), and without importing numpy.random where there is. The constants are
 * those of NumPy's published algorithms. */
#include "pcg64.h"
#include "wide.h"

enum { POOL = 4 };

static const uint32_t INIT_A = 0x43b0d7e5, MULTIPLY_A = 0x931e8875, INIT_B = 0x8b51f9dd,
                      MULTIPLY_B = 0x58f38ded, MIX_LEFT = 0xca01f9dd, MIX_RIGHT = 0x4973f715;

static uint32_t hash(uint32_t value, uint32_t *constant, uint32_t multiplier)
{
    value ^= *constant;
    *constant *= multiplier;
    value *= *constant;
    return value ^ value >> 16;
}

static uint32_t mix(uint32_t x, uint32_t y)
{
    uint32_t value = MIX_LEFT * x - MIX_RIGHT * y;
    return value ^ value >> 16;
}

static void mix_entropy(uint32_t *pool, const uint32_t *words, size_t n)
{
    uint32_t constant = INIT_A;
    for (size_t i = 0; i < POOL; i++) {
        pool[i] = hash(i < n ? words[i] : 0, &constant, MULTIPLY_A);
    }
    for (size_t from = 0; from < POOL; from++) {
        for (size_t to = 0; to < POOL; to++) {
            pool[to] =
                from == to ? pool[to] : mix(pool[to], hash(pool[from], &constant, MULTIPLY_A));
        }
    }
    for (size_t from = POOL; from < n; from++) {
        for (size_t to = 0; to < POOL; to++) {
            pool[to] = mix(pool[to], hash(words[from], &constant, MULTIPLY_A));
        }
    }
}

/* state = state * multiplier + increment, in 128 bits */
static void step(ll_pcg64 *rng)
{
    const uint64_t high = 0x2360ed051fc65da4, low = 0x4385df649fccf645;
    uint64_t product_high, product_low;
    multiply_wide(rng->state_low, low, &product_high, &product_low);
    product_high += rng->state_high * low + rng->state_low * high;
    rng->state_low = product_low + rng->increment_low;
    rng->state_high = product_high + rng->increment_high + (rng->state_low < product_low);
}

void ll_pcg64_seed(ll_pcg64 *rng, const uint32_t *words, size_t n)
{
    uint32_t pool[POOL], constant = INIT_B;
    uint64_t value[4] = {0};
    mix_entropy(pool, words, n);
    for (size_t i = 0; i < 8; i++) {
        value[i / 2] |= (uint64_t)hash(pool[i % POOL], &constant, MULTIPLY_B) << 32 * (i % 2);
    }
    rng->state_high = rng->state_low = 0;
    rng->increment_high = value[2] << 1 | value[3] >> 63;
    rng->increment_low = value[3] << 1 | 1;
    step(rng);
    rng->state_low += value[1];
    rng->state_high += value[0] + (rng->state_low < value[1]);
    step(rng);
}

uint64_t ll_pcg64_next(ll_pcg64 *rng)
{
    step(rng);
    uint64_t value = rng->state_high ^ rng->state_low;
    unsigned turn = (unsigned)(rng->state_high >> 58);
    return value >> turn | value << (-turn & 63);
}

double ll_pcg64_double(ll_pcg64 *rng)
{
    return (double)(ll_pcg64_next(rng) >> 11) * 0x1p-53;
}
