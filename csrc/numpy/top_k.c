/* top_k and argtop_k: the k largest along an axis, ascending, as values or as indices. */
#include "rows.h"

#include "kernels/select_integers.h"

enum { LOGITS, K, AXIS, N_ARGUMENTS };

typedef struct {
    ll_logits x;
    npy_intp k;
    int values; /* or indices */
    const ll_kernels *kernels;
    size_t order; /* bytes of the k indices at the beginning of the workspace */
    PyArrayObject *result;
} call;

static int k_from(call *c, PyObject *value)
{
    if (ll_no_mask(value, "k") < 0) {
        return -1;
    }
    PyObject *number = PyBool_Check(value) || !PyIndex_Check(value) ? NULL : PyNumber_Index(value);
    int overflow = 0;
    if (!number) {
        ll_got(PyExc_TypeError, value, "k must be an integer >= 0");
        return -1;
    }
    long long k = PyLong_AsLongLongAndOverflow(number, &overflow);
    Py_DECREF(number);
    if (overflow < 0 || k < 0) {
        ll_got(PyExc_ValueError, value, "k must be an integer >= 0");
        return -1;
    }
    c->k = overflow > 0 || k > c->x.n ? c->x.n : (npy_intp)k;
    return 0;
}

static void select_row(const call *c, const char *row, uint32_t *order, void *work)
{
    size_t n = (size_t)c->x.n, k = (size_t)c->k;
    if (c->x.dtype == LL_NOT_REAL) {
        ll_select_integers(row, (size_t)PyArray_ITEMSIZE(c->x.array), PyArray_ISSIGNED(c->x.array),
                           n, k, order, work);
    } else {
        c->kernels->rows[c->x.dtype]->select(row, n, k, order, work);
    }
}

/* worst of the k first: `order` is best first */
static void write_indices(const call *c, const uint32_t *order, const ll_view *to)
{
    for (npy_intp i = 0; i < c->k; i++) {
        npy_intp index = order[c->k - 1 - i];
        memcpy(to->data + i * to->stride, &index, sizeof index);
    }
}

static inline void write_values(const call *c, const char *row, const uint32_t *order,
                                const ll_view *to, size_t size)
{
    for (npy_intp i = 0; i < c->k; i++) {
        memcpy(to->data + i * to->stride, row + order[c->k - 1 - i] * size, size);
    }
}

/* with sizes that the compiler knows, for the two that matter */
static void write_row(const call *c, const char *row, const uint32_t *order, const ll_view *to)
{
    size_t size = (size_t)PyArray_ITEMSIZE(c->x.array);
    if (!c->values) {
        write_indices(c, order, to);
    } else if (size == 8) {
        write_values(c, row, order, to, 8);
    } else if (size == 4) {
        write_values(c, row, order, to, 4);
    } else {
        write_values(c, row, order, to, size);
    }
}

static int visit_row(void *self, const ll_row *row)
{
    const call *c = self;
    uint32_t *order = (uint32_t *)(void *)row->work;
    select_row(c, row->x.data, order, row->work + c->order);
    write_row(c, row->x.data, order, &row->y);
    return LL_OK;
}

static int run_rows(call *c)
{
    ll_batch batch;
    ll_rows rows;
    npy_intp shape[NPY_MAXDIMS];
    ll_batch_of(&batch, &c->x);
    ll_batch_count(&batch);
    int ndim = ll_result_shape(&batch, c->x.axis, c->k, shape);
    c->result = ll_result_new(&c->x, c->values ? -1 : NPY_INTP, ndim, shape, 0);
    if (!c->result || ll_rows_begin(&rows, &batch, &c->x, c->result, 0, LL_GATHERED) < 0) {
        return -1;
    }
    size_t n = (size_t)c->x.n;
    size_t work = c->x.dtype == LL_NOT_REAL ? 8 * n : ll_row_work((ll_dtype)c->x.dtype, n);
    c->order = ll_align64((size_t)c->k * sizeof(uint32_t));
    return ll_rows_visit(&rows, visit_row, c, c->order + work);
}

static PyObject *apply(PyObject *module, int function, const ll_signature *signature, int values,
                       PyObject *const *args, Py_ssize_t nargs, PyObject *keywords)
{
    PyObject *given[LL_MAX_ARGUMENTS], *result = NULL;
    call c = {.values = values, .kernels = ll_state_of(module)->kernels};
    if (ll_parse(signature, ll_state_of(module)->interned[function], args, nargs, keywords, given) <
        0) {
        return NULL;
    }
    if (ll_logits_from(&c.x, given[LOGITS], given[AXIS], 1, signature->function) == 0 &&
        k_from(&c, given[K]) == 0 && run_rows(&c) == 0) {
        result = ll_keep(c.result);
    }
    ll_logits_clear(&c.x);
    ll_release(c.result);
    return result;
}

const ll_signature ll_top_k_signature = {"top_k", 2, 2, N_ARGUMENTS, {"logits", "k", "axis"}};
const ll_signature ll_argtop_k_signature = {"argtop_k", 2, 2, N_ARGUMENTS, {"logits", "k", "axis"}};

PyObject *ll_top_k(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *keywords)
{
    return apply(module, LL_TOP_K_FUNCTION, &ll_top_k_signature, 1, args, nargs, keywords);
}

PyObject *ll_argtop_k(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *keywords)
{
    return apply(module, LL_ARGTOP_K, &ll_argtop_k_signature, 0, args, nargs, keywords);
}
