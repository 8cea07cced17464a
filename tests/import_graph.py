"""The import graph of Python packages and the include graph of C folders, read from their source.

Every import counts, wherever it stands: one inside a function runs too, and one for type checkers says that a file
knows another one's names, which is what makes both hard to read apart. The exception is the front of a package, its
`__init__.py`: what it imports for type checkers repeats its table of lazy names, by which nothing of the package
depends on what it contains. That a package's own front runs before any module of it is no edge either.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

Graph = Mapping[str, set[str]]


def modules_of(folder: Path, package: str) -> dict[str, Path]:
    """Return the modules of a package's folder, each with its file."""
    return {_module(path, folder, package): path for path in sorted(folder.rglob("*.py"))}


def python_imports(folder: Path, package: str) -> dict[str, set[str]]:
    """Return the modules of a package's folder, each with those of the same package that it imports."""
    files = modules_of(folder, package)
    return {name: set(_imported(path, name, package, set(files))) for name, path in files.items()}


def _module(path: Path, folder: Path, package: str) -> str:
    parts = path.relative_to(folder).with_suffix("").parts
    return ".".join((package, *(part for part in parts if part != "__init__")))


def _imported(path: Path, module: str, package: str, known: set[str]) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    front = path.name == "__init__.py"
    skipped = {
        inner
        for node in ast.walk(tree)
        if front and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for statement in node.body
        for inner in ast.walk(statement)
    }
    home = module if front else module.rpartition(".")[0]
    for node in ast.walk(tree):
        if node in skipped:
            continue
        for name in _names(node, home):
            found = name if name in known else name.rpartition(".")[0]
            if found in known and found != module:
                yield found
            elif name.split(".")[0] == package and found != module and not _compiled(name, package):
                raise AssertionError(f"{path}: {name} is no module of {package}")


def _compiled(name: str, package: str) -> bool:
    return name.startswith((f"{package}._kernels", f"{package}._http"))


def _names(node: ast.AST, home: str) -> list[str]:
    """What an import statement may mean: a name of a module, or a module of a package."""
    if isinstance(node, ast.Import):
        return [each.name for each in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    above = home.split(".")[: len(home.split(".")) - node.level + 1] if node.level else []
    start = ".".join([*above, *([node.module] if node.module else [])])
    return [f"{start}.{each.name}" for each in node.names]


_INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)

# What a file includes only where it is read alone, by an editor: what would otherwise include it, unless it is there.
_ALONE = re.compile(
    r'^\s*#\s*ifndef\s+\w+_H\s*\n\s*#\s*include\s+"[^"]+"|^\s*#\s*include\s+"alone\.h"', re.MULTILINE
)


def c_includes(root: Path) -> dict[str, set[str]]:
    """Return the C files below a folder, each with what it includes: a file's path there, or `<name>`."""
    files = [path for path in sorted(root.rglob("*")) if path.suffix in (".c", ".h", ".inc")]
    graph: dict[str, set[str]] = {}
    for path in files:
        text = _ALONE.sub("", path.read_text(encoding="utf-8"))
        found = (_included(quoted, system, path, root) for quoted, system in _INCLUDE.findall(text))
        graph[str(path.relative_to(root))] = set(found)
    return graph


def _included(quoted: str, system: str, path: Path, root: Path) -> str:
    if system:
        return f"<{system}>"
    for folder in (path.parent, root):
        if (folder / quoted).is_file():
            return str((folder / quoted).resolve().relative_to(root.resolve()))
    raise AssertionError(f'{path}: no file "{quoted}"')


def circle(graph: Graph) -> list[str]:
    """Return a way through the graph that ends where it began, or nothing.

    >>> circle({"a": {"b"}, "b": {"c"}, "c": {"b"}})
    ['b', 'c', 'b']
    >>> circle({"a": {"b", "c"}, "b": {"c"}, "c": set()})
    []
    """
    done: set[str] = set()
    way: list[str] = []

    def visit(node: str) -> list[str]:
        if node in way:
            return [*way[way.index(node) :], node]
        if node in done:
            return []
        way.append(node)
        for other in sorted(graph.get(node, ())):
            if found := visit(other):
                return found
        way.pop()
        done.add(node)
        return []

    return next((found for node in sorted(graph) if (found := visit(node))), [])
