/* Which of the compiled targets runs: chosen once, at import, as the first that this CPU can run.
 * LOGITLAB_TARGET forces one, so that tests can compare them.
 */
#include "api.h"

/* a list of the names; of those that run here, or of all */
static PyObject *names(int only_usable)
{
    PyObject *list = PyList_New(0);
    const ll_target *target;
    for (size_t i = 0; list && (target = ll_target_at(i)); i++) {
        if (only_usable && !target->runs()) {
            continue;
        }
        PyObject *name = PyUnicode_FromString(target->kernels->name);
        if (!name || PyList_Append(list, name) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(name);
    }
    return list;
}

static void refuse(const char *wanted)
{
    PyObject *usable = names(1);
    if (usable) {
        PyErr_Format(PyExc_ImportError,
                     "LOGITLAB_TARGET must name a target that this CPU runs, one of %S; got '%s'",
                     usable, wanted);
    }
    Py_XDECREF(usable);
}

const ll_target *ll_choose_target(void)
{
    const char *wanted = getenv("LOGITLAB_TARGET");
    const ll_target *target;
    for (size_t i = 0; (target = ll_target_at(i)); i++) {
        int named = !wanted || !*wanted || strcmp(wanted, target->kernels->name) == 0;
        if (named && target->runs()) {
            return target;
        }
    }
    refuse(wanted);
    return NULL;
}

const char ll_targets_doc[] =
    "targets($module, /)\n--\n\n"
    "Say which CPU targets the kernels were built for, can run here, and which one is in use.\n\n"
    "All targets give the same bits; they differ in speed. The environment variable "
    "LOGITLAB_TARGET,\n"
    "read when logitlab is imported, forces one.\n\n"
    "Returns\n-------\n"
    "dict\n"
    "    ``built`` and ``usable``: lists of names, fastest first; ``used``: a name.\n\n"
    "Examples\n--------\n"
    ">>> import logitlab as ll\n"
    ">>> ll.targets()[\"used\"] in ll.targets()[\"usable\"]\n"
    "True\n";

PyObject *ll_targets(PyObject *module, PyObject *unused)
{
    (void)unused;
    PyObject *built = names(0), *usable = names(1), *result = NULL;
    if (built && usable) {
        result = Py_BuildValue("{s:O,s:O,s:s}", "built", built, "usable", usable, "used",
                               ll_state_of(module)->kernels->name);
    }
    Py_XDECREF(built);
    Py_XDECREF(usable);
    return result;
}
