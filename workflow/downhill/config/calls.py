"""Calls from Python: mistakes in their arguments are reported in one sentence, as those in tables are."""

import operator
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, ValidationError

from downhill.config.validation import sentence
from downhill.errors import DownhillError

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass  # mypy fails first if it moves
else:
    ModelMetaclass = type(BaseModel)


class Called(ModelMetaclass):
    """Metaclass of models that are also created by Python code, as in `Network(activation="relu")`.

    Such a call raises DownhillError. Validation, as in `Network.model_validate`, is not affected: it raises Pydantic's
    ValidationError, which says where in a file the mistake is.
    """

    def __call__(cls, *positional: Any, **values: Any) -> Any:  # noqa: N805
        """Create a model from settings that are given by name."""
        model = cast(type[BaseModel], cls)
        if positional:
            raise DownhillError(
                f"{model.__name__} takes its settings by name, such as {next(iter(model.model_fields))}=…; "
                f"write the name of the setting before {described(positional[0])}"
            )
        try:
            return super().__call__(**values)
        except ValidationError as error:
            raise DownhillError(sentence(error, model, values, model.__name__)) from None


def described(value: Any) -> str:
    """A value in the words of an error message: numbers and short text as they are, others by their type."""
    if isinstance(value, str | int | float) or value is None:
        text = repr(value)
        return text if len(text) <= 60 else f"{text[:58]}…{text[-1]}"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    return f"an object of type {type(value).__name__}"


def check(value: Any, kind: type | tuple[type, ...], name: str, wanted: str) -> None:
    """Check the type of an argument; DownhillError says what is `wanted` instead, such as "a Network"."""
    if not isinstance(value, kind):
        raise DownhillError(f"{name} must be {wanted}, not {described(value)}")


def whole_number(value: Any, name: str) -> int:
    """The value of an argument as an int; DownhillError if it is not a whole number."""
    try:
        return operator.index(value)
    except TypeError:
        raise DownhillError(f"{name} must be a whole number, not {described(value)}") from None


def whole_numbers(values: Any, name: str) -> list[int]:
    """The values of an argument as a list of ints; DownhillError if they are not whole numbers."""
    if not isinstance(values, Iterable):
        raise DownhillError(f"{name} must be a list of whole numbers or a range, not {described(values)}")
    return [whole_number(value, f"each of the {name}") for value in values]
