/* The extension logitlab._kernels: its functions, and its state, filled once when it is executed.
 */
#define LL_IMPORTS_NUMPY
#include "chain.h"

static const ll_signature *const SIGNATURES[LL_FUNCTIONS] = {
    [LL_SOFTARGMAX] = &ll_softargmax_signature,
    [LL_LOG_SOFTARGMAX] = &ll_log_softargmax_signature,
    [LL_LOGSUMEXP] = &ll_logsumexp_signature,
    [LL_TOKEN_LOGPROBS] = &ll_token_logprobs_signature,
    [LL_TOP_K_FUNCTION] = &ll_top_k_signature,
    [LL_ARGTOP_K] = &ll_argtop_k_signature,
    [LL_SAMPLE] = &ll_sample_signature,
    [LL_CHAIN_SAMPLE] = &ll_chain_sample_signature,
    [LL_CHAIN_PROBS] = &ll_chain_probs_signature,
    [LL_CHAIN_TRACE] = &ll_chain_trace_signature,
};

static int execute(PyObject *module)
{
    if (PyArray_ImportNumPyAPI() < 0) {
        return -1;
    }
    ll_state *state = ll_state_of(module);
    for (int i = 0; i < LL_FUNCTIONS; i++) {
        if (ll_intern(SIGNATURES[i], state->interned[i]) < 0) {
            return -1;
        }
    }
    const ll_target *target = ll_choose_target();
    if (!target || ll_workers_begin(state) < 0) {
        return -1;
    }
    state->kernels = target->kernels;
    state->model = target->model;
    return ll_add_steps(module) < 0 || ll_add_chain_type(module) < 0 ? -1
                                                                     : ll_add_session_type(module);
}

static int traverse(PyObject *module, visitproc visit, void *arg)
{
    PyObject *const *names = &ll_state_of(module)->interned[0][0];
    for (int i = 0; i < LL_FUNCTIONS * LL_MAX_ARGUMENTS; i++) {
        Py_VISIT(names[i]);
    }
    return 0;
}

static int clear(PyObject *module)
{
    PyObject **names = &ll_state_of(module)->interned[0][0];
    for (int i = 0; i < LL_FUNCTIONS * LL_MAX_ARGUMENTS; i++) {
        Py_CLEAR(names[i]);
    }
    return 0;
}

static void release(void *module)
{
    (void)clear(module);
}

#define FUNCTION(name)                                                                             \
    {#name, (PyCFunction)(void (*)(void))ll_##name, METH_FASTCALL | METH_KEYWORDS, ll_##name##_doc}

static PyMethodDef methods[] = {
    FUNCTION(softargmax),
    FUNCTION(log_softargmax),
    FUNCTION(logsumexp),
    FUNCTION(token_logprobs),
    FUNCTION(top_k),
    FUNCTION(argtop_k),
    FUNCTION(sample),
    {"targets", ll_targets, METH_NOARGS, ll_targets_doc},
    {"threads_of", ll_threads_of, METH_O,
     "threads_of($module, workers, /)\n--\n\nReturn the number of threads that workers stands "
     "for."},
    {"set_workers", ll_set_workers, METH_O,
     "set_workers($module, workers, /)\n--\n\nSet the workers of calls that do not say; return the "
     "setting before."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)execute},
/* CPython 3.15 names the slots in every limited API and their values in its own only, so the values
 * are what to ask for. */
#ifdef Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED
    {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED}, /* nor does NumPy */
#endif
#ifdef Py_MOD_GIL_NOT_USED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "logitlab._kernels",
    .m_doc = "The native functions of logitlab; import them from logitlab.",
    .m_size = sizeof(ll_state),
    .m_methods = methods,
    .m_slots = slots,
    .m_traverse = traverse,
    .m_clear = clear,
    .m_free = release,
};

PyMODINIT_FUNC PyInit__kernels(void);

PyMODINIT_FUNC PyInit__kernels(void)
{
    return PyModuleDef_Init(&definition);
}
