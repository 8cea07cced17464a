/* The steps of a chain, with parameters that broadcast per row, and the type that keeps them. */
#ifndef LL_NUMPY_CHAIN_H
#define LL_NUMPY_CHAIN_H

#include "api.h"

/* The tokens of a step, their numbers, and their owner or NULL. */
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

extern const ll_signature ll_chain_sample_signature, ll_chain_probs_signature,
    ll_chain_trace_signature;

/* chain.c: the type logitlab._kernels.Chain */
int ll_add_chain_type(PyObject *module);

#endif
