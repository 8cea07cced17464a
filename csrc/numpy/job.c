/* One call of a chain over a batch: parameters and histories that broadcast per row, the walk over
 * the rows, and what is said where nothing is left. */
#include "chain.h"

#include "kernels/float_mode.h"

enum { LONG = 4096 }; /* logits from which on the GIL is released */

void ll_use_list(ll_step *step, const ll_list *list)
{
    step->tokens = list->tokens;
    step->n_tokens = list->n_tokens;
    step->numbers = list->numbers;
    step->n_numbers = list->n_numbers;
}

/* field by field: the arrays of dimensions need no zeros */
void ll_job_start(ll_job *j, const char *function, const ll_kernels *kernels)
{
    j->function = function;
    j->kernels = kernels;
    j->history = j->offsets = j->generated = j->result = j->seen = NULL;
    j->longest = 0;
    j->uniforms = NULL;
    j->looks = NULL;
    j->n_looks = 0;
    j->more = NULL;
    j->bad_row = -1;
    j->status = LL_OK;
}

int ll_job_join(ll_job *j)
{
    for (int i = 0; i < j->steps.n_steps * LL_STEP_PARAMETERS; i++) {
        PyArrayObject *parameter = j->steps.parameters[i];
        if (parameter && ll_batch_join(&j->batch, parameter, j->steps.names[i]) < 0) {
            return -1;
        }
    }
    for (int i = 0; j->steps.lists && i < j->steps.n_steps; i++) {
        PyArrayObject *which = j->steps.lists[i].which;
        if (which && ll_batch_join(&j->batch, which, ll_step_name(&j->steps.steps[i])) < 0) {
            return -1;
        }
    }
    ll_batch_count(&j->batch);
    return 0;
}

static int add_dimension(ll_job *j, PyObject *value)
{
    if (ll_no_mask(value, "size") < 0) {
        return -1;
    }
    Py_ssize_t n = PyBool_Check(value) ? -1 : PyNumber_AsSsize_t(value, PyExc_OverflowError);
    if (PyErr_Occurred() || n < 0 || j->size_ndim >= NPY_MAXDIMS - j->batch.ndim) {
        ll_got(PyExc_ValueError, value, "size must be an integer >= 0 or a tuple of them");
        return -1;
    }
    j->size[j->size_ndim++] = n;
    j->draws *= n;
    return 0;
}

static int size_from(ll_job *j, PyObject *value)
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

/* every token of an array must be one of the row's */
static int check_tokens(const int64_t *token, size_t count, npy_intp n, const char *what)
{
    for (size_t i = 0; i < count; i++) {
        if (token[i] < 0 || token[i] >= n) {
            PyErr_Format(PyExc_ValueError, "%s must be token ids in [0, %zd), got %lld", what,
                         (Py_ssize_t)n, (long long)token[i]);
            return -1;
        }
    }
    return 0;
}

static int check_step_tokens(const ll_job *j)
{
    char what[100];
    for (int i = 0; j->steps.lists && i < j->steps.n_steps; i++) {
        const ll_lists *lists = &j->steps.lists[i];
        for (size_t row = 0; row < lists->n; row++) {
            PyOS_snprintf(what, sizeof what, lists->n > 1 ? "%s of row %zu" : "%s",
                          ll_step_name(&j->steps.steps[i]), row);
            const ll_list *list = &lists->list[row];
            if (check_tokens(list->tokens, list->n_tokens, j->x.n, what) < 0) {
                return -1;
            }
        }
    }
    return 0;
}

/* an argument as a one-dimensional array of int64, or NULL where it is None */
static int integers_from(PyObject *value, PyArrayObject **array)
{
    if (!value || value == Py_None) {
        return 0;
    }
    *array = (PyArrayObject *)PyArray_FromAny(value, PyArray_DescrFromType(NPY_INT64), 1, 1,
                                              NPY_ARRAY_CARRAY_RO | NPY_ARRAY_NOTSWAPPED, NULL);
    return *array ? 0 : -1;
}

static int check_offsets(ll_job *j)
{
    npy_intp rows = PyArray_SIZE(j->offsets) - 1, end = PyArray_SIZE(j->history);
    const int64_t *at = PyArray_DATA(j->offsets);
    if (rows != 1 && rows != j->batch.rows) {
        PyErr_Format(PyExc_ValueError, "history must be one for all rows or %zd of them, got %zd",
                     (Py_ssize_t)j->batch.rows, (Py_ssize_t)rows);
        return -1;
    }
    for (npy_intp i = 0; i < rows; i++) {
        if (at[i] < 0 || at[i + 1] < at[i] || at[i + 1] > end) {
            PyErr_SetString(PyExc_ValueError, "history offsets must ascend within the history");
            return -1;
        }
        size_t length = (size_t)(at[i + 1] - at[i]);
        j->longest = length > j->longest ? length : j->longest;
    }
    return 0;
}

int ll_job_history(ll_job *j, PyObject *history, PyObject *offsets, PyObject *generated)
{
    if (integers_from(history, &j->history) < 0 || integers_from(offsets, &j->offsets) < 0 ||
        integers_from(generated, &j->generated) < 0) {
        return -1;
    }
    if (j->history) {
        j->longest = j->offsets ? 0 : (size_t)PyArray_SIZE(j->history);
        if (j->offsets && check_offsets(j) < 0) {
            return -1;
        }
        if (check_tokens(PyArray_DATA(j->history), (size_t)PyArray_SIZE(j->history), j->x.n,
                         "history") < 0) {
            return -1;
        }
    }
    if (j->generated && PyArray_SIZE(j->generated) != 1 &&
        PyArray_SIZE(j->generated) != j->batch.rows) {
        PyErr_Format(PyExc_ValueError, "generated must be one number or %zd of them, got %zd",
                     (Py_ssize_t)j->batch.rows, (Py_ssize_t)PyArray_SIZE(j->generated));
        return -1;
    }
    return 0;
}

static void history_of(const ll_job *j, npy_intp row, ll_chain *chain)
{
    if (j->history) {
        const int64_t *at = j->offsets ? PyArray_DATA(j->offsets) : NULL;
        row = at && PyArray_SIZE(j->offsets) > 2 ? row : 0;
        chain->history = (const int64_t *)PyArray_DATA(j->history) + (at ? at[row] : 0);
        chain->n_history = at ? (size_t)(at[row + 1] - at[row]) : j->longest;
    }
    chain->n_generated = chain->n_history;
}

static void generated_of(const ll_job *j, npy_intp row, ll_chain *chain)
{
    const int64_t *generated = j->generated ? PyArray_DATA(j->generated) : NULL;
    if (generated) {
        int64_t n = generated[PyArray_SIZE(j->generated) > 1 ? row : 0];
        chain->n_generated = n < 0 ? 0 : (size_t)n;
        if (chain->n_generated > chain->n_history && j->history) {
            chain->n_generated = chain->n_history;
        }
    }
}

/* a step's parameter that is an array: where it is read, and where its value goes; or the number of
 * the list that the step has for a row */
typedef struct {
    ll_operand operand;
    double *to;
    ll_step *step; /* NULL for a parameter */
    const ll_list *list;
} moving;

enum { FEW = 8 };

/* the row and the parameters that are arrays; few of them need no memory */
typedef struct {
    ll_operand row;
    moving few[FEW], *parameters;
    ll_operand *few_operands[FEW + 1], **operands;
    int n;
} walk;

/* an array, or NULL for what is the same in every row */
static void add_moving(walk *w, const ll_job *j, PyArrayObject *array, moving m)
{
    if (array) {
        moving *at = &w->parameters[w->n++];
        *at = m;
        ll_operand_of(&at->operand, &j->batch, array, 0);
        w->operands[w->n] = &at->operand;
    }
}

static int walk_new(walk *w, const ll_job *j)
{
    int n = 0, all = j->steps.n_steps * LL_STEP_PARAMETERS;
    for (int i = 0; i < all; i++) {
        n += j->steps.parameters[i] != NULL;
    }
    for (int i = 0; j->steps.lists && i < j->steps.n_steps; i++) {
        n += j->steps.lists[i].which != NULL;
    }
    w->parameters = n <= FEW ? w->few : PyMem_Malloc((size_t)n * sizeof *w->parameters);
    w->operands = n <= FEW ? w->few_operands : PyMem_Malloc((size_t)(n + 1) * sizeof *w->operands);
    if (!w->parameters || !w->operands) {
        PyErr_NoMemory();
        return -1;
    }
    ll_operand_of(&w->row, &j->batch, j->x.array, j->x.axis);
    w->operands[0] = &w->row;
    w->n = 0;
    for (int i = 0; i < all; i++) {
        ll_step *step = &j->steps.steps[i / LL_STEP_PARAMETERS];
        moving m = {.to = &step->value[i % LL_STEP_PARAMETERS]};
        add_moving(w, j, j->steps.parameters[i], m);
    }
    for (int i = 0; j->steps.lists && i < j->steps.n_steps; i++) {
        const ll_lists *lists = &j->steps.lists[i];
        moving m = {.step = &j->steps.steps[i], .list = lists->list};
        add_moving(w, j, lists->which, m);
    }
    return 0;
}

/* brings what moves to the row that the operands are at */
static void move(const walk *w)
{
    for (int i = 0; i < w->n; i++) {
        const moving *m = &w->parameters[i];
        double value;
        memcpy(&value, m->operand.data, sizeof value);
        if (m->step) {
            ll_use_list(m->step, m->list + (size_t)value);
        } else {
            *m->to = value;
        }
    }
}

static void walk_free(walk *w)
{
    if (w->parameters != w->few) {
        PyMem_Free(w->parameters);
    }
    if (w->operands != w->few_operands) {
        PyMem_Free(w->operands);
    }
}

static void run(ll_job *j, ll_visit *visit, walk *w, char *work, uint32_t *room, char *buffer)
{
    uint64_t mode = ll_enter_float_mode();
    size_t n = (size_t)j->x.n, size = (size_t)PyArray_ITEMSIZE(j->x.array);
    ll_view view = ll_rows(j->x.array, j->x.axis);
    for (npy_intp row = 0; row < j->batch.rows && j->bad_row < 0; row++) {
        view.data = (char *)(uintptr_t)w->row.data;
        ll_chain chain = {.steps = j->steps.steps, .n_steps = (size_t)j->steps.n_steps};
        chain.room = room;
        history_of(j, row, &chain);
        generated_of(j, row, &chain);
        move(w);
        j->status = visit(j, row, ll_direct_row(&view, n, size, buffer), &chain, work);
        j->bad_row = j->status == LL_OK ? -1 : row;
        ll_batch_next(&j->batch, w->operands, 1 + w->n);
    }
    ll_leave_float_mode(mode);
}

static void complain(const ll_job *j)
{
    if (j->status == LL_NO_ROW) {
        PyErr_Format(PyExc_ValueError,
                     "%s() needs logits without NaN, one of them above -inf; row %zd of the "
                     "batch has a NaN or nothing but -inf",
                     j->function, (Py_ssize_t)j->bad_row);
        return;
    }
    int step = j->status - LL_NOTHING_LEFT;
    PyErr_Format(PyExc_ValueError,
                 "%s() needs a token to be left; step %d, %s, left none of row %zd of the batch",
                 j->function, step + 1, ll_step_name(&j->steps.steps[step]),
                 (Py_ssize_t)j->bad_row);
}

int ll_job_run(ll_job *j, ll_visit *visit, size_t more)
{
    ll_work work = {0};
    walk w;
    w.parameters = NULL;
    w.operands = NULL;
    int status = -1;
    size_t rows = ll_row_work((ll_dtype)j->x.dtype, (size_t)j->x.n) + more;
    size_t room = 3 * j->longest * sizeof(uint32_t), gathered = 0;
    rows = (rows + 63) & ~(size_t)63;
    room = (room + 63) & ~(size_t)63;
    if (!ll_rows_direct(j->x.array, j->x.axis)) {
        gathered = (size_t)(j->x.n * PyArray_ITEMSIZE(j->x.array));
    }
    if (check_step_tokens(j) < 0 || walk_new(&w, j) < 0 ||
        ll_work_new(&work, rows + room + gathered) < 0) {
        goto done;
    }
    char *at = work.aligned, *buffer = at + rows + room;
    uint32_t *integers = (uint32_t *)(void *)(at + rows);
    if (j->batch.rows * j->x.n >= LONG) {
        Py_BEGIN_ALLOW_THREADS run(j, visit, &w, at, integers, buffer);
        Py_END_ALLOW_THREADS
    } else {
        run(j, visit, &w, at, integers, buffer);
    }
    status = j->bad_row < 0 ? 0 : -1;
    if (status < 0) {
        complain(j);
    }
done:
    walk_free(&w);
    ll_work_free(&work);
    return status;
}

void ll_job_clear(ll_job *j)
{
    PyMem_Free(j->uniforms);
    PyMem_Free(j->looks);
    ll_logits_clear(&j->x);
    ll_release(j->history);
    ll_release(j->offsets);
    ll_release(j->generated);
    ll_release(j->result);
    ll_release(j->seen);
}

/* draws with one run of the chain, or with one each where a step tosses a coin */
static int draw_row(ll_job *j, npy_intp row, const char *x, ll_chain *chain, char *work)
{
    npy_intp each = 1 + j->steps.n_coins, runs = j->steps.n_coins ? j->draws : 1;
    int status = LL_OK;
    for (npy_intp i = 0; i < runs && status == LL_OK; i++) {
        npy_intp at = row * j->draws + i;
        const double *u = j->uniforms + at * each;
        ll_draws draws = {.uniform = u + j->steps.n_coins,
                          .token = (int64_t *)PyArray_DATA(j->result) + at,
                          .n = j->steps.n_coins ? 1 : (size_t)j->draws,
                          .looks = j->looks,
                          .n_looks = j->n_looks};
        if (j->seen) {
            draws.seen = (ll_seen *)PyArray_DATA(j->seen) + (size_t)at * j->n_looks;
        }
        chain->coins = u;
        status = j->kernels->rows[j->x.dtype]->chain(x, (size_t)j->x.n, chain, &draws, work);
    }
    return status;
}

static int looks_from(ll_job *j, PyObject *value)
{
    if (!value || value == Py_None) {
        return 0;
    }
    Py_ssize_t n = PyTuple_Size(value);
    if (n < 0) {
        return -1;
    }
    j->looks = PyMem_Calloc((size_t)n + 1, sizeof *j->looks);
    if (!j->looks) {
        PyErr_NoMemory();
        return -1;
    }
    j->n_looks = (size_t)n;
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_ssize_t after = PyNumber_AsSsize_t(PyTuple_GetItem(value, i), PyExc_OverflowError);
        if (after < 0 || after > j->steps.n_steps) {
            PyErr_Format(PyExc_ValueError, "a look must come after 0 to %d steps",
                         j->steps.n_steps);
            return -1;
        }
        j->looks[i] = (size_t)after;
    }
    return 0;
}

/* arrays for the tokens and, where there are looks, for what they see */
static int drawn_new(ll_job *j)
{
    npy_intp shape[NPY_MAXDIMS + 2];
    int ndim = j->batch.ndim;
    int more = j->size_ndim > 0 ? j->size_ndim : 0;
    memcpy(shape, j->batch.shape, (size_t)ndim * sizeof *shape);
    memcpy(shape + ndim, j->size, (size_t)more * sizeof *shape);
    j->result = (PyArrayObject *)PyArray_SimpleNew(ndim + more, shape, NPY_INTP);
    ndim += more;
    if (j->result && j->looks && ndim + 2 <= NPY_MAXDIMS) {
        shape[ndim] = (npy_intp)j->n_looks;
        shape[ndim + 1] = sizeof(ll_seen) / sizeof(double);
        j->seen = (PyArrayObject *)PyArray_SimpleNew(ndim + 2, shape, NPY_DOUBLE);
    } else if (j->result && j->looks) {
        PyErr_Format(PyExc_ValueError, "the batch has too many dimensions: %d", ndim);
    }
    return j->result && (j->seen || !j->looks) ? 0 : -1;
}

PyObject *ll_job_draw(ll_job *j, PyObject *size, PyObject *rng, PyObject *looks)
{
    if (size_from(j, size) < 0 || looks_from(j, looks) < 0 || drawn_new(j) < 0) {
        return NULL;
    }
    j->uniforms = ll_uniforms(rng, j->batch.rows * j->draws * (1 + j->steps.n_coins));
    if (!j->uniforms || ll_job_run(j, draw_row, 0) < 0) {
        return NULL;
    }
    ll_keep(j->result);
    PyObject *tokens = j->size_ndim < 0 ? PyArray_Return(j->result) /* a scalar for one row */
                                        : (PyObject *)j->result;
    return j->seen && tokens ? Py_BuildValue("NO", tokens, j->seen) : tokens;
}
