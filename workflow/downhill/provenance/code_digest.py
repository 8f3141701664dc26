"""Digests of source code: how a stage knows that the code it runs has changed.

The digest of a stage covers the module it runs and, step by step, every module of this package which that
one imports: nothing else can change its result, and nothing else triggers a rerun. Comments, docstrings,
formatting, descriptions of settings and the words of an error do not count.
"""

import ast
import hashlib
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).parents[1]


def source_digest(*modules: str) -> str:
    """Twelve hexadecimal digits for the code of some modules of the package and all they import.

    Parameters
    ----------
    modules
        Dotted names without the package's, e.g. `engine.train`.
    """
    digest = hashlib.sha256()
    for name in sorted(_closure(modules)):
        digest.update(f"{name}\n{_parsed(name)[1]}\n".encode())
    return digest.hexdigest()[:12]


def _closure(modules: tuple[str, ...]) -> set[str]:
    waiting, found = list(modules), set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _parsed(name)[0]
    return found


def _path(name: str) -> Path:
    """File of a module; of a package, its `__init__.py`."""
    path = _ROOT.joinpath(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def _parsed(name: str) -> tuple[tuple[str, ...], str]:
    """What a module imports, and its code; every job asks, hence both from one reading."""
    tree = ast.parse(_path(name).read_text(encoding="utf-8"))
    return _imports(tree), _code(tree)


def _imports(tree: ast.Module) -> tuple[str, ...]:
    """Modules of this package that a module imports, anywhere in its code."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == _ROOT.name:
            base = (node.module or "").partition(".")[2]
            for alias in node.names:
                inner = f"{base}.{alias.name}".strip(".")
                found.append(inner if _path(inner).is_file() else base)
    return tuple(name for name in found if name)


def _code(tree: ast.Module) -> str:
    """The module's code without words for people, written back in one normal form; changes the tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            node.keywords = [keyword for keyword in node.keywords if keyword.arg != "description"]
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            node.exc.args = []
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and ast.get_docstring(node) is not None
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)
