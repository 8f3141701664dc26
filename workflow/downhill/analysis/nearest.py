"""The images nearest to a few others, and the class that most of them belong to."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.network.reference import scaled

Array = NDArray[np.float64]

_SPARE = 10  # further candidates, whose distances are computed exactly


@dataclass(frozen=True)
class NearestNeighbours:
    """A k-nearest-neighbours classifier with Euclidean distance.

    Attributes
    ----------
    images
        As for `reference.scaled`: (n, height, width).
    labels
        Their classes, (n,).
    """

    images: ArrayLike
    labels: NDArray[np.integer]

    @cached_property
    def _pixels(self) -> NDArray[np.float32]:
        array = np.asarray(self.images)
        rows = array.reshape(len(array), -1).astype(np.float32, copy=False)
        return rows / np.float32(255) if array.dtype == np.uint8 else rows

    @cached_property
    def _squares(self) -> NDArray[np.float32]:
        return np.asarray(np.einsum("np,np->n", self._pixels, self._pixels))

    def nearest(self, others: ArrayLike, count: int) -> NDArray[np.intp]:
        """The indices of the nearest images, nearest first, (m, count or all); ties go to the first.

        Candidates are found in float32, and their distances are computed again in float64.

        Parameters
        ----------
        others
            Images to compare with, scaled to 0 … 1, (m, pixels).
        """
        rows = np.asarray(others, np.float64)
        kept = min(len(self._pixels), count + _SPARE)
        rough = self._squares - 2 * (rows.astype(np.float32) @ self._pixels.T)
        found = np.empty((len(rows), min(count, kept)), np.intp)
        for row, (other, distances) in enumerate(zip(rows, rough, strict=True)):
            near = np.arange(kept) if kept == len(distances) else np.argpartition(distances, kept - 1)[:kept]
            near = np.sort(near)
            exact = ((scaled(np.asarray(self.images)[near]) - other) ** 2).sum(axis=1)
            found[row] = near[np.argsort(exact, kind="stable")[: found.shape[1]]]
        return found

    def classes(self, others: ArrayLike, count: int = 3) -> NDArray[np.intp]:
        """The most common class of the nearest images, (m,); ties go to the class of the nearest image among them.

        There must be at least one image.
        """
        votes = np.asarray(self.labels, np.intp)[self.nearest(others, count)]
        same = (votes[:, :, None] == votes[:, None, :]).sum(axis=2)  # votes for the class of each neighbour
        return np.asarray(votes[np.arange(len(votes)), same.argmax(axis=1)])
