"""What each library's users would write. A library has a method for each kind of work that it can do; the
method gives the `Code`. A library that is not installed takes no part.

Works: softargmax(T), log_softargmax(T), top_k(k), argtop_k(k), draw(T, k, p): top_k and top_p None when
they are off. Every method also gets the shape and dtype of the rows. One thread everywhere.
"""

import contextlib
import importlib.metadata
import importlib.util
import os

import numpy as np

from benchmarks.clock import Code

T_OF_ORT = {"float32": 1, "float64": 11}  # onnx.TensorProto's numbers


class Logitlab:
    name = "logitlab"

    def __init__(self):
        import logitlab

        self.ll = logitlab
        self.rng = np.random.default_rng(1)

    def softargmax(self, T, **_):
        return Code("softargmax(x, T)", {"softargmax": self.ll.softargmax, "T": T})

    def log_softargmax(self, T, **_):
        return Code("log_softargmax(x, T)", {"log_softargmax": self.ll.log_softargmax, "T": T})

    def logsumexp(self, T, **_):
        return Code("logsumexp(x, T)", {"logsumexp": self.ll.logsumexp, "T": T})

    def token_logprobs(self, T, shape, **_):
        names = {"token_logprobs": self.ll.token_logprobs, "tokens": labels(shape), "T": T}
        return Code("token_logprobs(x, tokens, T)", names)

    def top_k(self, k, **_):
        return Code("top_k(x, k)", {"top_k": self.ll.top_k, "k": k})

    def argtop_k(self, k, **_):
        return Code("argtop_k(x, k)", {"argtop_k": self.ll.argtop_k, "k": k})

    def draw(self, T, k, p, **_):
        names = {"sample": self.ll.sample, "T": T, "k": k, "p": p, "rng": self.rng}
        given = ["temperature=T"] + ["top_k=k"] * (k is not None) + ["top_p=p"] * (p is not None)
        return Code(f"sample(x, {', '.join(given)}, rng=rng)", names)


def labels(shape):
    """A token for each row."""
    return np.arange(shape[0]) * 7919 % shape[-1]


def helper_softargmax(x, T=1.0):
    e_x = np.exp(x / T)
    return e_x / e_x.sum()


def helper_top_k(logits, k):
    return logits[np.argsort(logits)[-k:]]


class Helper:
    """The lines that a script has in its own file, as the tutorial writes them."""

    name = "helper"

    def softargmax(self, T, shape, **_):
        if len(shape) == 1:
            return Code("softargmax(x, T)", {"softargmax": helper_softargmax, "T": T})

    def log_softargmax(self, T, shape, **_):
        if len(shape) == 1:
            names = {"softargmax": helper_softargmax, "log": np.log, "T": T}
            return Code("log(softargmax(x, T))", names)

    def top_k(self, k, shape, **_):
        if len(shape) == 1:
            return Code("top_k(x, k)", {"top_k": helper_top_k, "k": k})

    def argtop_k(self, k, shape, **_):
        if len(shape) == 1:
            return Code("argsort(x)[-k:]", {"argsort": np.argsort, "k": k})

    def draw(self, T, k, p, shape, **_):
        if len(shape) == 1 and k is None and p is None:
            names = {"choice": np.random.default_rng(1).choice, "softargmax": softargmax_for_choice, "T": T}
            return Code("choice(x.size, p=softargmax(x, T))", names)


def softargmax_for_choice(x, T):
    """Generator.choice wants probabilities whose sum is 1 in float64."""
    return helper_softargmax(x.astype(np.float64), T)


class NumPy:
    """What somebody who knows NumPy well writes."""

    name = "numpy"

    def top_k(self, k, shape, **_):
        if len(shape) > 1:
            return Code("sort(x)[..., -k:]", {"sort": np.sort, "k": k})
        return Code("top_k(x, k)", {"top_k": self.partition, "k": k})

    @staticmethod
    def partition(x, k):
        best = x[np.argpartition(x, -k)[-k:]]
        best.sort()
        return best

    def draw(self, T, k, p, shape, **_):
        if p is not None:
            return None
        draw = {1: self.draw_row, 2: self.draw_rows}[len(shape)] if k is None else self.draw_top_k
        if k is not None and len(shape) == 2:
            return None
        return Code("draw(x, T, k)", {"draw": draw, "T": T, "k": k})

    rng = np.random.default_rng(1)

    @classmethod
    def draw_row(cls, x, T, k):
        cdf = np.cumsum(np.exp((x - x.max()) / T), dtype=np.float64)
        return np.searchsorted(cdf, cls.rng.random() * cdf[-1], "right")

    @classmethod
    def draw_rows(cls, x, T, k):
        return np.array([cls.draw_row(row, T, k) for row in x])

    @classmethod
    def draw_top_k(cls, x, T, k):
        best = np.argpartition(x, -k)[-k:]
        return best[cls.draw_row(x[best], T, k)]


class SciPy:
    name = "scipy"

    def __init__(self):
        import scipy.special

        self.special = scipy.special

    def softargmax(self, T, **_):
        return Code("softmax(x / T, axis=-1)", {"softmax": self.special.softmax, "T": T})

    def log_softargmax(self, T, **_):
        return Code("log_softmax(x / T, axis=-1)", {"log_softmax": self.special.log_softmax, "T": T})

    def logsumexp(self, T, **_):
        return Code("logsumexp(x / T, axis=-1)", {"logsumexp": self.special.logsumexp, "T": T})

    def token_logprobs(self, T, shape, **_):
        names = {"log_softmax": self.special.log_softmax, "take": np.take_along_axis, "T": T}
        names["tokens"] = labels(shape)[:, None]
        return Code("take(log_softmax(x / T, axis=-1), tokens, -1)", names)


class Torch:
    name = "torch"

    def __init__(self):
        import torch

        torch.set_num_threads(1)
        self.torch = torch

    def code(self, statement, **names):
        names = {"torch": self.torch, "softmax": self.torch.softmax, **names}
        return Code(statement, names, setup="t = torch.from_numpy(x)")

    def softargmax(self, T, **_):
        return self.code("softmax(t / T, -1)", T=T)

    def log_softargmax(self, T, **_):
        return self.code("torch.log_softmax(t / T, -1)", T=T)

    def logsumexp(self, T, **_):
        return self.code("torch.logsumexp(t / T, -1)", T=T)

    def token_logprobs(self, T, shape, **_):
        tokens = self.torch.from_numpy(labels(shape)[:, None])
        return self.code("torch.log_softmax(t / T, -1).gather(-1, tokens)", T=T, tokens=tokens)

    def top_k(self, k, **_):
        return self.code("torch.topk(t, k).values", k=k)

    def argtop_k(self, k, **_):
        return self.code("torch.topk(t, k).indices", k=k)

    def draw(self, T, k, p, shape, **_):
        if p is not None:
            return self.code("draw(t, T, p)", draw=self.draw_top_p, T=T, p=p) if k is None else None
        if k is not None:
            return self.code("draw(t, T, k)", draw=self.draw_top_k, T=T, k=k)
        return self.code("torch.multinomial(softmax(t / T, -1), 1)", T=T)

    def draw_top_k(self, t, T, k):
        values, tokens = self.torch.topk(t, k)
        return tokens.gather(-1, self.torch.multinomial(self.torch.softmax(values / T, -1), 1))

    def draw_top_p(self, t, T, p):
        values, tokens = self.torch.sort(t, descending=True)
        weights = self.torch.softmax(values, -1)
        kept = values[: int((weights.cumsum(-1) < p).sum()) + 1]
        return tokens[self.torch.multinomial(self.torch.softmax(kept / T, -1), 1)]


class Jax:
    name = "jax"

    def __init__(self):
        import jax

        jax.config.update("jax_platforms", "cpu")
        jax.config.update("jax_enable_x64", True)
        self.jax = jax
        self.key = jax.random.PRNGKey(0)

    def code(self, function):
        # compiled by the warm-up, outside the timing
        return Code("f(x).block_until_ready()", {"f": self.jax.jit(function)})

    def softargmax(self, T, **_):
        return self.code(lambda x: self.jax.nn.softmax(x / T))

    def log_softargmax(self, T, **_):
        return self.code(lambda x: self.jax.nn.log_softmax(x / T))

    def top_k(self, k, **_):
        return self.code(lambda x: self.jax.lax.top_k(x, k)[0])

    def argtop_k(self, k, **_):
        return self.code(lambda x: self.jax.lax.top_k(x, k)[1])

    def draw(self, T, k, p, shape, **_):
        if p is not None or len(shape) == 2:
            return None
        return self.code(lambda x: self.draw_one(x, T, k))

    def draw_one(self, x, T, k):
        if k is None:
            return self.jax.random.categorical(self.key, x / T)
        values, tokens = self.jax.lax.top_k(x, k)
        return tokens[self.jax.random.categorical(self.key, values / T)]


class OnnxRuntime:
    name = "onnxruntime"

    def __init__(self):
        import onnx.helper
        import onnxruntime

        self.helper, self.runtime = onnx.helper, onnxruntime

    def code(self, nodes, constants, output, shape, dtype):
        h, kind = self.helper, T_OF_ORT[dtype]
        tensors = [h.make_tensor(name, *rest) for name, *rest in constants]
        inputs = [h.make_tensor_value_info("x", kind, shape)]
        outputs = [h.make_tensor_value_info(output, kind, None)]
        graph = h.make_graph([h.make_node(*node) for node in nodes], "graph", inputs, outputs, tensors)
        model = h.make_model(graph, opset_imports=[h.make_opsetid("", 18)], ir_version=9)
        options = self.runtime.SessionOptions()
        options.intra_op_num_threads = 1
        session = self.runtime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        return Code("run(None, {'x': x})[0]", {"run": session.run})

    def softargmax(self, T, shape, dtype, **_):
        constants = [("T", T_OF_ORT[dtype], [], [T])]
        nodes = [("Div", ["x", "T"], ["scaled"]), ("Softmax", ["scaled"], ["p"])]
        return self.code(nodes, constants, "p", shape, dtype)

    def top_k(self, k, shape, dtype, **_):
        return self.code([("TopK", ["x", "k"], ["v", "i"])], [("k", 7, [1], [k])], "v", shape, dtype)


LIBRARIES = [Logitlab, Helper, NumPy, SciPy, Torch, Jax, OnnxRuntime]


def installed(only=None):
    """The libraries that can be imported, logitlab first."""
    from benchmarks.llama import LlamaCpp  # it loads a shared library, and only here

    found = []
    for library in [*LIBRARIES, LlamaCpp]:
        if only is None or library.name in only or library is Logitlab:
            with contextlib.suppress(ImportError):
                found.append(library())
    return found


def versions():
    """{distribution: version} of what is compared."""
    names = ["logitlab", "numpy", "scipy", "torch", "jax", "onnxruntime", "xllamacpp"]
    found = {}
    for name in names:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


def one_thread():
    """To be called before a library is imported: each reads its own variable then."""
    for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR"):
        os.environ[f"{name}_NUM_THREADS"] = "1"
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
