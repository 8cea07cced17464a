/* clang-format off */
/* The docstrings of the functions; the first line of each is what inspect.signature reads. A literal is a line of the
   text, so the formatter is off: it would break the longer lines in the middle of a sentence. */
#include "api.h"

#define PARAMETERS "\nParameters\n----------\n"
#define RETURNS "\nReturns\n-------\n"
#define RAISES "\nRaises\n------\n"
#define NOTES "\nNotes\n-----\n"
#define EXAMPLES "\nExamples\n--------\n>>> import numpy as np, logitlab as ll\n"
#define WORKERS                                                                                    \
    "workers : int, optional\n" \
    "    How many threads may share the rows of a batch, as in `softargmax`.\n"

const char ll_softargmax_doc[] =
    "softargmax($module, /, x, T=1.0, *, axis=-1, out=None, workers=None)\n"
    "--\n"
    "\n"
    "Softmax with a temperature: exp(x / T), divided by its sum along the axis.\n"
    PARAMETERS
    "x : array_like\n"
    "    Logits, of any shape and strides. float16, bfloat16 (ml_dtypes), float32 and float64 keep\n"
    "    their dtype; integers and bool become float64.\n"
    "T : float or array_like of float, optional\n"
    "    Temperature, used as float64; broadcasts against the batch (the shape without the axis), so\n"
    "    that ``T=[0.1, 1, 5]`` gives three rows. A temperature for each of N rows has the shape (N,), not\n"
    "    (N, 1). 0 gives 1 to the first maximum; inf makes all that is not -inf equally likely.\n"
    "axis : int, tuple of int or None, optional\n"
    "    The axis that sums to 1, or several that do together; None is the whole array.\n"
    "out : ndarray, optional\n"
    "    Where to write the result; may be x itself. Its shape and dtype must be the result's.\n"
    "workers : int, optional\n"
    "    How many threads may share the rows of a batch, as in scipy.fft: -1 is every core that this process\n"
    "    may use, -2 all but one; None is the value of `set_workers`. The bits are the same for any number. A\n"
    "    single row is not divided, and neither is a batch that is done in microseconds.\n"
    RETURNS
    "ndarray\n"
    "    In native byte order. Never overflows; at most 2.5 units in the last place from the exact\n"
    "    value for T in [1e-3, 1e3] (float16 and bfloat16: 1 unit), and the same bits on every CPU.\n"
    "    -inf has probability 0; +inf shares the whole with the other +inf; a row with a NaN, or of\n"
    "    nothing but -inf, is NaN. float32, bfloat16 and float64 results below the smallest normal number are 0.\n"
    RAISES
    "TypeError\n"
    "    For a dtype that is not a real number's, for a masked array, for workers that are not an integer, for a name that is not an argument.\n"
    "ValueError\n"
    "    For a scalar, an axis without elements, a negative T or NaN, a T that does not broadcast, an out\n"
    "    that does not fit, workers out of range (nothing is written then).\n"
    NOTES
    "This is the Boltzmann distribution, with T as in Ackley, Hinton and Sejnowski, \"A learning\n"
    "algorithm for Boltzmann machines\", Cognitive Science 9 (1985).\n"
    EXAMPLES
    ">>> logits = np.array([0.2, 0.3, 0.1, 0.4])\n"
    ">>> ll.softargmax(logits, T=0.1)\n"
    "array([0.08714432, 0.23688282, 0.0320586 , 0.64391426])\n"
    ">>> ll.softargmax(logits, T=[0, 1]).round(2)\n"
    "array([[0.  , 0.  , 0.  , 1.  ],\n"
    "       [0.24, 0.26, 0.21, 0.29]])\n";

const char ll_log_softargmax_doc[] =
    "log_softargmax($module, /, x, T=1.0, *, axis=-1, out=None, workers=None)\n"
    "--\n"
    "\n"
    "Logarithms of the probabilities of `softargmax`: x / T - log(sum(exp(x / T))).\n"
    PARAMETERS
    "x : array_like\n"
    "    Logits, as in `softargmax`.\n"
    "T : float or array_like of float, optional\n"
    "    Temperature, as in `softargmax`.\n"
    "axis : int, tuple of int or None, optional\n"
    "    The axis of the distribution, or several; None is the whole array.\n"
    "out : ndarray, optional\n"
    "    Where to write the result; may be x itself.\n"
    WORKERS
    RETURNS
    "ndarray\n"
    "    Natural logarithms, never above 0. At most 4 units from the exact value, a unit being the\n"
    "    larger of the result's last place and the dtype's eps; not flushed: what has a probability of\n"
    "    0 in `softargmax` keeps a finite logarithm here, unless its logit is -inf.\n"
    RAISES
    "TypeError\n"
    "    For a dtype that is not a real number's, for a masked array, for workers that are not an integer, for a name that is not an argument.\n"
    "ValueError\n"
    "    For a scalar, an axis without elements, a negative T or NaN, a T that does not broadcast, an out\n"
    "    that does not fit, workers out of range.\n"
    NOTES
    "The same distribution as `softargmax` (Ackley, Hinton and Sejnowski 1985), and what engines call logprobs.\n"
    EXAMPLES
    ">>> ll.log_softargmax([0.0, 0.0])\n"
    "array([-0.69314718, -0.69314718])\n"
    ">>> ll.log_softargmax(np.array([0.0, -1000.0]))\n"
    "array([    0., -1000.])\n";

const char ll_logsumexp_doc[] =
    "logsumexp($module, /, x, T=1.0, *, axis=-1, workers=None)\n"
    "--\n"
    "\n"
    "Logarithm of the sum of exp(x / T): what `log_softargmax` subtracts from x / T.\n"
    PARAMETERS
    "x : array_like\n"
    "    Logits, as in `softargmax`.\n"
    "T : float or array_like of float, optional\n"
    "    Temperature, as in `softargmax`.\n"
    "axis : int, tuple of int or None, optional\n"
    "    The axis of the sum, or several; None is the whole array.\n"
    WORKERS
    RETURNS
    "ndarray, or a scalar\n"
    "    Of the batch shape (the shape without the axis, broadcast with that of T) and of the dtype of\n"
    "    `softargmax`; a scalar for one row. It overflows only where the result does; at most 4 units from the\n"
    "    exact value for T in [1e-3, 1e3], a unit being the larger of the result's last place and the\n"
    "    dtype's eps; the same bits on every CPU. -inf adds nothing, and nothing but -inf gives -inf, as in SciPy;\n"
    "    +inf gives inf, a NaN NaN. At T = 0 it is the limit from above: inf, or -inf where all of x is\n"
    "    below 0, or the logarithm of how many are 0 where that is the largest.\n"
    RAISES
    "TypeError\n"
    "    For a dtype that is not a real number's, for a masked array, for workers that are not an integer, for a name that is not an argument.\n"
    "ValueError\n"
    "    For a scalar, an axis without elements, a negative T or NaN, a T that does not broadcast,\n"
    "    workers out of range.\n"
    NOTES
    "T times this is the free energy of Ackley, Hinton and Sejnowski (1985) with its sign changed.\n"
    "``scipy.special.logsumexp`` and ``torch.logsumexp`` are the same at T = 1.\n"
    EXAMPLES
    ">>> ll.logsumexp(np.array([[0.0, 0.0], [1000.0, 0.0]]))\n"
    "array([6.93147181e-01, 1.00000000e+03])\n"
    ">>> float(ll.logsumexp([1000.0, 1000.0], T=10.0).round(4))\n"
    "100.6931\n";

const char ll_token_logprobs_doc[] =
    "token_logprobs($module, /, logits, tokens, T=1.0, *, axis=-1, workers=None)\n"
    "--\n"
    "\n"
    "The log-probability of one given token of each row, without writing the row.\n"
    PARAMETERS
    "logits : array_like\n"
    "    As in `softargmax`; one row for each token.\n"
    "tokens : array_like of int\n"
    "    Which token of each row, in [0, n). Its shape broadcasts to the batch shape (the shape without the\n"
    "    axis, broadcast with that of T): N rows take N tokens of shape (N,), not (N, 1), or one for all.\n"
    "T : float or array_like of float, optional\n"
    "    Temperature, as in `softargmax`.\n"
    "axis : int, tuple of int or None, optional\n"
    "    The axis of the vocabulary; several, or None for the whole array, are taken as one in C order.\n"
    WORKERS
    RETURNS
    "ndarray, or a scalar\n"
    "    Of the batch shape and of the dtype of `softargmax`; a scalar for one row. Each number has the bits\n"
    "    that `log_softargmax` has for that token: natural logarithm, never above 0, at most 4 units from\n"
    "    the exact value; -inf for a logit of -inf; NaN for a row with a NaN or of nothing but -inf.\n"
    RAISES
    "TypeError\n"
    "    For a dtype that is not a real number's, for tokens that are not integers, for a masked array, for a\n"
    "    name that is not an argument.\n"
    "ValueError\n"
    "    For a scalar, an axis without elements, a negative T or NaN, a T or tokens that do not broadcast,\n"
    "    workers out of range, a token outside the row (the message names the place).\n"
    NOTES
    "The mean of its negative is the cross-entropy loss of labels; the exponential of that mean is the\n"
    "perplexity of a text (Jelinek et al., \"Perplexity: a measure of the difficulty of speech\n"
    "recognition tasks\", 1977). ``-torch.nn.functional.cross_entropy(logits, tokens, reduction=\"none\")``\n"
    "is the same at T = 1.\n"
    EXAMPLES
    ">>> logits = np.array([[0.2, 0.3, 0.1, 0.4], [4.0, 0.0, 0.0, 0.0]])\n"
    ">>> logprobs = ll.token_logprobs(logits, [3, 0])\n"
    ">>> logprobs.round(4)\n"
    "array([-1.2425, -0.0535])\n"
    ">>> float(np.exp(-logprobs.mean()).round(4))   # perplexity\n"
    "1.9117\n";

const char ll_top_k_doc[] =
    "top_k($module, /, logits, k, *, axis=-1, order=\"ascending\", return_indices=False, workers=None)\n"
    "--\n"
    "\n"
    "The k largest values along the axis, in ascending order or best first.\n"
    PARAMETERS
    "logits : array_like\n"
    "    Of any shape and strides. Integers are ordered exactly and keep their dtype, as floats do.\n"
    "k : int\n"
    "    How many; more than there are gives all, 0 an empty axis.\n"
    "axis : int, tuple of int or None, optional\n"
    "    Along which axis. Several become one, the last of the result, and an index counts through them in\n"
    "    C order; None is the whole array, flat.\n"
    "order : {\"ascending\", \"descending\"}, optional\n"
    "    Ascending is the default; descending is best first.\n"
    "return_indices : bool, optional\n"
    "    Whether to return (values, indices), as ``np.top_k`` and ``torch.topk`` do.\n"
    WORKERS
    RETURNS
    "ndarray, or a tuple of two\n"
    "    Exactly k values, of equal ones those with the lowest index; -0.0 is equal to 0.0, and a NaN\n"
    "    is taken only when nothing else is left. Ascending, the first is the k-th largest; descending, the\n"
    "    last. One is the other reversed; of equal values, descending has the lowest index first.\n"
    "    With `return_indices`, the values and what `argtop_k` returns.\n"
    RAISES
    "TypeError\n"
    "    For a dtype that is not a real number's, for a masked array, for a k or workers that are not an integer, for a name that is not an argument.\n"
    "ValueError\n"
    "    For a scalar, an axis without elements, a negative k, workers out of range, an order of another name.\n"
    NOTES
    "Top-k sampling is from Fan, Lewis and Dauphin, \"Hierarchical neural story generation\" (2018),\n"
    "arXiv:1805.04833. ``np.top_k`` and ``torch.topk`` return values and indices, best first.\n"
    EXAMPLES
    ">>> logits = np.array([0.2, 0.3, 0.1, 0.4])\n"
    ">>> ll.top_k(logits, k=2)\n"
    "array([0.3, 0.4])\n"
    ">>> ll.top_k(logits, k=2, order=\"descending\", return_indices=True)\n"
    "(array([0.4, 0.3]), array([3, 1]))\n";

const char ll_argtop_k_doc[] =
    "argtop_k($module, /, logits, k, *, axis=-1, order=\"ascending\", workers=None)\n"
    "--\n"
    "\n"
    "The indices of the k largest values along the axis, in the order of `top_k`.\n"
    PARAMETERS
    "logits : array_like\n"
    "    As in `top_k`.\n"
    "k : int\n"
    "    How many; more than there are gives all.\n"
    "axis : int, tuple of int or None, optional\n"
    "    Along which axis. Several become one, the last of the result, and an index counts through them in\n"
    "    C order; None is the whole array, flat.\n"
    "order : {\"ascending\", \"descending\"}, optional\n"
    "    Ascending is the default; descending is best first.\n"
    WORKERS
    RETURNS
    "ndarray of intp\n"
    "    ``np.take_along_axis(logits, argtop_k(logits, k), -1)`` is ``top_k(logits, k)``;\n"
    "    ``argtop_k(x, 1)`` is ``np.argmax(x)`` where there is no NaN.\n"
    RAISES
    "TypeError\n"
    "    For a dtype that is not a real number's, for a masked array, for a k or workers that are not an integer, for a name that is not an argument.\n"
    "ValueError\n"
    "    For a scalar, an axis without elements, a negative k, workers out of range, an order of another name.\n"
    NOTES
    "Ties go to the lowest index (what jax.lax.top_k promises and torch.topk does not).\n"
    EXAMPLES
    ">>> ll.argtop_k(np.array([0.2, 0.3, 0.1, 0.4]), k=2)\n"
    "array([1, 3])\n";

const char ll_sample_doc[] =
    "sample($module, /, logits, *, temperature=1.0, top_k=None, top_p=None, min_p=None, size=None, axis=-1, rng=None, workers=None, **options)\n"
    "--\n"
    "\n"
    "Draw a token from logits: top_k, then top_p, then min_p, then the temperature, each only when given.\n"
    PARAMETERS
    "logits : array_like\n"
    "    Of any shape and strides; one row per token to draw. Probabilities p become logits by np.log(p).\n"
    "temperature : float or array_like of float, optional\n"
    "    Applied last, as llama.cpp and Ollama do; 0 takes the first maximum.\n"
    "top_k : int or array_like of int, optional\n"
    "    Keep the k largest; None or 0 keeps all.\n"
    "top_p : float or array_like of float, optional\n"
    "    Keep the shortest prefix, best first, whose mass (before the temperature) reaches top_p; in\n"
    "    [0, 1], 1 keeps all, 0 one token.\n"
    "min_p : float or array_like of float, optional\n"
    "    Keep what is at least min_p times as likely as the best; in [0, 1].\n"
    "size : int or tuple of int, optional\n"
    "    How many tokens to draw from each row; the result's shape is the batch shape + size.\n"
    "axis : int, tuple of int or None, optional\n"
    "    The axis of the vocabulary; several, or None for the whole array, are taken as one in C order.\n"
    "rng : numpy.random.Generator, BitGenerator, SeedSequence, int or None, optional\n"
    "    Where random doubles come from (SPEC 7). An int means ``Generator(PCG64(int))``, pinned.\n"
    "    np.random.seed() has no effect.\n"
    "workers : int, optional\n"
    "    How many threads may share the rows of a batch, as in `softargmax`; the doubles are\n"
    "    drawn before, so the tokens are the same for any number.\n"
    "**options\n"
    "    Every other option of a `Sampler` (typical_p, repeat_penalty, ...), in Ollama's order, with\n"
    "    ``history`` and ``generated`` as in `Sampler.sample`.\n"
    RETURNS
    "ndarray of intp, or a scalar\n"
    "    Token indices; a scalar for one row without `size`.\n"
    RAISES
    "TypeError\n"
    "    For a dtype that is not a real number's, for a masked array, for workers that are not an integer, for a name that is not an option.\n"
    "ValueError\n"
    "    For a scalar, an axis without elements, a parameter out of its range or one that does not broadcast\n"
    "    against the batch, workers out of range, a row with a NaN or of nothing but -inf (the message names the row).\n"
    NOTES
    "The draw is exact in integers, so the same logits and seed give the same tokens on every CPU. The\n"
    "weight of token i is ``q = rint(w * 2**s)``, with w = exp(logit / T) scaled so that the largest is\n"
    "near 1 and ``s = min(44, 62 - ceil(log2(n)))``. One double u of the generator, taken as the 53-bit\n"
    "integer ``u * 2**53``, gives the first token, in token order, whose running sum of q exceeds\n"
    "``floor(u * 2**53 * sum(q) / 2**53)``. Each row takes exactly one double (`size` draws: that many),\n"
    "in C order, also at temperature 0; xtc_probability takes one more, for its coin, before the draw.\n"
    "`logitlab.reference` has the rule in plain Python.\n"
    "\n"
    "top_k is from Fan et al. 2018 (arXiv:1805.04833), top_p from Holtzman et al. 2020\n"
    "(arXiv:1904.09751), min_p from Nguyen et al. 2024 (arXiv:2407.01082); the order is llama.cpp's.\n"
    EXAMPLES
    ">>> logits = np.array([0.2, 0.3, 0.1, 0.4])\n"
    ">>> int(ll.sample(logits, temperature=0.8, top_k=2, rng=7))\n"
    "3\n"
    ">>> ll.sample(logits, temperature=[0, 1, 1], rng=0)\n"
    "array([3, 1, 0])\n";
