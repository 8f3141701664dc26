"""First-layer weights of the family *inside*: maps of weights on the pixels that count, and edges planted in them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.analysis.autocorrelation import morans_i, p_values, random_order
from downhill.analysis.gabor import Fit, Gabor
from downhill.analysis.pixels import Mask, middle, neighbours, often_lit
from downhill.experiments.inputs import Inputs

Array = NDArray[np.float64]

FITTED = ("trained", "untrained", "permuted", "planted")
"""The maps that Gabor functions are fitted to, in the order of the arrays."""

REGIONS = ("all lit pixels", "in the middle", "outside the middle")
"""The pixels within which neighbours are compared, in the order of the arrays."""

LEVEL = 0.01
"""Neighbouring weights are more alike than in random order if p is at most this: beyond the 99th percentile."""


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


def alike_neighbours(
    maps: Array, mask: Mask, permutations: int, random: np.random.Generator
) -> dict[str, NDArray[Any]]:
    """`morans_i`, `beyond` and `limit` of maps of all pixels, (units, pixels); see `inside.neighbouring_weights`."""
    central = middle(*mask.shape)
    lit_maps, pairs = maps[:, mask.ravel()], neighbours(mask)
    in_random_order = random_order(lit_maps, pairs, permutations, random)
    p = p_values(morans_i(lit_maps, pairs), in_random_order)
    return {
        "morans_i": np.array(
            [
                morans_i(maps[:, region.ravel()], neighbours(region))
                for region in (mask, mask & central, mask & ~central)
            ]
        ),
        "beyond": np.where(np.isnan(p), np.nan, p <= LEVEL),
        "limit": np.quantile(in_random_order, 1 - LEVEL, axis=0),
    }
