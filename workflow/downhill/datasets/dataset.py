"""Data sets in memory."""

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from downhill.config.calls import check
from downhill.errors import DownhillError

Pixels = npt.NDArray[np.uint8 | np.float32]

NO_CLASS = 255
"""Label of an image that belongs to no class: its target is zero in every output, and accuracies exclude it."""

MOST_CLASSES = NO_CLASS  # labels 0 … 254


@dataclass(frozen=True, eq=False)
class Images:
    """Images with their labels or targets, in the same order.

    Attributes
    ----------
    images : uint8 (n, height, width), where 0 is background and 255 full ink; or float32, used without scaling.
    labels : uint8 (n,), the class of each image, or `NO_CLASS`.
    targets : float32 (n, n_outputs), the target outputs for regression; None for classification.

    Raises
    ------
    DownhillError
        If a dtype or shape is different from these, the lengths differ, or a number is not finite.
    """

    images: Pixels
    labels: npt.NDArray[np.uint8]
    targets: npt.NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        _check("images", self.images, 3, (np.uint8, np.float32))
        _check("labels", self.labels, 1, (np.uint8,))
        if len(self.images) != len(self.labels):
            raise DownhillError(
                f"there are {len(self.images)} images but {len(self.labels)} labels; the numbers must be equal"
            )
        if self.targets is not None:
            _check("targets", self.targets, 2, (np.float32,))
            if len(self.images) != len(self.targets):
                raise DownhillError(
                    f"there are {len(self.images)} images but {len(self.targets)} targets; "
                    "the numbers must be equal"
                )

    @classmethod
    def with_targets(cls, images: Pixels, targets: npt.NDArray[np.float32]) -> "Images":
        """Images of no class with regression targets; dtypes, shapes and errors are those of the attributes."""
        return cls(images, np.full(len(images), NO_CLASS, np.uint8), targets)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def classed(self) -> npt.NDArray[np.bool_]:
        """Which images belong to a class, (n,)."""
        return np.asarray(self.labels != NO_CLASS)

    @property
    def wanted(self) -> npt.NDArray[np.generic]:
        """What a network should answer: the labels, or the targets of a regression."""
        return self.labels if self.targets is None else self.targets

    def take(self, chosen: npt.NDArray[np.intp] | npt.NDArray[np.bool_] | slice) -> "Images":
        """The images selected by an index array, a mask (n,) or a slice, with their labels and targets."""
        targets = None if self.targets is None else self.targets[chosen]
        return Images(self.images[chosen], self.labels[chosen], targets)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Three sets of images of the same size, and the names of their classes in the order of the labels.

    With regression targets, `classes` names the outputs instead. The classes of a prepared data set are "0", "1", …;
    the names in `datasets.yaml` are only for tables and figures.

    Raises
    ------
    DownhillError
        If a set is not of type Images, image sizes differ, a label is neither a class nor `NO_CLASS`, there are more
        classes than labels can represent, only some of the sets have targets, or the number of targets per image is not
        the number of outputs.
    """

    train: Images
    validation: Images
    test: Images
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        for name, part in self.parts().items():
            check(part, Images, name, "a set of Images")
        check(self.classes, (tuple, list), "classes", "a tuple of names")
        if self.n_classes > MOST_CLASSES:
            raise DownhillError(
                f"there are {self.n_classes} classes; at most {MOST_CLASSES} are supported, "
                f"since the label {NO_CLASS} is reserved for images of no class"
            )
        for name, part in self.parts().items():
            if part.images.shape[1:] != self.image_shape:
                raise DownhillError(
                    f"the {name} images have {_size(part.images.shape[1:])} pixels, but the training images have "
                    f"{_size(self.image_shape)}; all must have the same size"
                )
            highest = int(part.labels.max(initial=0, where=part.classed))
            if highest >= self.n_classes:
                raise DownhillError(
                    f"the largest {name} label is {highest}; "
                    f"with {self.n_classes} classes, labels must be less than {self.n_classes}"
                )
            self._check_targets(name, part)

    def checksum(self) -> int:
        """CRC-32 of all images, labels and targets; it does not depend on the format in which they are stored."""
        checksum = 0
        for part in self.parts().values():
            for array in (part.images, part.labels, part.targets):
                if array is not None:
                    checksum = zlib.crc32(np.ascontiguousarray(array).data, checksum)
        return checksum

    def _check_targets(self, name: str, part: Images) -> None:
        if (part.targets is None) != (self.train.targets is None):
            has, lacks = ("training", name) if part.targets is None else (name, "training")
            raise DownhillError(
                f"the {has} images have targets but the {lacks} images have none; either all sets need targets, or none"
            )
        if part.targets is not None and part.targets.shape[1] != self.n_outputs:
            raise DownhillError(
                f"the {name} targets have {part.targets.shape[1]} values per image, "
                f"but there are {self.n_outputs} outputs ({', '.join(self.classes)}); the two numbers must be equal"
            )

    def parts(self) -> dict[str, Images]:
        """The three sets by name, in the order train, validation, test."""
        return {"train": self.train, "validation": self.validation, "test": self.test}

    @property
    def image_shape(self) -> tuple[int, int]:
        """Height and width of the images, in pixels."""
        _, height, width = self.train.images.shape
        return height, width

    @property
    def n_inputs(self) -> int:
        """Number of pixels per image, which is the number of inputs of a network."""
        height, width = self.image_shape
        return height * width

    @property
    def n_classes(self) -> int:
        """Number of classes that images can belong to."""
        return len(self.classes)

    @property
    def n_outputs(self) -> int:
        """Number of outputs of a network: one per class, or one per column of the targets."""
        return len(self.classes)

    @property
    def is_regression(self) -> bool:
        """Whether the images have regression targets."""
        return self.train.targets is not None


def _check(
    name: str, array: npt.NDArray[np.generic], dimensions: int, kinds: tuple[type[np.generic], ...]
) -> None:
    wanted = f"an array ({' or '.join(kind.__name__ for kind in kinds)})"
    check(array, np.ndarray, name, wanted)
    if array.dtype not in kinds or array.ndim != dimensions:
        raise DownhillError(
            f"{name} are {array.dtype} of shape {array.shape}; "
            f"they must be {' or '.join(kind.__name__ for kind in kinds)} with {dimensions} dimension(s)"
        )
    if array.dtype == np.float32 and not np.isfinite(array).all():
        raise DownhillError(f"{name} contain numbers that are not finite; remove missing values")


def _size(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
