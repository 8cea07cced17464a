/* top_k and argtop_k: the k largest along an axis, ascending, as values or as indices. */
#include "api.h"

#include "kernels/float_mode.h"
#include "kernels/select_integers.h"

enum { LOGITS, K, AXIS, N_ARGUMENTS };
enum { LONG = 4096 };

typedef struct {
    ll_logits x;
    npy_intp k;
    int values; /* or indices */
    const ll_kernels *kernels;
    PyArrayObject *result;
} job;

static int k_from(job *j, PyObject *value)
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
    j->k = overflow > 0 || k > j->x.n ? j->x.n : (npy_intp)k;
    return 0;
}

static PyArrayObject *new_result(const job *j, const ll_batch *batch)
{
    npy_intp shape[NPY_MAXDIMS];
    int ndim = ll_result_shape(batch, j->x.axis, j->k, shape);
    PyArray_Descr *descr = NULL;
    if (!j->values) {
        descr = PyArray_DescrFromType(NPY_INTP);
    } else if (PyArray_ISBYTESWAPPED(j->x.array)) {
        descr = PyArray_DescrNewByteorder(PyArray_DESCR(j->x.array), NPY_NATIVE);
    } else {
        descr = PyArray_DESCR(j->x.array);
        ll_keep(descr);
    }
    return descr ? (PyArrayObject *)PyArray_NewFromDescr(&PyArray_Type, descr, ndim, shape, NULL,
                                                         NULL, 0, NULL)
                 : NULL;
}

static void select_row(const job *j, const char *row, uint32_t *order, void *work)
{
    size_t n = (size_t)j->x.n, k = (size_t)j->k;
    if (j->x.dtype == LL_NOT_REAL) {
        ll_select_integers(row, (size_t)PyArray_ITEMSIZE(j->x.array), PyArray_ISSIGNED(j->x.array),
                           n, k, order, work);
    } else {
        j->kernels->rows[j->x.dtype]->select(row, n, k, order, work);
    }
}

/* worst of the k first: `order` is best first */
static void write_row(const job *j, const char *row, const uint32_t *order, const ll_view *to)
{
    size_t size = (size_t)PyArray_ITEMSIZE(j->x.array);
    for (npy_intp i = 0; i < j->k; i++) {
        npy_intp index = order[j->k - 1 - i];
        const char *from = j->values ? row + (size_t)index * size : (const char *)&index;
        memcpy(to->data + i * to->stride, from, j->values ? size : sizeof index);
    }
}

static size_t work_bytes(const job *j)
{
    size_t n = (size_t)j->x.n;
    return j->x.dtype == LL_NOT_REAL ? 8 * n : ll_row_work((ll_dtype)j->x.dtype, n);
}

static void run(const job *j, ll_batch *batch, char *memory)
{
    uint64_t mode = ll_enter_float_mode();
    size_t n = (size_t)j->x.n, size = (size_t)PyArray_ITEMSIZE(j->x.array);
    uint32_t *order = (uint32_t *)(void *)memory;
    char *work = memory + (((size_t)j->k * 4 + 63) & ~(size_t)63), *buffer = work + work_bytes(j);
    ll_view from = ll_rows(j->x.array, j->x.axis), to = ll_rows(j->result, j->x.axis);
    ll_operand x, y;
    ll_operand *operands[] = {&x, &y};
    ll_operand_of(&x, batch, j->x.array, j->x.axis);
    ll_operand_of(&y, batch, j->result, j->x.axis);
    for (npy_intp r = 0; r < batch->rows; r++) {
        from.data = (char *)x.data;
        to.data = (char *)y.data;
        const char *row = ll_direct_row(&from, n, size, buffer);
        select_row(j, row, order, work);
        write_row(j, row, order, &to);
        ll_batch_next(batch, operands, 2);
    }
    ll_leave_float_mode(mode);
}

static int run_rows(job *j)
{
    ll_batch batch;
    ll_work work;
    ll_batch_of(&batch, &j->x);
    ll_batch_count(&batch);
    j->result = new_result(j, &batch);
    size_t bytes = (size_t)j->k * 4 + 64 + work_bytes(j);
    if (!ll_rows_direct(j->x.array, j->x.axis)) {
        bytes += (size_t)(j->x.n * PyArray_ITEMSIZE(j->x.array));
    }
    if (!j->result || ll_work_new(&work, bytes) < 0) {
        return -1;
    }
    if (batch.rows * j->x.n >= LONG) {
        Py_BEGIN_ALLOW_THREADS run(j, &batch, work.aligned);
        Py_END_ALLOW_THREADS
    } else {
        run(j, &batch, work.aligned);
    }
    ll_work_free(&work);
    return 0;
}

static PyObject *apply(PyObject *module, int function, const ll_signature *signature, int values,
                       PyObject *const *args, Py_ssize_t nargs, PyObject *keywords)
{
    PyObject *given[LL_MAX_ARGUMENTS], *result = NULL;
    job j = {.values = values, .kernels = ll_state_of(module)->kernels};
    if (ll_parse(signature, ll_state_of(module)->interned[function], args, nargs, keywords, given) <
        0) {
        return NULL;
    }
    if (ll_logits_from(&j.x, given[LOGITS], given[AXIS], 1, signature->function) == 0 &&
        k_from(&j, given[K]) == 0 && run_rows(&j) == 0) {
        result = ll_keep(j.result);
    }
    ll_logits_clear(&j.x);
    ll_release(j.result);
    return result;
}

const ll_signature ll_top_k_signature = {"top_k", 2, 2, N_ARGUMENTS, {"logits", "k", "axis"}, 0};
const ll_signature ll_argtop_k_signature = {"argtop_k", 2, 2, N_ARGUMENTS, {"logits", "k", "axis"},
                                            0};

PyObject *ll_top_k(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *keywords)
{
    return apply(module, LL_TOP_K_FUNCTION, &ll_top_k_signature, 1, args, nargs, keywords);
}

PyObject *ll_argtop_k(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *keywords)
{
    return apply(module, LL_ARGTOP_K, &ll_argtop_k_signature, 0, args, nargs, keywords);
}
