"""Where data comes from, and the data sets made of it: the two halves of `datasets.yaml`."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    SerializerFunctionWrapHandler,
    Tag,
    model_serializer,
    model_validator,
)

from downhill.config.generated import MOST_IMAGES, Classes, GeneratedSource, ImageShape, numbered
from downhill.config.text import Name, PathText, RequiredPath, Text

DEFAULT_VALIDATION_IMAGES = 5000  # for a downloaded source


def _sha256(value: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", value):
        raise ValueError("a SHA-256 is 64 lower-case hexadecimal digits; `sha256sum FILE` prints it")
    return value


class SourceFile(BaseModel):
    """One IDX file of a source, raw or gzipped on a mirror (with `.gz` appended to its name if gzipped)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: PathText = Field(
        "", description="File name on the mirrors, without `.gz`; empty means MNIST's name."
    )
    sha256: Annotated[str, AfterValidator(_sha256)] | None = Field(
        None, description="SHA-256 of the decompressed IDX content; without it the download is not verified."
    )


class SourceFiles(BaseModel):
    """The four files of a source."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    train_images: SourceFile = SourceFile(name="train-images-idx3-ubyte")
    train_labels: SourceFile = SourceFile(name="train-labels-idx1-ubyte")
    test_images: SourceFile = SourceFile(name="t10k-images-idx3-ubyte")
    test_labels: SourceFile = SourceFile(name="t10k-labels-idx1-ubyte")

    @model_validator(mode="before")
    @classmethod
    def _with_names_of_mnist(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        names = {role: field.default.name for role, field in cls.model_fields.items()}
        return {
            role: {**file, "name": file.get("name") or names.get(role, "")}
            if isinstance(file, dict)
            else file
            for role, file in values.items()
        }


IDX_NAMES: dict[str, str] = {role: getattr(SourceFiles(), role).name for role in SourceFiles.model_fields}
"""Local names of the four files, whatever a mirror calls them: those of MNIST."""


class Source(BaseModel):
    """Four IDX files, what they must contain, and the mirrors that have them, tried in order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Text = Field(description="Name to print.")
    image_shape: ImageShape = Field((28, 28), description="Height and width of an image, in pixels.")
    classes: Classes = Field(description="Names of the classes, in the order of their labels 0, 1, …")
    mirrors: tuple[RequiredPath, ...] = Field(
        (), description="Folders or http(s) addresses, tried in order; at least one."
    )
    files: SourceFiles = SourceFiles()

    def unlabelled(self, title: str) -> Self:
        """The same source without its display names: with another title, and with numbers as its classes."""
        return self.model_copy(update={"title": title, "classes": numbered(self.classes)})

    def contents(self) -> Self:
        """What determines the data that is made from it, apart from the files themselves.

        Display names, mirrors and checksums do not: if they change, nothing is rebuilt. (Checksums that differ
        from those of the downloaded files are an error, see `orchestration.sources`.)
        """
        names = {role: SourceFile(name=file["name"]) for role, file in self.files.model_dump().items()}
        return self.unlabelled("").model_copy(update={"mirrors": (), "files": SourceFiles(**names)})

    def unguarded(self) -> tuple[str, ...]:
        """The roles of the files that have no checksum."""
        return tuple(role for role, file in self.files.model_dump().items() if file["sha256"] is None)


def _tag_of_source(value: Any) -> str:
    generated = "generate" in value if isinstance(value, dict) else isinstance(value, GeneratedSource)
    return "GeneratedSource" if generated else "Source"


AnySource = Annotated[
    Annotated[Source, Tag("Source")] | Annotated[GeneratedSource, Tag("GeneratedSource")],
    Discriminator(_tag_of_source),
]


class EitherSource(RootModel[AnySource]):
    """A source of either kind, to be read from JSON."""


class DatasetRecipe(BaseModel):
    """How a data set is made from a source. The steps are applied in the order of the fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Name = Field(description="Name of a source.")
    seed: int = Field(0, ge=0, description="Seed of every random choice below, and of generated data.")
    validation_images: int | None = Field(
        None,
        ge=0,
        description="Number of training images to set aside for validation; empty means 5000, or none if the "
        "source is generated.",
    )
    validation_selection: Literal["random", "last"] = Field(
        "random", description="Which of them are set aside: `random` ones, or the `last` in file order."
    )
    training_images: int | None = Field(
        None, ge=1, le=MOST_IMAGES, description="Keep this many training images; empty keeps all."
    )
    training_images_limit: int | None = Field(
        None,
        ge=1,
        description="Keep at most this many training images; unlike `training_images`, it may exceed the number "
        "available. Smoke runs set it through `limits.training_images`.",
    )
    selection: Literal["first", "random"] = Field(
        "first", description="Which of them are kept: the `first` in file order, or `random` ones."
    )
    shuffle_labels: float = Field(
        0.0, ge=0, le=1, description="Share of the training labels to shuffle among themselves."
    )
    resize: ImageShape | None = Field(
        None, description="New height and width in pixels, by area averaging; empty keeps the size."
    )
    shuffle_pixels: bool = Field(
        False,
        description="Shuffle the pixels of every image, including test images, each in its own random order.",
    )
    noise_images: int = Field(
        0,
        ge=0,
        le=MOST_IMAGES,
        description="Add this many training images of uniform noise, each pixel 0 … 255, that belong to no "
        "class: their target is zero in every output.",
    )

    def validation_count(self, source: Source | GeneratedSource) -> int:
        """Number of validation images, the default included."""
        if self.validation_images is not None:
            return self.validation_images
        return 0 if isinstance(source, GeneratedSource) else DEFAULT_VALIDATION_IMAGES

    def training_count(self, source: Source | GeneratedSource) -> int | None:
        """Number of training images, including noise images; None if it depends on the files of the source."""
        count = self.training_images
        if count is None and isinstance(source, GeneratedSource):
            count = source.generate.training - self.validation_count(source)
        return None if count is None else count + self.noise_images

    def with_defaults_of(self, source: Source | GeneratedSource) -> Self:
        """The same recipe with the default that depends on the source filled in."""
        return self.model_copy(update={"validation_images": self.validation_count(source)})

    def misfit(self, source: Source | GeneratedSource) -> str | None:
        """Why the recipe cannot be applied to a generated source, as a sentence, or None.

        (How many images a downloaded source has is known only after the download.)
        """
        if not isinstance(source, GeneratedSource):
            return None
        kind = source.generate
        for key in ("resize", "shuffle_pixels", "noise_images"):
            if getattr(self, key) and not kind.has_pixels:
                return (
                    f"{key} is for images of pixels, but source '{self.source}' has points; leave {key} out"
                )
        if self.shuffle_labels and not kind.has_labels and not kind.is_regression:
            return f"shuffle_labels has no effect, since source '{self.source}' has no labels; leave it out"
        if (count := self.validation_count(source)) >= kind.training:
            return (
                f"validation_images is {count}, but source '{self.source}' has {kind.training} training images; "
                f"choose at most {kind.training - 1} so that some are left to train on"
            )
        if self.training_images and self.training_images > kind.training - count:
            return (
                f"training_images is {self.training_images}, but {kind.training - count} images are left for "
                "training; choose at most that"
            )
        return None

    def limited_to(self, training_images: int | None) -> Self:
        """The same data set with at most this many training images and noise images, for smoke runs."""
        if training_images is None:
            return self
        key = "training_images_limit" if self.training_images is None else "training_images"
        kept = min(training_images, getattr(self, key) or training_images)
        return self.model_copy(update={key: kept, "noise_images": min(training_images, self.noise_images)})

    @model_serializer(mode="wrap")
    def _without_what_is_not_used(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # So that data sets from before these keys existed keep their bytes and are not made again.
        values: dict[str, Any] = handler(self)
        for name in ("noise_images", "training_images_limit", "shuffle_pixels", "validation_selection"):
            if name in values and values[name] == type(self).model_fields[name].default:
                del values[name]
        return values


class Datasets(BaseModel):
    """The whole of `datasets.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: dict[Name, AnySource] = Field(description="Where data comes from.")
    datasets: dict[Name, DatasetRecipe] = Field(description="Data sets that are made from the sources.")

    @model_validator(mode="after")
    def _fit_together(self) -> "Datasets":
        for name, source in self.sources.items():
            if isinstance(source, Source) and not source.mirrors:
                raise ValueError(
                    f"source '{name}' has no mirrors; name at least one folder or address, or add generate "
                    "for data from a seed"
                )
        for name, recipe in self.datasets.items():
            if recipe.source not in self.sources:
                raise ValueError(
                    f"dataset '{name}' names the source '{recipe.source}', which does not exist; "
                    f"sources: {', '.join(self.sources)}"
                )
            if problem := recipe.misfit(self.sources[recipe.source]):
                raise ValueError(f"dataset '{name}': {problem}")
        return self

    def downloaded(self) -> dict[str, Source]:
        """The sources that are downloaded, by name."""
        return {name: source for name, source in self.sources.items() if isinstance(source, Source)}
