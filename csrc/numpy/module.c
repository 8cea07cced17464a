/* The extension logitlab._kernels: its functions, and its state, filled once when it is executed.
 */
#define LL_IMPORTS_NUMPY
#include "chain.h"

ll_state *ll_state_of(PyObject *module)
{
    return PyModule_GetState(module);
}

static int execute(PyObject *module)
{
    if (PyArray_ImportNumPyAPI() < 0) {
        return -1;
    }
    ll_state_of(module)->kernels = ll_choose_target();
    return ll_state_of(module)->kernels ? ll_add_chain_type(module) : -1;
}

#define FUNCTION(name)                                                                             \
    {#name, (PyCFunction)(void (*)(void))ll_##name, METH_FASTCALL | METH_KEYWORDS, ll_##name##_doc}

static PyMethodDef methods[] = {
    FUNCTION(softargmax),  FUNCTION(log_softargmax),
    FUNCTION(top_k),       FUNCTION(argtop_k),
    FUNCTION(sample),      {"targets", ll_targets, METH_NOARGS, ll_targets_doc},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)execute},
#ifdef Py_mod_multiple_interpreters
    {Py_mod_multiple_interpreters,
     Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED}, /* NumPy is not either */
#endif
#ifdef Py_mod_gil
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
};

PyMODINIT_FUNC PyInit__kernels(void);

PyMODINIT_FUNC PyInit__kernels(void)
{
    return PyModuleDef_Init(&definition);
}
