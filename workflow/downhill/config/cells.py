"""Reading the text of cells of `networks.tsv`; other values are passed on unchanged for the model to check."""

from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from downhill.config.validation import not_one_of


def read_layers(value: Any) -> Any:
    """Read `16-16` (or `none`, for a network without hidden layers) as a tuple of widths."""
    if not isinstance(value, str):
        return value
    if value.strip().lower() == "none":
        return ()
    widths = value.strip().split("-")
    if not all(width.isdecimal() and int(width) > 0 for width in widths):
        raise ValueError(f"'{value}' is not a list of widths; write 16-16, or none for no hidden layers")
    return tuple(int(width) for width in widths)


def read_batch(value: Any) -> Any:
    """Read a batch size from the text of a table."""
    if not isinstance(value, str) or value == "full":
        return value
    if not value.strip().isdecimal() or int(value) == 0:
        raise ValueError(f"'{value}' is not a batch size; write a whole number above 0, or full")
    return int(value)


def read_epochs(value: Any) -> Any:
    """Read `0, 1, 10` as a tuple of epochs; the word `history` is kept."""
    if not isinstance(value, str) or value.strip() == "history":
        return value.strip() if isinstance(value, str) else value
    epochs = [epoch.strip() for epoch in value.split(",")]
    if not all(epoch.isdecimal() for epoch in epochs):
        raise ValueError(
            f"'{value}' is not a list of epochs; write whole numbers such as 0, 1, 10, or history"
        )
    return tuple(int(epoch) for epoch in epochs)


Epochs = tuple[Annotated[int, Field(ge=0)], ...] | Literal["history"]


def in_order(epochs: Epochs) -> Epochs:
    """Sort epochs and drop duplicates, so that rows with the same epochs have the same settings."""
    return epochs if epochs == "history" else tuple(sorted(set(epochs)))


ImageSet = Literal["train", "validation", "test"]
IMAGE_SETS: tuple[ImageSet, ...] = get_args(ImageSet)


def read_sets(value: Any) -> Any:
    """Read `validation, test` as a tuple of names of image sets."""
    if not isinstance(value, str):
        return value
    names = tuple(name.strip() for name in value.split(","))
    for name in names:
        if name not in IMAGE_SETS:
            raise ValueError(not_one_of(name, IMAGE_SETS))
    return names


def in_order_of_sets(names: tuple[ImageSet, ...]) -> tuple[ImageSet, ...]:
    """Sort names of image sets and drop duplicates, so that rows with the same sets have the same settings."""
    if not names:
        raise ValueError(f"no image set is named; name at least one of {', '.join(IMAGE_SETS)}")
    return tuple(name for name in IMAGE_SETS if name in names)
