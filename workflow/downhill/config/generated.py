"""Data that is generated from a seed instead of downloaded: its kinds and their settings."""

import math
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from downhill.config.text import ClassName, Text, visible

MOST_PIXELS = 65_536  # of an image; the engine keeps their places as uint16
MOST_IMAGES = 10_000_000  # of a data set: what a computer can hold in memory
LARGEST_NUMBER = 1e6  # in generated data
MOST_CLASSES = 255  # a label is one byte, and 255 stands for images of no class


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(names) > MOST_CLASSES:
        raise ValueError(
            f"there are {len(names)} classes; at most {MOST_CLASSES} are possible, since the label "
            f"{MOST_CLASSES} stands for images of no class"
        )
    seen = [visible(name) for name in names]
    for label, name in enumerate(seen):
        if not name:
            raise ValueError(f"the class with label {label} has no name; give it one")
        if (first := seen.index(name)) < label:
            raise ValueError(
                f"the classes with labels {first} and {label} are both named '{name}'; rename one"
            )
    return names


def _not_too_large(shape: tuple[int, int]) -> tuple[int, int]:
    if (pixels := math.prod(shape)) > MOST_PIXELS:
        raise ValueError(
            f"{shape[0]:,} x {shape[1]:,} is {pixels:,} pixels; images can have at most {MOST_PIXELS:,}"
        )
    return shape


def numbered(names: tuple[str, ...]) -> tuple[str, ...]:
    """The numbers 0, 1, … as text: what classes (or outputs) are called where their names must not matter."""
    return tuple(map(str, range(len(names))))


Classes = Annotated[
    tuple[ClassName, ...],
    Field(min_length=2, json_schema_extra={"maxItems": MOST_CLASSES}),
    AfterValidator(_distinct),
]
ImageShape = Annotated[
    tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]], AfterValidator(_not_too_large)
]
Spread = Annotated[float, Field(ge=0, le=LARGEST_NUMBER)]
SPREAD_OF_POINTS = (
    "`xor`, `rings`: standard deviation of both coordinates around the centre of the cluster, or the ring."
)
Radius = Annotated[float, Field(gt=0, le=LARGEST_NUMBER)]


class _Kind(BaseModel):
    """What all kinds have in common. `kind` has no default: settings as text must always name it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    training: int = Field(ge=1, le=MOST_IMAGES, description="Number of training images (or points).")
    test: int = Field(ge=1, le=MOST_IMAGES, description="Number of test images (or points).")

    has_pixels: ClassVar[bool] = False
    """Whether there are images of uint8 pixels; otherwise points of float32 numbers."""
    has_labels: ClassVar[bool] = True
    """Whether images belong to classes."""
    is_regression: ClassVar[bool] = False
    """Whether there are targets for regression."""

    def unlabelled(self) -> Self:
        """The same kind with numbers as the names of its classes, if its settings name them."""
        return self


class Xor(_Kind):
    """Four clusters at (±1, ±1); the class says whether the two signs of the cluster's centre differ."""

    kind: Literal["xor"] = Field(description="Kind of data.")
    sd: Spread = Field(description=SPREAD_OF_POINTS)

    image_shape: ClassVar[ImageShape] = (1, 2)
    classes: ClassVar[tuple[str, ...]] = ("same signs", "opposite signs")


class Rings(_Kind):
    """Rings around the origin; each is a class."""

    kind: Literal["rings"] = Field(description="Kind of data.")
    radii: tuple[Radius, ...] = Field(
        description="`rings`: radius of each ring.", min_length=2, max_length=MOST_CLASSES
    )
    sd: Spread = Field(description=SPREAD_OF_POINTS)

    image_shape: ClassVar[ImageShape] = (1, 2)

    @field_validator("radii")
    @classmethod
    def _differ(cls, radii: tuple[float, ...]) -> tuple[float, ...]:
        if len(set(radii)) < len(radii):
            raise ValueError("two rings have the same radius; each class needs a radius of its own")
        return radii

    @property
    def classes(self) -> tuple[str, ...]:
        """One name per ring."""
        return tuple(f"radius {str(radius).removesuffix('.0')}" for radius in self.radii)


class Curve(_Kind):
    """A function of one number at evenly spaced points."""

    kind: Literal["curve"] = Field(description="Kind of data.")

    is_regression: ClassVar[bool] = True
    has_labels: ClassVar[bool] = False
    image_shape: ClassVar[ImageShape] = (1, 1)
    classes: ClassVar[tuple[str, ...]] = ("f(x)",)


class Surface(_Kind):
    """A function of two numbers on a square grid."""

    kind: Literal["surface"] = Field(description="Kind of data.")

    is_regression: ClassVar[bool] = True
    has_labels: ClassVar[bool] = False
    image_shape: ClassVar[ImageShape] = (1, 2)
    classes: ClassVar[tuple[str, ...]] = ("f(x, y)",)

    @field_validator("training", "test")
    @classmethod
    def _square(cls, count: int) -> int:
        if (side := math.isqrt(count)) ** 2 != count:
            raise ValueError(
                f"{count} points do not form a square grid; choose a square number, such as {side**2} "
                f"or {(side + 1) ** 2}"
            )
        return count


class _Noise(_Kind):
    image_shape: ImageShape = Field(description="Noise: height and width of an image, in pixels.")
    classes: Classes = Field(
        description="Noise: names of the classes of the networks that use it; no image belongs to any of them."
    )

    has_pixels: ClassVar[bool] = True
    has_labels: ClassVar[bool] = False

    def unlabelled(self) -> Self:
        return self.model_copy(update={"classes": numbered(self.classes)})


class UniformNoise(_Noise):
    """Images whose pixels are independent and uniform, 0 … 255."""

    kind: Literal["uniform_noise"] = Field(description="Kind of data.")


class GaussianNoise(_Noise):
    """Images whose pixels are independent and normally distributed, rounded and clipped to 0 … 255."""

    kind: Literal["gaussian_noise"] = Field(description="Kind of data.")
    mean: float = Field(
        description="`gaussian_noise`: mean of a pixel before it is rounded and clipped to 0 … 255.",
        ge=-LARGEST_NUMBER,
        le=LARGEST_NUMBER,
    )
    sd: Spread = Field(
        description="`gaussian_noise`: standard deviation of a pixel, before rounding and clipping."
    )


class DrawnDigits(_Kind):
    """Drawings of the digits 0 … 9 in turn, on a canvas of 28 × 28 pixels."""

    kind: Literal["drawn_digits"] = Field(description="Kind of data.")
    preprocessing: bool = Field(
        description="`drawn_digits`: whether drawings are scaled, centred and drawn as thick as the digits of MNIST; "
        "the same seed gives the same drawings either way."
    )

    has_pixels: ClassVar[bool] = True
    image_shape: ClassVar[ImageShape] = (28, 28)
    classes: ClassVar[tuple[str, ...]] = tuple("0123456789")


Generated = Xor | Rings | Curve | Surface | UniformNoise | GaussianNoise | DrawnDigits


class GeneratedSource(BaseModel):
    """A source whose images are generated from the seed of the recipe; nothing is downloaded."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Text = Field(description="Name to print.")
    generate: Generated = Field(discriminator="kind")

    @model_validator(mode="before")
    @classmethod
    def _nothing_of_a_download(cls, values: Any) -> Any:
        if isinstance(values, dict):
            if "mirrors" in values:
                raise ValueError("both mirrors and generate are given; keep one of them")
            for key in ("image_shape", "classes", "files"):
                if key in values:
                    raise ValueError(
                        f"{key} has no effect together with generate, which determines it; leave it out"
                    )
        return values

    @property
    def image_shape(self) -> tuple[int, int]:
        """Height and width of an image; a point of n numbers is an image of height 1 and width n."""
        return self.generate.image_shape

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, or of the outputs of a regression."""
        return self.generate.classes

    def unlabelled(self, title: str) -> Self:
        """The same source without its display names, as for a downloaded source."""
        return self.model_copy(update={"title": title, "generate": self.generate.unlabelled()})

    def contents(self) -> Self:
        """Everything that determines the data, as for a downloaded source."""
        return self.unlabelled("")
