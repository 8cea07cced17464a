"""Run as a process that may write only where its user may: what the built-in model does for each home of a JSON file.

    python unwritable.py CASES MODEL

CASES maps a name to {"environment": {...}, "unknown": whether this system knows no home of the user}. Printed is, for
each, what `find` raised, what was left in the folders named by "watched", and whether the model at MODEL answered as
without a home.
"""

import json
import os
import pwd
import sys
from importlib import import_module
from pathlib import Path

from logitlab.llms import BuiltIn
from logitlab.llms.smol import packing
from logitlab.llms.smol.find import find


def no_such_user(uid):
    raise KeyError(uid)


def told():
    try:
        return {"found": str(find())}
    except OSError as error:
        return {"kind": type(error).__name__, "said": str(error)}


def answer(model):
    with BuiltIn(model) as llm:
        return llm.complete("Singapore", num_predict=8, seed=1).text


def main(cases, model):
    packing._SMALL = 0  # the weights of every model go to the cache
    import_module("platformdirs")
    os.environ["LOGITLAB_MODEL"] = ""
    known, plain = pwd.getpwuid, dict(os.environ)
    results = {}
    for name, case in json.loads(Path(cases).read_text()).items():
        os.environ.clear()
        os.environ.update(
            {key: value for key, value in plain.items() if key not in ("HOME", "XDG_CACHE_HOME")}
        )
        os.environ.update(case["environment"])
        pwd.getpwuid = no_such_user if case["unknown"] else known
        results[name] = told() | {"text": answer(model)}
    print(json.dumps(results))


if __name__ == "__main__":
    main(*sys.argv[1:])
