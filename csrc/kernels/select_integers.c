/* Integers become unsigned keys (larger is better); a heap orders them, ties by lowest index. */
#include "select_integers.h"

static uint64_t key(const char *x, size_t size, int is_signed)
{
    uint64_t value = 0, sign = (uint64_t)1 << (8 * size - 1);
    if (size == 8) {
        __builtin_memcpy(&value, x, 8);
    } else if (size == 4) {
        uint32_t v;
        __builtin_memcpy(&v, x, 4);
        value = v;
    } else if (size == 2) {
        uint16_t v;
        __builtin_memcpy(&v, x, 2);
        value = v;
    } else {
        value = (unsigned char)*x;
    }
    return is_signed ? value ^ sign : value;
}

static int before(const uint64_t *keys, uint32_t i, uint32_t j)
{
    return keys[i] > keys[j] || (keys[i] == keys[j] && i < j);
}

/* restores the heap of indices whose root is the last in order */
static void sift(const uint64_t *keys, uint32_t *heap, size_t n, size_t root)
{
    uint32_t value = heap[root];
    for (size_t child = 2 * root + 1; child < n; child = 2 * root + 1) {
        if (child + 1 < n && before(keys, heap[child], heap[child + 1])) {
            child++;
        }
        if (!before(keys, value, heap[child])) {
            break;
        }
        heap[root] = heap[child];
        root = child;
    }
    heap[root] = value;
}

void ll_select_integers(const void *x, size_t size, int is_signed, size_t n, size_t k,
                        uint32_t *order, void *work)
{
    uint64_t *keys = work;
    for (size_t i = 0; i < n; i++) {
        keys[i] = key((const char *)x + i * size, size, is_signed);
    }
    for (size_t i = 0; i < k; i++) {
        order[i] = (uint32_t)i;
    }
    for (size_t i = k / 2; i-- > 0;) {
        sift(keys, order, k, i);
    }
    for (size_t i = k; k > 0 && i < n; i++) {
        if (before(keys, (uint32_t)i, order[0])) {
            order[0] = (uint32_t)i;
            sift(keys, order, k, 0);
        }
    }
    for (size_t end = k; end > 1; end--) {
        uint32_t last = order[end - 1];
        order[end - 1] = order[0];
        order[0] = last;
        sift(keys, order, end - 1, 0);
    }
}
