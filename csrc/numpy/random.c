/* Uniform doubles, as SPEC 7 has its `rng`: a Generator, a BitGenerator, a SeedSequence, an int or
 * None.
 *
 * An int is Generator(PCG64(int)); its stream comes from csrc/kernels/pcg64.c, so that numpy.random
 * need not be loaded. Everything else gives its doubles through the bit generator's own
 * next_double, under its lock.
 */
#include "api.h"

#include <numpy/random/bitgen.h>

#include "kernels/pcg64.h"

enum { MAX_WORDS = 4096 };

/* the 32-bit digits of a Python int; how many, or -1 with an error */
static Py_ssize_t seed_words(PyObject *seed, uint32_t *words)
{
    PyObject *zero = NULL, *bits = NULL, *bytes = NULL;
    Py_ssize_t n = -1;
    zero = PyLong_FromLong(0);
    int negative = zero ? PyObject_RichCompareBool(seed, zero, Py_LT) : -1;
    if (negative == 1) {
        ll_got(PyExc_ValueError, seed, "rng must be a seed >= 0");
    }
    bits = negative == 0 ? PyObject_CallMethod(seed, "bit_length", NULL) : NULL;
    long length = bits ? PyLong_AsLong(bits) : -1;
    if (length > 32 * MAX_WORDS) {
        PyErr_Format(PyExc_ValueError, "rng must be a seed of at most %d bits, got %ld",
                     32 * MAX_WORDS, length);
        length = -1;
    }
    if (length >= 0) {
        n = length ? (length + 31) / 32 : 1;
        bytes = PyObject_CallMethod(seed, "to_bytes", "ns", 4 * n, "little");
    }
    const char *data = bytes ? PyBytes_AsString(bytes) : NULL;
    for (Py_ssize_t i = 0; data && i < n; i++) {
        const unsigned char *b = (const unsigned char *)data + 4 * i;
        words[i] =
            (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
    }
    n = data ? n : -1;
    Py_XDECREF(bytes);
    Py_XDECREF(bits);
    Py_XDECREF(zero);
    return n;
}

static int fill_from_seed(PyObject *seed, double *u, npy_intp n)
{
    uint32_t words[MAX_WORDS];
    ll_pcg64 rng;
    Py_ssize_t n_words = seed_words(seed, words);
    if (n_words < 0) {
        return -1;
    }
    ll_pcg64_seed(&rng, words, (size_t)n_words);
    for (npy_intp i = 0; i < n; i++) {
        u[i] = ll_pcg64_double(&rng);
    }
    return 0;
}

/* PCG64(seed), for None and a SeedSequence; NULL without an error for anything else */
static PyObject *new_pcg64(PyObject *seed)
{
    PyObject *made = NULL, *kind = NULL, *type = NULL;
    PyObject *module = PyImport_ImportModule("numpy.random.bit_generator");
    kind = module ? PyObject_GetAttrString(module, "ISeedSequence") : NULL;
    int known = !kind ? -1 : seed == Py_None ? 1 : PyObject_IsInstance(seed, kind);
    Py_XDECREF(module);
    module = known == 1 ? PyImport_ImportModule("numpy.random") : NULL;
    type = module ? PyObject_GetAttrString(module, "PCG64") : NULL;
    made = type ? PyObject_CallFunctionObjArgs(type, seed, NULL) : NULL;
    Py_XDECREF(type);
    Py_XDECREF(kind);
    Py_XDECREF(module);
    return made;
}

/* whether it has what is used of a bit generator, the capsule and a lock; -1 with an error */
static int is_bit_generator(PyObject *object)
{
    PyObject *capsule = NULL;
    int is = ll_attribute(object, "capsule", &capsule);
    is = is == 1 ? PyCapsule_IsValid(capsule, "BitGenerator") : is;
    Py_XDECREF(capsule);
    return is == 1 ? ll_has(object, "lock") : is;
}

/* The bit generator behind an rng that is not an int (a new reference). It is known by the capsule
 * that is read here, not by an attribute's name: numpy.random, a module, has a `bit_generator`. */
static PyObject *bit_generator(PyObject *rng)
{
    PyObject *generator = NULL;
    int is = is_bit_generator(rng);
    if (is == 1) {
        return ll_keep(rng);
    }
    is = is < 0 ? is : ll_attribute(rng, "bit_generator", &generator);
    is = is == 1 ? is_bit_generator(generator) : is;
    if (is == 1) {
        return generator;
    }
    Py_XDECREF(generator);
    generator = is < 0 ? NULL : new_pcg64(rng);
    if (!generator && !PyErr_Occurred()) {
        ll_habit("rng_needed", rng);
    }
    return generator;
}

static int fill_locked(PyObject *generator, double *u, npy_intp n)
{
    PyObject *capsule = PyObject_GetAttrString(generator, "capsule");
    bitgen_t *bits = capsule ? PyCapsule_GetPointer(capsule, "BitGenerator") : NULL;
    int status = bits ? 0 : -1;
    for (npy_intp i = 0; bits && i < n; i++) {
        u[i] = bits->next_double(bits->state);
        status = u[i] >= 0.0 && u[i] < 1.0 ? status : -1;
    }
    if (status < 0 && !PyErr_Occurred()) {
        PyErr_SetString(PyExc_ValueError, "the bit generator of rng must return doubles in [0, 1)");
    }
    Py_XDECREF(capsule);
    return status;
}

static int fill_from_generator(PyObject *rng, double *u, npy_intp n)
{
    PyObject *lock = NULL, *entered = NULL, *left = NULL;
    int status = -1;
    PyObject *generator = bit_generator(rng);
    lock = generator ? PyObject_GetAttrString(generator, "lock") : NULL;
    entered = lock ? PyObject_CallMethod(lock, "acquire", NULL) : NULL;
    if (entered) {
        status = fill_locked(generator, u, n);
        PyObject *type, *value, *traceback;
        PyErr_Fetch(&type, &value, &traceback);
        left = PyObject_CallMethod(lock, "release", NULL);
        status = left ? status : -1;
        if (type) {
            PyErr_Restore(type, value, traceback);
        }
    }
    Py_XDECREF(left);
    Py_XDECREF(entered);
    Py_XDECREF(lock);
    Py_XDECREF(generator);
    return status;
}

double *ll_uniforms(PyObject *rng, npy_intp n)
{
    PyObject *seed = rng && !PyBool_Check(rng) && PyIndex_Check(rng) ? PyNumber_Index(rng) : NULL;
    if (!seed && !ll_refused()) { /* an array has an __index__, which then raises TypeError */
        return NULL;
    }
    double *u = PyMem_Malloc((size_t)(n ? n : 1) * sizeof *u);
    if (!u) {
        Py_XDECREF(seed);
        return (double *)PyErr_NoMemory();
    }
    int status = seed ? fill_from_seed(seed, u, n) : fill_from_generator(rng ? rng : Py_None, u, n);
    Py_XDECREF(seed);
    if (status < 0) {
        PyMem_Free(u);
        return NULL;
    }
    return u;
}
