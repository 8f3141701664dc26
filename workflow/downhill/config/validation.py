"""Validating settings as models, and reporting in one sentence what is wrong with them."""

import difflib
from collections.abc import Sequence
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from downhill.config.reading import did_you_mean
from downhill.errors import DownhillError

_MESSAGES = {
    "too_short": "should have at least {min_length} values",
    "too_long": "should have at most {max_length} values",
    "string_too_long": "should have at most {max_length} characters",
    "int_parsing": "should be a whole number",
    "int_from_float": "should be a whole number",
    "int_type": "should be a whole number",
    "float_parsing": "should be a number",
    "float_type": "should be a number",
    "invalid_key": "should be text; put it in quotes",
    "invalid-json-value": "should be text, a number, or a list; put dates in quotes",
    "bool_parsing": "should be true or false",
    **dict.fromkeys(("tuple_type", "list_type"), "should be a list, such as [a, b]"),
    **dict.fromkeys(
        ("model_type", "dict_type", "model_attributes_type"), "should be a mapping of `key: value` lines"
    ),
    "recursion_loop": "refers to itself; write it out",
}
"""What is better said in other words than Pydantic's, by type of problem."""

_MOST_SHOWN = 120  # characters of a value in a message

Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], values: Any, where: str) -> Model:
    """Validate `values` as a `model`; DownhillError with the first error, preceded by `where`."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise DownhillError(sentence(error, model, values, where)) from error


def sentence(error: ValidationError, model: type[BaseModel], values: Any, where: str) -> str:
    """The first problem of a validation as one sentence: where it is, its key, what was found, and what is allowed."""
    return " ".join(_first_problem(error, model, values, where).split("\n"))


def _first_problem(error: ValidationError, model: type[BaseModel], values: Any, where: str) -> str:
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
    message = in_words(problem)
    if not key:
        return f"{where}: {message}"
    if problem["type"] == "value_error":
        return f"{where}, {key}: {message}"
    if problem["type"] == "literal_error" and isinstance(found, str):
        return f"{where}, {key}: {not_one_of(found, _listed(problem['ctx']['expected']))}"
    return f"{where}, {key}: {_shown(found)} {message}"


def in_words(problem: ErrorDetails) -> str:
    """What is wrong, as the end of a sentence: `should be a whole number`."""
    found, context = problem.get("input"), problem.get("ctx", {})
    message = problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if problem["type"] in _MESSAGES:
        message = _MESSAGES[problem["type"]].format_map(context)
    if problem["type"] == "string_pattern_mismatch":
        capitals = "" if "A-Z" in context["pattern"] else "lower-case "
        message = f"may contain only {capitals}letters, digits, hyphens and the like, no spaces"
    if problem["type"] == "string_type" and not isinstance(found, list | dict):
        message = "should be text; put it in quotes"
    return message[:1].lower() + message[1:]


def _shown(value: Any) -> str:
    """A value as the user wrote it, or its beginning."""
    text = repr(value) if isinstance(value, str | list | dict | float) else str(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


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
