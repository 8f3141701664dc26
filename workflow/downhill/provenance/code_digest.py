"""Digests of source code: how a stage knows that the code it runs has changed.

The digest of a stage covers the modules or functions that make its result and, step by step, all modules of this
package that they import. Comments, docstrings, formatting, descriptions of settings and the text of errors do not
count. Nor do the models of the configuration (`downhill.config`): what they read is compared as text, without
neutral defaults, so that a new setting does not repeat any job.
"""

import ast
import hashlib
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from downhill.storage.remembered import remembered

_ROOT = Path(__file__).parents[1]
_OWN_SOURCE = Path(__file__).read_bytes()
_LEFT_OUT = "config"
_SHOWN = ("NotMeasuredError",)  # exceptions whose text becomes part of a result


class _Part(NamedTuple):
    """What some code imports from this package, and the digest of the code itself."""

    imports: tuple[str, ...]
    digest: str


@cache
def source_digest(*parts: str) -> str:
    """Twelve hexadecimal digits for some code of the package and everything that it imports.

    Parameters
    ----------
    parts
        Names relative to the package: a module such as `engine.train`, or a function such as
        `claims.learning:test_accuracy`. For a function, only what it uses of its module counts. A module of the
        configuration counts only if it is named here.
    """
    digest = hashlib.sha256()
    for name in sorted(covered(parts)):
        digest.update(f"{name}\n{_part(name).digest}\n".encode())
    return digest.hexdigest()[:12]


@cache
def part_digests(*parts: str) -> dict[str, str]:
    """Eight hexadecimal digits for each part that `source_digest` covers, by name, to tell which of them changed."""
    return {name: _part(name).digest[:8] for name in sorted(covered(parts))}


def covered(parts: Iterable[str]) -> set[str]:
    """The parts, and all modules that they import, directly or not."""
    waiting, found = list(parts), set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [module for module in _part(name).imports if module.split(".")[0] != _LEFT_OUT]
    return found


@cache
def _part(name: str) -> _Part:
    """A part; if this very source has been analysed before, it is read from a cache.

    Every job needs dozens of parts, and analysing them would take longer than some jobs do.
    """
    module, _, function = name.partition(":")
    depends_on = (_OWN_SOURCE, sys.version.encode(), function.encode(), _path(module).read_bytes())
    imports, digest = remembered("code", b"\0".join(depends_on), lambda: _analysed(name))
    modules = (inner if _path(inner).is_file() else base for base, inner in imports)
    return _Part(tuple(filter(None, modules)), digest)


def _analysed(name: str) -> tuple[list[tuple[str, str]], str]:
    """The imports of a part, see `_imports`, and the digest of its code."""
    return _imports(_body(name)), hashlib.sha256(code_of(name).encode()).hexdigest()


def code_of(name: str) -> str:
    """The code that counts for a part, in a normal form."""
    return "\n".join(_code(statement) for statement in _body(name))


@cache
def _body(name: str) -> list[ast.stmt]:
    module, _, function = name.partition(":")
    tree = _tree(module)
    return _used_by(function, tree) if function else tree.body


def _path(name: str) -> Path:
    """File of a module; for a package, its `__init__.py`."""
    path = _ROOT.joinpath(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def _tree(module: str) -> ast.Module:
    """A module's code without docstrings, descriptions and messages; cached, since every job needs it."""
    tree = ast.parse(_path(module).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Field":
            node.keywords = [keyword for keyword in node.keywords if keyword.arg != "description"]
        error = node.exc if isinstance(node, ast.Raise) else None
        if isinstance(error, ast.Call) and getattr(error.func, "id", "") not in _SHOWN:
            error.args = []
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [statement for statement in node.body if not _is_text(statement)] or [ast.Pass()]
    return tree


def _is_text(statement: ast.stmt) -> bool:
    """Whether a statement is text alone: a docstring, or the description of a constant."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


_code = cache(ast.unparse)  # one normal form; a statement is shared by the functions of a module


def _imports(body: list[ast.stmt]) -> list[tuple[str, str]]:
    """What some statements import from this package, anywhere in their code.

    For each name, the module that it is imported from, and the module that it is if it is one.
    """
    found = []
    for node in (node for statement in body for node in ast.walk(statement)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == _ROOT.name:
            base = (node.module or "").partition(".")[2]
            found += [(base, f"{base}.{alias.name}".strip(".")) for alias in node.names]
    return found


def _used_by(function: str, tree: ast.Module) -> list[ast.stmt]:
    """The top-level statements of a module that a function needs, in order; each import with only the names used."""
    definitions: dict[str, list[ast.stmt]] = {}
    always: list[ast.stmt] = []
    for statement in tree.body:
        defined = _defined_by(statement)
        for name in defined:
            definitions.setdefault(name, []).append(statement)
        if not defined:
            always.append(statement)
    if function not in definitions:
        raise KeyError(f"there is no '{function}' in the module")
    used: set[str] = set()
    waiting = {function} | {name for statement in always for name in _names(statement)}
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            for statement in definitions.get(name, []):
                waiting |= set() if isinstance(statement, ast.Import | ast.ImportFrom) else _names(statement)
    kept: list[ast.stmt] = []
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom):
            aliases = [alias for alias in statement.names if (alias.asname or alias.name) in used]
            if aliases:
                kept.append(ast.ImportFrom(statement.module, aliases, statement.level))
        elif statement in always or used & set(_defined_by(statement)):
            kept.append(statement)
    return kept


def _defined_by(statement: ast.stmt) -> tuple[str, ...]:
    """Names that a top-level statement defines; none for anything but definitions, assignments and imports."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return (statement.name,)
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return tuple((alias.asname or alias.name).split(".")[0] for alias in statement.names)
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return tuple(node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))
    return ()


def _names(statement: ast.stmt) -> set[str]:
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
