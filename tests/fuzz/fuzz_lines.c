/* libFuzzer's entry for csrc/http/lines.c, which frames whatever a server sends.
 *
 * Each input is a program: append these bytes, run this memory dry, hand out a line, take the rest.
 * A plain copy of everything that was appended is the oracle. What must hold: every line comes out
 * once, whole, in order, wherever its bytes were cut; blank lines never do; memory that runs out
 * loses nothing; what a long line needed is given back. Bytes are appended from blocks of exactly
 * their size, so that AddressSanitizer sees a read past their end.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/lines.h"

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

enum {
    KEPT = 1 << 19,      /* lines.c's own: short lines hold no more memory than this */
    LOOKED_AT = 1 << 14, /* of what is held, after every step; all of it when it is handed out */
    BUDGET = 5 << 18,    /* bytes that most inputs may append */
    LIMIT = 64 << 20,    /* the longest line that the client takes */
    LARGE_BUDGET = LIMIT + 2 /* what an input that begins with 0xffff may append */
};

/* lines.c is compiled with realloc renamed to this one, which fails when it is told to. */
static int memory_left = 1;

void *fuzz_realloc(void *bytes, size_t n);

void *fuzz_realloc(void *bytes, size_t n)
{
    return memory_left ? realloc(bytes, n) : NULL;
}

typedef struct {
    const uint8_t *bytes;
    size_t size, at;
} input;

static size_t number(input *in, int bytes)
{
    size_t value = 0;
    for (int i = 0; i < bytes; i++) {
        value = value << 8 | (in->at < in->size ? in->bytes[in->at++] : 0);
    }
    return value;
}

typedef struct {
    struct ll_lines lines;
    char *all;          /* everything that was appended */
    size_t end, budget; /* its length, and the most that it may become */
    size_t at;          /* the first byte of it that was not handed out */
    size_t searched;    /* [at, searched) holds no newline: a long line is searched once */
} state;

static int is_blank(const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!strchr(" \t\r", bytes[i]) || bytes[i] == '\0') {
            return 0;
        }
    }
    return 1;
}

/* The next line of the copy that is not blank; 0 if there is none. Moves past it and the blank
 * ones. */
static int expected_line(state *s, const char **line, size_t *n)
{
    for (;;) {
        size_t from = s->searched > s->at ? s->searched : s->at;
        char *newline = memchr(s->all + from, '\n', s->end - from);
        if (!newline) {
            s->searched = s->end;
            return 0;
        }
        *line = s->all + s->at;
        *n = (size_t)(newline - *line);
        s->at += *n + 1;
        if (!is_blank(*line, *n)) {
            *n -= (*line)[*n - 1] == '\r';
            return 1;
        }
    }
}

static void check_invariants(const state *s)
{
    const struct ll_lines *l = &s->lines;
    CHECK(l->start <= l->scanned && l->scanned <= l->end && l->end <= l->capacity);
    CHECK((l->bytes == NULL) == (l->capacity == 0));
    CHECK(!l->bytes || !memchr(l->bytes + l->start, '\n', l->scanned - l->start));
    CHECK(ll_lines_held(l) <= s->end - s->at); /* less only by blank lines that were passed over */
    size_t looked_at = ll_lines_held(l) < LOOKED_AT ? ll_lines_held(l) : LOOKED_AT;
    CHECK(!looked_at ||
          memcmp(l->bytes + l->end - looked_at, s->all + s->end - looked_at, looked_at) == 0);
}

/* Appends n bytes that were put at the end of the copy; what fails leaves everything as it was. */
static void append(state *s, size_t n)
{
    struct ll_lines before = s->lines;
    size_t held = ll_lines_held(&before);
    char *exact = malloc(n ? n : 1);
    CHECK(exact);
    memcpy(exact, s->all + s->end, n);
    if (ll_lines_append(&s->lines, exact, n)) {
        s->end += n;
        CHECK(!memory_left || n == 0 || held + n > KEPT || before.capacity <= KEPT ||
              s->lines.capacity <= KEPT);
        CHECK(s->lines.capacity <= before.capacity || s->lines.capacity <= 4096 ||
              s->lines.capacity < 4 * (held + n));
    } else {
        CHECK(!memory_left);
    }
    free(exact);
}

/* More than any memory holds: refused, and nothing is lost. The bytes are never looked at. */
static void append_too_much(state *s, size_t less)
{
    size_t held = ll_lines_held(&s->lines);
    CHECK(!ll_lines_append(&s->lines, "", (size_t)-1 - less));
    CHECK(ll_lines_held(&s->lines) == held);
}

static void next(state *s)
{
    const char *line, *expected;
    size_t n, expected_n;
    int any = expected_line(s, &expected, &expected_n);
    CHECK(ll_lines_ready(&s->lines) == any);
    CHECK(ll_lines_next(&s->lines, &line, &n) == any);
    CHECK(!any || (n > 0 && n == expected_n && memcmp(line, expected, n) == 0));
}

/* The end of an answer: every line that is left, then what follows the last newline. */
static void finish(state *s)
{
    const char *line;
    size_t n;
    const char *expected;
    size_t expected_n;
    while (expected_line(s, &expected, &expected_n)) {
        CHECK(ll_lines_next(&s->lines, &line, &n) && n == expected_n);
        CHECK(memcmp(line, expected, n) == 0);
    }
    CHECK(!ll_lines_next(&s->lines, &line, &n));
    expected = s->all + s->at;
    expected_n = s->end - s->at;
    int any = !is_blank(expected, expected_n);
    CHECK(ll_lines_last(&s->lines, &line, &n) == any);
    if (any) {
        expected_n -= expected[expected_n - 1] == '\r';
        CHECK(n == expected_n && memcmp(line, expected, n) == 0);
    }
    s->at = s->end;
    CHECK(ll_lines_held(&s->lines) == 0);
}

static void take_rest(state *s)
{
    const char *bytes;
    size_t n;
    ll_lines_rest(&s->lines, &bytes, &n);
    CHECK(n <= s->end - s->at && (n == 0 || memcmp(bytes, s->all + s->end - n, n) == 0));
    s->at = s->end;
    CHECK(ll_lines_held(&s->lines) == 0);
}

static size_t fitting(const state *s, size_t n)
{
    return n < s->budget - s->end ? n : s->budget - s->end;
}

/* Bytes of the input as they are: NULs, newlines and half characters among them. */
static void append_bytes(state *s, input *in)
{
    size_t n = fitting(s, number(in, 1));
    n = n < in->size - in->at ? n : in->size - in->at;
    memcpy(s->all + s->end, in->bytes + in->at, n);
    in->at += n;
    append(s, n);
}

/* One byte many times: around the powers of two, at which buffers grow, shrink and are full. */
static void append_run(state *s, input *in)
{
    size_t choice = number(in, 1);
    size_t power = (size_t)1 << (choice < 224 ? choice % 14 : choice % 27); /* long ones are rare */
    size_t n = fitting(s, power + number(in, 1) % 5 - (power > 2 ? 2 : 0));
    memset(s->all + s->end, (int)number(in, 1), n);
    append(s, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    input in = {bytes, size, 0};
    static char all[LARGE_BUDGET];
    state s = {.all = all, .budget = number(&in, 2) == 0xffff ? LARGE_BUDGET : BUDGET};
    while (in.at < in.size) {
        size_t what = number(&in, 1) % 16;
        memory_left = what != 15;
        if (what < 6 || what == 15) {
            append_bytes(&s, &in);
        } else if (what < 9) {
            append_run(&s, &in);
        } else if (what < 13) {
            next(&s);
        } else if (what == 13) {
            number(&in, 1) % 2 ? take_rest(&s) : finish(&s);
        } else {
            append_too_much(&s, number(&in, 3));
        }
        check_invariants(&s);
    }
    memory_left = 1;
    finish(&s);
    ll_lines_free(&s.lines);
    return 0;
}
