"""A program that hashes what every step computes, on rows of both dtypes, short and long.

A step that the list below lacks is added to it with numbers from the table of steps; tools/make_draws.py then
publishes the new digest.
"""

from logitlab.sampling.steps.base import registry

from .examples import step_of

BATTERY = """
import hashlib
import numpy as np
import logitlab as ll
from logitlab.sampling import *

steps = [
    Temperature(0.7), DynamicTemperature(1.0, 0.5, 0.7), TopK(70), TopK(9, "keep"), TopP(0.8, 5, True),
    TopP(0.3, renormalise=False), TopP(0.7, 3, ties="keep"), MinP(0.03),
    TypicalP(0.9), TypicalP(0.5, strict=True, ties="keep"), EpsilonCutoff(1e-3), EtaCutoff(1e-2), TopNSigma(1.3),
    EpsilonCutoff(0.6, 2, "keep"),
    TopH(0.6), TopA(0.3), PLess(), TailFree(0.97), Smoothing(0.3, 1.5),
    XTC(0.5, 0.01), XTC(0.7, 0.02, 0, True, "keep"),
    RepetitionPenalty(1.3), PresencePenalty(0.7), FrequencyPenalty(0.2, 8), DRY(0.8),
    Mirostat(2.0, 0.3), MirostatV2(2.0, 0.3), AdaptiveP(0.3, 0.5),
    NoRepeatNGram(2), LogitBias({1: 2.5, 2: float("-inf")}), MinNewTokens(99, 2),
    BanTokens([0, (3, 1)], "generated"),
]
digest = hashlib.sha256()
rng = np.random.default_rng(0)
for dtype in (np.float16, np.float32, np.float64):
    for n in (9, 17, 65, 512, 513, 4001):
        for scale in (1, 5):
            row = (rng.standard_normal(n) * scale).astype(dtype)
            row[rng.random(n) < 0.1] = -np.inf
            row[3] = 1
            history = rng.integers(0, 4, 30)
            for step in steps:
                for chain in ([step], [step, TopP(0.9)], [Temperature(1.7), step]):
                    sampler = ll.Sampler(chain)
                    state = sampler.start()
                    if state:
                        generator = np.random.default_rng(n)
                        for _ in range(5):
                            token, state = sampler.step(row, state, generator, history=history)
                            digest.update(np.array([token, *np.ravel(state)]).tobytes())
                    else:
                        digest.update(sampler.sample(row, size=5, rng=n, history=history).tobytes())
                    trace = sampler.trace(row, history=history, state=state)
                    for array in (trace._records, trace.removed_by, trace.margin, trace.before, trace.after):
                        digest.update(array.tobytes())
            p = np.sort(ll.softargmax(row.astype(np.float64)))[::-1]
            for share in np.cumsum(p)[:200:9]:  # so close that single weights cannot tell
                digest.update(ll.Sampler(top_p=min(share, 1.0)).trace(row).removed_by.tobytes())
            if n > 100:
                everything, state = ll.Sampler(steps[21:] + steps[:21]), None
                for _ in range(5):
                    token, state = everything.step(row, state, n, history=history)
                    digest.update(np.array([token, *np.ravel(state[:2]), *state[2]]).tobytes())
print(ll.targets()["used"], digest.hexdigest())
"""

_LISTED = BATTERY[: BATTERY.index("digest =")]
_NEW = [step_of(kind) for kind, step in registry.items() if f"{step.__name__}(" not in _LISTED]
BATTERY = BATTERY.replace("digest =", f"steps += {_NEW}\ndigest =", 1) if _NEW else BATTERY
