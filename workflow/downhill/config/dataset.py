"""Where data comes from, and the data sets made of it: the two halves of `datasets.yaml`."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"  # what names folders and stands in commands
Name = Annotated[str, Field(pattern=NAME)]


def _sha256(value: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", value):
        raise ValueError("a SHA-256 is 64 lower-case hexadecimal digits; `sha256sum FILE` prints it")
    return value


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
    classes: tuple[str, ...] = Field(
        description="Names of the classes, in the order of their labels 0, 1, …", min_length=2, max_length=256
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
    selection: Literal["first", "random"] = Field(
        "first", description="Which ones are kept: the `first` in file order, or `random` ones."
    )
    shuffle_labels: float = Field(
        0.0, ge=0, le=1, description="Share of the training labels that is shuffled among itself."
    )
    resize: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]] | None = Field(
        None, description="New height and width in pixels, by area averaging; empty keeps the size."
    )

    def limited_to(self, training_images: int | None) -> Self:
        """The same data set with at most so many training images (for smoke runs)."""
        if training_images is None:
            return self
        kept = min(training_images, self.training_images or training_images)
        return self.model_copy(update={"training_images": kept})


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
