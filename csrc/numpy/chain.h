/* What sample() and a compiled chain share: steps with parameters that broadcast per row,
 * histories, doubles, and the walk over the rows. */
#ifndef LL_NUMPY_CHAIN_H
#define LL_NUMPY_CHAIN_H

#include "api.h"

/* The tokens of a step, and the numbers beside them; what owns them, or NULL. */
typedef struct {
    const int64_t *tokens;
    size_t n_tokens;
    const double *numbers;
    size_t n_numbers;
    PyArrayObject *owner[2];
} ll_list;

/* One list for all rows, or `n` of them with an array, 0 to n - 1, that broadcasts as a parameter
 * does and says which is a row's. */
typedef struct {
    size_t n;
    ll_list *list;
    PyArrayObject *which;
} ll_lists;

/* The steps of a chain. Each has LL_STEP_PARAMETERS parameters with their names; where an array is
 * NULL the number is in the step. `lists` is NULL where no step has any. */
typedef struct {
    int n_steps, n_coins;
    ll_step *steps;
    PyArrayObject **parameters;
    const char **names;
    ll_lists *lists;
} ll_steps;

/* One call of a chain over a batch. */
typedef struct {
    const char *function;
    const ll_kernels *kernels;
    ll_logits x;
    ll_batch batch;
    ll_steps steps;
    PyArrayObject *history, *offsets, *generated; /* owned, or NULL */
    size_t longest;                               /* history */
    int size_ndim;                                /* -1: size was not given */
    npy_intp size[NPY_MAXDIMS], draws;            /* draws per row */
    double *uniforms;
    PyArrayObject *result, *seen; /* owned, or NULL */
    size_t *looks, n_looks;       /* how many steps each look comes after */
    void *more;                   /* what a visit needs beyond that */
    npy_intp bad_row;             /* the first row on which nothing is left, or -1 ... */
    int status;                   /* ... and what the kernel said of it */
} ll_job;

/* what is done with one row; gives an ll_status */
typedef int ll_visit(ll_job *job, npy_intp row, const char *x, ll_chain *chain, char *work);

/* steps.c: a row of the table of steps. `off` is NaN where there is none; a whole parameter has
 * `kind` "whole". */
typedef struct {
    const char *name, *kind;
    double low, high;
    int above; /* `low` itself is excluded */
    double off;
} ll_parameter_spec;

typedef struct {
    const char *name;
    ll_parameter_spec parameters[LL_STEP_PARAMETERS];
} ll_step_spec;

const ll_step_spec *ll_step_spec_of(ll_step_kind kind);
int ll_step_kind_of(const char *name); /* -1 if there is none */
const char *ll_step_name(const ll_step *step);
int ll_add_steps(PyObject *module);

void ll_use_list(ll_step *step, const ll_list *list);

void ll_job_start(ll_job *job, const char *function, const ll_kernels *kernels);
int ll_job_join(ll_job *job); /* broadcasts the parameters into the batch */
int ll_job_history(ll_job *job, PyObject *history, PyObject *offsets, PyObject *generated);
int ll_job_run(ll_job *job, ll_visit *visit, size_t more_work); /* -1 with an error */
void ll_job_clear(ll_job *job);

/* Tokens; with `looks`, a tuple that says how many steps each comes after, (tokens, what each saw):
 * the batch's shape, then the looks, then a probability and a surprise. */
PyObject *ll_job_draw(ll_job *job, PyObject *size, PyObject *rng, PyObject *looks);

extern const ll_signature ll_chain_sample_signature, ll_chain_probs_signature,
    ll_chain_trace_signature;

/* chain.c: the type logitlab._kernels.Chain */
int ll_add_chain_type(PyObject *module);

#endif
