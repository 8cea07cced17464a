/* The type logitlab._kernels.Session: the built-in model's forward pass over one sequence of
 * tokens.
 *
 * The weights are a read-only buffer, in practice a mapped file, in the layout of model/model.h.
 * What the shape and the offsets say is checked against the buffer's length here, once, so that the
 * pass itself checks nothing. A session is used by one call at a time; any number of sessions share
 * the weights and run side by side, each with the GIL released and with workers of its own.
 */
#include "api.h"
#include "model/model.h"

#include "threads.h"

typedef struct {
    PyObject_HEAD
    Py_buffer weights;
    void *memory; /* of the session */
    ll_network *network;
    const ll_model *model;
    atomic_flag busy;
} session_object;

enum { MOST = 1 << 20 }; /* of every number of the shape, so that products of two fit */

static int check_shape(const ll_shape *s)
{
    const size_t counts[] = {s->width, s->heads,  s->kv_heads,   s->head,
                             s->inner, s->layers, s->vocabulary, s->capacity};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        if (counts[i] == 0 || counts[i] > MOST) {
            PyErr_Format(PyExc_ValueError, "the sizes of a model must be from 1 to %d, got %zu",
                         MOST, counts[i]);
            return -1;
        }
    }
    if (s->layers > LL_MAX_LAYERS || s->width != s->heads * s->head || s->heads % s->kv_heads ||
        s->head % 16 || s->width % LL_QUANTS || s->inner % LL_QUANTS || s->capacity % 16) {
        PyErr_Format(PyExc_ValueError,
                     "a model must have at most %d layers, heads of a multiple of 16 that fill the "
                     "width, and widths of multiples of %d",
                     LL_MAX_LAYERS, LL_QUANTS);
        return -1;
    }
    if (!(s->epsilon >= 0.0f && s->epsilon <= 1.0f) || !(s->base >= 1.0 && s->base <= 1e12)) {
        PyErr_SetString(PyExc_ValueError, "epsilon must be in [0, 1] and base in [1, 1e12]");
        return -1;
    }
    return 0;
}

static int shape_from(ll_shape *shape, PyObject *numbers)
{
    Py_ssize_t width, heads, kv_heads, inner, layers, vocabulary, capacity;
    double epsilon;
    if (!PyArg_ParseTuple(numbers, "nnnnnnndd:Session", &width, &heads, &kv_heads, &inner, &layers,
                          &vocabulary, &capacity, &epsilon, &shape->base)) {
        return -1;
    }
    shape->width = (size_t)width;
    shape->heads = (size_t)heads;
    shape->kv_heads = (size_t)kv_heads;
    shape->head = heads > 0 ? shape->width / shape->heads : 0;
    shape->inner = (size_t)inner;
    shape->layers = (size_t)layers;
    shape->vocabulary = (size_t)vocabulary;
    shape->capacity = (size_t)capacity;
    shape->epsilon = (float)epsilon;
    return check_shape(shape);
}

/* a part of the weights; NULL with ValueError where it does not lie inside them */
static const void *part_of(const Py_buffer *weights, Py_ssize_t offset, size_t bytes)
{
    size_t length = (size_t)weights->len;
    if (offset < 0 || offset % 64 || (size_t)offset > length || bytes > length - (size_t)offset) {
        PyErr_Format(
            PyExc_ValueError,
            "a tensor of %zu bytes at %zd does not lie in weights of %zu bytes, aligned to "
            "64",
            bytes, offset, length);
        return NULL;
    }
    return (const char *)weights->buf + offset;
}

/* The offsets of the tensors, read one after the other. */
typedef struct {
    const Py_buffer *weights;
    PyObject *tensors;
    Py_ssize_t next;
} reader;

/* (packing, offset of the values, offset of the scales) */
static int read_entry(reader *r, int *packing, Py_ssize_t *values, Py_ssize_t *scales)
{
    PyObject *entry = PyTuple_GetItem(r->tensors, r->next++);
    return entry && PyArg_ParseTuple(entry, "inn:Session", packing, values, scales) ? 0 : -1;
}

static const float *read_vector(reader *r, size_t n)
{
    int packing;
    Py_ssize_t values, scales;
    if (read_entry(r, &packing, &values, &scales) < 0) {
        return NULL;
    }
    return part_of(r->weights, values, n * sizeof(float));
}

static int read_matrix(reader *r, ll_matrix *m, size_t rows, size_t columns)
{
    int packing;
    Py_ssize_t values, scales;
    if (read_entry(r, &packing, &values, &scales) < 0) {
        return -1;
    }
    if (packing < 0 || packing >= LL_PACKINGS) {
        PyErr_Format(PyExc_ValueError, "a tensor's packing must be 0 to %d, got %d",
                     LL_PACKINGS - 1, packing);
        return -1;
    }
    *m = (ll_matrix){.packing = (ll_packing)packing, .rows = rows, .columns = columns};
    m->values = part_of(r->weights, values, ll_matrix_bytes(m));
    m->scales = part_of(r->weights, scales, ll_scale_bytes(m));
    return m->values && m->scales ? 0 : -1;
}

static int read_layer(reader *r, ll_layer *layer, const ll_shape *s)
{
    const size_t shared = s->kv_heads * s->head;
    int fine = (layer->attention_norm = read_vector(r, s->width)) != NULL &&
               read_matrix(r, &layer->query, s->width, s->width) == 0 &&
               read_matrix(r, &layer->key, shared, s->width) == 0 &&
               read_matrix(r, &layer->value, shared, s->width) == 0 &&
               read_matrix(r, &layer->attention_out, s->width, s->width) == 0 &&
               (layer->feed_norm = read_vector(r, s->width)) != NULL &&
               read_matrix(r, &layer->gate, s->inner, s->width) == 0 &&
               read_matrix(r, &layer->up, s->inner, s->width) == 0 &&
               read_matrix(r, &layer->down, s->width, s->inner) == 0;
    return fine ? 0 : -1;
}

static int read_network(session_object *self, PyObject *tensors)
{
    enum { PER_LAYER = 9, OTHERS = 2 };
    ll_network *network = self->network;
    const ll_shape *shape = &network->shape;
    reader r = {&self->weights, tensors, 0};
    Py_ssize_t needed = OTHERS + (Py_ssize_t)shape->layers * PER_LAYER;
    if (PyTuple_Size(tensors) != needed) {
        PyErr_Format(PyExc_ValueError, "%zu layers need %zd tensors, got %zd", shape->layers,
                     needed, PyTuple_Size(tensors));
        return -1;
    }
    network->output_norm = read_vector(&r, shape->width);
    if (!network->output_norm ||
        read_matrix(&r, &network->embedding, shape->vocabulary, shape->width) < 0) {
        return -1;
    }
    for (size_t i = 0; i < shape->layers; i++) {
        if (read_layer(&r, &network->layers[i], shape) < 0) {
            return -1;
        }
    }
    return 0;
}

static int open_memory(session_object *self)
{
    const ll_shape *shape = &self->network->shape;
    size_t bytes = ll_session_bytes(shape);
    if (bytes && bytes < PY_SSIZE_T_MAX - 64) {
        self->memory = PyMem_Calloc(1, bytes + 64);
    }
    if (!self->memory) {
        PyErr_NoMemory();
        return -1;
    }
    void *aligned = (void *)ll_align64((uintptr_t)self->memory);
    ll_session_open(&self->network->session, shape, aligned);
    self->model->fill_rotary_tables(&self->network->session, shape);
    return 0;
}

static int fill_session(session_object *self, const ll_state *state, PyObject *args)
{
    PyObject *weights, *shape, *tensors;
    if (!PyArg_ParseTuple(args, "OO!O!:Session", &weights, &PyTuple_Type, &shape, &PyTuple_Type,
                          &tensors) ||
        PyObject_GetBuffer(weights, &self->weights, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    self->network = PyMem_Calloc(1, sizeof *self->network);
    if (!self->network) {
        PyErr_NoMemory();
        return -1;
    }
    self->model = state->model;
    self->network->share = ll_share_out;
    self->network->softargmax = state->kernels->rows[LL_F32]->softargmax;
    if (shape_from(&self->network->shape, shape) < 0 || read_network(self, tensors) < 0) {
        return -1;
    }
    return open_memory(self);
}

static PyObject *new_session(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    PyObject *module = PyType_GetModule(type);
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    if (!module || (keywords && PyDict_Size(keywords))) {
        return NULL;
    }
    session_object *self = (session_object *)allocate(type, 0);
    if (self) {
        atomic_flag_clear(&self->busy);
        if (fill_session(self, ll_state_of(module), args) < 0) {
            Py_CLEAR(self);
        }
    }
    return (PyObject *)self;
}

static void free_session(PyObject *object)
{
    session_object *self = (session_object *)object;
    PyTypeObject *type = Py_TYPE(object);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    PyMem_Free(self->memory);
    PyMem_Free(self->network);
    if (self->weights.obj) {
        PyBuffer_Release(&self->weights);
    }
    release(object);
    Py_DECREF((PyObject *)type);
}

/* the token ids, checked; -1 with an error */
static int tokens_from(int32_t *tokens, PyObject *list, const ll_shape *shape)
{
    Py_ssize_t count = PyList_Size(list);
    if (count < 1 || count > LL_TOKENS) {
        PyErr_Format(PyExc_ValueError, "a call must have 1 to %d tokens, got %zd", LL_TOKENS,
                     count);
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        long token = PyLong_AsLong(PyList_GetItem(list, i));
        if (token == -1 && PyErr_Occurred()) {
            return -1;
        }
        if (token < 0 || (size_t)token >= shape->vocabulary) {
            PyErr_Format(PyExc_ValueError, "a token must be from 0 to %zu, got %ld",
                         shape->vocabulary - 1, token);
            return -1;
        }
        tokens[i] = (int32_t)token;
    }
    return (int)count;
}

/* a writable buffer of exactly the vocabulary's floats; None is no buffer */
static int logits_from(Py_buffer *logits, PyObject *object, const ll_shape *shape)
{
    if (object == Py_None) {
        return 0;
    }
    if (PyObject_GetBuffer(object, logits, PyBUF_WRITABLE | PyBUF_FORMAT | PyBUF_ND) < 0) {
        return -1;
    }
    int floats = logits->format && strcmp(logits->format, "f") == 0;
    if (!floats || (size_t)logits->len != shape->vocabulary * sizeof(float)) {
        PyErr_Format(PyExc_ValueError, "logits must be a float32 array of %zu", shape->vocabulary);
        PyBuffer_Release(logits);
        return -1;
    }
    return 0;
}

static int run_session(session_object *self, const int32_t *tokens, size_t count, Py_ssize_t start,
                       float *logits, size_t workers)
{
    const ll_shape *shape = &self->network->shape;
    if (start < 0 || (size_t)start > shape->capacity || count > shape->capacity - (size_t)start) {
        PyErr_Format(PyExc_ValueError, "%zu tokens from position %zd do not fit a session of %zu",
                     count, start, shape->capacity);
        return -1;
    }
    if (atomic_flag_test_and_set(&self->busy)) {
        PyErr_SetString(PyExc_RuntimeError, "a session runs one call at a time");
        return -1;
    }
    self->network->workers = workers;
    Py_BEGIN_ALLOW_THREADS self->model->forward(self->network, tokens, count, (size_t)start,
                                                logits);
    Py_END_ALLOW_THREADS atomic_flag_clear(&self->busy);
    return 0;
}

static PyObject *session_forward(PyObject *object, PyObject *args)
{
    session_object *self = (session_object *)object;
    PyObject *list, *out, *wanted = NULL, *result = NULL;
    size_t workers;
    Py_ssize_t start;
    Py_buffer logits = {0};
    int32_t tokens[LL_TOKENS];
    ll_state *state = ll_state_of(PyType_GetModule(Py_TYPE(object)));
    if (!PyArg_ParseTuple(args, "O!nO|O:forward", &PyList_Type, &list, &start, &out, &wanted) ||
        ll_workers_from(state, wanted, &workers) < 0) {
        return NULL;
    }
    int count = tokens_from(tokens, list, &self->network->shape);
    if (count > 0 && logits_from(&logits, out, &self->network->shape) == 0 &&
        run_session(self, tokens, (size_t)count, start, logits.buf, workers) == 0) {
        result = ll_keep(Py_None);
    }
    if (logits.obj) {
        PyBuffer_Release(&logits);
    }
    return result;
}

static PyMethodDef methods[] = {
    {"forward", session_forward, METH_VARARGS,
     "forward($self, tokens, start, logits, workers=None, /)\n--\n\n"
     "Run tokens that follow the first `start`; write the logits after the last one."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_new, (void *)new_session},
    {Py_tp_dealloc, (void *)free_session},
    {Py_tp_methods, methods},
    {Py_tp_doc, (void *)"One sequence of tokens of the built-in model; see logitlab.llms.BuiltIn."},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "logitlab._kernels.Session",
    .basicsize = sizeof(session_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};

int ll_add_session_type(PyObject *module)
{
    PyObject *type = PyType_FromModuleAndSpec(module, &spec, NULL);
    int status = type ? PyModule_AddType(module, (PyTypeObject *)type) : -1;
    Py_XDECREF(type);
    return status;
}
