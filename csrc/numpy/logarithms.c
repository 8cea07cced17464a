/* logsumexp and token_logprobs: one number for each row. */
#include "rows.h"

enum { X, TOKENS, T, AXIS, WORKERS, N_ARGUMENTS }; /* logsumexp has no tokens */

typedef struct {
    ll_logits x;
    PyArrayObject *T; /* NULL: the scalar */
    double scalar;
    PyArrayObject *tokens; /* of npy_intp, or NULL */
    const ll_row_kernels *kernels;
    ll_batch batch;
    size_t workers;
    PyArrayObject *result;
} call;

/* A copy of npy_intp, so that it cannot change after it was checked. */
static PyArrayObject *indices_from(PyObject *value, npy_intp n)
{
    PyArrayObject *array = ll_array_from(value, "tokens", -1, 0), *result = NULL;
    if (!array) {
        return NULL;
    }
    int empty = PyArray_SIZE(array) == 0 && !PyArray_Check(value); /* [] is of float64 */
    if (!PyArray_ISINTEGER(array) && !empty) {
        ll_tokens_needed((PyObject *)array, n);
        goto done;
    }
    result = (PyArrayObject *)PyArray_FromAny(
        (PyObject *)array, PyArray_DescrFromType(NPY_INTP), 0, 0,
        NPY_ARRAY_CARRAY | NPY_ARRAY_FORCECAST | NPY_ARRAY_ENSURECOPY, NULL);
    const npy_intp *index = result ? PyArray_DATA(result) : NULL;
    for (npy_intp i = 0; result && i < PyArray_SIZE(result); i++) {
        if (index[i] < 0 || index[i] >= n) {
            ll_tokens_needed((PyObject *)array, n);
            ll_release(result);
            result = NULL;
        }
    }
done:
    ll_release(array);
    return result;
}

/* tokens are looked up in the rows that there are: they make no more of them, as temperatures do */
static int check_shape(const call *c)
{
    ll_batch joined = c->batch;
    int same =
        ll_batch_join(&joined, c->tokens, "tokens") == 0 && joined.ndim == c->batch.ndim &&
        memcmp(joined.shape, c->batch.shape, (size_t)joined.ndim * sizeof *joined.shape) == 0;
    PyObject *need = NULL, *got = NULL;
    if (same) {
        return 0;
    }
    PyErr_Clear();
    need = ll_shape_tuple(c->batch.ndim, c->batch.shape);
    got = ll_shape_tuple(PyArray_NDIM(c->tokens), PyArray_DIMS(c->tokens));
    if (need && got) {
        PyErr_Format(PyExc_ValueError,
                     "tokens must have a shape that broadcasts to the batch's, %S, got %S", need,
                     got);
    }
    Py_XDECREF(need);
    Py_XDECREF(got);
    return -1;
}

static int visit_row(void *self, const ll_row *row)
{
    const call *c = self;
    size_t n = (size_t)c->x.n;
    double T = *(const double *)(const void *)row->parameters[0];
    ll_view y = {.data = PyArray_BYTES(c->result) + row->index * PyArray_ITEMSIZE(c->result)};
    if (c->tokens) {
        npy_intp token = *(const npy_intp *)(const void *)row->parameters[1];
        c->kernels->token_logprob(&row->x, &y, n, T, (size_t)token, row->work);
    } else {
        c->kernels->logsumexp(&row->x, &y, n, T, row->work);
    }
    return LL_OK;
}

static int run(call *c)
{
    ll_rows rows;
    c->result = ll_result_new(&c->x, -1, c->batch.ndim, c->batch.shape, 0);
    if (!c->result || ll_rows_begin(&rows, &c->batch, &c->x, NULL, 2, LL_IN_TILES) < 0) {
        return -1;
    }
    if (c->T) {
        ll_rows_add(&rows, c->T);
    } else {
        ll_rows_add_scalar(&rows, &c->scalar);
    }
    if (c->tokens) {
        ll_rows_add(&rows, c->tokens);
    }
    rows.workers = c->workers;
    return ll_rows_visit(&rows, visit_row, c, rows.x.direct ? 0 : LL_ROW_WORK);
}

static int prepare(call *c, ll_state *state, PyObject *const *values, const char *function)
{
    if (ll_logits_from(&c->x, values[X], values[AXIS], 0, function) < 0 ||
        ll_workers_from(state, values[WORKERS], &c->workers) < 0 ||
        ll_temperature(values[T], &c->T, &c->scalar) < 0) {
        return -1;
    }
    ll_batch_of(&c->batch, &c->x);
    if (c->T && ll_batch_join(&c->batch, c->T, "T") < 0) {
        return -1;
    }
    ll_batch_count(&c->batch);
    if (!values[TOKENS]) {
        return 0;
    }
    c->tokens = indices_from(values[TOKENS], c->x.n);
    return c->tokens ? check_shape(c) : -1;
}

static PyObject *apply(PyObject *module, PyObject *const *values, const char *function)
{
    PyObject *result = NULL;
    call c;
    c.T = c.tokens = c.result = NULL;
    ll_state *state = ll_state_of(module);
    if (prepare(&c, state, values, function) == 0) {
        c.kernels = state->kernels->rows[c.x.dtype];
        if (run(&c) == 0) {
            result = PyArray_Return(ll_keep(c.result)); /* a scalar for one row */
        }
    }
    ll_logits_clear(&c.x);
    ll_release(c.T);
    ll_release(c.tokens);
    ll_release(c.result);
    return result;
}

const ll_signature ll_logsumexp_signature = {"logsumexp", 1, 2, 4, {"x", "T", "axis", "workers"}};
const ll_signature ll_token_logprobs_signature = {
    "token_logprobs", 2, 3, N_ARGUMENTS, {"logits", "tokens", "T", "axis", "workers"}};

PyObject *ll_logsumexp(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
                       PyObject *keywords)
{
    PyObject *given[LL_MAX_ARGUMENTS], *values[N_ARGUMENTS] = {NULL};
    if (ll_parse(&ll_logsumexp_signature, ll_state_of(module)->interned[LL_LOGSUMEXP], args, nargs,
                 keywords, given) < 0) {
        return NULL;
    }
    values[X] = given[0];
    values[T] = given[1];
    values[AXIS] = given[2];
    values[WORKERS] = given[3];
    return apply(module, values, "logsumexp");
}

PyObject *ll_token_logprobs(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
                            PyObject *keywords)
{
    PyObject *values[LL_MAX_ARGUMENTS];
    if (ll_parse(&ll_token_logprobs_signature, ll_state_of(module)->interned[LL_TOKEN_LOGPROBS],
                 args, nargs, keywords, values) < 0) {
        return NULL;
    }
    return apply(module, values, "token_logprobs");
}
