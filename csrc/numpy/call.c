/* One call of a chain over a batch: the history and the parameters of each row, the workspace, and
 * what is said where nothing is left. */
#include "call.h"

void ll_use_list(ll_step *step, const ll_list *list)
{
    step->tokens = list->tokens;
    step->n_tokens = list->n_tokens;
    step->numbers = list->numbers;
    step->n_numbers = list->n_numbers;
}

int ll_call_begin(ll_call *c, const char *function, const ll_kernels *kernels, PyObject *logits,
                  PyObject *axis)
{
    memset(c, 0, offsetof(ll_call, size)); /* the arrays of dimensions need no zeros */
    c->function = function;
    c->kernels = kernels;
    c->size_ndim = -1;
    c->draws = 1;
    c->workers = 1;
    if (ll_logits_from(&c->x, logits, axis, 0, function) < 0) {
        return -1;
    }
    ll_batch_of(&c->batch, &c->x);
    return 0;
}

void ll_call_clear(ll_call *c)
{
    PyMem_Free(c->uniforms);
    PyMem_Free(c->looks);
    ll_logits_clear(&c->x);
    ll_release(c->history);
    ll_release(c->offsets);
    ll_release(c->generated);
    ll_release(c->result);
    ll_release(c->seen);
}

/* What may differ from row to row: all parameters of all steps, then the lists of each. The array,
 * or NULL where it is the same for all rows. */
static int n_slots(const ll_steps *steps)
{
    return steps->n_steps * (LL_STEP_PARAMETERS + (steps->lists != NULL));
}

static PyArrayObject *moving(const ll_steps *steps, int slot)
{
    int list = slot - steps->n_steps * LL_STEP_PARAMETERS;
    return list < 0 ? steps->parameters[slot] : steps->lists[list].which;
}

static const char *slot_name(const ll_steps *steps, int slot)
{
    int list = slot - steps->n_steps * LL_STEP_PARAMETERS;
    return list < 0 ? steps->names[slot] : ll_step_name(&steps->steps[list]);
}

int ll_call_set_steps(ll_call *c, const ll_steps *steps)
{
    c->steps = steps;
    for (int i = 0; i < n_slots(steps); i++) {
        PyArrayObject *array = moving(steps, i);
        if (array && ll_batch_join(&c->batch, array, slot_name(steps, i)) < 0) {
            return -1;
        }
        c->moving += array != NULL;
    }
    ll_batch_count(&c->batch);
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

static int check_step_tokens(const ll_call *c)
{
    char what[100];
    for (int i = 0; c->steps->lists && i < c->steps->n_steps; i++) {
        const ll_lists *lists = &c->steps->lists[i];
        for (size_t row = 0; row < lists->n; row++) {
            PyOS_snprintf(what, sizeof what, lists->n > 1 ? "%s of row %zu" : "%s",
                          ll_step_name(&c->steps->steps[i]), row);
            const ll_list *list = &lists->list[row];
            if (check_tokens(list->tokens, list->n_tokens, c->x.n, what) < 0) {
                return -1;
            }
        }
    }
    return 0;
}

int ll_list_from(PyObject *value, int type, PyArrayObject **list)
{
    if (!value || value == Py_None) {
        return 0;
    }
    *list = (PyArrayObject *)PyArray_FromAny(value, PyArray_DescrFromType(type), 1, 1,
                                             NPY_ARRAY_CARRAY_RO | NPY_ARRAY_NOTSWAPPED, NULL);
    return *list ? 0 : -1;
}

static int check_offsets(ll_call *c)
{
    npy_intp rows = PyArray_SIZE(c->offsets) - 1, end = PyArray_SIZE(c->history);
    const int64_t *at = PyArray_DATA(c->offsets);
    if (rows != 1 && rows != c->batch.rows) {
        PyErr_Format(PyExc_ValueError, "history must be one for all rows or %zd of them, got %zd",
                     (Py_ssize_t)c->batch.rows, (Py_ssize_t)rows);
        return -1;
    }
    for (npy_intp i = 0; i < rows; i++) {
        if (at[i] < 0 || at[i + 1] < at[i] || at[i + 1] > end) {
            PyErr_SetString(PyExc_ValueError, "history offsets must ascend within the history");
            return -1;
        }
        size_t length = (size_t)(at[i + 1] - at[i]);
        c->longest = length > c->longest ? length : c->longest;
    }
    return 0;
}

int ll_call_parse_history(ll_call *c, PyObject *history, PyObject *offsets, PyObject *generated)
{
    if (ll_list_from(history, NPY_INT64, &c->history) < 0 ||
        ll_list_from(offsets, NPY_INT64, &c->offsets) < 0 ||
        ll_list_from(generated, NPY_INT64, &c->generated) < 0) {
        return -1;
    }
    if (c->history) {
        c->longest = c->offsets ? 0 : (size_t)PyArray_SIZE(c->history);
        if (c->offsets && check_offsets(c) < 0) {
            return -1;
        }
        if (check_tokens(PyArray_DATA(c->history), (size_t)PyArray_SIZE(c->history), c->x.n,
                         "history") < 0) {
            return -1;
        }
    }
    if (c->generated && PyArray_SIZE(c->generated) != 1 &&
        PyArray_SIZE(c->generated) != c->batch.rows) {
        PyErr_Format(PyExc_ValueError, "generated must be one number or %zd of them, got %zd",
                     (Py_ssize_t)c->batch.rows, (Py_ssize_t)PyArray_SIZE(c->generated));
        return -1;
    }
    return 0;
}

static void history_of(const ll_call *c, npy_intp row, ll_chain *chain)
{
    if (c->history) {
        const int64_t *at = c->offsets ? PyArray_DATA(c->offsets) : NULL;
        row = at && PyArray_SIZE(c->offsets) > 2 ? row : 0;
        chain->history = (const int64_t *)PyArray_DATA(c->history) + (at ? at[row] : 0);
        chain->n_history = at ? (size_t)(at[row + 1] - at[row]) : c->longest;
    }
    chain->n_generated = chain->n_history;
}

static void generated_of(const ll_call *c, npy_intp row, ll_chain *chain)
{
    const int64_t *generated = c->generated ? PyArray_DATA(c->generated) : NULL;
    if (generated) {
        int64_t n = generated[PyArray_SIZE(c->generated) > 1 ? row : 0];
        chain->n_generated = n < 0 ? 0 : (size_t)n;
        if (chain->n_generated > chain->n_history && c->history) {
            chain->n_generated = chain->n_history;
        }
    }
}

/* the steps of a row: a copy of this cursor's, with what moves */
static const ll_step *steps_of(const ll_call *c, const ll_row *row)
{
    const ll_steps *all = c->steps;
    ll_step *steps = (ll_step *)(void *)(row->work + c->own_steps);
    memcpy(steps, all->steps, (size_t)all->n_steps * sizeof *steps);
    for (int i = 0, at = 0; at < c->moving; i++) {
        if (moving(all, i)) {
            int list = i - all->n_steps * LL_STEP_PARAMETERS;
            double value;
            memcpy(&value, row->parameters[at++], sizeof value);
            if (list < 0) {
                steps[i / LL_STEP_PARAMETERS].value[i % LL_STEP_PARAMETERS] = value;
            } else {
                ll_use_list(&steps[list], &all->lists[list].list[(size_t)value]);
            }
        }
    }
    return steps;
}

static int visit_row(void *self, const ll_row *row)
{
    const ll_call *c = self;
    ll_chain chain = {.steps = c->moving ? steps_of(c, row) : c->steps->steps,
                      .n_steps = (size_t)c->steps->n_steps,
                      .room = (uint32_t *)(void *)(row->work + c->history_room)};
    history_of(c, row->index, &chain);
    generated_of(c, row->index, &chain);
    return c->use(c, row, &chain);
}

static void complain(const ll_call *c, int status, npy_intp row)
{
    if (status == LL_NO_ROW) {
        PyErr_Format(PyExc_ValueError,
                     "%s() needs logits without NaN, one of them above -inf; row %zd of the "
                     "batch has a NaN or nothing but -inf",
                     c->function, (Py_ssize_t)row);
        return;
    }
    int step = status - LL_NOTHING_LEFT;
    PyErr_Format(PyExc_ValueError,
                 "%s() needs a token to be left; step %d, %s, left none of row %zd of the batch",
                 c->function, step + 1, ll_step_name(&c->steps->steps[step]), (Py_ssize_t)row);
}

/* the bytes of the workspace: the kernel's, then those of what is named */
static size_t lay_out(ll_call *c, size_t traced)
{
    size_t kernel = ll_row_work((ll_dtype)c->x.dtype, (size_t)c->x.n);
    if (traced && kernel < LL_ROW_WORK) {
        kernel = LL_ROW_WORK; /* a trace ends with a softargmax */
    }
    c->history_room = kernel;
    c->trace_room = c->history_room + ll_align64(3 * c->longest * sizeof(uint32_t));
    c->own_steps = c->trace_room + ll_align64(traced);
    return c->own_steps + (c->moving ? (size_t)c->steps->n_steps * sizeof(ll_step) : 0);
}

int ll_call_run(ll_call *c, ll_use *use, size_t traced)
{
    ll_rows rows;
    if (check_step_tokens(c) < 0 ||
        ll_rows_begin(&rows, &c->batch, &c->x, NULL, c->moving, LL_GATHERED) < 0) {
        return -1;
    }
    for (int i = 0; c->moving && i < n_slots(c->steps); i++) {
        PyArrayObject *array = moving(c->steps, i);
        if (array) {
            ll_rows_add(&rows, array);
        }
    }
    rows.workers = c->workers;
    rows.cost += c->draws + (npy_intp)c->longest;
    c->use = use;
    int status = ll_rows_visit(&rows, visit_row, c, lay_out(c, traced));
    if (status > LL_OK) {
        complain(c, status, rows.stopped);
    }
    return status == LL_OK ? 0 : -1;
}

int ll_call_run_blocks(ll_call *c, ll_visit_block *visit, const double *fixed, size_t work)
{
    ll_rows rows;
    if (ll_rows_begin(&rows, &c->batch, &c->x, NULL, 1, LL_GATHERED) < 0) {
        return -1;
    }
    if (c->moving) {
        ll_rows_add(&rows, c->steps->parameters[0]);
    } else {
        ll_rows_add_scalar(&rows, fixed);
    }
    rows.workers = c->workers;
    int status = ll_rows_visit_blocks(&rows, visit, c, work);
    if (status > LL_OK) {
        complain(c, status, rows.stopped);
    }
    return status == LL_OK ? 0 : -1;
}
