/* logitlab._kernels.Chain: the steps of a sampler, compiled once; sample, probs and trace run them
 * over a batch in one call.
 *
 * What the steps mean, and whether their parameters are in range, is checked in logitlab.sampling;
 * here only what the kernels rely on is checked.
 */
#include "call.h"

typedef struct {
    PyObject_HEAD
    ll_state *state; /* of the module, which the type keeps */
    ll_steps steps;
    PyObject *spec; /* owns the names */
} chain_object;

/* stores a number in the step, or keeps an array for it */
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
        ll_list_from(tokens, NPY_INT64, &list->owner[0]) < 0 ||
        ll_list_from(numbers, NPY_DOUBLE, &list->owner[1]) < 0) {
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

enum { LOGITS, AXIS, HISTORY, OFFSETS, GENERATED, WORKERS, COMMON };
enum { SIZE = COMMON, RNG, LOOKS };
enum { COINS = COMMON };
#define COMMON_NAMES "logits", "axis", "history", "offsets", "generated", "workers"

static int parse(PyObject *self, int function, const ll_signature *signature, PyObject *const *args,
                 Py_ssize_t nargs, PyObject *keywords, PyObject **values)
{
    const ll_state *state = ((chain_object *)self)->state;
    return ll_parse(signature, state->interned[function], args, nargs, keywords, values);
}

/* the logits, the steps and the history of a call; clear it in any case */
static int begin(ll_call *c, PyObject *self, const ll_signature *signature, PyObject **values)
{
    const chain_object *chain = (chain_object *)self;
    if (ll_call_begin(c, signature->function, chain->state->kernels, values[LOGITS], values[AXIS]) <
            0 ||
        ll_workers_from(chain->state, values[WORKERS], &c->workers) < 0 ||
        ll_call_set_steps(c, &chain->steps) < 0) {
        return -1;
    }
    return ll_call_parse_history(c, values[HISTORY], values[OFFSETS], values[GENERATED]);
}

const ll_signature ll_chain_sample_signature = {
    "sample", 1, 1, COMMON + 3, {COMMON_NAMES, "size", "rng", "looks"}};

static PyObject *chain_sample(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                              PyObject *keywords)
{
    const ll_signature *signature = &ll_chain_sample_signature;
    PyObject *values[LL_MAX_ARGUMENTS], *result = NULL;
    ll_call c;
    if (parse(self, LL_CHAIN_SAMPLE, signature, args, nargs, keywords, values) < 0) {
        return NULL;
    }
    if (begin(&c, self, signature, values) == 0) {
        result = ll_call_draw(&c, values[SIZE], values[RNG], values[LOOKS]);
    }
    ll_call_clear(&c);
    return result;
}

/* An array of the batch's shape with one or two more dimensions; the dtype of the logits in native
 * order, or `type`. */
static PyArrayObject *new_rows(const ll_call *c, int type, int zeros, npy_intp last, npy_intp last2)
{
    npy_intp shape[NPY_MAXDIMS + 2];
    int ndim = c->batch.ndim;
    if (ndim > NPY_MAXDIMS - 2) {
        PyErr_Format(PyExc_ValueError, "the batch has too many dimensions: %d", ndim);
        return NULL;
    }
    memcpy(shape, c->batch.shape, (size_t)ndim * sizeof *shape);
    shape[ndim++] = last;
    if (last2) {
        shape[ndim++] = last2;
    }
    return ll_result_new(&c->x, type, ndim, shape, zeros);
}

static const ll_range COIN = {"coins", 0.0, 1.0, 0, 0};

/* the doubles for the steps with a coin, the same for every row */
static int parse_coins(ll_call *c, PyObject *value)
{
    PyArrayObject *coins = NULL;
    size_t n = (size_t)c->steps->n_coins;
    c->uniforms = PyMem_Calloc(n + 1, sizeof *c->uniforms);
    if (!c->uniforms) {
        PyErr_NoMemory();
        return -1;
    }
    if (value && value != Py_None) {
        PyArrayObject *given = ll_parameter(value, &COIN);
        int status = given ? ll_list_from((PyObject *)given, NPY_DOUBLE, &coins) : -1;
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
        memcpy(c->uniforms, PyArray_DATA(coins), n * sizeof *c->uniforms);
    }
    ll_release(coins);
    return 0;
}

static int probs_of_row(const ll_call *c, const ll_row *row, ll_chain *chain)
{
    char *y = PyArray_BYTES(c->result) + row->index * c->x.n * PyArray_ITEMSIZE(c->result);
    chain->coins = c->uniforms;
    return c->kernels->rows[c->x.dtype]->probs(row->x.data, (size_t)c->x.n, chain, y, row->work);
}

const ll_signature ll_chain_probs_signature = {"probs", 1, 1, COMMON + 1, {COMMON_NAMES, "coins"}};

static PyObject *chain_probs(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                             PyObject *keywords)
{
    const ll_signature *signature = &ll_chain_probs_signature;
    PyObject *values[LL_MAX_ARGUMENTS], *result = NULL;
    ll_call c;
    if (parse(self, LL_CHAIN_PROBS, signature, args, nargs, keywords, values) < 0) {
        return NULL;
    }
    if (begin(&c, self, signature, values) == 0 && parse_coins(&c, values[COINS]) == 0) {
        c.result = new_rows(&c, -1, 1, c.x.n, 0);
        if (c.result && ll_call_run(&c, probs_of_row, 0) == 0) {
            result = ll_keep(c.result);
        }
    }
    ll_call_clear(&c);
    return result;
}

enum { RECORDS, REMOVED, MARGIN, BEFORE, AFTER, N_TRACED };
enum { RECORD_NUMBERS = sizeof(ll_record) / sizeof(double) };

static size_t real_size(const ll_call *c)
{
    return c->x.dtype == LL_F64 ? sizeof(double) : sizeof(float);
}

static int trace_row(const ll_call *c, const ll_row *row, ll_chain *chain)
{
    PyArrayObject *const *traced = c->traced;
    const ll_row_kernels *kernels = c->kernels->rows[c->x.dtype];
    size_t n = (size_t)c->x.n, at = (size_t)row->index * n, records = chain->n_steps + 1;
    size_t size = (size_t)PyArray_ITEMSIZE(traced[AFTER]);
    ll_trace trace = {.records =
                          (ll_record *)PyArray_DATA(traced[RECORDS]) + (size_t)row->index * records,
                      .removed = (int8_t *)PyArray_DATA(traced[REMOVED]) + at,
                      .margin = PyArray_BYTES(traced[MARGIN]) + at * real_size(c),
                      .after = PyArray_BYTES(traced[AFTER]) + at * size,
                      .room = row->work + c->trace_room};
    ll_view to = row->x;
    to.data = PyArray_BYTES(traced[BEFORE]) + at * size;
    chain->coins = c->uniforms;
    int status = kernels->trace(row->x.data, n, chain, &trace, row->work);
    if (status == LL_OK) {
        kernels->softargmax(&row->x, &to, n, 1.0, row->work);
    }
    return status;
}

static int new_traced(const ll_call *c, PyArrayObject **traced)
{
    npy_intp n = c->x.n;
    traced[RECORDS] = new_rows(c, NPY_DOUBLE, 0, c->steps->n_steps + 1, RECORD_NUMBERS);
    traced[REMOVED] = new_rows(c, NPY_INT8, 0, n, 0);
    traced[MARGIN] = new_rows(c, c->x.dtype == LL_F64 ? NPY_DOUBLE : NPY_FLOAT, 0, n, 0);
    traced[BEFORE] = new_rows(c, -1, 0, n, 0);
    traced[AFTER] = new_rows(c, -1, 1, n, 0);
    for (int i = 0; i < N_TRACED; i++) {
        if (!traced[i]) {
            return -1;
        }
    }
    return 0;
}

const ll_signature ll_chain_trace_signature = {"trace", 1, 1, COMMON + 1, {COMMON_NAMES, "coins"}};

static PyObject *chain_trace(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                             PyObject *keywords)
{
    const ll_signature *signature = &ll_chain_trace_signature;
    PyObject *values[LL_MAX_ARGUMENTS], *result = NULL;
    PyArrayObject *traced[N_TRACED] = {NULL};
    ll_call c;
    if (parse(self, LL_CHAIN_TRACE, signature, args, nargs, keywords, values) < 0) {
        return NULL;
    }
    if (begin(&c, self, signature, values) == 0 && parse_coins(&c, values[COINS]) == 0 &&
        new_traced(&c, traced) == 0) {
        c.traced = traced;
        if (ll_call_run(&c, trace_row, (size_t)c.x.n * (real_size(&c) + sizeof(uint32_t))) == 0) {
            result = Py_BuildValue("OOOOO", traced[0], traced[1], traced[2], traced[3], traced[4]);
        }
    }
    for (int i = 0; i < N_TRACED; i++) {
        ll_release(traced[i]);
    }
    ll_call_clear(&c);
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
