"""The images nearest to a few others, and the class that most of them belong to."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class NearestNeighbours:
    """A k-nearest-neighbours classifier with Euclidean distance.

    Attributes
    ----------
    images
        (n, height, width) or (n, pixels), in any units.
    labels
        Their classes, (n,).
    """

    images: ArrayLike
    labels: NDArray[np.integer]

    @cached_property
    def _search(self) -> Any:
        from sklearn.neighbors import NearestNeighbors

        return NearestNeighbors(algorithm="brute", n_jobs=1).fit(_rows(self.images))

    def nearest(self, others: ArrayLike, count: int) -> NDArray[np.intp]:
        """The indices of the nearest images, nearest first, (m, count or all).

        They are found by brute force with scikit-learn. It sums in float64, in which squared distances of images with
        pixels 0 … 255 are exact, so that the answers do not depend on the processor.

        Parameters
        ----------
        others
            Images to compare with, in the same units, (m, height, width) or (m, pixels).
        """
        rows, found = _rows(others), min(count, len(self.labels))
        if not len(rows) or not found:
            return np.zeros((len(rows), found), np.intp)
        return np.asarray(self._search.kneighbors(rows, found, return_distance=False), np.intp)

    def classes(self, others: ArrayLike, count: int = 3) -> NDArray[np.intp]:
        """The most common class of the nearest images, (m,); ties go to the class of the nearest image among them.

        `analysis.agreement.majority` leaves a tie to the smallest class instead. There must be at least one image.
        """
        votes = np.asarray(self.labels, np.intp)[self.nearest(others, count)]
        same = (votes[:, :, None] == votes[:, None, :]).sum(axis=2)  # votes for the class of each neighbour
        return np.asarray(votes[np.arange(len(votes)), same.argmax(axis=1)])


def _rows(images: ArrayLike) -> NDArray[np.float32]:
    array = np.asarray(images)
    return array.reshape(len(array), math.prod(array.shape[1:])).astype(np.float32, copy=False)
