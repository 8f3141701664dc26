"""The functions of the package that the configuration names: statistics, figures and experiments.

A function is found by convention, as a public function of `downhill/{package}/{family}.py`. What planning needs to
know about it (its options, its first sentence, the keys that it gives or draws) is read from the source code, so that
the Snakefile does not have to import Matplotlib or the engine.
"""

import ast
import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from downhill.config.reading import did_you_mean
from downhill.config.validation import in_words
from downhill.errors import DownhillError

Count = Annotated[int, Field(ge=1)]
"""A whole number from 1 on."""

HistoryColumn = Literal[
    "test_accuracy", "validation_accuracy", "train_accuracy", "test_loss", "validation_loss", "train_loss"
]
"""A cost or an accuracy in the history of a network."""

_PACKAGE = Path(__file__).parents[1]
# Types that the annotation of an option may use.
_TYPES = {kind.__name__: kind for kind in (int, float, str, bool, tuple, list)} | {
    "Count": Count,
    "HistoryColumn": HistoryColumn,
    "Literal": Literal,
}


@cache
def _functions(package: str, family: str) -> dict[str, ast.FunctionDef]:
    path = _PACKAGE / package / f"{family}.py"
    if not path.is_file():
        return {}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name: node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name[0] != "_"
    }


def names(package: str, family: str) -> tuple[str, ...]:
    """Public functions of `downhill/{package}/{family}.py`; empty if there is no such module."""
    return tuple(_functions(package, family))


def about(package: str, family: str) -> str:
    """What a family is about: the first line of its module's docstring, without `Family *name*: `."""
    path = _PACKAGE / package / f"{family}.py"
    if not path.is_file():
        return ""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    line = text.partition("\n")[0].partition(": ")[2] or text.partition("\n")[0]
    return f"{line[:1].upper()}{line[1:]}"


def find(package: str, family: str, function: str, where: str) -> ast.FunctionDef:
    """A function's definition.

    Raises
    ------
    DownhillError
        If there is none of that name; the message says where it was named (`where`), and suggests a similar name.
    """
    known = _functions(package, family)
    module = f"workflow/downhill/{package}/{family}.py"
    if not known:
        raise DownhillError(f"{where}: there is no family '{family}'; it would be the module {module}")
    if function not in known:
        raise DownhillError(f"{where}: '{function}' is not in {module}; {did_you_mean(function, known)}")
    return known[function]


def load(package: str, family: str, function: str) -> Callable[..., Any]:
    """The function itself; DownhillError as for `find`."""
    find(package, family, function, f"{package}.{family}")
    return getattr(import_module(f"downhill.{package}.{family}"), function)  # type: ignore[no-any-return]


def description(package: str, family: str, function: str, options: Mapping[str, Any] | None = None) -> str:
    """The first line of a function's docstring, without its full stop: what is measured, or drawn.

    Fields that name an option, such as `{images:,}`, are replaced with its value, or its default, or, if it has
    neither, with its name; `{threshold:%}` becomes `10 %`, and `{quantity:words}` becomes `test accuracy`. In
    `{minus: minus …}`, the value in words takes the place of …, and all of it is left out if the option has its
    default. Other braces stay as they are.
    """
    node = find(package, family, function, f"{package}.{family}")
    line = (ast.get_docstring(node) or function).splitlines()[0].rstrip(".")
    names = {argument.arg: argument.arg.replace("_", " ") for argument in node.args.kwonlyargs}
    neutral = defaults(package, family, function)
    values = names | neutral | dict(options or {})

    def filled(field: re.Match[str]) -> str:
        option, form = field[1], field[2] or ""
        if option not in values:
            return field[0]
        if "…" in form:
            words = _formatted(values[option], "words")
            return "" if option in neutral and values[option] == neutral[option] else form.replace("…", words)
        return _formatted(values[option], form)

    return re.sub(r"\{(\w+)(?::([^{}]+))?\}", filled, line)


def _formatted(value: Any, form: str) -> str:
    """The value of an option as text: `,` and the like are Python's formats of numbers, and `%` gives per cent."""
    if form == "words":
        return str(value).replace("_", " ")
    if not isinstance(value, int | float):
        return str(value)
    return f"{100 * value:g} %" if form == "%" else format(value, form)


def arguments(package: str, family: str, function: str) -> tuple[str, ...]:
    """Names of a function's positional arguments."""
    return tuple(
        argument.arg for argument in find(package, family, function, f"{package}.{family}").args.args
    )


def options(package: str, family: str, function: str) -> dict[str, Any]:
    """Names and types of a function's keyword-only arguments."""
    node = find(package, family, function, f"{package}.{family}")
    return {argument.arg: _type(argument.annotation) for argument in node.args.kwonlyargs}


def defaults(package: str, family: str, function: str) -> dict[str, Any]:
    """Default values of a function's keyword-only arguments, as far as they are constants."""
    node = find(package, family, function, f"{package}.{family}")
    arguments = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    return {argument.arg: value.value for argument, value in arguments if isinstance(value, ast.Constant)}


def checked_options(
    given: Mapping[str, Any], package: str, family: str, function: str, where: str
) -> dict[str, Any]:
    """Options of a function, checked against its keyword-only arguments and converted to their types.

    Raises
    ------
    DownhillError
        For the first option that is unknown, missing or of the wrong type; the message begins with `where`.
    """
    node = find(package, family, function, where)
    known, checked = options(package, family, function), {}
    for name, value in given.items():
        if name not in known:
            having = did_you_mean(name, known) if known else "it takes none"
            raise DownhillError(f"{where}, options: '{function}' has no option '{name}'; {having}")
        try:
            checked[name] = TypeAdapter(known[name]).validate_json(
                json.dumps(value, default=str), strict=True
            )
        except ValidationError as error:
            # One problem for each type that the option may have: "should be at least 1, or 'last' or 'best'".
            first, *others = dict.fromkeys(map(in_words, error.errors()))
            problems = ", or ".join([first, *(other.removeprefix("should be ") for other in others)])
            raise DownhillError(f"{where}, options: {name}: {value!r} {problems}") from error
    for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
        if default is None and argument.arg not in given:
            column = "said" if argument.arg == "said" else "options"
            what = "the number that the source gives" if column == "said" else f"the option '{argument.arg}'"
            raise DownhillError(f"{where}, {column}: '{function}' needs {what}; add it")
    return checked


def reads(package: str, family: str, function: str, name: str) -> bool:
    """Whether the code of a function reads an attribute of its last positional argument, such as `inputs.network`."""
    node = find(package, family, function, f"{package}.{family}")
    inputs = node.args.args[-1].arg
    return any(
        isinstance(inner, ast.Attribute) and inner.attr == name and ast.unparse(inner.value) == inputs
        for inner in ast.walk(node)
    )


def declared(package: str, family: str, function: str, decorator: str) -> dict[str, Any] | None:
    """What a decorator such as `@gives("curves", parts=("a", "b"))` declares; None without one.

    Returns
    -------
    dict: `keys`, a tuple of text, and the decorator's keyword arguments.
    """
    node = find(package, family, function, f"{package}.{family}")
    for call in node.decorator_list:
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == decorator:
            further = {word.arg: ast.literal_eval(word.value) for word in call.keywords if word.arg}
            return {"keys": tuple(ast.literal_eval(word) for word in call.args)} | further
    return None


def _type(annotation: ast.expr | None) -> Any:
    """An annotation as a type; only simple ones are possible, see `_TYPES`."""
    if annotation is None:
        return Any
    return eval(ast.unparse(annotation), {"__builtins__": {}}, _TYPES)  # of our own source
