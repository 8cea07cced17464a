"""Names of a package that are imported when they are first asked for.

A lazy name can always be got: by `help`, `inspect`, a star import, a completer. Where its module cannot be imported
because an extra is missing, a class stands in for it that can be looked at, and that raises, with what to install, when
it is called, subclassed or asked for an attribute. The stand-in is not kept in the package: once the extra is
installed, the name is the real thing.
"""

from importlib import import_module
from typing import Any, NoReturn

_stand_ins: dict[str, "Missing"] = {}


class Missing(type):
    """The class of the classes that stand in for what cannot be imported."""

    _error: ImportError

    def __call__(cls, *arguments: Any, **options: Any) -> NoReturn:
        """Raise what to install."""
        cls._refuse()

    @classmethod
    def __prepare__(metacls, name: str, bases: tuple[type, ...], /, **options: Any) -> dict[str, object]:
        for base in bases:
            if isinstance(base, Missing):
                base._refuse()
        return {}

    def __getattr__(cls, name: str) -> NoReturn:
        if name.startswith("_"):  # what completers, notebooks and copy look for in every object
            raise AttributeError(f"{cls.__name__} has no attribute {name!r}")
        cls._refuse()

    def __repr__(cls) -> str:
        return f"<{cls.__module__}.{cls.__qualname__}, not available: {cls._error}>"

    def _refuse(cls) -> NoReturn:
        error = cls._error
        raise type(error)(f"{cls.__name__}: {error}", name=error.name, path=error.path) from error


def stand_in(package: str, name: str, error: ImportError) -> Missing:
    """Return the class for a name that cannot be imported, the same one each time."""
    key = f"{package}.{name}"
    if key not in _stand_ins:
        doc = f"Not available: {error}."
        _stand_ins[key] = Missing(name, (), {"__module__": package, "__qualname__": name, "__doc__": doc})
    _stand_ins[key]._error = error.with_traceback(None)
    return _stand_ins[key]


def names(package: dict[str, Any], owners: dict[str, str]) -> tuple[Any, Any]:
    """Return a package's `__getattr__` and `__dir__`.

    Parameters
    ----------
    package : dict
        The package's globals.
    owners : dict of str to str
        For each lazy name, the module that has it; a name that is itself a module has its own full name.
    """
    own = package["__name__"]

    def get(name: str) -> Any:
        if name not in owners:
            raise AttributeError(f"module {own!r} has no attribute {name!r}")
        try:
            module = import_module(owners[name])
        except ImportError as error:
            return stand_in(own, name, error)
        package[name] = module if owners[name] == f"{own}.{name}" else getattr(module, name)
        return package[name]

    def listed() -> list[str]:
        return sorted({*package, *owners})

    return get, listed
