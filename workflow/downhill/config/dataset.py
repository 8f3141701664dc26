"""Where data comes from, and the data sets made of it: the two halves of `datasets.yaml`."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"  # what names folders and stands in commands
Name = Annotated[str, Field(pattern=NAME)]


def _sha256(value: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", value):
        raise ValueError("a SHA-256 is 64 lower-case hexadecimal digits; `sha256sum FILE` prints it")
    return value


MOST_CLASSES = 255  # a label is one byte, and 255 stands for images of no class


def _classes(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(names) > MOST_CLASSES:
        raise ValueError(
            f"there are {len(names)} classes; at most {MOST_CLASSES} are possible, since the label "
            f"{MOST_CLASSES} stands for images of no class"
        )
    return names


class SourceFile(BaseModel):
    """One IDX file of a source, found on a mirror raw or gzipped (then with `.gz` behind its name)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(description="File name on the mirrors, without `.gz`.", min_length=1)
    sha256: Annotated[str, AfterValidator(_sha256)] | None = Field(
        None, description="SHA-256 of the decompressed IDX content; without it nothing guards the download."
    )


class SourceFiles(BaseModel):
    """The four files of a source."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    train_images: SourceFile = SourceFile(name="train-images-idx3-ubyte")
    train_labels: SourceFile = SourceFile(name="train-labels-idx1-ubyte")
    test_images: SourceFile = SourceFile(name="t10k-images-idx3-ubyte")
    test_labels: SourceFile = SourceFile(name="t10k-labels-idx1-ubyte")


IDX_NAMES: dict[str, str] = {role: getattr(SourceFiles(), role).name for role in SourceFiles.model_fields}
"""Names that the four files bear once they are here, whatever a mirror calls them: MNIST's own."""


class Source(BaseModel):
    """Four IDX files, what they must hold, and the mirrors that have them, tried in order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(description="Name to print.")
    image_shape: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]] = Field(
        (28, 28), description="Height and width of an image, in pixels."
    )
    classes: Annotated[tuple[str, ...], AfterValidator(_classes)] = Field(
        description="Names of the classes, in the order of their labels 0, 1, …",
        min_length=2,
        json_schema_extra={"maxItems": MOST_CLASSES},
    )
    mirrors: tuple[str, ...] = Field(
        (), description="Folders or http(s) addresses, tried in order; at least one."
    )
    files: SourceFiles = SourceFiles()

    def contents(self) -> Self:
        """What the files must hold, without where they come from: a new mirror changes no data."""
        return self.model_copy(update={"mirrors": ()})


class DatasetRecipe(BaseModel):
    """How a data set is made from a source. The steps happen in the order of the fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = Field(description="Name of a source.")
    seed: int = Field(0, ge=0, description="Seed of every random choice below.")
    validation_images: int = Field(
        5000, ge=0, description="Images drawn at random from the training file for validation."
    )
    training_images: int | None = Field(
        None, ge=1, description="Keep this many training images; empty keeps all."
    )
    training_images_limit: int | None = Field(
        None,
        ge=1,
        description="Keep at most this many training images; unlike `training_images` it may be more than "
        "there are. Smoke runs set it, by `limits.training_images`.",
    )
    selection: Literal["first", "random"] = Field(
        "first", description="Which ones are kept: the `first` in file order, or `random` ones."
    )
    shuffle_labels: float = Field(
        0.0, ge=0, le=1, description="Share of the training labels that is shuffled among itself."
    )
    resize: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]] | None = Field(
        None, description="New height and width in pixels, by area averaging; empty keeps the size."
    )

    noise_images: int = Field(
        0,
        ge=0,
        description="Add this many training images of uniform noise, each pixel 0 … 255, that belong to no "
        "class: their target is zero in every output.",
    )

    def limited_to(self, training_images: int | None) -> Self:
        """The same data set with at most so many training images, and noise likewise (for smoke runs)."""
        if training_images is None:
            return self
        key = "training_images_limit" if self.training_images is None else "training_images"
        kept = min(training_images, getattr(self, key) or training_images)
        return self.model_copy(update={key: kept, "noise_images": min(training_images, self.noise_images)})

    @model_serializer(mode="wrap")
    def _without_what_is_not_used(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # So that data sets which were made before these keys were there keep their bytes, and are not remade.
        values: dict[str, Any] = handler(self)
        for name in ("noise_images", "training_images_limit"):
            if name in values and not values[name]:
                del values[name]
        return values


class Datasets(BaseModel):
    """The whole of `datasets.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: dict[Name, Source] = Field(description="Where data comes from.")
    datasets: dict[Name, DatasetRecipe] = Field(description="What is made of it.")

    @model_validator(mode="after")
    def _fit_together(self) -> "Datasets":
        for name, source in self.sources.items():
            if not source.mirrors:
                raise ValueError(f"source '{name}' has no mirrors; name at least one folder or address")
        for name, recipe in self.datasets.items():
            if recipe.source not in self.sources:
                raise ValueError(
                    f"dataset '{name}' names the source '{recipe.source}', which is not there; "
                    f"sources: {', '.join(self.sources)}"
                )
        return self
