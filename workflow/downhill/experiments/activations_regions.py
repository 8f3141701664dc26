"""What small networks answer all over a plane, for data with two numbers per point."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from downhill.config.network import Network
from downhill.datasets.dataset import Dataset, Images
from downhill.engine.evaluate import predict
from downhill.network.architecture import Weights
from downhill.network.reference import scaled

_MARGIN = 1.05  # of the grid, over the largest coordinate of a test point


def is_plane(data: Dataset) -> bool:
    """Whether the inputs are points of a plane."""
    return data.n_inputs == 2 and len(data.test) > 0


def extent_of(data: Dataset, points: int) -> NDArray[np.float64]:
    """Coordinates of a square grid around the origin with room for all test points, (points,).

    No points if the inputs are not points of a plane.
    """
    if not is_plane(data):
        return np.zeros(0)
    most = _MARGIN * float(np.abs(scaled(data.test.images)).max())
    return np.linspace(-most, most, points)


def regions_of(networks: Sequence[tuple[Network, Weights]], data: Dataset, points: int) -> NDArray[np.uint8]:
    """Answers of networks on the grid of `extent_of`, (networks, points, points), by y and x.

    The answer is the class of the largest output, or the first of several.
    """
    axis = extent_of(data, points).astype(np.float32)
    if not len(axis):
        return np.zeros((len(networks), 0, 0), np.uint8)
    y, x = (along.ravel() for along in np.meshgrid(axis, axis, indexing="ij"))
    grid = np.stack([x, y], axis=1)
    answers = [predict(weights, grid, net).argmax(axis=1) for net, weights in networks]
    return np.array(answers, np.uint8).reshape(len(networks), points, points)


def points_of(images: Images, count: int) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """The first points (count, 2) and their labels (count,); none if the inputs are not points of a plane."""
    if images.images[0:1].size != 2:
        return np.zeros((0, 2)), np.zeros(0, np.uint8)
    return scaled(images.images[:count]), images.labels[:count]


def side_by_side(arrays: Sequence[NDArray[np.generic]], dtype: type[np.generic]) -> NDArray[np.generic]:
    """Arrays of all data sets as one, (data sets, …); without entries if their shapes differ."""
    shapes = {array.shape for array in arrays}
    if len(shapes) != 1:
        return np.zeros((len(arrays),) + (0,) * max((array.ndim for array in arrays), default=1), dtype)
    return np.stack(arrays).astype(dtype)
