/* The table of csrc/kernels/steps/steps.h for this extension and, as logitlab._kernels.STEPS, for
 * Python: what Python says of a step is read from there, so the two cannot differ. */
#include "chain.h"

static const ll_step_spec SPECS[LL_STEP_KINDS] = {
#define LL_NUMBER(name, low, high, off) {#name, "real", low, high, 0, off},
#define LL_ABOVE(name, low, high, off) {#name, "real", low, high, 1, off},
#define LL_WHOLE(name, low, high, off) {#name, "whole", low, high, 0, off},
#define LL_FLAG(name) {#name, "flag", 0, 1, 0, LL_NEVER},
#define LL_EDGES(name, bits) {#name, "edges", 0, bits, 0, LL_NEVER},
#define LL_STATE(name, low) {#name, "state", low, LL_LARGEST, 0, LL_NEVER},
#define LL_STATE_ABOVE(name, low) {#name, "state", low, LL_INFINITY, 1, LL_NEVER},
#define LL_NONE {NULL, NULL, 0, 0, 0, 0}
#define LL_STEP(KIND, name, traits, parameters) [KIND] = {#name, {parameters}},
    LL_STEPS(LL_STEP)
#undef LL_STEP
};

static const char *const TRAITS[LL_TRAITS] = {
    "changes_logits", "filter", "removes_best",       "by_rank", "scales", "needs_share", "coin",
    "tokens",         "lists",  "lists_with_numbers", "state",
};

const ll_step_spec *ll_step_spec_of(ll_step_kind kind)
{
    return &SPECS[kind];
}

int ll_step_kind_of(const char *name)
{
    for (int kind = 0; kind < LL_STEP_KINDS; kind++) {
        if (strcmp(SPECS[kind].name, name) == 0) {
            return kind;
        }
    }
    return -1;
}

const char *ll_step_name(const ll_step *step)
{
    return SPECS[step->kind].name;
}

/* What the traits say must be what the parameters are; NULL, or what is wrong. */
static const char *fault_of(ll_step_kind kind)
{
    const ll_step step = {.kind = kind};
    const ll_parameter_spec *first = SPECS[kind].parameters;
    int count = LL_STEP_COUNTS[kind], edges = -1, states = 0;
    for (int i = 0; i < count; i++) {
        edges = strcmp(first[i].kind, "edges") == 0 ? i : edges;
        states += strcmp(first[i].kind, "state") == 0;
        if (!(first[i].low <= first[i].high) || first[i].off < first[i].low ||
            first[i].off > first[i].high) {
            return "a parameter has an empty range, or is off outside of it";
        }
    }
    if (edges >= 0 && edges != count - 1) {
        return "edges must be the last parameter";
    }
    if (ll_step_has(&step, LL_NEEDS_SHARE) &&
        (edges < 0 || !((int)first[edges].high & LL_OF_THE_WHOLE))) {
        return "a step that needs the share must have edges with LL_OF_THE_WHOLE";
    }
    if (ll_step_has(&step, LL_HAS_STATE) != (states > 0) ||
        (states > 0 && strcmp(first->kind, "state") != 0)) {
        return "a state must be the first parameters of a step with LL_HAS_STATE";
    }
    if (ll_step_has(&step, LL_LISTS_WITH_NUMBERS) && !ll_step_has(&step, LL_LISTS)) {
        return "numbers need lists that they belong to";
    }
    return NULL;
}

static PyObject *parameter_entry(const ll_parameter_spec *p)
{
    return p->off == p->off ? Py_BuildValue("(ssddOd)", p->name, p->kind, p->low, p->high,
                                            p->above ? Py_True : Py_False, p->off)
                            : Py_BuildValue("(ssddOO)", p->name, p->kind, p->low, p->high,
                                            p->above ? Py_True : Py_False, Py_None);
}

static PyObject *parameter_entries(ll_step_kind kind)
{
    PyObject *all = PyTuple_New(LL_STEP_COUNTS[kind]);
    for (int i = 0; all && i < LL_STEP_COUNTS[kind]; i++) {
        PyObject *entry = parameter_entry(&SPECS[kind].parameters[i]);
        if (!entry || PyTuple_SetItem(all, i, entry) < 0) {
            Py_CLEAR(all);
        }
    }
    return all;
}

static PyObject *trait_names(ll_step_kind kind)
{
    PyObject *all = PyList_New(0), *names = NULL;
    for (int i = 0; all && i < LL_TRAITS; i++) {
        PyObject *name = LL_STEP_TRAITS[kind] >> i & 1 ? PyUnicode_FromString(TRAITS[i]) : NULL;
        if ((LL_STEP_TRAITS[kind] >> i & 1) && (!name || PyList_Append(all, name) < 0)) {
            Py_CLEAR(all);
        }
        Py_XDECREF(name);
    }
    names = all ? PyFrozenSet_New(all) : NULL;
    Py_XDECREF(all);
    return names;
}

static int add_entry(PyObject *table, ll_step_kind kind)
{
    const char *fault = fault_of(kind);
    if (fault) {
        PyErr_Format(PyExc_SystemError, "steps.h: %s: %s", SPECS[kind].name, fault);
        return -1;
    }
    PyObject *traits = trait_names(kind), *parameters = traits ? parameter_entries(kind) : NULL;
    PyObject *entry = parameters ? PyTuple_Pack(2, traits, parameters) : NULL;
    int status = entry ? PyDict_SetItemString(table, SPECS[kind].name, entry) : -1;
    Py_XDECREF(traits);
    Py_XDECREF(parameters);
    Py_XDECREF(entry);
    return status;
}

int ll_add_steps(PyObject *module)
{
    PyObject *table = PyDict_New(), *view = NULL;
    int status = table ? 0 : -1;
    for (int kind = 0; status == 0 && kind < LL_STEP_KINDS; kind++) {
        status = add_entry(table, (ll_step_kind)kind);
    }
    view = status == 0 ? PyDictProxy_New(table) : NULL;
    status = view ? PyModule_AddObjectRef(module, "STEPS", view) : -1;
    Py_XDECREF(view);
    Py_XDECREF(table);
    return status;
}
