"""What a data set is once it is in memory."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from downhill.errors import DownhillError


@dataclass(frozen=True, eq=False)
class Images:
    """Images and their labels, in step.

    Attributes
    ----------
    images : uint8 (n, height, width), 0 is background and 255 full ink.
    labels : uint8 (n,), the class of each image.

    Raises
    ------
    DownhillError
        If dtypes, dimensions or counts are not these.
    """

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.uint8]

    def __post_init__(self) -> None:
        for name, array, dimensions in (("images", self.images, 3), ("labels", self.labels, 1)):
            if array.dtype != np.uint8 or array.ndim != dimensions:
                raise DownhillError(
                    f"{name} are {array.dtype} of shape {array.shape}; "
                    f"they must be uint8 with {dimensions} dimension(s)"
                )
        if len(self.images) != len(self.labels):
            raise DownhillError(
                f"there are {len(self.images)} images but {len(self.labels)} labels; their counts must agree"
            )

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, chosen: npt.NDArray[np.intp] | npt.NDArray[np.bool_] | slice) -> "Images":
        """The images that an index array, a mask (n,) or a slice picks, with their labels."""
        return Images(self.images[chosen], self.labels[chosen])


@dataclass(frozen=True, eq=False)
class Dataset:
    """Three sets of images of one size, and the names of their classes in the order of the labels.

    Raises
    ------
    DownhillError
        If image sizes differ or a label has no class.
    """

    train: Images
    validation: Images
    test: Images
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        for name, part in self.parts().items():
            if part.images.shape[1:] != self.image_shape:
                raise DownhillError(
                    f"the {name} images are {_size(part.images.shape[1:])} pixels, "
                    f"the training images {_size(self.image_shape)}; all must be of one size"
                )
            if len(part) and int(part.labels.max()) >= self.n_classes:
                raise DownhillError(
                    f"the {name} labels go up to {part.labels.max()}; "
                    f"with {self.n_classes} classes they must be below {self.n_classes}"
                )

    def parts(self) -> dict[str, Images]:
        """The three sets by name, in the order train, validation, test."""
        return {"train": self.train, "validation": self.validation, "test": self.test}

    @property
    def image_shape(self) -> tuple[int, int]:
        """Height and width of an image, in pixels."""
        _, height, width = self.train.images.shape
        return height, width

    @property
    def n_inputs(self) -> int:
        """Pixels of an image: the inputs of a network."""
        height, width = self.image_shape
        return height * width

    @property
    def n_classes(self) -> int:
        """Number of classes: the outputs of a network."""
        return len(self.classes)


def _size(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
