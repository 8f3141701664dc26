"""What experiments of the family *inside* are made of."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.analysis.gabor import Fit, Gabor
from downhill.analysis.nearest import NearestNeighbours
from downhill.analysis.pixels import Mask, middle, often_lit
from downhill.analysis.probes import Fold, probe_accuracy
from downhill.datasets.dataset import Images
from downhill.experiments.inputs import Inputs
from downhill.network import reference
from downhill.runs.trained import TrainedNetwork

Array = NDArray[np.float64]

NO_ANSWER = -1
"""Stands for the class where there is no image to compare with."""

_OTHER_SETS = 10  # of classes, as a control
_JUDGED = 500  # test images on which nearest neighbours are checked
_AT_A_TIME = 5000  # images


def lit_pixels(inputs: Inputs, share: float) -> Mask:
    """The pixels that are lit in at least a share of the training images of the network's data set."""
    return inputs.once("lit", lambda: often_lit(inputs.network.data.train.images, share))


def first_layer_maps(weights: Any, mask: Mask) -> Array:
    """The weights from the pixels of a mask to each unit of the first layer, (units, pixels)."""
    W, _ = weights[0]
    return np.asarray(W[mask.ravel()].T, np.float64)


def with_edges(maps: Array, gabor: Gabor, variance: float, random: np.random.Generator) -> Array:
    """Maps (units, pixels) with an edge planted in each; see `gabor_fits`."""
    if not gabor.enough:
        return maps
    side, central = max(gabor.mask.shape), gabor.mask & middle(*gabor.mask.shape)
    places = np.argwhere(central if central.any() else gabor.mask)
    found = []
    for image in maps:
        y, x = random.choice(places)
        angle, phase = random.uniform(0, np.pi), random.uniform(0, 2 * np.pi)
        wavelength, (along, across) = side / random.uniform(2, 7), side / random.uniform(5, 10, 2)
        edge = gabor.image(
            [x, y, angle, -np.log(wavelength), np.log(along), np.log(across)], np.cos(phase), np.sin(phase)
        )
        spread = image.std() or 1.0
        found.append(image + edge * np.sqrt(variance) * spread / edge.std())
    return np.array(found)


def on_image(values: Array, mask: Mask) -> NDArray[np.float32]:
    """Values on the pixels of a mask (n, pixels) as images (n, height, width); NaN elsewhere."""
    images = np.full((len(values), *mask.shape), np.nan, np.float32)
    images[:, mask] = values
    return images


def fitted_images(fits: list[Fit], mask: Mask) -> Array:
    """The fitted images, (n, pixels)."""
    return np.array([fit.image for fit in fits]).reshape(len(fits), np.count_nonzero(mask))


def sets_like(n_classes: int, classes: list[int]) -> list[tuple[int, ...]]:
    """Other sets of as many classes, drawn at random with a fixed seed; a set and its complement are the same."""
    random, every = np.random.default_rng(0), set(range(n_classes))
    seen = {frozenset(classes), frozenset(every.difference(classes))}
    found: list[tuple[int, ...]] = []
    for _ in range(5 * _OTHER_SETS):
        drawn = tuple(sorted(random.choice(n_classes, len(classes), replace=False).tolist()))
        if len(found) < _OTHER_SETS and frozenset(drawn) not in seen:
            seen |= {frozenset(drawn), frozenset(every.difference(drawn))}
            found.append(drawn)
    return found


def random_features(below: Array, units: int, seed: int) -> Array:
    """Sigmoid units on some activations (n, n_below), with weights and biases from N(0, 1), (n, units)."""
    random = np.random.default_rng([seed, 3])
    W, b = random.standard_normal((below.shape[1], units)), random.standard_normal(units)
    return reference.sigmoid(below @ W + b)


def accuracy_of_sets(
    pair: tuple[Array, Array],
    labels: NDArray[np.uint8],
    sets: list[tuple[int, ...]],
    folds: list[list[Fold]],
) -> Array:
    """Accuracy of the probes of two representations for each set of classes, (sets, 2)."""
    found = [
        [probe_accuracy(features, np.isin(labels, chosen), split) for features in pair]
        for chosen, split in zip(sets, folds, strict=True)
    ]
    return np.array(found, np.float64).reshape(len(sets), 2)


def added_by_units(network: TrainedNetwork, seed: int, activations: list[Array], tests: Images) -> Array:
    """What each unit of the last hidden layer adds to the output of each class, (units, classes)."""
    W, _ = network.weights(seed)[-1]
    if not network.net.hidden_layers:
        return np.zeros((0, W.shape[1]))
    found = np.full(W.shape, np.nan)
    for label in np.unique(tests.labels):
        found[:, label] = activations[-2][tests.labels == label].mean(axis=0) * W[:, label]
    return found


def two_judges(known: Images) -> list[NearestNeighbours]:
    """Nearest neighbours among training images by distance, and by correlation: distance of standardised images."""
    rows = np.zeros((len(known), known.images[0].size if len(known) else 0), np.float32)
    for start in range(0, len(known), _AT_A_TIME):  # float64 rows of all images would take much memory
        part = slice(start, start + _AT_A_TIME)
        rows[part] = standardised_rows(reference.scaled(known.images[part]))
    return [NearestNeighbours(known.images, known.labels), NearestNeighbours(rows, known.labels)]


def standardised_rows(rows: Array) -> NDArray[np.float32]:
    """Images (n, pixels) with mean 0 and length 1, so that distance follows from correlation; 0 if pixels are alike."""
    centred = (rows - rows.mean(axis=1, keepdims=True)).astype(np.float32)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(np.divide(centred, length, out=np.zeros_like(centred), where=length > 1e-6))


def classes_called(judges: list[NearestNeighbours], rows: Array, neighbours: int) -> NDArray[np.int64]:
    """The class of the nearest training images of each image (n, pixels) by judge, (2, n); `NO_ANSWER` without any.

    Pixels are from 0 to 1, as `reference.scaled` gives them.
    """
    if not len(judges[0].labels):
        return np.full((len(judges), len(rows)), NO_ANSWER, np.int64)
    brightest = 255 if np.asarray(judges[0].images).dtype == np.uint8 else 1
    asked: tuple[Array, Any] = (brightest * rows, standardised_rows(rows))
    found = [judge.classes(images, neighbours) for judge, images in zip(judges, asked, strict=True)]
    return np.stack(found).astype(np.int64)


def share_right(judges: list[NearestNeighbours], tests: Images, neighbours: int) -> Array:
    """The share of test images whose class the nearest training images give, by judge, (2,); NaN without any."""
    some = tests.take(tests.classed).take(slice(_JUDGED))
    if not len(some) or not len(judges[0].labels):
        return np.full(len(judges), np.nan)
    called = classes_called(judges, reference.scaled(some.images), neighbours)
    return np.asarray((called == some.labels).mean(axis=1))


def z_of_real_images(network: TrainedNetwork, seed: int) -> Array:
    """Mean z of the output of each class on its own test images, (classes,); NaN without any."""
    tests = network.data.test.take(network.data.test.classed)
    found = np.full(network.data.n_classes, np.nan)
    if len(tests):
        z = reference.forward(network.weights(seed), tests.images, network.net)[1]
        for label in np.unique(tests.labels):
            found[label] = z[tests.labels == label, label].mean()
    return found


def typical_images(known: Images, n_classes: int) -> NDArray[np.float32]:
    """The training image of each class that is nearest to their mean, from 0 to 1; NaN for a class without any."""
    found = np.full((n_classes, *known.images.shape[1:]), np.nan, np.float32)
    for label in np.unique(known.labels):
        images = known.images[known.labels == label]
        mean = images.mean(axis=0, dtype=np.float64)
        chosen = images[((images - mean) ** 2).sum(axis=(1, 2)).argmin()]
        found[label] = reference.scaled(chosen[None]).reshape(chosen.shape)
    return found
