/* NDJSON framing: bytes go in as TCP delivers them, lines come out.
 *
 * One growing buffer. Appending moves the unread bytes to the front only when that is cheap, and
 * every byte is searched for a newline once, so a stream costs linear time however its lines are
 * cut. The memory of a long line is freed once short lines follow. Blank lines are no lines.
 */
#ifndef LOGITLAB_HTTP_LINES_H
#define LOGITLAB_HTTP_LINES_H

#include <stdbool.h>
#include <stddef.h>

struct ll_lines {
    char *bytes;     /* NULL while nothing is held */
    size_t capacity; /* of bytes */
    size_t start;    /* the first byte not handed out */
    size_t scanned;  /* [start, scanned) holds no newline */
    size_t end;      /* after the last byte received */
};

/* False: out of memory, and nothing was taken. */
bool ll_lines_append(struct ll_lines *lines, const char *bytes, size_t n);

/* Whether a whole line is held. */
bool ll_lines_ready(struct ll_lines *lines);

/* The next whole line, without its line end; false if there is none. The pointer lives until the
 * next call. */
bool ll_lines_next(struct ll_lines *lines, const char **line, size_t *n);

/* After the last byte: what follows the last newline, as a line; false if that is nothing. */
bool ll_lines_last(struct ll_lines *lines, const char **line, size_t *n);

/* Everything not handed out, newlines included. */
void ll_lines_rest(struct ll_lines *lines, const char **bytes, size_t *n);

size_t ll_lines_held(const struct ll_lines *lines);

void ll_lines_free(struct ll_lines *lines);

#endif
