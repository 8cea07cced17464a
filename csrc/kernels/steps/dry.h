/* DRY, "don't repeat yourself" (p-e-w 2024): a token that would continue a repetition of L tokens,
 * L at least `allowed`, loses multiplier * base^(L - allowed), where L is the longest end of the
 * history that re-occurs just before an earlier copy of the token. No repetition reaches over the
 * latest breaker, a sequence of tokens; a breaker of one token is never penalised.
 */
#ifndef LL_STEP_DRY_H
#define LL_STEP_DRY_H

#include "../changed_logits.h"
#include "../history.h"

/* how many tokens there are after the latest breaker: the longest of those that begin at one place
 */
static size_t after_breaker(const ll_step *step, const int64_t *window, size_t n)
{
    for (size_t from_end = 0; from_end < n; from_end++) {
        const int64_t *start = window + (n - 1 - from_end), *breaker = step->tokens;
        size_t longest = 0;
        for (size_t i = 0; i < step->n_numbers; i++) {
            size_t length = (size_t)step->numbers[i], same = 0;
            while (same < length && length <= from_end + 1 && start[same] == breaker[same]) {
                same++;
            }
            longest = same == length && length > longest ? length : longest;
            breaker += length;
        }
        if (longest > 0) {
            return from_end + 1 - longest;
        }
    }
    return n;
}

static int is_breaker(const ll_step *step, int64_t token)
{
    const int64_t *breaker = step->tokens;
    for (size_t i = 0; i < step->n_numbers; i++) {
        if (step->numbers[i] == 1.0 && *breaker == token) {
            return 1;
        }
        breaker += (size_t)step->numbers[i];
    }
    return 0;
}

/* base^exponent, at most 2^127 */
static double integer_power(double base, double exponent)
{
    double result = 1.0;
    for (; exponent > 0.0 && result < 0x1p127 && base != 1.0; exponent -= 1.0) {
        result *= base;
    }
    return result < 0x1p127 ? result : 0x1p127;
}

static void step_dry(candidates *c, const ll_step *step)
{
    double multiplier = step->dry.multiplier, base = step->dry.base,
           allowed = step->dry.allowed_length;
    size_t n, count = 0;
    const int64_t *window = history_window(c->chain, step->dry.last_n, 0, &n);
    size_t limit = multiplier > 0.0 ? after_breaker(step, window, n) : 0;
    if (n < 2 || (double)limit < allowed || multiplier == 0.0) {
        return;
    }
    uint32_t *length = c->chain->room, *token = length + n, *repeat = token + n;
    c->window = NULL;
    repeat_lengths(window, n, length);
    for (size_t i = 1; i < n; i++) { /* longest repetition before each token, tokens ascending */
        uint32_t reach = length[i] < limit ? length[i] : (uint32_t)limit;
        uint32_t next = (uint32_t)window[n - i];
        if ((double)reach < allowed || reach == 0 || is_breaker(step, next)) {
            continue;
        }
        size_t at = place(token, count, next);
        if (at < count && token[at] == next) {
            repeat[at] = reach > repeat[at] ? reach : repeat[at];
            continue;
        }
        for (size_t j = count++; j > at; j--) {
            token[j] = token[j - 1];
            repeat[j] = repeat[j - 1];
        }
        token[at] = next;
        repeat[at] = reach;
    }
    if (count == 0) {
        return;
    }
    flush(c);
    for (size_t i = 0; i < count; i++) {
        double penalty = multiplier * integer_power(base, (double)repeat[i] - allowed);
        change_logit(c, token[i], logit_of(c, token[i]) - penalty);
    }
    refresh(c);
}

#endif
