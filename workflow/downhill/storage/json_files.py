"""Results as JSON: written atomically, and checked when they are read."""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from downhill.storage.atomic import atomic_path
from downhill.storage.problems import cannot_read, unusable


def write_json(path: Path | str, value: Any) -> None:
    """Write `value` as indented JSON, atomically; NaN and infinities become null."""
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(_finite(value), indent=1, allow_nan=False) + "\n", encoding="utf-8")


class Shape(BaseModel):
    """What must be in a JSON file, and of which type; there may be more, and nothing is converted."""

    model_config = ConfigDict(extra="allow", strict=True)


def read_json(path: Path | str, what: str = "a result of a stage", shape: type[Shape] | None = None) -> Any:
    """Read a JSON file that an earlier stage wrote.

    Parameters
    ----------
    path
        The file.
    what
        What it is, such as "the evidence of a claim", for the message if it is something else.
    shape
        What must be in it.

    Raises
    ------
    DownhillError
        If the file is missing, damaged or something else; the message says what to do.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
        found = json.loads(text)
        if shape is not None:
            shape.model_validate_json(text)
    except ValidationError as error:
        raise unusable(path, what, first_problem(error)) from error
    except (OSError, ValueError, RecursionError) as error:
        raise cannot_read(path, what, error) from error
    return found


def first_problem(error: ValidationError) -> str:
    """The first problem of a validation, such as `parts.0.unit: field required`."""
    problem = error.errors(include_url=False)[0]
    place = ".".join(map(str, problem["loc"]))
    message = problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"{place}: {message[:1].lower()}{message[1:]}" if place else ""


def _finite(value: Any) -> Any:
    """Replace what JSON cannot represent (NaN, infinities, NumPy scalars and arrays) with what it can."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value
