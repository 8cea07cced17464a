/* Chains of steps as the fuzzer's bytes describe them: every kind, its parameters in the ranges
 * that logitlab.sampling lets through, histories, lists of tokens. */
#ifndef FUZZ_CHAINS_H
#define FUZZ_CHAINS_H

#include "input.h"
#include "kernels/chain.h"

enum { MAX_STEPS = 6, MAX_HISTORY = 40, MAX_SEQUENCES = 3, MAX_LENGTH = 3 };

typedef struct {
    ll_chain chain;
    ll_step steps[MAX_STEPS];
    int64_t history[MAX_HISTORY], tokens[MAX_STEPS][MAX_SEQUENCES * MAX_LENGTH];
    double numbers[MAX_STEPS][2 * MAX_SEQUENCES], coins[MAX_STEPS];
    uint32_t room[3 * MAX_HISTORY];
} fuzzed_chain;

static double next_whole(input *in, size_t below)
{
    return (double)(next_bits(in, 2) % below);
}

static double next_penalty(input *in)
{
    static const double TABLE[] = {0.0, 1.0, -1.0, 1.1, 1e30, -1e30, 1e-30, 0.5};
    uint8_t byte = next_byte(in);
    return byte < 128 ? TABLE[byte % 8] : (byte - 192) / 16.0;
}

static double next_token(input *in, size_t n)
{
    uint8_t byte = next_byte(in);
    return byte < 200 ? (double)(byte % 5 % n) : next_whole(in, n);
}

/* a double that a generator may give: a multiple of 2^-53 below 1 */
static double next_uniform(input *in)
{
    return floor(fmin(next_share(in), 1 - 0x1p-53) * 0x1p53) * 0x1p-53;
}

/* sequences of tokens: their lengths, each with a bias if the step has them */
static void next_lists(input *in, fuzzed_chain *f, size_t at, size_t n)
{
    ll_step *step = f->steps + at;
    int biased = ll_step_has(step, LL_LISTS_WITH_NUMBERS),
        single = ll_step_has(step, LL_HAS_TOKENS);
    size_t sequences = next_byte(in) % (MAX_SEQUENCES + 1);
    step->tokens = f->tokens[at];
    step->numbers = single ? NULL : f->numbers[at];
    for (size_t i = 0; i < sequences; i++) {
        size_t length = single ? 1 : 1 + next_byte(in) % MAX_LENGTH;
        for (size_t j = 0; j < length; j++) {
            f->tokens[at][step->n_tokens++] = (int64_t)next_token(in, n);
        }
        if (!single) {
            f->numbers[at][step->n_numbers++] = (double)length;
        }
        if (biased) {
            f->numbers[at][step->n_numbers++] = next_byte(in) < 32 ? -INFINITY : next_penalty(in);
        }
    }
}

static void next_values(input *in, ll_step *step, size_t n)
{
    double *value = step->value;
    switch (step->kind) {
    case LL_TEMPERATURE:
        value[0] = next_temperature(in);
        break;
    case LL_DYNAMIC_TEMPERATURE:
        value[0] = next_temperature(in);
        value[1] = next_temperature(in);
        value[2] = fmax(next_share(in) * 3, 1e-3);
        break;
    case LL_TOP_K:
        value[0] = next_whole(in, n + 3);
        value[1] = next_byte(in) % 2;
        value[2] = 1 + next_whole(in, n + 2);
        break;
    case LL_TOP_P:
        value[0] = next_share(in);
        value[1] = next_byte(in) < 200 ? 1 : 1 + next_whole(in, n + 2);
        value[2] = next_whole(in, 8);
        break;
    case LL_TOP_N_SIGMA:
        value[0] = fabs(next_penalty(in));
        break;
    case LL_TOP_H:
        value[0] = fmax(next_share(in), 5e-324);
        value[1] = 1 + next_whole(in, n + 2);
        break;
    case LL_XTC:
        value[0] = next_share(in);
        value[1] = next_share(in);
        value[2] = next_whole(in, 4);
        value[3] = next_whole(in, 4);
        break;
    case LL_SMOOTHING:
        value[0] = fabs(next_penalty(in));
        value[1] = 1 + 2 * next_share(in);
        break;
    case LL_MIROSTAT:
    case LL_MIROSTAT_V2:
        value[0] = next_penalty(in) * 8; /* a mu may fall below 0 */
        value[1] = 2 + next_whole(in, n + 2);
        break;
    case LL_ADAPTIVE_P: /* sums whose quotient is a mean of probabilities, and a target */
        value[1] = 1 + 99 * next_share(in);
        value[0] = next_share(in) * value[1];
        value[2] = next_share(in);
        break;
    case LL_REPETITION_PENALTY:
        value[0] = fmax(fabs(next_penalty(in)), 1e-30);
        value[1] = next_whole(in, MAX_HISTORY + 2) - 1;
        value[2] = next_byte(in) % 2;
        break;
    case LL_PRESENCE_PENALTY:
    case LL_FREQUENCY_PENALTY:
        value[0] = next_penalty(in);
        value[1] = next_whole(in, MAX_HISTORY + 2) - 1;
        value[2] = next_byte(in) % 2;
        break;
    case LL_DRY:
        value[0] = fabs(next_penalty(in));
        value[1] = 1 + fabs(next_penalty(in));
        value[2] = 1 + next_whole(in, 4);
        value[3] = next_whole(in, MAX_HISTORY + 2) - 1;
        break;
    case LL_NO_REPEAT_NGRAM:
    case LL_MIN_NEW_TOKENS:
        value[0] = next_whole(in, 6);
        break;
    case LL_BAN_TOKENS:
        value[0] = next_byte(in) % 2;
        break;
    case LL_LOGIT_BIAS:
        break;
    default: /* min_p, typical_p, epsilon, eta, ...: a share, min_keep, two flags */
        value[0] = next_share(in);
        value[1] = next_byte(in) < 200 ? 1 : 1 + next_whole(in, n + 2);
        value[2] = next_byte(in) % 2;
        value[3] = next_byte(in) % 2;
    }
}

static void next_chain(input *in, fuzzed_chain *f, size_t n)
{
    memset(f, 0, sizeof *f);
    f->chain =
        (ll_chain){.steps = f->steps, .history = f->history, .room = f->room, .coins = f->coins};
    f->chain.n_steps = next_byte(in) % (MAX_STEPS + 1);
    f->chain.n_history = next_byte(in) % (MAX_HISTORY + 1);
    f->chain.n_generated = next_byte(in) % (f->chain.n_history + 1);
    for (size_t i = 0; i < f->chain.n_history; i++) {
        f->history[i] = (int64_t)next_token(in, n);
    }
    for (size_t i = 0; i < f->chain.n_steps; i++) {
        f->coins[i] = next_uniform(in);
        f->steps[i].kind = (ll_step_kind)(next_byte(in) % LL_STEP_KINDS);
        next_values(in, f->steps + i, n);
        if (ll_step_has(f->steps + i, LL_HAS_TOKENS | LL_LISTS)) {
            next_lists(in, f, i, n);
        }
    }
}

#endif
