"""How closely the built-in model follows llama.cpp on the same file: `python -m benchmarks.agreement`.

Logits at every position of 50 prompts, the perplexity of a fixed text, and the tokens of 5000 random strings; each
beside what it must be, and an error at the end where one is not. Both round activations to 8 bits, each in its own
way, so logits are alike and not equal. The text is tests/vectors/prose.txt, our own; llama.cpp is the library in the
wheel `xllamacpp`. The tests look at a part of this.
"""

import math
import random
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PROSE = Path(__file__).parents[1] / "tests" / "vectors" / "prose.txt"
PROMPTS, SHORTEST, LONGEST = 50, 20, 200
TEXT = 2000  # tokens whose perplexity is compared
STRINGS = 5000


def prose(llm):
    """The tokens of the fixed text."""
    return llm.tokenize(PROSE.read_text(encoding="utf-8"))[:TEXT]


def prompts(llm) -> Iterator[list[int]]:
    """50 prompts of 20 to 200 tokens, as `complete` sends them: parts of the text in the chat template."""
    tokens, (before, after) = prose(llm), template(llm)
    for i in range(PROMPTS):
        start = i * (len(tokens) - LONGEST) // PROMPTS
        length = SHORTEST + i * (LONGEST - SHORTEST) // (PROMPTS - 1) - len(before) - len(after)
        yield [*before, *tokens[start : start + length], *after]


def template(llm) -> tuple[list[int], list[int]]:
    """What the chat template puts before a question and after it."""
    mark = "?"
    tokens = llm.tokenize(mark, chat=True)
    at = tokens.index(*llm.tokenize(mark))
    return tokens[:at], tokens[at + 1 :]


def rows(llm, peer, tokens) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Both models' logits after each token."""
    network = llm._model.network
    cache = network._cache(len(tokens))
    peer.lib.llama_memory_clear(peer.lib.llama_get_memory(peer.context), True)
    for token in tokens:
        yield network.step(cache, token).astype(np.float64), peer.feed([token]).astype(np.float64)


def log_softmax(row):
    """Written out, so that what is measured is not measured with itself."""
    shifted = row - row.max()
    return shifted - math.log(np.exp(shifted).sum())


@dataclass
class Agreement:
    """What the logits of many positions have in common; `divergence` is that of ours from llama.cpp's, in nats."""

    positions: int
    correlation: float
    lowest: float
    same: float
    divergence: float

    def __str__(self) -> str:
        return (
            f"{self.positions} positions: mean correlation {self.correlation:.5f} (must be >= 0.999; the lowest is "
            f"{self.lowest:.5f}), same argmax {self.same:.2%} (>= 95%), mean KL {self.divergence:.5f} nat (<= 0.01)"
        )

    @property
    def holds(self) -> bool:
        return self.correlation >= 0.999 and self.same >= 0.95 and self.divergence <= 0.01


def agreement(pairs: Iterable[tuple[np.ndarray, np.ndarray]]) -> Agreement:
    """Of rows of logits, ours and theirs: the mean over all rows."""
    correlations, same, divergences = [], [], []
    for ours, theirs in pairs:
        correlations.append(np.corrcoef(ours, theirs)[0, 1])
        same.append(ours.argmax() == theirs.argmax())
        p, q = log_softmax(theirs), log_softmax(ours)
        divergences.append(np.sum(np.exp(p) * (p - q)))
    means = (float(np.mean(each)) for each in (correlations, same, divergences))
    correlation, share, divergence = means
    return Agreement(len(same), correlation, float(min(correlations)), share, divergence)


def perplexities(llm, peer, tokens) -> tuple[float, float]:
    """exp of the mean surprisal of each token after those before it, ours and theirs."""
    surprisals = [
        (-log_softmax(ours)[after], -log_softmax(theirs)[after])
        for (ours, theirs), after in zip(rows(llm, peer, tokens[:-1]), tokens[1:], strict=True)
    ]
    ours, theirs = np.exp(np.mean(surprisals, axis=0))
    return float(ours), float(theirs)


def strings(pieces, missing, count=STRINGS) -> Iterator[str]:
    """Random strings of pieces and of characters of all kinds that the vocabulary can spell."""
    rng = random.Random(0)
    ranges = (
        (32, 127),
        (160, 0x250),
        (0x370, 0x600),
        (0x900, 0xE80),
        (0x3040, 0x30FF),
        (0x4E00, 0x9FA0),
        (0x1F300, 0x1F650),
    )
    while count:
        parts = [
            rng.choice(pieces) if rng.random() < 0.5 else chr(rng.randrange(*rng.choice(ranges)))
            for _ in range(rng.randrange(1, 30))
        ]
        text = "".join(part for part in parts if part.isprintable() or part in pieces)
        if text and not missing.intersection(text.encode()):
            yield text
            count -= 1


def main() -> None:
    from logitlab.llms import BuiltIn
    from tests.llms.llama_cpp import Model
    from tests.llms.test_tokenizer import PIECES

    llm = BuiltIn()
    peer = Model(llm.path, context=2048)
    found = agreement(pair for prompt in prompts(llm) for pair in rows(llm, peer, prompt))
    print(f"logits, {PROMPTS} prompts of {SHORTEST} to {LONGEST} tokens, {found}", flush=True)
    ours, theirs = perplexities(llm, peer, prose(llm))
    print(
        f"perplexity of {TEXT} tokens: {ours:.4f}, llama.cpp {theirs:.4f}: {ours / theirs - 1:+.3%} (within 1%)"
    )
    texts = list(strings(PIECES, llm._model.tokenizer._unknown))
    different = [text for text in texts if llm.tokenize(text) != peer.tokenize(text)]
    print(
        f"tokeniser: {len(different)} of {len(texts)} random strings differ (must be 0) {different[:3] or ''}"
    )
    if not found.holds or abs(ours / theirs - 1) > 0.01 or different:
        sys.exit("this is not what it must be")


if __name__ == "__main__":
    main()
