"""Finding the functions that a row of `claims.tsv` names, by convention instead of registration.

`statistic` is a public function of `downhill/claims/{family}.py`, each entry of `figures` one of
`downhill/figures/{family}.py`. Names are checked by reading the source, so that the Snakefile can do it
without importing Matplotlib or the engine.
"""

import ast
from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from downhill.config.claim import Claim
from downhill.config.reading import did_you_mean
from downhill.errors import DownhillError

_PACKAGE = Path(__file__).parents[1]


@cache
def names(package: str, family: str) -> tuple[str, ...]:
    """Public functions of `downhill/{package}/{family}.py`; empty where there is no such module."""
    path = _PACKAGE / package / f"{family}.py"
    if not path.is_file():
        return ()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return tuple(node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name[0] != "_")


def check(claims: Iterable[Claim], where: str) -> None:
    """Check that every statistic and figure of the claims exists.

    Raises
    ------
    DownhillError
        At the first that does not, with the file `where`, the claim, and a near name.
    """
    drawn: dict[str, str] = {}
    for claim in claims:
        for figure in claim.figure_ids():
            if figure in drawn:
                raise DownhillError(
                    f"{where}, claim '{claim.claim}', figures: the file '{figure}' is drawn for claim "
                    f"'{drawn[figure]}' already; rename the claim, or name the figure once"
                )
            drawn[figure] = claim.claim
        named = {"statistic": ("claims", [claim.statistic]), "figures": ("figures", list(claim.figures))}
        for column, (package, functions) in named.items():
            known = names(package, claim.family)
            if not known:
                raise DownhillError(
                    f"{where}, claim '{claim.claim}': there is no family '{claim.family}'; "
                    f"it would be the module workflow/downhill/{package}/{claim.family}.py"
                )
            for function in functions:
                if function not in known:
                    raise DownhillError(
                        f"{where}, claim '{claim.claim}', {column}: '{function}' is not in "
                        f"workflow/downhill/{package}/{claim.family}.py; {did_you_mean(function, known)}"
                    )


def load(package: str, family: str, function: str) -> Callable[..., Any]:
    """The function itself; DownhillError, with a near name, if there is none."""
    known = names(package, family)
    if function not in known:
        raise DownhillError(
            f"'{function}' is not in workflow/downhill/{package}/{family}.py; {did_you_mean(function, known)}"
        )
    return getattr(import_module(f"downhill.{package}.{family}"), function)  # type: ignore[no-any-return]


def first_line(function: Callable[..., Any]) -> str:
    """The first line of a function's docstring: what is measured, or drawn."""
    return (function.__doc__ or function.__name__).strip().splitlines()[0].rstrip(".")


def describe(family: str, drawing: str) -> str:
    """What a figure shows, as its function's docstring says; read from the source without importing it."""
    tree = ast.parse((_PACKAGE / "figures" / f"{family}.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == drawing:
            return (ast.get_docstring(node) or drawing).splitlines()[0].rstrip(".")
    return drawing
