/* sample: one token per row, or `size` of them, from the chain top_k, top_p, min_p, temperature. */
#include "api.h"

#include "kernels/float_mode.h"

enum { LOGITS, TEMPERATURE, TOP_K, TOP_P, MIN_P, SIZE, AXIS, RNG, N_ARGUMENTS };
enum { LONG = 4096, MAX_STEPS = 4 };

static const struct {
    int argument;
    ll_step_kind kind;
    ll_range range;
} STEPS[MAX_STEPS] = {
    {TOP_K, LL_TOP_K, {"top_k", "of at least 0", 0.0, Py_HUGE_VAL, 1}},
    {TOP_P, LL_TOP_P, {"top_p", "in [0, 1]", 0.0, 1.0, 0}},
    {MIN_P, LL_MIN_P, {"min_p", "in [0, 1]", 0.0, 1.0, 0}},
    {TEMPERATURE, LL_TEMPERATURE, {"temperature", "of at least 0", 0.0, Py_HUGE_VAL, 0}},
};

typedef struct {
    ll_logits x;
    const ll_kernels *kernels;
    ll_batch batch;
    int n_steps;
    ll_step steps[MAX_STEPS];
    PyArrayObject *parameters[MAX_STEPS]; /* owned */
    int size_ndim;                        /* -1: size was not given */
    npy_intp size[NPY_MAXDIMS], draws;    /* draws per row */
    double *uniforms;
    PyArrayObject *result;
    npy_intp bad_row; /* the first row that has nothing to draw, or -1 */
} job;

static int steps_from(job *j, PyObject **values)
{
    for (int i = 0; i < MAX_STEPS; i++) {
        PyObject *value = values[STEPS[i].argument];
        if (!value || value == Py_None) {
            continue;
        }
        PyArrayObject *parameter = ll_parameter(value, &STEPS[i].range);
        if (!parameter) {
            return -1;
        }
        j->parameters[j->n_steps] = parameter;
        j->steps[j->n_steps++].kind = STEPS[i].kind;
        if (ll_batch_join(&j->batch, parameter, STEPS[i].range.name) < 0) {
            return -1;
        }
    }
    ll_batch_count(&j->batch);
    return 0;
}

static int add_dimension(job *j, PyObject *value)
{
    Py_ssize_t n = PyBool_Check(value) ? -1 : PyNumber_AsSsize_t(value, PyExc_OverflowError);
    if (PyErr_Occurred() || n < 0 || j->size_ndim >= NPY_MAXDIMS - j->batch.ndim) {
        PyErr_Clear();
        PyErr_Format(PyExc_ValueError,
                     "size must be an integer of at least 0 or a tuple of them, got %R", value);
        return -1;
    }
    j->size[j->size_ndim++] = n;
    j->draws *= n;
    return 0;
}

static int size_from(job *j, PyObject *value)
{
    j->size_ndim = -1;
    j->draws = 1;
    if (!value || value == Py_None) {
        return 0;
    }
    j->size_ndim = 0;
    if (!PyTuple_Check(value)) {
        return add_dimension(j, value);
    }
    for (Py_ssize_t i = 0; i < PyTuple_Size(value); i++) {
        PyObject *n = PyTuple_GetItem(value, i);
        if (!n || add_dimension(j, n) < 0) {
            return -1;
        }
    }
    return 0;
}

static int new_result(job *j)
{
    npy_intp shape[NPY_MAXDIMS];
    int ndim = j->batch.ndim, more = j->size_ndim > 0 ? j->size_ndim : 0;
    memcpy(shape, j->batch.shape, (size_t)ndim * sizeof *shape);
    memcpy(shape + ndim, j->size, (size_t)more * sizeof *shape);
    j->result = (PyArrayObject *)PyArray_SimpleNew(ndim + more, shape, NPY_INTP);
    return j->result ? 0 : -1;
}

static void run(job *j, char *memory)
{
    uint64_t mode = ll_enter_float_mode();
    size_t n = (size_t)j->x.n, size = (size_t)PyArray_ITEMSIZE(j->x.array);
    char *buffer = memory + ll_row_work((ll_dtype)j->x.dtype, n);
    ll_operand x, p[MAX_STEPS];
    ll_operand *operands[1 + MAX_STEPS] = {&x};
    ll_chain chain = {j->steps, (size_t)j->n_steps};
    ll_operand_of(&x, &j->batch, j->x.array, j->x.axis);
    for (int i = 0; i < j->n_steps; i++) {
        ll_operand_of(&p[i], &j->batch, j->parameters[i], 0);
        operands[1 + i] = &p[i];
    }
    for (npy_intp row = 0; row < j->batch.rows && j->bad_row < 0; row++) {
        ll_view view = ll_row(&x, j->x.array, j->x.axis);
        ll_draws draws = {j->uniforms + row * j->draws,
                          (int64_t *)PyArray_DATA(j->result) + row * j->draws, (size_t)j->draws};
        for (int i = 0; i < j->n_steps; i++) {
            memcpy(&j->steps[i].value[0], p[i].data, sizeof(double));
        }
        int status = j->kernels->rows[j->x.dtype].chain(ll_direct_row(&view, n, size, buffer), n,
                                                        &chain, &draws, memory);
        j->bad_row = status == LL_OK ? -1 : row;
        ll_batch_next(&j->batch, operands, 1 + j->n_steps);
    }
    ll_leave_float_mode(mode);
}

static int run_rows(job *j)
{
    ll_work work;
    size_t bytes = ll_row_work((ll_dtype)j->x.dtype, (size_t)j->x.n);
    if (!ll_rows_direct(j->x.array, j->x.axis)) {
        bytes += (size_t)(j->x.n * PyArray_ITEMSIZE(j->x.array));
    }
    if (ll_work_new(&work, bytes) < 0) {
        return -1;
    }
    if (j->batch.rows * j->x.n >= LONG) {
        Py_BEGIN_ALLOW_THREADS run(j, work.aligned);
        Py_END_ALLOW_THREADS
    } else {
        run(j, work.aligned);
    }
    ll_work_free(&work);
    if (j->bad_row >= 0) {
        PyErr_Format(PyExc_ValueError,
                     "sample() needs logits without NaN, one of them above -inf; row %zd of the "
                     "batch has a NaN or nothing but -inf",
                     (Py_ssize_t)j->bad_row);
        return -1;
    }
    return 0;
}

static const ll_signature SAMPLE = {
    "sample",
    1,
    1,
    N_ARGUMENTS,
    {"logits", "temperature", "top_k", "top_p", "min_p", "size", "axis", "rng"},
    "T",
    "temperature"};

PyObject *ll_sample(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *keywords)
{
    PyObject *values[LL_MAX_ARGUMENTS], *result = NULL;
    job j;
    j.kernels = ll_state_of(module)->kernels;
    j.n_steps = 0;
    j.uniforms = NULL;
    j.result = NULL;
    j.bad_row = -1;
    if (ll_parse(&SAMPLE, args, nargs, keywords, values) < 0) {
        return NULL;
    }
    if (ll_logits_from(&j.x, values[LOGITS], values[AXIS], 0, "sample") < 0) {
        goto done;
    }
    ll_batch_of(&j.batch, &j.x);
    if (steps_from(&j, values) < 0 || size_from(&j, values[SIZE]) < 0 || new_result(&j) < 0) {
        goto done;
    }
    j.uniforms = ll_uniforms(values[RNG], j.batch.rows * j.draws);
    if (j.uniforms && run_rows(&j) == 0) {
        ll_keep(j.result);
        result = j.size_ndim < 0 ? PyArray_Return(j.result)
                                 : (PyObject *)j.result; /* a scalar for one row */
    }
done:
    PyMem_Free(j.uniforms);
    ll_logits_clear(&j.x);
    for (int i = 0; i < j.n_steps; i++) {
        ll_release(j.parameters[i]);
    }
    ll_release(j.result);
    return result;
}
