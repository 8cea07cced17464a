/* The one header of this folder that brings in Python and NumPy, and what its files share. */
#ifndef LL_API_H
#define LL_API_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#define PY_ARRAY_UNIQUE_SYMBOL logitlab_array_api
#ifndef LL_IMPORTS_NUMPY
#    define NO_IMPORT_ARRAY
#endif
#include <numpy/arrayobject.h>

#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "detection.h"
#include "kernels/chain.h"
#include "kernels/kernels.h"
#include "model/model.h"

/* In the limited API these are functions of a PyObject *; arrays are PyArrayObject *. */
static inline void ll_release(void *object)
{
    Py_XDECREF((PyObject *)object);
}

static inline void *ll_keep(void *object)
{
    Py_INCREF((PyObject *)object);
    return object;
}

/* the functions that take keywords, in the order of the state's interned names */
enum {
    LL_SOFTARGMAX,
    LL_LOG_SOFTARGMAX,
    LL_LOGSUMEXP,
    LL_TOKEN_LOGPROBS,
    LL_TOP_K_FUNCTION,
    LL_ARGTOP_K,
    LL_SAMPLE,
    LL_CHAIN_SAMPLE,
    LL_CHAIN_PROBS,
    LL_CHAIN_TRACE,
    LL_FUNCTIONS
};
enum { LL_MAX_ARGUMENTS = 10 };

typedef struct {
    const ll_kernels *kernels; /* of the target in use; set once, when the module is executed */
    const ll_model *model;     /* the same for the built-in model */
    atomic_llong workers;      /* default for calls without workers=, as set by set_workers() */
    atomic_int closes;         /* whether the threads end at the interpreter's exit */
    PyObject *interned[LL_FUNCTIONS][LL_MAX_ARGUMENTS];
} ll_state;

static inline ll_state *ll_state_of(PyObject *module)
{
    return PyModule_GetState(module);
}

/* targets.c */
const ll_target *ll_choose_target(void); /* NULL with ImportError */
PyObject *ll_targets(PyObject *module, PyObject *unused);

/* network.c: the type logitlab._kernels.Session */
int ll_add_session_type(PyObject *module);

/* workers.c: how many threads a call may use */
int ll_workers_begin(ll_state *state);                                  /* -1 with ImportError */
int ll_workers_from(ll_state *state, PyObject *value, size_t *workers); /* -1 with an error */
PyObject *ll_threads_of(PyObject *module, PyObject *value);
PyObject *ll_set_workers(PyObject *module, PyObject *value); /* the setting before it */

/* arguments.c */
typedef struct {
    const char *function;
    int required, positional, total;
    const char *names[LL_MAX_ARGUMENTS];
} ll_signature;

/* Makes the names' strings once, so that a keyword is found by its address. `interned` belongs to
 * the module's state. */
int ll_intern(const ll_signature *signature, PyObject **interned);

/* Whether all keywords are in the signature. */
int ll_knows(const ll_signature *signature, PyObject *const *interned, PyObject *keywords);

/* Fills values[0..total) with borrowed references, NULL where an argument was not given; -1 with
 * TypeError. */
int ll_parse(const ll_signature *signature, PyObject *const *interned, PyObject *const *args,
             Py_ssize_t nargs, PyObject *keywords, PyObject **values);

/* masks.c */
int ll_no_mask(PyObject *value, const char *name); /* -1 with TypeError for a masked array, or with
                                                      an error of the value's own code */

/* the argument as a plain array (a new reference), of a type number or -1 for its own; a mask is a
 * TypeError */
PyArrayObject *ll_array_from(PyObject *value, const char *name, int type, int flags);

/* errors.c */
/* Whether an error of ours may be set: none is pending, or one that only says that a value is not
 * of the wanted kind, which is cleared. */
int ll_refused(void);
/* 1 with a new reference, 0 where there is no such attribute, -1 with any other error */
int ll_attribute(PyObject *object, const char *name, PyObject **value);
int ll_has(PyObject *object, const char *name); /* 1, 0, or -1 with an error */

/* messages.c: they set an error, unless one is pending that ll_refused leaves */
PyObject *ll_shown(PyObject *value); /* its repr, shortened; NULL with an error */
void ll_got(PyObject *type, PyObject *value, const char *needed, ...); /* "needed, got value" */
void ll_habit(const char *habit, PyObject *value);                     /* logitlab.habits */
PyObject *ll_shape_tuple(int ndim, const npy_intp *shape);             /* NULL with an error */
void ll_axis_needed(PyObject *axis);
void ll_tokens_needed(PyObject *tokens, npy_intp n);
void ll_unexpected(const ll_signature *signature, PyObject *name);
void ll_too_many(const ll_signature *signature, PyObject *const *args, Py_ssize_t nargs);

/* logits.c */
enum { LL_NOT_REAL = -1 };

typedef struct {
    PyArrayObject *array; /* owned */
    int dtype;       /* an ll_dtype, or LL_NOT_REAL for integers (only where they were allowed) */
    int axis;        /* of the array; counted from the end: -1 is the last */
    uint64_t joined; /* several axes that became that one, as ll_joined has them, or 0 */
    PyArrayObject *original; /* owned; the array before they did, or NULL */
    npy_intp n;
} ll_logits;

/* Converts the argument; integers become float64 unless keep_integers. 0 on success; clear it in
 * any case. */
int ll_logits_from(ll_logits *logits, PyObject *x, PyObject *axis, int keep_integers,
                   const char *function);
void ll_logits_clear(ll_logits *logits);

/* 1, 0, or -1 with an error: one that is not about the name, such as MemoryError */
int ll_is_bfloat16(PyArray_Descr *descr);

/* axes.c: one axis, all of them (None), or a tuple. Several are bits, counted from the end: bit 0
 * is the last axis. */
int ll_axes_from(PyObject *axis, int ndim, uint64_t *axes); /* -1 with an error */

/* The array with these axes as one, the last, in the order that they stand in: a view where the
 * strides allow one, else a copy; NULL with an error. */
PyArrayObject *ll_joined(PyArrayObject *array, uint64_t axes);

/* The other way: copies what ll_joined gave to where it was taken from, if that was a copy. */
int ll_copy_back(PyArrayObject *array, uint64_t axes, PyArrayObject *joined);

/* batch.c: the shape of the rows, and of what broadcasts against them */
typedef struct {
    int ndim;      /* of the batch: the result's shape without the axis */
    npy_intp rows; /* the product of the shape */
    npy_intp shape[NPY_MAXDIMS];
} ll_batch;

/* Starts with the batch shape of the logits; ll_batch_join broadcasts another shape into it. */
void ll_batch_of(ll_batch *batch, const ll_logits *logits);
int ll_batch_join(ll_batch *batch, PyArrayObject *parameter, const char *name);
void ll_batch_count(ll_batch *batch);

/* the shape of a result: the batch with n inserted at the axis; the number of dimensions */
int ll_result_shape(const ll_batch *batch, int axis, npy_intp n, npy_intp *shape);

/* the same as a user sees it, with joined axes where they were; -1 with ValueError */
int ll_whole_shape(const ll_batch *batch, const ll_logits *x, npy_intp *shape);

/* A new array in native byte order, of the logits' dtype, or of `type` unless it is -1. */
PyArrayObject *ll_result_new(const ll_logits *logits, int type, int ndim, npy_intp *shape,
                             int zeros);

/* memory.c: workspace that tracemalloc sees, aligned to 64 bytes */
typedef struct {
    void *memory, *aligned;
} ll_work;

int ll_work_new(ll_work *work, size_t bytes);
void ll_work_free(ll_work *work);

/* parameters.c: T, temperature, top_k, ... as float64 arrays, checked */
typedef struct {
    const char *name;
    double low, high;
    int above, whole; /* `low` itself is excluded; an integer */
} ll_range;

/* 1 and an integer, held in the bounds of a long long; 0 where the value is none, for ll_got to
 * say; -1 with an error for a mask */
int ll_integer(PyObject *value, const char *name, long long *number);
PyArrayObject *ll_parameter(PyObject *value,
                            const ll_range *range);     /* NULL with TypeError or ValueError */
void ll_refuse(const ll_range *range, PyObject *value); /* logitlab.ranges says what is wrong */

/* a temperature: a float is taken as it is, anything else becomes an array; without a value 1 */
int ll_temperature(PyObject *value, PyArrayObject **array, double *scalar);

/* random.c */
double *ll_uniforms(PyObject *rng, npy_intp n); /* PyMem_Malloc'd; NULL with an error */

/* the module's functions */
PyObject *ll_softargmax(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
                        PyObject *keywords);
PyObject *ll_log_softargmax(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
                            PyObject *keywords);
PyObject *ll_logsumexp(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
                       PyObject *keywords);
PyObject *ll_token_logprobs(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
                            PyObject *keywords);
PyObject *ll_top_k(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *keywords);
PyObject *ll_argtop_k(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
                      PyObject *keywords);
PyObject *ll_sample(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *keywords);

extern const ll_signature ll_softargmax_signature, ll_log_softargmax_signature,
    ll_logsumexp_signature, ll_token_logprobs_signature, ll_top_k_signature, ll_argtop_k_signature,
    ll_sample_signature;

extern const char ll_softargmax_doc[], ll_log_softargmax_doc[], ll_logsumexp_doc[],
    ll_token_logprobs_doc[], ll_top_k_doc[], ll_argtop_k_doc[], ll_sample_doc[], ll_targets_doc[];

#endif
