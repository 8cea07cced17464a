/* Drawing tokens: how many, with which doubles, and what is observed of each. */
#include "call.h"

static int add_dimension(ll_call *c, PyObject *value)
{
    long long n = 0;
    int found = ll_integer(value, "size", &n);
    if (found <= 0 || n < 0 || n > NPY_MAX_INTP || c->size_ndim >= NPY_MAXDIMS - c->batch.ndim) {
        if (found >= 0) {
            ll_got(PyExc_ValueError, value, "size must be an integer >= 0 or a tuple of them");
        }
        return -1;
    }
    c->size[c->size_ndim++] = (npy_intp)n;
    c->draws = (npy_intp)((size_t)c->draws * (size_t)n); /* more than fit in memory may wrap: then
                                                             NumPy refuses the result's shape */
    return 0;
}

static int parse_size(ll_call *c, PyObject *value)
{
    if (!value || value == Py_None) {
        return 0;
    }
    c->size_ndim = 0;
    if (!PyTuple_Check(value)) {
        return add_dimension(c, value);
    }
    for (Py_ssize_t i = 0; i < PyTuple_Size(value); i++) {
        PyObject *n = PyTuple_GetItem(value, i);
        if (!n || add_dimension(c, n) < 0) {
            return -1;
        }
    }
    return 0;
}

/* draws with a single run of the chain, or with one run per draw if a step tosses a coin */
static int draw_row(const ll_call *c, const ll_row *row, ll_chain *chain)
{
    npy_intp each = 1 + c->steps->n_coins, runs = c->steps->n_coins ? c->draws : 1;
    int status = LL_OK;
    for (npy_intp i = 0; i < runs && status == LL_OK; i++) {
        npy_intp at = row->index * c->draws + i;
        const double *u = c->uniforms + at * each;
        ll_draws draws = {.uniform = u + c->steps->n_coins,
                          .token = (int64_t *)PyArray_DATA(c->result) + at,
                          .n = c->steps->n_coins ? 1 : (size_t)c->draws,
                          .looks = c->looks,
                          .n_looks = c->n_looks};
        if (c->seen) {
            draws.seen = (ll_seen *)PyArray_DATA(c->seen) + (size_t)at * c->n_looks;
        }
        chain->coins = u;
        status = c->kernels->rows[c->x.dtype]->chain(row->x.data, (size_t)c->x.n, chain, &draws,
                                                     row->work);
    }
    return status;
}

/* many short rows, one token each, with at most a temperature: see csrc/kernels/draw_rows.h */
static int is_plain(const ll_call *c)
{
    const ll_steps *steps = c->steps;
    return c->draws == 1 && !c->looks && c->batch.rows > 1 && c->x.n <= LL_LANES_DRAW &&
           (steps->n_steps == 0 || (steps->n_steps == 1 && steps->steps[0].kind == LL_TEMPERATURE));
}

static int draw_block(void *self, const ll_block *block, npy_intp *stopped)
{
    const ll_call *c = self;
    ll_views x = {block->first.x, block->x_step};
    size_t at = 0;
    int status = c->kernels->rows[c->x.dtype]->draw_rows(
        &x, (size_t)block->count, (size_t)c->x.n, block->first.parameters[0],
        block->parameter_steps[0], c->uniforms + block->first.index,
        (int64_t *)PyArray_DATA(c->result) + block->first.index, &at, block->first.work);
    *stopped = (npy_intp)at;
    return status;
}

static int draw_rows(ll_call *c)
{
    if (!is_plain(c)) {
        return ll_call_run(c, draw_row, 0);
    }
    double temperature = c->steps->n_steps ? c->steps->steps[0].value[0] : 1.0;
    size_t work = ll_draw_rows_work((ll_dtype)c->x.dtype, (size_t)c->x.n);
    return ll_call_run_blocks(c, draw_block, &temperature, work);
}

static int parse_looks(ll_call *c, PyObject *value)
{
    if (!value || value == Py_None) {
        return 0;
    }
    Py_ssize_t n = PyTuple_Size(value);
    if (n < 0) {
        return -1;
    }
    c->looks = PyMem_Calloc((size_t)n + 1, sizeof *c->looks);
    if (!c->looks) {
        PyErr_NoMemory();
        return -1;
    }
    c->n_looks = (size_t)n;
    for (Py_ssize_t i = 0; i < n; i++) {
        long long after = 0;
        PyObject *look = PyTuple_GetItem(value, i);
        int found = look ? ll_integer(look, "looks", &after) : -1;
        if (found <= 0 || after < 0 || after > c->steps->n_steps) {
            if (found >= 0) {
                ll_got(found ? PyExc_ValueError : PyExc_TypeError, look,
                       "looks must be integers in [0, %d], the number of steps", c->steps->n_steps);
            }
            return -1;
        }
        c->looks[i] = (size_t)after;
    }
    return 0;
}

/* arrays for the tokens and, with looks, for the observations */
static int new_results(ll_call *c)
{
    npy_intp shape[NPY_MAXDIMS + 2];
    int ndim = c->batch.ndim;
    int more = c->size_ndim > 0 ? c->size_ndim : 0;
    memcpy(shape, c->batch.shape, (size_t)ndim * sizeof *shape);
    memcpy(shape + ndim, c->size, (size_t)more * sizeof *shape);
    c->result = ll_result_new(&c->x, NPY_INTP, ndim + more, shape, 0);
    ndim += more;
    if (c->result && c->looks && ndim + 2 <= NPY_MAXDIMS) {
        shape[ndim] = (npy_intp)c->n_looks;
        shape[ndim + 1] = sizeof(ll_seen) / sizeof(double);
        c->seen = ll_result_new(&c->x, NPY_DOUBLE, ndim + 2, shape, 0);
    } else if (c->result && c->looks) {
        PyErr_Format(PyExc_ValueError, "the batch has too many dimensions: %d", ndim);
    }
    return c->result && (c->seen || !c->looks) ? 0 : -1;
}

PyObject *ll_call_draw(ll_call *c, PyObject *size, PyObject *rng, PyObject *looks)
{
    if (parse_size(c, size) < 0 || parse_looks(c, looks) < 0 || new_results(c) < 0) {
        return NULL;
    }
    c->uniforms = ll_uniforms(rng, c->batch.rows * c->draws * (1 + c->steps->n_coins));
    if (!c->uniforms || draw_rows(c) < 0) {
        return NULL;
    }
    ll_keep(c->result);
    PyObject *tokens = c->size_ndim < 0 ? PyArray_Return(c->result) /* a scalar for one row */
                                        : (PyObject *)c->result;
    return c->seen && tokens ? Py_BuildValue("NO", tokens, c->seen) : tokens;
}
