/* sample: one token per row, or `size` of them, from the chain top_k, top_p, min_p, temperature.
 *
 * A call with any other option of a sampler's step is a Sampler's: it goes to logitlab.sampling.
 */
#include "call.h"

enum { LOGITS, TEMPERATURE, TOP_K, TOP_P, MIN_P, SIZE, AXIS, RNG, WORKERS, N_ARGUMENTS };
enum { MAX_STEPS = 4 };

/* in the order of the chain; an option has the name of its step, and sets its first parameter */
static const struct {
    int argument;
    ll_step_kind kind;
} STEPS[MAX_STEPS] = {
    {TOP_K, LL_TOP_K}, {TOP_P, LL_TOP_P}, {MIN_P, LL_MIN_P}, {TEMPERATURE, LL_TEMPERATURE}};

static PyArrayObject *parameter_from(PyObject *value, ll_step_kind kind)
{
    const ll_step_spec *step = ll_step_spec_of(kind);
    const ll_parameter_spec *p = step->parameters;
    ll_range range = {step->name, p->low, p->high, p->above, strcmp(p->kind, "whole") == 0};
    return ll_parameter(value, &range);
}

static int steps_from(ll_steps *steps, PyObject **values)
{
    for (int i = 0; i < MAX_STEPS; i++) {
        PyObject *value = values[STEPS[i].argument];
        if (!value || value == Py_None) {
            continue;
        }
        PyArrayObject *parameter = parameter_from(value, STEPS[i].kind);
        if (!parameter) {
            return -1;
        }
        int at = steps->n_steps++;
        steps->steps[at].kind = STEPS[i].kind;
        if (PyArray_NDIM(parameter) == 0) {
            steps->steps[at].value[0] = *(const double *)PyArray_DATA(parameter);
            ll_release(parameter);
        } else {
            steps->parameters[at * LL_STEP_PARAMETERS] = parameter;
        }
        steps->names[at * LL_STEP_PARAMETERS] = ll_step_name(&steps->steps[at]);
    }
    return 0;
}

const ll_signature ll_sample_signature = {
    "sample",
    1,
    1,
    N_ARGUMENTS,
    {"logits", "temperature", "top_k", "top_p", "min_p", "size", "axis", "rng", "workers"}};

static PyObject *by_a_sampler(PyObject *const *args, Py_ssize_t nargs, PyObject *keywords)
{
    PyObject *result = NULL, *function = NULL;
    PyObject *positional = PyTuple_New(nargs), *named = PyDict_New();
    PyObject *home = PyImport_ImportModule("logitlab.sampling.sample_with_options");
    if (!positional || !named || !home) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < nargs; i++) {
        Py_INCREF(args[i]);
        PyTuple_SetItem(positional, i, args[i]);
    }
    for (Py_ssize_t i = 0; i < PyTuple_Size(keywords); i++) {
        if (PyDict_SetItem(named, PyTuple_GetItem(keywords, i), args[nargs + i]) < 0) {
            goto done;
        }
    }
    function = PyObject_GetAttrString(home, "sample");
    result = function ? PyObject_Call(function, positional, named) : NULL;
done:
    Py_XDECREF(function);
    Py_XDECREF(home);
    Py_XDECREF(named);
    Py_XDECREF(positional);
    return result;
}

PyObject *ll_sample(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *keywords)
{
    ll_state *state = ll_state_of(module);
    const ll_signature *signature = &ll_sample_signature;
    PyObject *const *interned = state->interned[LL_SAMPLE];
    PyObject *values[LL_MAX_ARGUMENTS], *result = NULL;
    if (nargs <= signature->positional && !ll_knows(signature, interned, keywords)) {
        return by_a_sampler(args, nargs, keywords);
    }
    if (ll_parse(signature, interned, args, nargs, keywords, values) < 0) {
        return NULL;
    }
    ll_step steps[MAX_STEPS] = {0};
    PyArrayObject *parameters[MAX_STEPS * LL_STEP_PARAMETERS] = {NULL};
    const char *names[MAX_STEPS * LL_STEP_PARAMETERS];
    ll_steps chain = {0, 0, steps, parameters, names, NULL};
    ll_call c;
    if (ll_call_begin(&c, "sample", state->kernels, values[LOGITS], values[AXIS]) == 0 &&
        ll_workers_from(state, values[WORKERS], &c.workers) == 0 &&
        steps_from(&chain, values) == 0 && ll_call_set_steps(&c, &chain) == 0) {
        result = ll_call_draw(&c, values[SIZE], values[RNG], NULL);
    }
    for (int i = 0; i < chain.n_steps; i++) {
        ll_release(parameters[i * LL_STEP_PARAMETERS]);
    }
    ll_call_clear(&c);
    return result;
}
