/* A pass over the rows of an array: each row is brought to a visitor, with the result's row and the
 * parameters that broadcast against it; or whole blocks of neighbouring rows, for a visitor that is
 * faster on several at once.
 *
 * The pass owns what no function should do for itself: strides, byte order, the workspace, the
 * floating-point mode and the GIL. What a call sets up is only read while its pass runs; what moves
 * from row to row, and what a visitor may write besides the results of its row, belongs to a
 * cursor. So several cursors go over parts of the same rows, each in a thread of its own; which
 * rows a part has changes no result.
 */
#ifndef LL_NUMPY_ROWS_H
#define LL_NUMPY_ROWS_H

#include "api.h"

/* What moves along the batch: bytes per step of each dimension, 0 where it is broadcast. */
typedef struct {
    const char *data;
    npy_intp stride[NPY_MAXDIMS];
} ll_operand;

enum { LL_FEW_OPERANDS = 8 };

typedef enum {
    LL_IN_TILES, /* x and y are direct where rows have neighbours that share cache lines with them;
                    otherwise the visitor gets them as they lie */
    LL_GATHERED, /* x is always direct: gathered, row by row, where it is not; y lies as it lies */
} ll_layout;

typedef struct {
    const ll_batch *batch;
    npy_intp n;   /* elements of a row */
    size_t size;  /* bytes of one of them */
    ll_view x, y; /* how each row of the logits and of the result lies */
    ll_layout layout;
    int has_y;
    npy_intp tile;  /* rows that are gathered at a time; 0: none */
    int scatters;   /* y goes through the tile, too */
    int n_operands; /* x, y, and the parameters */
    ll_operand *operands, few[LL_FEW_OPERANDS];
    int ndim; /* of the batch as the pass walks it: what is one walk in memory is one dimension */
    npy_intp shape[NPY_MAXDIMS];
    size_t workers;   /* threads that may visit rows: 1, unless the caller says more */
    npy_intp cost;    /* of a row, in elements: n, unless the caller says more */
    npy_intp stopped; /* the first row at which a visitor ended the pass */
} ll_rows;

/* One row, as a visitor sees it. */
typedef struct {
    npy_intp index; /* in C order of the batch */
    ll_view x, y;
    const char *const *parameters; /* an element of each, in the order they were added */
    char *work;                    /* aligned to 64 bytes; of this cursor */
} ll_row;

/* LL_OK, or what ends the pass. It is called without the GIL where there is much to do, and then by
 * several threads for different rows where there is more than one worker. */
typedef int ll_visit(void *call, const ll_row *row);

/* Neighbouring rows at equal distances: the first, and how many bytes each of its parts lies before
 * the next row's. They are not gathered: x and y lie as they lie. */
typedef struct {
    ll_row first;
    npy_intp count;
    npy_intp x_step, y_step;         /* may be 0 or negative */
    const npy_intp *parameter_steps; /* of each parameter; 0 where it is the same for all rows */
} ll_block;

/* The same for a block. What ends the pass belongs to row *stopped of the block, the first for
 * which that is so; it comes as 0. */
typedef int ll_visit_block(void *call, const ll_block *block, npy_intp *stopped);

/* Begins a pass over the rows of x; y, of the same batch, may be NULL. `parameters` is how many
 * will be added. -1 with MemoryError; otherwise ll_rows_visit ends the pass. */
int ll_rows_begin(ll_rows *rows, const ll_batch *batch, const ll_logits *x, PyArrayObject *y,
                  int parameters, ll_layout layout);
void ll_rows_add(ll_rows *rows, PyArrayObject *parameter);
void ll_rows_add_rows(ll_rows *rows, PyArrayObject *array, int axis); /* a row of it for each */
void ll_rows_add_scalar(ll_rows *rows, const double *value);

/* The first block, without its parameters and workspace, by which a visitor is chosen; call it
 * after adding the last parameter. */
ll_block ll_rows_blocks(ll_rows *rows);

/* Visits the rows, with `work` bytes of workspace for each worker. Returns LL_OK, what a visitor
 * returned for the first row that ended the pass, or -1 with MemoryError. */
int ll_rows_visit(ll_rows *rows, ll_visit *visit, void *call, size_t work);

/* The same by blocks, each as long as the rows' distances are equal. */
int ll_rows_visit_blocks(ll_rows *rows, ll_visit_block *visit, void *call, size_t work);

/* to the machine's byte order */
static inline void ll_copy_element(char *to, const char *from, size_t size, int swapped)
{
    for (size_t i = 0; swapped && i < size; i++) {
        to[i] = from[size - 1 - i];
    }
    if (!swapped) {
        memcpy(to, from, size);
    }
}

#endif
