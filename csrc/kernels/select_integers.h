/* The k best of a row of integers, ordered exactly (a double could not hold 2^63 - 1). */
#ifndef LL_SELECT_INTEGERS_H
#define LL_SELECT_INTEGERS_H

#include <stddef.h>
#include <stdint.h>

/* `size` is 1, 2, 4 or 8 bytes; the row is direct; `work` has 8 n bytes, aligned to 8; order[0..k)
 * is best first. */
void ll_select_integers(const void *x, size_t size, int is_signed, size_t n, size_t k,
                        uint32_t *order, void *work);

#endif
