"""The steps of a chain, each a function of what the steps before it left: Candidates in, Candidates out.

The table of steps says which there are; the rule of each is a function in a module, both of the step's name. A step
without one fails here, at import.
"""

from importlib import import_module

from logitlab._kernels import STEPS

__all__ = sorted(STEPS)

for _name in __all__:
    globals()[_name] = getattr(import_module(f"{__name__}.{_name}"), _name)
