/* Which of the compiled targets runs: chosen once, at import, by what the CPU and the operating
 * system offer.
 *
 * AVX needs the operating system to save the wide registers, so CPUID alone is not enough: XGETBV
 * says whether it does. LOGITLAB_TARGET forces one, so that tests can compare them.
 */
#include "api.h"

#if defined(__x86_64__)
#    include <cpuid.h>
#endif

#ifdef LL_HAVE_GENERIC
LL_DECLARE_TARGET(generic);
static const ll_kernels generic = LL_JOIN_TARGET(generic);
#endif
#ifdef LL_HAVE_BASELINE
LL_DECLARE_TARGET(baseline);
static const ll_kernels baseline = LL_JOIN_TARGET(baseline);
#endif
#ifdef LL_HAVE_AVX2
LL_DECLARE_TARGET(avx2);
static const ll_kernels avx2 = LL_JOIN_TARGET(avx2);
#endif
#ifdef LL_HAVE_AVX512
LL_DECLARE_TARGET(avx512);
static const ll_kernels avx512 = LL_JOIN_TARGET(avx512);
#endif
#ifdef LL_HAVE_NEON
LL_DECLARE_TARGET(neon);
static const ll_kernels neon = LL_JOIN_TARGET(neon);
#endif

/* Each target of the model; what has none of its own uses the next narrower one, with equal bits.
 */
#ifdef LL_HAVE_GENERIC
extern const ll_model ll_model_generic;
#endif
#ifdef LL_HAVE_BASELINE
extern const ll_model ll_model_baseline;
#endif
#ifdef LL_HAVE_AVX2
extern const ll_model ll_model_avx2;
#endif
#ifdef LL_HAVE_NEON
extern const ll_model ll_model_neon;
#endif

typedef struct {
    const ll_kernels *kernels;
    const ll_model *model;
    int (*runs)(void);
} target;

static int always(void)
{
    return 1;
}

#if defined(__x86_64__)
enum { OSXSAVE = 1 << 27, FMA = 1 << 12, F16C = 1 << 29, POPCNT = 1 << 23, AVX2 = 1 << 5 };
enum { AVX512F = 1 << 16, AVX512DQ = 1 << 17, AVX512BW = 1 << 30 };
#    define AVX512VL (1u << 31)

/* the register state that the operating system saves: bits 1-2 SSE and AVX, 5-7 AVX-512 */
static unsigned saved_state(void)
{
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & OSXSAVE)) {
        return 0;
    }
    __asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
    return a;
}

static int has_avx2(void)
{
    unsigned a, b, c, d, need = FMA | F16C | POPCNT;
    if ((saved_state() & 0x6) != 0x6 || !__get_cpuid(1, &a, &b, &c, &d) || (c & need) != need) {
        return 0;
    }
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & AVX2);
}

static int has_avx512(void)
{
    unsigned a, b, c, d, need = AVX512F | AVX512DQ | AVX512BW | AVX512VL;
    if (!has_avx2() || (saved_state() & 0xe6) != 0xe6) {
        return 0;
    }
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & need) == need;
}
#endif

/* best first */
static const target TARGETS[] = {
#ifdef LL_HAVE_AVX512
    {&avx512, &ll_model_avx2, has_avx512},
#endif
#ifdef LL_HAVE_AVX2
    {&avx2, &ll_model_avx2, has_avx2},
#endif
#ifdef LL_HAVE_NEON
    {&neon, &ll_model_neon, always},
#endif
#ifdef LL_HAVE_BASELINE
    {&baseline, &ll_model_baseline, always},
#endif
    {&generic, &ll_model_generic, always},
};

enum { N_TARGETS = sizeof TARGETS / sizeof *TARGETS };

/* a list of the names; of those that run here, or of all */
static PyObject *names(int only_usable)
{
    PyObject *list = PyList_New(0);
    for (int i = 0; list && i < N_TARGETS; i++) {
        if (only_usable && !TARGETS[i].runs()) {
            continue;
        }
        PyObject *name = PyUnicode_FromString(TARGETS[i].kernels->name);
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

const ll_kernels *ll_choose_target(void)
{
    const char *wanted = getenv("LOGITLAB_TARGET");
    for (int i = 0; i < N_TARGETS; i++) {
        int named = !wanted || !*wanted || strcmp(wanted, TARGETS[i].kernels->name) == 0;
        if (named && TARGETS[i].runs()) {
            return TARGETS[i].kernels;
        }
    }
    refuse(wanted);
    return NULL;
}

const ll_model *ll_choose_model(const ll_kernels *kernels)
{
    int i = 0;
    while (TARGETS[i].kernels != kernels) {
        i++;
    }
    return TARGETS[i].model;
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
