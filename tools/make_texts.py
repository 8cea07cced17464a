"""Writes tests/vectors/texts.json: what the built-in model answers to some prompts, options and seeds.

    python tools/make_texts.py

The texts are published. They change only with the model's file, the arithmetic of docs/arithmetic.md, the rule of the
draw or the chat template, and so only in a new major version.
"""

import json
from pathlib import Path

from logitlab.llms import BuiltIn

VECTORS = Path(__file__).parents[1] / "tests" / "vectors" / "texts.json"
ASKED = [
    ("What is Singapore?", {"seed": 0, "num_predict": 40}),
    ("What is Singapore?", {"seed": 1, "num_predict": 40}),
    ("What is Singapore?", {"seed": 1, "temperature": 0.2, "num_predict": 40}),
    ("What is a Large Language Model?", {"seed": 2, "num_predict": 60}),
    ("Write a birthday message.", {"seed": 3, "temperature": 0.8, "top_k": 50, "num_predict": 40}),
    ("Write a birthday message.", {"seed": 3, "temperature": 0.8, "top_k": 100, "num_predict": 40}),
    ("The capital of France is", {"raw": True, "temperature": 0, "num_predict": 12}),
    ("My favourite colour is", {"raw": True, "seed": 7, "top_k": 0, "top_p": 1, "num_predict": 24}),
    ("My favourite colour is", {"raw": True, "seed": 7, "min_p": 0.1, "temperature": 1.5, "num_predict": 24}),
    ("Once upon a time", {"raw": True, "seed": 4, "repeat_penalty": 1.3, "num_predict": 24}),
    ("1, 2, 3, 4,", {"raw": True, "seed": 5, "num_predict": 16}),
    ("Schreibe einen Satz auf Deutsch. 🙂", {"seed": 6, "num_predict": 24}),
]


def main() -> None:
    llm = BuiltIn()
    texts = []
    for prompt, options in ASKED:
        response = llm.complete(prompt, **options)
        texts.append(
            {"prompt": prompt, "options": options, "tokens": response.raw["tokens"], "text": response.text}
        )
    lines = ",\n".join("    " + json.dumps(entry, ensure_ascii=False) for entry in texts)
    VECTORS.write_text(f'{{\n  "model": "{llm.model}",\n  "texts": [\n{lines}\n  ]\n}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
