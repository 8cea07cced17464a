#include "lines.h"

#include <stdlib.h>
#include <string.h>

enum { SMALLEST = 1 << 12, KEPT = 1 << 19 };

size_t ll_lines_held(const struct ll_lines *lines)
{
    return lines->end - lines->start;
}

void ll_lines_free(struct ll_lines *lines)
{
    free(lines->bytes);
    *lines = (struct ll_lines){0};
}

/* Moves the unread bytes to the front of the buffer. */
static void compact(struct ll_lines *lines)
{
    memmove(lines->bytes, lines->bytes + lines->start, ll_lines_held(lines));
    lines->scanned -= lines->start;
    lines->end -= lines->start;
    lines->start = 0;
}

static bool grow(struct ll_lines *lines, size_t needed)
{
    size_t capacity = lines->capacity ? lines->capacity : SMALLEST;
    while (capacity < needed) {
        if (capacity > (size_t)-1 / 2) {
            return false;
        }
        capacity *= 2;
    }
    char *bytes = realloc(lines->bytes, capacity);
    if (bytes == NULL) {
        return false;
    }
    lines->bytes = bytes;
    lines->capacity = capacity;
    return true;
}

/* Frees the memory of a long line; if that fails, the buffer stays large, which does no harm. */
static void shrink(struct ll_lines *lines)
{
    compact(lines);
    char *bytes = realloc(lines->bytes, KEPT);
    if (bytes != NULL) {
        lines->bytes = bytes;
        lines->capacity = KEPT;
    }
}

bool ll_lines_append(struct ll_lines *lines, const char *bytes, size_t n)
{
    if (n == 0) {
        return true;
    }
    if (lines->capacity > KEPT && n <= KEPT && ll_lines_held(lines) <= KEPT - n) {
        shrink(lines);
    } else if (n > lines->capacity - lines->end && lines->start > ll_lines_held(lines)) {
        compact(lines);
    }
    if (n > lines->capacity - lines->end) {
        if (n > (size_t)-1 - lines->end || !grow(lines, lines->end + n)) {
            return false;
        }
    }
    memcpy(lines->bytes + lines->end, bytes, n);
    lines->end += n;
    return true;
}

static bool blank(const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] != ' ' && bytes[i] != '\t' && bytes[i] != '\r') {
            return false;
        }
    }
    return true;
}

bool ll_lines_ready(struct ll_lines *lines)
{
    while (lines->scanned < lines->end) {
        const char *from = lines->bytes + lines->scanned;
        const char *newline = memchr(from, '\n', lines->end - lines->scanned);
        if (newline == NULL) {
            lines->scanned = lines->end;
            return false;
        }
        lines->scanned += (size_t)(newline - from);
        if (!blank(lines->bytes + lines->start, lines->scanned - lines->start)) {
            return true;
        }
        lines->scanned++;
        lines->start = lines->scanned;
    }
    return false;
}

/* The length of a line without its carriage return, unless it is blank. */
static size_t without_return(const char *line, size_t n)
{
    return line[n - 1] == '\r' ? n - 1 : n;
}

bool ll_lines_next(struct ll_lines *lines, const char **line, size_t *n)
{
    if (!ll_lines_ready(lines)) {
        return false;
    }
    *line = lines->bytes + lines->start;
    *n = without_return(*line, lines->scanned - lines->start);
    lines->scanned++;
    lines->start = lines->scanned;
    return true;
}

bool ll_lines_last(struct ll_lines *lines, const char **line, size_t *n)
{
    ll_lines_rest(lines, line, n);
    if (blank(*line, *n)) {
        return false;
    }
    *n = without_return(*line, *n);
    return true;
}

void ll_lines_rest(struct ll_lines *lines, const char **bytes, size_t *n)
{
    *bytes = lines->bytes == NULL ? "" : lines->bytes + lines->start;
    *n = ll_lines_held(lines);
    lines->start = lines->scanned = lines->end;
}
