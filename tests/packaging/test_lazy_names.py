"""Looking around needs NumPy and nothing else: every public name can be got; one whose extra is missing raises when it
is used, with what to install.
"""

import subprocess
import sys

import pytest

# nothing of this environment but the standard library, NumPy and logitlab
PLAIN = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names and not top.startswith(("numpy", "logitlab", "_sysconfigdata")):
            raise ModuleNotFoundError(f"No module named {top!r}", name=top)

sys.meta_path.insert(0, Absent())
import logitlab as ll
"""
PACKAGES = ["logitlab", "logitlab.llms", "logitlab.sampling", "logitlab.explorer", "logitlab.reference"]
USE = [
    "ll.Explorer([1.0])",
    "class Mine(ll.Explorer): pass",
    "ll.Explorer.show",
    "hasattr(ll.Explorer, 'show')",
]
LOOK = [
    "repr(ll.Explorer)",
    "isinstance(1, ll.Explorer)",
    "issubclass(int, ll.Explorer)",
    "ll.Explorer | None",
    "hash(ll.Explorer)",
    "ll.Explorer is ll.Explorer or 1 / 0",
    "hasattr(ll.Explorer, '_repr_html_') and 1 / 0",
    "dir(ll.Explorer)",
    "callable(ll.Explorer) or 1 / 0",
    "import copy; copy.copy(ll.Explorer); copy.deepcopy([ll.Explorer])",
    "import pickle; pickle.loads(pickle.dumps(ll.Explorer)) is ll.Explorer or 1 / 0",
    "import inspect; inspect.signature(ll.Explorer); inspect.getmembers(ll.Explorer); inspect.getdoc(ll.Explorer)",
    "import doctest; doctest.DocTestFinder().find(ll, extraglobs={})",
    "import rlcompleter; rlcompleter.Completer({'ll': ll}).complete('ll.Explorer.', 0)",
    "import unittest.mock; unittest.mock.patch.object(ll, 'Explorer').start()",
    "from logitlab.explorer import Explorer; 'logitlab[explorer]' in repr(Explorer) or 1 / 0",
]


def run(code, plain=True):
    command = [sys.executable, "-W", "error", "-c", (PLAIN if plain else "import logitlab as ll\n") + code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_can_be_looked_at(package):
    run(
        f"from {package} import *\n"
        f"import inspect, pydoc, rlcompleter, {package} as package\n"
        "found = dict(inspect.getmembers(package))\n"
        "assert set(package.__all__) <= set(found), set(package.__all__) - set(found)\n"
        "assert all(name in globals() for name in package.__all__)\n"
        "text = pydoc.plain(pydoc.render_doc(package))\n"
        "missing = [name for name in package.__all__ if name not in text]; assert not missing, missing\n"
        "completer, offered = rlcompleter.Completer({'package': package}), []\n"
        "while (one := completer.complete('package.', len(offered))): offered.append(one)\n"
        "assert {f'package.{name}' for name in package.__all__} <= {one.rstrip('()') for one in offered}\n"
    )


def test_using_a_name_without_its_extra_says_what_to_install():
    tries = "".join(
        f"try: exec({use!r})\n"
        "except ModuleNotFoundError as error:\n"
        "    assert 'logitlab[explorer]' in str(error) and error.name in ('anywidget', 'traitlets'), error\n"
        f"else: raise SystemExit({use!r} + ' passed')\n"
        for use in USE
    )
    run(tries)


def test_looking_at_a_name_without_its_extra_raises_nothing():
    run("".join(f"exec({look!r})\n" for look in LOOK))


def test_the_name_is_the_class_itself_as_soon_as_the_extra_is_there():
    pytest.importorskip("anywidget", reason="the extra `explorer` is not installed")
    is_it = "import logitlab.explorer.widget as widget\nassert ll.Explorer is widget.Explorer is ll.explorer.Explorer\n"
    run(is_it, plain=False)
    run("ll.Explorer\ndel sys.meta_path[0]\n" + is_it)


def test_a_misspelt_name_is_an_attribute_error():
    for package in PACKAGES:
        run(
            f"import {package} as p\ntry: p.Explorerr\nexcept AttributeError as e: assert 'Explorerr' in str(e)"
        )


def test_submodules_are_attributes():
    run("assert ll.llms.Ollama and ll.sampling.Sampler is ll.Sampler and ll.reference and ll.explorer")


def test_importing_and_looking_at_the_list_of_names_loads_numpy_alone():
    run(
        "mine = {name for name in sys.modules if name.startswith('logitlab')}\n"
        "dir(ll)\n"
        "assert mine == {'logitlab', 'logitlab._kernels', 'logitlab.lazy', 'logitlab.workers'}, mine\n"
    )
