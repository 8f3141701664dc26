"""Reading settings and tables, and reporting in one sentence what is wrong with them."""

import csv
import difflib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from downhill.errors import DownhillError

Model = TypeVar("Model", bound=BaseModel)


def merge(base: dict[str, Any], overlay: dict[str, Any]) -> dict[str, Any]:
    """`base` with the values of `overlay` on top, key by key at every depth."""
    merged = dict(base)
    for key, value in overlay.items():
        inner = merged.get(key)
        merged[key] = merge(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return merged


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`did you mean 'x'?`, or the list of all known names when none is close."""
    known = list(known)
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean '{close[0]}'?" if close else f"there are: {', '.join(known)}"


class _Loader(yaml.SafeLoader):
    """YAML's safe loader, which by itself silently uses the last of several equal keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"the key '{key.value}' appears twice; remove or rename one",
                    problem_mark=key.start_mark,
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path | str) -> dict[str, Any]:
    """Read a YAML file whose top level is a mapping; DownhillError if it is missing or is not one."""
    try:
        values = yaml.load(Path(path).read_text(encoding="utf-8"), Loader=_Loader)
    except OSError as error:
        raise DownhillError(
            f"{path}: cannot be read: {error.strerror}; give the path of a YAML file"
        ) from error
    except UnicodeDecodeError as error:
        raise DownhillError(f"{path}: is not UTF-8 text ({error}); save it as UTF-8") from error
    except yaml.YAMLError as error:
        raise DownhillError(f"{path}: is not YAML: {' '.join(str(error).split())}") from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise DownhillError(f"{path}: must hold `key: value` lines, not a {type(values).__name__}")
    return values


def validated(model: type[Model], values: Any, where: str) -> Model:
    """Validate `values` as a `model`; DownhillError with the first error, preceded by `where`."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise DownhillError(sentence(error, model, values, where)) from error


Expand = Callable[[dict[str, str], str], Iterable[dict[str, str]]]


def read_table(
    path: Path | str, model: type[Model], key: str, expand: Expand | None = None
) -> dict[str, Model]:
    """Read a tab-separated table with one `model` per row; returns them by the column `key`.

    Empty cells mean the model's default; empty lines and lines that begin with `#` are skipped. `expand` may turn the
    cells of a row (by column) into those of several rows; it is given `key` as well.

    Raises
    ------
    DownhillError
        For a missing file, a missing, unknown or repeated column, a row with too many cells, a bad
        cell, or a duplicate name; the message names file, line and column.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DownhillError(
            f"{path}: cannot be read: {error}; give the path of a tab-separated table"
        ) from error
    numbered = [
        (number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")
    ]
    if not numbered:
        raise DownhillError(f"{path}: is empty; its first line must name the columns, including {key}")
    cells = list(csv.reader((line for _, line in numbered), delimiter="\t", quoting=csv.QUOTE_NONE))
    columns = [column.strip() for column in cells[0]]
    _check_columns(path, columns, model)
    rows: dict[str, Model] = {}
    first_line: dict[str, int] = {}
    if len(cells) == 1:
        raise DownhillError(f"{path}: has no rows; add at least one {key}")
    for (number, _), row in zip(numbered[1:], cells[1:], strict=True):
        where = f"{path}, line {number}"
        if len(row) > len(columns):
            raise DownhillError(f"{where}: {len(row)} cells, but the table has {len(columns)} columns")
        values = {column: cell.strip() for column, cell in zip(columns, row, strict=False) if cell.strip()}
        for one in expand(values, key) if expand else (values,):
            name = one.get(key, "")
            item = validated(model, one, f"{where}, {key} '{name}'" if name else where)
            if name in rows:
                raise DownhillError(
                    f"{where}: the {key} '{name}' is already defined in line {first_line[name]}; rename one"
                )
            rows[name], first_line[name] = item, number
    return rows


def _check_columns(path: Path | str, columns: list[str], model: type[BaseModel]) -> None:
    fields = model.model_fields
    for column in columns:
        if column not in fields:
            raise DownhillError(f"{path}: unknown column '{column}'; {did_you_mean(column, fields)}")
        if columns.count(column) > 1:
            raise DownhillError(f"{path}: the column '{column}' appears twice; remove one")
    for name, field in fields.items():
        if field.is_required() and name not in columns:
            raise DownhillError(
                f"{path}: the column '{name}' is missing; add it (separated by tabs): {field.description}"
            )


def sentence(error: ValidationError, model: type[BaseModel], values: Any, where: str) -> str:
    """The first problem of a validation as one sentence: where it is, its key, what was found, and what is allowed."""
    problem = error.errors()[0]
    location = _keys_to(problem, values)
    key = ".".join(location)
    found = problem.get("input")
    if problem["type"] == "extra_forbidden":
        known = _fields_at(model, problem["loc"][:-1])
        return f"{where}: unknown key '{key}'; {did_you_mean(location[-1], known)}"
    if problem["type"] == "missing":
        return f"{where}: '{key}' is missing; add it"
    if problem["type"].startswith("union_tag_"):
        key += "." + problem["ctx"]["discriminator"].strip("'")
        if "tag" not in problem["ctx"]:
            return f"{where}: '{key}' is missing; add it"
        return (
            f"{where}, {key}: {not_one_of(problem['ctx']['tag'], _listed(problem['ctx']['expected_tags']))}"
        )
    message = problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if problem["type"] in ("model_type", "dict_type", "model_attributes_type"):
        message = "should be a mapping of `key: value` lines"
    if problem["type"] == "bool_parsing":
        message = "should be true or false"
    if problem["type"] in ("tuple_type", "list_type"):
        message = "should be a list, such as [a, b]"
    if problem["type"] == "string_pattern_mismatch":
        capitals = "" if "A-Z" in problem["ctx"]["pattern"] else "lower-case "
        message = f"may contain only {capitals}letters, digits, hyphens and the like, no spaces"
    message = message[:1].lower() + message[1:]
    if not key:
        return f"{where}: {message}"
    if problem["type"] == "value_error":
        return f"{where}, {key}: {message}"
    if problem["type"] == "literal_error" and isinstance(found, str):
        return f"{where}, {key}: {not_one_of(found, _listed(problem['ctx']['expected']))}"
    return f"{where}, {key}: {found!r} {message}"


def not_one_of(found: str, expected: Sequence[str]) -> str:
    """`'x' is not one of …`, with a suggestion when one of them is close."""
    close = difflib.get_close_matches(found, expected, n=1)
    hint = f" (did you mean '{close[0]}'?)" if close else ""
    return f"'{found}' is not one of {', '.join(expected)}{hint}"


def _listed(names: str) -> list[str]:
    """The names that Pydantic lists in a message."""
    return [name.strip("'") for name in names.replace(" or ", ", ").split(", ")]


def _keys_to(problem: ErrorDetails, values: Any) -> list[str]:
    """The keys and indices that lead to a problem, without the internal steps that Pydantic lists as well."""
    keys: list[str] = []
    for place, part in enumerate(problem["loc"], 1):
        is_missing = place == len(problem["loc"]) and problem["type"] == "missing"
        if isinstance(values, dict) and (part in values or is_missing):
            values = values.get(part)
            keys.append(str(part))
        elif isinstance(part, int):
            values = values[part] if isinstance(values, list) and part < len(values) else None
            keys.append(str(part))
    return keys


def _fields_at(model: type[BaseModel], location: Sequence[str | int]) -> list[str]:
    """Names of the keys that are known at a location inside a model."""
    current = [model]
    for part in location:
        inner = [
            found
            for one in current
            if part in one.model_fields
            for found in _models_in(one.model_fields[str(part)].annotation)
        ]
        # If several models are possible there, one is chosen by its name, or by the value of a key.
        chosen = [one for one in current if part == one.__name__ or part in _constants_of(one)]
        current = inner or chosen or current
    return list(dict.fromkeys(name for one in current for name in one.model_fields))


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """The models that a type consists of."""
    if hasattr(annotation, "model_fields"):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]


def _constants_of(model: type[BaseModel]) -> list[Any]:
    """The values of those keys of a model that can have only one value."""
    values = [get_args(field.annotation) for field in model.model_fields.values()]
    return [value[0] for value in values if len(value) == 1]
