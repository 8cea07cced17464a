/* One call of a chain over a batch, as sample() and the methods of Chain make it. */
#ifndef LL_NUMPY_CALL_H
#define LL_NUMPY_CALL_H

#include "chain.h"
#include "rows.h"

typedef struct ll_call ll_call;

/* Processes one row with the chain as it is for that row; returns an ll_status. The call is the
 * same for all rows and is not modified. */
typedef int ll_use(const ll_call *call, const ll_row *row, ll_chain *chain);

struct ll_call {
    const char *function;
    const ll_kernels *kernels;
    const ll_steps *steps;
    size_t workers;
    int moving; /* how many of the steps' parameters and lists differ from row to row */
    ll_logits x;
    PyArrayObject *history, *offsets, *generated; /* owned, or NULL */
    size_t longest;                               /* history */
    double *uniforms;                             /* owned, or NULL */
    PyArrayObject *result, *seen;                 /* owned, or NULL */
    PyArrayObject *const *traced;                 /* where a trace goes */
    size_t *looks, n_looks;                       /* how many steps each observation comes after */
    ll_use *use;
    size_t history_room, trace_room, own_steps; /* where they begin in the workspace */
    int size_ndim;                              /* -1: size was not given */
    npy_intp draws;                             /* for each row */
    npy_intp size[NPY_MAXDIMS];
    ll_batch batch;
};

/* Begins a call on the logits, with no steps, no history, one worker and one draw for each row. -1
 * with an error; clear it either way. */
int ll_call_begin(ll_call *call, const char *function, const ll_kernels *kernels, PyObject *logits,
                  PyObject *axis);
void ll_call_clear(ll_call *call);

/* Broadcasts the parameters of the steps, which must live as long as the call, into the batch. */
int ll_call_set_steps(ll_call *call, const ll_steps *steps);
int ll_call_parse_history(ll_call *call, PyObject *history, PyObject *offsets, PyObject *generated);

/* Processes each row; a trace needs `traced` more bytes for it. -1 with an error. */
int ll_call_run(ll_call *call, ll_use *use, size_t traced);

/* The same by blocks of rows, for a chain of no step or one, with one parameter; T, where there is
 * none, is the value at `fixed`. */
int ll_call_run_blocks(ll_call *call, ll_visit_block *visit, const double *fixed, size_t work);

/* an argument as a contiguous array of one dimension, of type number `type`; NULL if it is None or
 * missing */
int ll_list_from(PyObject *value, int type, PyArrayObject **list);

/* draw.c: tokens; with `looks`, a tuple of the number of steps before each observation, (tokens,
 * observations): the batch's shape, then the observations, then a probability and a surprisal. */
PyObject *ll_call_draw(ll_call *call, PyObject *size, PyObject *rng, PyObject *looks);

#endif
