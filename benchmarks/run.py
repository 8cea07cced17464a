"""Measures the cases and gives plain data: what report.py prints and JSON keeps."""

import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.cases import GROWTH_MUST, MAX_AIM, MAX_EXTRA_SECONDS, MAX_MUST, SIZES
from benchmarks.clock import Code, side_by_side

ROOT = Path(__file__).parents[1]
# not peers: the least that the work costs on this machine
FLOORS = {"softargmax": ("copy", "x.copy()"), "top_k": ("max", "x.max()")}


def contenders(case, libraries):
    """{name: Code} of the libraries that do this case's work, and its floor."""
    found = {}
    for library in libraries:
        method = getattr(library, case.work, None)
        code = method and method(**case.options, shape=case.shape, dtype=case.dtype)
        if code is not None:
            found[library.name] = code
    floored = case.work in FLOORS and (case.work != "top_k" or len(case.shape) == 1)
    if floored and case.shape[-1] > 4:
        name, statement = FLOORS[case.work]
        found[name] = Code(statement)
    return found


def check(case, codes):
    """That all contenders do the same work: a fast wrong answer is no peer."""
    row = case.rows()[0]
    values = {
        name: np.asarray(code.value(row)) for name, code in codes.items() if name not in ("copy", "max")
    }
    ours = values.pop("logitlab")
    for name, value in values.items():
        value = value.reshape(ours.shape)
        if case.work == "draw":
            assert ((value >= 0) & (value < case.shape[-1])).all(), name
        elif case.work == "argtop_k":
            assert set(value) == set(ours), name
        else:
            value = np.sort(value) if case.work == "top_k" else value
            np.testing.assert_allclose(value, ours, rtol=1e-4, err_msg=f"{case.label}: {name}")


def measure(case, libraries, seconds):
    codes = contenders(case, libraries)
    check(case, codes)
    timings = side_by_side(codes, case.rows(), seconds)
    ours = timings["logitlab"]
    floor = FLOORS.get(case.work, (None,))[0]
    peers = {name: t.seconds for name, t in timings.items() if name not in ("logitlab", floor)}
    counted = {name: t for name, t in peers.items() if case.against is None or name in case.against}
    best = min(counted, key=counted.get, default=None)
    ratio, low, high = timings[best].over(ours) if best else (None, None, None)
    return {
        "label": case.label,
        "title": case.title,
        "shape": list(case.shape),
        "target": case.target,
        "code": codes["logitlab"].statement,
        "logitlab": ours.seconds,
        "peers": peers,
        "floor": {floor: timings[floor].seconds} if floor in timings else {},
        "best": best,
        "ratio": ratio,
        "low": low,
        "high": high,
        "must": case.must if best else None,
        "aim": case.aim if best else None,
    }


def bounds(rows):
    """The bounds that are not ratios to a peer, from rows already measured."""
    found = []
    for row in rows:
        if "max" in row["floor"] and row["target"] is None:
            limit = row["floor"]["max"]
            over = (row["logitlab"] - MAX_EXTRA_SECONDS) / limit
            text = f"{row['label']}: times x.max(), after {MAX_EXTRA_SECONDS * 1e6:.0f} us"
            found.append({"label": text, "value": over, "must": MAX_MUST, "aim": MAX_AIM})
    by_title = {
        (row["title"], row["target"], row["shape"][-1]): row for row in rows if len(row["shape"]) == 1
    }
    for (title, target, n), row in by_title.items():
        large = by_title.get((title, target, SIZES[-1]))
        if n == SIZES[0] and large:
            growth = (large["logitlab"] / SIZES[-1]) / (row["logitlab"] / n)
            text = f"{title}{f' ({target})' if target else ''}: time per element, 262 144 over 32 000"
            found.append({"label": text, "value": growth, "must": GROWTH_MUST, "aim": None})
    return found


def machine():
    cpu = platform.processor()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        cpu = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), cpu)
    import logitlab

    return {
        "cpu": cpu,
        "system": platform.platform(),
        "python": platform.python_version(),
        "targets": logitlab.targets(),
    }


def measure_in_child(target, arguments):
    """The cases of one CPU target, in a process that is forced to it."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        command = [sys.executable, "-m", "benchmarks", "--target", target, "--json", file.name, *arguments]
        done = subprocess.run(command, cwd=ROOT, env=os.environ | {"LOGITLAB_TARGET": target}, check=False)
        return json.load(file)["rows"] if done.returncode == 0 else []
