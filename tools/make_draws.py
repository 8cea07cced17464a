"""Writes tests/vectors/draws.json: the published table of (logits recipe, options, seed) -> tokens and probabilities.

Run by hand when the rule changes, which is a new major version: python tools/make_draws.py
"""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import logitlab as ll

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from functions.battery import BATTERY, LOGARITHMS, recipe
from sampling.battery import BATTERY as SAMPLER_BATTERY

OPTIONS = [
    {},
    {"temperature": 0.8},
    {"temperature": 0.1},
    {"top_k": 50},
    {"top_p": 0.9},
    {"min_p": 0.05},
    {"top_k": 40, "top_p": 0.9, "temperature": 0.8},
    {"temperature": 0.0},
]
ROWS = ["flat 4 float64", "wide 64 float32", "wide 1000 float32", "coarse 1000 float64", "wide 32000 float32",
        "wide 32000 float16", "flat 49152 float32", "wide 128256 float64", "wide 262144 float32"]  # fmt: skip


def entry(name, options, seed):
    row = recipe(name)
    p = ll.softargmax(row, options.get("temperature", 1.0))
    return {
        "row": name,
        "options": options,
        "seed": seed,
        "tokens": ll.sample(row, size=8, rng=seed, **options).tolist(),
        "softargmax_sha256": hashlib.sha256(p.tobytes()).hexdigest(),
        "first_probabilities": [float(v).hex() for v in p[:3]],
    }


VECTORS = Path(__file__).parents[1] / "tests" / "vectors" / "draws.json"


def digest(battery):
    done = subprocess.run([sys.executable, "-c", battery], capture_output=True, text=True, check=True)
    return done.stdout.split()[1]


def main():
    draws = [entry(name, options, seed) for seed, name in enumerate(ROWS) for options in OPTIONS]
    table = {
        "battery": digest(BATTERY),
        "logarithms_battery": digest(LOGARITHMS),
        "sampler_battery": digest(SAMPLER_BATTERY),
        "draws": draws,
    }
    VECTORS.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
