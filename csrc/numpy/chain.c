/* logitlab._kernels.Chain: the steps of a sampler, compiled once; sample, probs and trace run them
 * over a batch in one call.
 *
 * What the steps mean, and whether their parameters are in range, is checked in logitlab.sampling;
 * here only what the kernels rely on is.
 */
#include "chain.h"

#include "kernels/float_mode.h"

typedef struct {
    PyObject_HEAD
    const ll_state *state; /* of the module, which the type keeps */
    ll_steps steps;
    PyObject *spec; /* owns the names */
} chain_object;

/* a float64 or int64 array of one dimension, contiguous; NULL without an error for None */
static int list_from(PyObject *value, int type, PyArrayObject **list)
{
    if (value == Py_None) {
        return 0;
    }
    *list = (PyArrayObject *)PyArray_FromAny(value, PyArray_DescrFromType(type), 1, 1,
                                             NPY_ARRAY_CARRAY_RO | NPY_ARRAY_NOTSWAPPED, NULL);
    return *list ? 0 : -1;
}

/* a number into the step, or an array beside it */
static int parameter_from(PyObject *value, double *number, PyArrayObject **array)
{
    if (PyFloat_CheckExact(value)) {
        *number = PyFloat_AsDouble(value);
        return 0;
    }
    *array = (PyArrayObject *)PyArray_FromAny(value, PyArray_DescrFromType(NPY_DOUBLE), 0, 0,
                                              NPY_ARRAY_CARRAY_RO | NPY_ARRAY_NOTSWAPPED, NULL);
    return *array ? 0 : -1;
}

/* the lengths of a step's sequences, every `stride`-th number, must fill its tokens */
static int check_lengths(const ll_step *step)
{
    size_t stride = ll_step_has(step, LL_LISTS_WITH_NUMBERS) ? 2 : 1;
    double sum = 0.0;
    for (size_t i = 0; i < step->n_numbers; i += stride) {
        if (!(step->numbers[i] >= 1.0)) {
            return -1;
        }
        sum += step->numbers[i];
    }
    return step->n_numbers % stride || (step->n_numbers && sum != (double)step->n_tokens) ? -1 : 0;
}

/* 0, 1, ..., n - 1 */
static PyArrayObject *numbered(size_t n)
{
    npy_intp shape = (npy_intp)n;
    PyArrayObject *array = (PyArrayObject *)PyArray_SimpleNew(1, &shape, NPY_DOUBLE);
    double *number = array ? PyArray_DATA(array) : NULL;
    for (size_t i = 0; number && i < n; i++) {
        number[i] = (double)i;
    }
    return array;
}

static int one_list_from(ll_step *step, PyObject *value, ll_list *list)
{
    PyObject *tokens, *numbers;
    if (!PyArg_ParseTuple(value, "OO", &tokens, &numbers) ||
        list_from(tokens, NPY_INT64, &list->owner[0]) < 0 ||
        list_from(numbers, NPY_DOUBLE, &list->owner[1]) < 0) {
        return -1;
    }
    if (list->owner[0]) {
        list->tokens = PyArray_DATA(list->owner[0]);
        list->n_tokens = (size_t)PyArray_SIZE(list->owner[0]);
    }
    if (list->owner[1]) {
        list->numbers = PyArray_DATA(list->owner[1]);
        list->n_numbers = (size_t)PyArray_SIZE(list->owner[1]);
    }
    ll_use_list(step, list);
    if (check_lengths(step) < 0) {
        PyErr_SetString(PyExc_ValueError, "the lengths of a step's sequences must fill its tokens");
        return -1;
    }
    return 0;
}

static int lists_from(ll_step *step, PyObject *values, ll_lists *lists)
{
    size_t n = (size_t)PyTuple_Size(values);
    lists->list = PyMem_Calloc(n ? n : 1, sizeof *lists->list);
    if (!lists->list) {
        PyErr_NoMemory();
        return -1;
    }
    lists->n = n;
    lists->which = n > 1 ? numbered(n) : NULL;
    if (n > 1 && !lists->which) {
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        PyObject *value = PyTuple_GetItem(values, (Py_ssize_t)i);
        if (!value || one_list_from(step, value, &lists->list[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

static void free_lists(ll_lists *lists)
{
    for (size_t i = 0; i < lists->n; i++) {
        ll_release(lists->list[i].owner[0]);
        ll_release(lists->list[i].owner[1]);
    }
    ll_release(lists->which);
    PyMem_Free(lists->list);
}

/* (name, ((parameter, value), ...), ((tokens or None, numbers or None), ...)) */
static int step_from(chain_object *self, int at, PyObject *spec)
{
    const char *name;
    PyObject *parameters, *lists;
    ll_step *step = self->steps.steps + at;
    if (!PyArg_ParseTuple(spec, "sO!O!", &name, &PyTuple_Type, &parameters, &PyTuple_Type,
                          &lists)) {
        return -1;
    }
    int kind = ll_step_kind_of(name);
    Py_ssize_t n = PyTuple_Size(parameters);
    if (kind < 0 || n != LL_STEP_COUNTS[kind]) {
        PyErr_Format(PyExc_ValueError, "no step '%s' with %zd parameters", name, n);
        return -1;
    }
    step->kind = (ll_step_kind)kind;
    self->steps.n_coins += ll_step_has(step, LL_COIN);
    for (int i = 0; i < n; i++) {
        PyObject *value;
        int to = at * LL_STEP_PARAMETERS + i;
        if (!PyArg_ParseTuple(PyTuple_GetItem(parameters, i), "sO", &self->steps.names[to],
                              &value) ||
            parameter_from(value, &step->value[i], &self->steps.parameters[to]) < 0) {
            return -1;
        }
    }
    return lists_from(step, lists, self->steps.lists + at);
}

static int steps_from(chain_object *self, PyObject *spec)
{
    Py_ssize_t n = PyTuple_Size(spec);
    if (n > LL_MAX_STEPS) {
        PyErr_Format(PyExc_ValueError, "a sampler has at most %d steps, got %zd", LL_MAX_STEPS, n);
        return -1;
    }
    size_t room = (size_t)(n ? n : 1), parameters = room * LL_STEP_PARAMETERS;
    self->steps.steps = PyMem_Calloc(room, sizeof *self->steps.steps);
    self->steps.parameters = PyMem_Calloc(parameters, sizeof *self->steps.parameters);
    self->steps.names = PyMem_Calloc(parameters, sizeof *self->steps.names);
    self->steps.lists = PyMem_Calloc(room, sizeof *self->steps.lists);
    if (!self->steps.steps || !self->steps.parameters || !self->steps.names || !self->steps.lists) {
        PyErr_NoMemory();
        return -1;
    }
    for (int i = 0; i < n; i++) {
        self->steps.n_steps = i + 1; /* what is cleared */
        if (step_from(self, i, PyTuple_GetItem(spec, i)) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyObject *new_chain(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    PyObject *spec, *module = PyType_GetModule(type);
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    if (!module || (keywords && PyDict_Size(keywords)) ||
        !PyArg_ParseTuple(args, "O!:Chain", &PyTuple_Type, &spec)) {
        return NULL;
    }
    chain_object *self = (chain_object *)allocate(type, 0);
    if (!self) {
        return NULL;
    }
    self->state = ll_state_of(module);
    self->spec = ll_keep(spec);
    if (steps_from(self, spec) < 0) {
        Py_DECREF((PyObject *)self);
        return NULL;
    }
    return (PyObject *)self;
}

static void free_chain(PyObject *object)
{
    chain_object *self = (chain_object *)object;
    PyTypeObject *type = Py_TYPE(object);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    for (int i = 0; i < self->steps.n_steps * LL_STEP_PARAMETERS; i++) {
        ll_release(self->steps.parameters[i]);
    }
    for (int i = 0; i < self->steps.n_steps; i++) {
        free_lists(&self->steps.lists[i]);
    }
    PyMem_Free(self->steps.steps);
    PyMem_Free(self->steps.parameters);
    PyMem_Free(self->steps.names);
    PyMem_Free(self->steps.lists);
    ll_release(self->spec);
    release(object);
    Py_DECREF((PyObject *)type);
}

/* Parameters that are arrays are written into the steps row by row, so every call has its own copy.
 */
typedef struct {
    ll_job job;
    ll_step steps[];
} call;

static call *call_new(const chain_object *self, const char *function)
{
    size_t bytes = (size_t)self->steps.n_steps * sizeof(ll_step);
    call *c = PyMem_Calloc(1, sizeof *c + bytes);
    if (!c) {
        PyErr_NoMemory();
        return NULL;
    }
    memcpy(c->steps, self->steps.steps, bytes);
    ll_job_start(&c->job, function, self->state->kernels);
    c->job.steps = self->steps;
    c->job.steps.steps = c->steps;
    return c;
}

static void call_free(call *c)
{
    if (c) {
        ll_job_clear(&c->job);
        PyMem_Free(c);
    }
}

enum { LOGITS, AXIS, HISTORY, OFFSETS, GENERATED, COMMON, FIRST = COMMON, SECOND, THIRD };
#define COMMON_NAMES "logits", "axis", "history", "offsets", "generated"

/* the logits, the parameters and the history of a call */
static call *call_from(PyObject *self, int function, const ll_signature *signature,
                       PyObject *const *args, Py_ssize_t nargs, PyObject *keywords,
                       PyObject **values)
{
    const ll_state *state = ((chain_object *)self)->state;
    if (ll_parse(signature, state->interned[function], args, nargs, keywords, values) < 0) {
        return NULL;
    }
    call *c = call_new((chain_object *)self, signature->function);
    if (!c) {
        return NULL;
    }
    ll_job *j = &c->job;
    if (ll_logits_from(&j->x, values[LOGITS], values[AXIS], 0, j->function) == 0) {
        ll_batch_of(&j->batch, &j->x);
        if (ll_job_join(j) == 0 &&
            ll_job_history(j, values[HISTORY], values[OFFSETS], values[GENERATED]) == 0) {
            return c;
        }
    }
    call_free(c);
    return NULL;
}

const ll_signature ll_chain_sample_signature = {
    "sample", 1, 1, COMMON + 3, {COMMON_NAMES, "size", "rng", "looks"}, 0};

static PyObject *chain_sample(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                              PyObject *keywords)
{
    PyObject *values[LL_MAX_ARGUMENTS], *result = NULL;
    call *c =
        call_from(self, LL_CHAIN_SAMPLE, &ll_chain_sample_signature, args, nargs, keywords, values);
    if (c) {
        result = ll_job_draw(&c->job, values[FIRST], values[SECOND], values[THIRD]);
    }
    call_free(c);
    return result;
}

/* An array of the batch's shape with one or two more dimensions; the dtype of the logits in native
 * order, or `type`. */
static PyArrayObject *rows_new(const ll_job *j, int type, int zeros, npy_intp last, npy_intp last2)
{
    npy_intp shape[NPY_MAXDIMS + 2];
    int ndim = j->batch.ndim;
    PyArray_Descr *descr = PyArray_DESCR(j->x.array);
    if (ndim > NPY_MAXDIMS - 2) {
        PyErr_Format(PyExc_ValueError, "the batch has too many dimensions: %d", ndim);
        return NULL;
    }
    memcpy(shape, j->batch.shape, (size_t)ndim * sizeof *shape);
    shape[ndim++] = last;
    if (last2) {
        shape[ndim++] = last2;
    }
    if (type >= 0) {
        descr = PyArray_DescrFromType(type);
    } else if (PyArray_ISBYTESWAPPED(j->x.array)) {
        descr = PyArray_DescrNewByteorder(descr, NPY_NATIVE);
    } else {
        ll_keep(descr);
    }
    PyObject *rows = !descr  ? NULL
                     : zeros ? PyArray_Zeros(ndim, shape, descr, 0)
                             : PyArray_Empty(ndim, shape, descr, 0);
    return (PyArrayObject *)rows;
}

static const ll_range COIN = {"coins", "in [0, 1]", 0.0, 1.0, 0};

/* the doubles that the steps with a coin get, the same for every row */
static int coins_from(ll_job *j, PyObject *value)
{
    PyArrayObject *coins = NULL;
    size_t n = (size_t)j->steps.n_coins;
    j->uniforms = PyMem_Calloc(n + 1, sizeof *j->uniforms);
    if (!j->uniforms) {
        PyErr_NoMemory();
        return -1;
    }
    if (value && value != Py_None) {
        PyArrayObject *given = ll_parameter(value, &COIN);
        int status = given ? list_from((PyObject *)given, NPY_DOUBLE, &coins) : -1;
        ll_release(given);
        if (status < 0) {
            return -1;
        }
    }
    if (coins && (size_t)PyArray_SIZE(coins) != n) {
        PyErr_Format(PyExc_ValueError, "coins must be %zd doubles, got %zd", (Py_ssize_t)n,
                     (Py_ssize_t)PyArray_SIZE(coins));
        ll_release(coins);
        return -1;
    }
    if (coins) {
        memcpy(j->uniforms, PyArray_DATA(coins), n * sizeof *j->uniforms);
    }
    ll_release(coins);
    return 0;
}

static int probs_of_row(ll_job *j, npy_intp row, const char *x, ll_chain *chain, char *work)
{
    char *y = PyArray_BYTES(j->result) + row * j->x.n * PyArray_ITEMSIZE(j->result);
    chain->coins = j->uniforms;
    return j->kernels->rows[j->x.dtype]->probs(x, (size_t)j->x.n, chain, y, work);
}

const ll_signature ll_chain_probs_signature = {"probs", 1, 1, COMMON + 1, {COMMON_NAMES, "coins"},
                                               0};

static PyObject *chain_probs(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                             PyObject *keywords)
{
    PyObject *values[LL_MAX_ARGUMENTS], *result = NULL;
    call *c =
        call_from(self, LL_CHAIN_PROBS, &ll_chain_probs_signature, args, nargs, keywords, values);
    if (c && coins_from(&c->job, values[FIRST]) == 0) {
        c->job.result = rows_new(&c->job, -1, 1, c->job.x.n, 0);
        if (c->job.result && ll_job_run(&c->job, probs_of_row, 0) == 0) {
            result = ll_keep(c->job.result);
        }
    }
    call_free(c);
    return result;
}

enum { RECORDS, REMOVED, MARGIN, BEFORE, AFTER, N_TRACED };
enum { RECORD_NUMBERS = sizeof(ll_record) / sizeof(double) };

static int trace_row(ll_job *j, npy_intp row, const char *x, ll_chain *chain, char *work)
{
    PyArrayObject **traced = j->more;
    size_t n = (size_t)j->x.n, real = j->x.dtype == LL_F64 ? 8 : 4, records = chain->n_steps + 1;
    size_t size = (size_t)PyArray_ITEMSIZE(traced[AFTER]), at = (size_t)row * n;
    size_t before = ll_row_work((ll_dtype)j->x.dtype, n);
    before = (before > LL_ROW_WORK ? before : LL_ROW_WORK) + 63;
    ll_trace trace = {.records = (ll_record *)PyArray_DATA(traced[RECORDS]) + (size_t)row * records,
                      .removed = (int8_t *)PyArray_DATA(traced[REMOVED]) + at,
                      .margin = PyArray_BYTES(traced[MARGIN]) + at * real,
                      .after = PyArray_BYTES(traced[AFTER]) + at * size,
                      .room = work + (before & ~(size_t)63)};
    ll_view from = {(char *)(uintptr_t)x, (ptrdiff_t)size, 1, 0}, to = from;
    to.data = PyArray_BYTES(traced[BEFORE]) + at * size;
    chain->coins = j->uniforms;
    int status = j->kernels->rows[j->x.dtype]->trace(x, n, chain, &trace, work);
    if (status == LL_OK) {
        j->kernels->rows[j->x.dtype]->softargmax(&from, &to, n, 1.0, work);
    }
    return status;
}

static int traced_new(const ll_job *j, PyArrayObject **traced)
{
    npy_intp n = j->x.n;
    traced[RECORDS] = rows_new(j, NPY_DOUBLE, 0, j->steps.n_steps + 1, RECORD_NUMBERS);
    traced[REMOVED] = rows_new(j, NPY_INT8, 0, n, 0);
    traced[MARGIN] = rows_new(j, j->x.dtype == LL_F64 ? NPY_DOUBLE : NPY_FLOAT, 0, n, 0);
    traced[BEFORE] = rows_new(j, -1, 0, n, 0);
    traced[AFTER] = rows_new(j, -1, 1, n, 0);
    for (int i = 0; i < N_TRACED; i++) {
        if (!traced[i]) {
            return -1;
        }
    }
    return 0;
}

const ll_signature ll_chain_trace_signature = {"trace", 1, 1, COMMON + 1, {COMMON_NAMES, "coins"},
                                               0};

static PyObject *chain_trace(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                             PyObject *keywords)
{
    PyObject *values[LL_MAX_ARGUMENTS], *result = NULL;
    PyArrayObject *traced[N_TRACED] = {NULL};
    call *c =
        call_from(self, LL_CHAIN_TRACE, &ll_chain_trace_signature, args, nargs, keywords, values);
    if (c && coins_from(&c->job, values[FIRST]) == 0 && traced_new(&c->job, traced) == 0) {
        size_t n = (size_t)c->job.x.n;
        c->job.more = traced;
        if (ll_job_run(&c->job, trace_row, LL_ROW_WORK + 64 + n * 12) == 0) {
            result = Py_BuildValue("OOOOO", traced[0], traced[1], traced[2], traced[3], traced[4]);
        }
    }
    for (int i = 0; i < N_TRACED; i++) {
        ll_release(traced[i]);
    }
    call_free(c);
    return result;
}

#define METHOD(name)                                                                               \
    {#name, (PyCFunction)(void (*)(void))chain_##name, METH_FASTCALL | METH_KEYWORDS,              \
     chain_##name##_doc}

static const char chain_sample_doc[] = "Draw tokens: what Sampler.sample calls.",
                  chain_probs_doc[] = "The distribution drawn from: what Sampler.probs calls.",
                  chain_trace_doc[] = "(records, removed, margin, before, after) of each row: what "
                                      "Sampler.trace calls.";

static PyMethodDef methods[] = {
    METHOD(sample),
    METHOD(probs),
    METHOD(trace),
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_new, (void *)new_chain},
    {Py_tp_dealloc, (void *)free_chain},
    {Py_tp_methods, methods},
    {Py_tp_doc, (void *)"The steps of a sampler, compiled; see logitlab.Sampler."},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "logitlab._kernels.Chain",
    .basicsize = sizeof(chain_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};

int ll_add_chain_type(PyObject *module)
{
    PyObject *type = PyType_FromModuleAndSpec(module, &spec, NULL);
    int status = type ? PyModule_AddType(module, (PyTypeObject *)type) : -1;
    Py_XDECREF(type);
    return status;
}
