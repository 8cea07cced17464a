"""Text to token ids and back, as SmolLM2 was trained: byte-level BPE after GPT-2's split into words.

PyPI's `tokenizers` runs the merges. What is said here is what is this model's own: every character of the
Unicode class N stands alone, before GPT-2's split (llama.cpp's pre-tokenizer `smollm`), and control tokens
such as `<|im_end|>` are found in any text, as llama.cpp and so Ollama do.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from logitlab.extras import need
from logitlab.llms.smol.gguf_file import GGUFError, GGUFFile
from logitlab.masks import plain_items
from logitlab.messages import shown

CONTROL = 3  # GGUF's number for a token that is never text
# Control tokens after which an answer is over, beside the file's own `eos`: llama.cpp's list, as far as it
# goes here.
_ENDS = ("<|endoftext|>", "<|im_end|>", "<reponame>")


def byte_alphabet() -> dict[str, int]:
    """GPT-2's 256 printable characters and the byte each stands for.

    Bytes that are printable in Latin-1 stand for themselves; the others follow from U+0100 on.
    """
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + i): byte for i, byte in enumerate(others)}


class Tokenizer:
    """The vocabulary of a GGUF file."""

    def __init__(self, file: GGUFFile) -> None:
        file.require("tokenizer.ggml.model", ["gpt2"])
        file.require("tokenizer.ggml.pre", ["smollm"])
        tokens, types = file.get("tokenizer.ggml.tokens"), file.get("tokenizer.ggml.token_type")
        if not len(types) == len(tokens) == len(set(tokens)):
            raise GGUFError(f"{file.path}: {len(tokens)} tokens need as many types and all to be different")
        self._control = frozenset(i for i, kind in enumerate(types) if kind == CONTROL)
        alphabet, known = byte_alphabet(), set(tokens)
        self._unknown = frozenset(byte for letter, byte in alphabet.items() if letter not in known)
        texts = ["" if i in self._control else token for i, token in enumerate(tokens)]
        if strange := set().union(*texts) - alphabet.keys():
            raise GGUFError(f"{file.path} has a token with {min(strange)!r}, which stands for no byte")
        bytes_of = str.maketrans({letter: chr(byte) for letter, byte in alphabet.items()})
        self._pieces = [
            tokens[i].encode() if i in self._control else text.translate(bytes_of).encode("latin-1")
            for i, text in enumerate(texts)
        ]
        self._bpe = _bpe(file, tokens, [tokens[i] for i in sorted(self._control)])
        eos = file.get("tokenizer.ggml.eos_token_id")
        self.ends = frozenset({eos, *(i for i in self._control if tokens[i] in _ENDS)})

    def __len__(self) -> int:
        return len(self._pieces)

    def encode(self, text: str) -> list[int]:
        """Return the token ids of `text`. A character that the vocabulary cannot spell is a ValueError.

        SmolLM2 has no token for 21 bytes: those that UTF-8 never has, six control characters (U+0004 is one)
        and the first byte of U+40000 to U+BFFFF. Other engines drop them silently.
        """
        try:
            missing = self._unknown.intersection(text.encode())
        except UnicodeEncodeError as error:
            raise ValueError(f"the text is not valid Unicode: {error}") from None
        if missing:
            character = next(c for c in text if missing.intersection(c.encode()))
            raise ValueError(f"the model has no token for {character!r} (U+{ord(character):04X})")
        ids: list[int] = self._bpe.encode(text, add_special_tokens=False).ids
        return ids

    def piece(self, token: int) -> bytes:
        """Return the bytes that a token adds to an answer, none for a control token; maybe part of a character."""
        return b"" if token in self._control else self._pieces[token]

    def decode(self, tokens: Iterable[int]) -> str:
        """Return the text of token ids, control tokens included; bytes that are no character become U+FFFD."""
        return b"".join(self._pieces[token] for token in self.check(tokens)).decode(errors="replace")

    def check(self, tokens: Iterable[int]) -> list[int]:
        """Return the ids as a list of int, each of them in the vocabulary."""
        ids = np.asarray(plain_items(tokens, "token ids"))
        if ids.ndim != 1 or (ids.size and ids.dtype.kind not in "iu"):
            raise TypeError(f"token ids must be integers in one dimension, got {shown(tokens)}")
        outside = [int(token) for token in ids if not 0 <= token < len(self)]
        if outside:
            raise ValueError(f"token ids must be in [0, {len(self)}), got {outside[0]}")
        return [int(token) for token in ids]


def _bpe(file: GGUFFile, tokens: Sequence[str], control: Sequence[str]) -> Any:
    library = need("tokenizers", "model")
    split = library.pre_tokenizers
    merges = [tuple(merge.split(" ")) for merge in file.get("tokenizer.ggml.merges")]
    try:
        bpe = library.Tokenizer(library.models.BPE({token: i for i, token in enumerate(tokens)}, merges))
    except Exception as error:  # the library raises nothing more special
        raise GGUFError(f"{file.path}: the merges do not fit the vocabulary: {error}") from error
    bpe.pre_tokenizer = split.Sequence(
        [split.Split(library.Regex(r"\p{N}"), "isolated"), split.ByteLevel(add_prefix_space=False)]
    )
    bpe.add_special_tokens([library.AddedToken(token, normalized=False) for token in control])
    return bpe
