"""Family *inside*: what the hidden layers look like."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.analysis.ascent import Climb, weighted_sums
from downhill.analysis.gabor import Gabor
from downhill.analysis.probes import probe_accuracy, stratified_folds
from downhill.errors import DownhillError
from downhill.experiments.inputs import Inputs
from downhill.experiments.inside_drawings import (
    STARTS,
    classes_called,
    share_right,
    starts_of_ascent,
    two_judges,
    typical_images,
    z_of_real_images,
)
from downhill.experiments.inside_probes import (
    REPRESENTATIONS,
    accuracy_of_sets,
    added_by_units,
    random_features,
    sets_like,
)
from downhill.experiments.inside_weights import (
    alike_neighbours,
    first_layer_maps,
    fitted_images,
    lit_pixels,
    on_image,
    with_edges,
)
from downhill.network import reference

_SHOWN = 16  # units whose maps are kept for figures
_FOLDS = 5
_PIXEL_ITERATIONS = 50


def gabor_fits(
    seed: int, inputs: Inputs, *, lit: float = 0.05, planted: float = 9.0, units: int = 100
) -> dict[str, NDArray[np.generic]]:
    """How much of each unit's first-layer weights the best-fitting Gabor function explains, with three controls.

    Only weights from pixels that are lit in at least a share `lit` of the data set's training images count. The
    controls are the same units before training, the trained weights with these pixels in random order, and an edge
    planted into the weights before training: a Gabor function with a random centre (one of the pixels in the middle of
    the image, if there is one), angle and phase, a wavelength of 1/7 to 1/2 of the longer side of the image, and an
    envelope of 1/10 to 1/5 of it along and across the wave. It is scaled to `planted` times the variance of the weights
    that it is added to (9 times: the edge is 90 % of the variance), or used alone if these are all the same.

    Parameters
    ----------
    units
        The largest number of units, from the first one on.

    Returns
    -------
    dict:
        explained : float32 (4, units), by kind of map (`FITTED`) and unit; NaN where nothing can be fitted
        maps, fits : float32 (4, shown, height, width), the weights of the first units and the Gabor functions that fit
            them best; NaN outside the pixels that count
        mask : bool (height, width), the pixels that count
        lit : float64 (), the option
    """
    network = inputs.network
    mask = lit_pixels(inputs, lit)
    gabor = inputs.once("gabor", lambda: Gabor(mask))
    trained, untrained = (
        first_layer_maps(weights, mask)[:units] for weights in (network.weights(seed), network.start(seed))
    )
    random = np.random.default_rng([seed, 1])
    kinds = (
        trained,
        untrained,
        random.permuted(trained, axis=1),
        with_edges(untrained, gabor, planted, random),
    )
    fits = [gabor.best(maps) for maps in kinds]
    return {
        "explained": np.array([[fit.explained for fit in of_kind] for of_kind in fits], np.float32),
        "maps": np.stack([on_image(maps[:_SHOWN], mask) for maps in kinds]),
        "fits": np.stack([on_image(fitted_images(of_kind[:_SHOWN], mask), mask) for of_kind in fits]),
        "mask": mask,
        "lit": np.array(lit),
    }


def neighbouring_weights(
    seed: int, inputs: Inputs, *, lit: float = 0.05, permutations: int = 1000
) -> dict[str, NDArray[np.generic]]:
    """How alike the weights of neighbouring pixels are: Moran's I of each unit's first-layer weights.

    Only pixels that are lit in at least a share `lit` of the data set's training images count. Neighbours share an
    edge.

    Parameters
    ----------
    permutations
        The number of random orders of a unit's weights, at least 1; the same orders for all units of a seed.

    Returns
    -------
    dict:
        morans_i : float32 (2, 3, units), of trained and untrained weights, by region (`REGIONS`) and unit
        beyond : float32 (2, units), 1 if the I of all lit pixels is beyond the 99th percentile of random orders
            (p ≤ 0.01, see `analysis.autocorrelation.p_values`), 0 if not, NaN if undefined
        limit : float32 (2, units), the 99th percentile itself
        maps : float32 (2, shown, height, width), the weights of the first units, trained and untrained, of all pixels
        mask : bool (height, width), the pixels that count
        lit : float64 (), the option
    """
    if permutations < 1:
        raise DownhillError(
            f"permutations: {permutations} is not possible; there must be at least 1 random order"
        )
    network = inputs.network
    mask = lit_pixels(inputs, lit)
    found: dict[str, list[Any]] = {"morans_i": [], "beyond": [], "limit": [], "maps": []}
    for weights in (network.weights(seed), network.start(seed)):
        maps = first_layer_maps(weights, np.ones_like(mask))
        alike = alike_neighbours(maps, mask, permutations, np.random.default_rng([seed, 2]))
        for name, values in alike.items():
            found[name].append(values)
        found["maps"].append(maps[:_SHOWN].reshape(-1, *mask.shape))
    return {name: np.array(values, np.float32) for name, values in found.items()} | {
        "mask": mask,
        "lit": np.array(lit),
    }


def loop_probes(
    seed: int, inputs: Inputs, *, loops: tuple[int, ...], images: int = 10_000
) -> dict[str, NDArray[np.generic]]:
    """How well a linear probe of each layer detects whether a test image is of one of the classes with a loop.

    A probe is a logistic regression on standardised features, scored by 5-fold cross-validation with the same folds for
    all (`analysis.probes`). For comparison with the second hidden layer, another probe reads random features of the
    first: as many sigmoid units as the second layer has, with weights and biases from N(0, 1), like the second layer of
    the lesson before training, but drawn separately for each seed. As a control, the same two probes are trained for
    random sets of as many classes (the same for all seeds). The probe on the pixels stops after 50 steps.

    Parameters
    ----------
    loops
        Labels of the classes that have a loop; those that the data set lacks do not count.
    images
        Number of test images, from the first one on.

    Returns
    -------
    dict:
        accuracy : float64 (4,), by what the probe reads from (`REPRESENTATIONS`); NaN where it cannot be fitted, and
            for networks with fewer than two hidden layers
        majority : float64 (), accuracy of always giving the more frequent answer
        others : float64 (sets, 2), accuracy from layer 2 and from the random features for other sets of classes
        other_sets : int64 (sets, classes of a set), these sets
        added : float64 (units, classes), what each unit of the last hidden layer adds to the weighted sum of the output
            of each class, activation times weight, mean over the test images of the class; NaN without any
        loops : int64 (k,), the labels of the classes with a loop
        images : int64 (), number of test images
    """
    network = inputs.network
    net, data = network.net, network.data
    tests = data.test.take(data.test.classed)
    tests = tests.take(slice(images))
    activations, _ = reference.forward(network.weights(seed), tests.images, net)
    classes = [label for label in loops if label < data.n_classes]
    other_sets = inputs.once("other sets", lambda: sets_like(data.n_classes, classes))
    folds = inputs.once(
        "folds",
        lambda: [
            stratified_folds(np.isin(tests.labels, chosen), _FOLDS) for chosen in (classes, *other_sets)
        ],
    )
    has = np.isin(tests.labels, classes)
    accuracy, others = np.full(len(REPRESENTATIONS), np.nan), np.full((len(other_sets), 2), np.nan)
    if len(net.hidden_layers) >= 2:
        pixels, first, second = activations[:3]
        pair = second, random_features(first, second.shape[1], seed)
        of_pixels = inputs.once("pixels", lambda: probe_accuracy(pixels, has, folds[0], _PIXEL_ITERATIONS))
        accuracy = np.array([*(probe_accuracy(one, has, folds[0]) for one in (*pair, first)), of_pixels])
        others = accuracy_of_sets(pair, tests.labels, other_sets, folds[1:])
    return {
        "accuracy": accuracy,
        "majority": np.array(max(has.mean(), 1 - has.mean()) if len(has) else np.nan),
        "others": others,
        "other_sets": np.array(other_sets, np.int64).reshape(len(other_sets), len(classes)),
        "added": added_by_units(network, seed, activations, tests),
        "loops": np.array(classes, np.int64),
        "images": np.array(len(tests)),
    }


def drawn_images(
    seed: int,
    inputs: Inputs,
    *,
    smoothness: tuple[float, ...] = (0.01, 0.03, 0.1, 0.3, 1.0),
    step: float = 0.1,
    steps: int = 500,
    neighbours: int = 3,
) -> dict[str, NDArray[np.generic]]:
    """Images that make each output's weighted sum z as large as possible, and their class by nearest neighbours.

    They are found by projected gradient ascent inside [0, 1] in each pixel, with steps of Euclidean length `step` (see
    `analysis.ascent.Climb`): from grey (0.5), from uniform noise, from a blank image (0), and from grey with a penalty
    on the total variation, which smooths the image. Their class is that of most of the nearest training images of the
    data set. As a control, the nearest ones are also found by correlation, which ignores brightness and contrast.

    Parameters
    ----------
    smoothness
        Weights of the penalty; each is used in turn.
    neighbours
        The number of nearest training images that decide.

    Returns
    -------
    dict:
        called : int64 (2, settings, classes), the class of the nearest training images by judge (`JUDGES`), for each
            class that was to be drawn; settings are `STARTS`, and grey with each weight of the penalty. `NO_ANSWER`
            without training images
        answered : int64 (settings, classes), the network's own answer
        reached : float64 (settings, classes), z of the image's output
        moved : bool (settings, classes), whether the image differs from its start
        untrained : int64 (2, classes), as `called` from grey, for the network before training
        real : float64 (classes,), mean z of its output on the test images of each class; NaN for a class without any
        drawn : uint8 (settings, classes, height, width), the images
        typical : float32 (classes, height, width), for each class the training image nearest to their mean, from 0 to
            1; NaN for a class without any
        right : float64 (2,), by judge, share of the first 500 test images whose class the nearest training images give
        smoothness : float64 (settings,), weight of the penalty
    """
    network = inputs.network
    net, data, weights = network.net, network.data, network.weights(seed)
    known = data.train.take(data.train.classed)
    judges = inputs.once("judges", lambda: two_judges(known))
    shape, n_classes = data.image_shape, data.n_classes
    penalties = np.array([0.0] * len(STARTS) + list(smoothness))
    starts = starts_of_ascent(len(penalties), n_classes, shape, seed)
    outputs = np.tile(np.arange(n_classes), len(penalties))
    flat = starts.reshape(-1, *shape)
    drawn = Climb(weights, net, step, steps).images(flat, outputs, np.repeat(penalties, n_classes))
    untrained = Climb(network.start(seed), net, step, steps).images(starts[0], np.arange(n_classes))
    rows = drawn.reshape(len(drawn), -1)
    z, _ = weighted_sums(weights, rows, outputs, net)
    answers = reference.forward(weights, rows, net)[1].argmax(axis=1)
    by_setting = (len(penalties), n_classes)
    return {
        "called": classes_called(judges, rows, neighbours).reshape(-1, *by_setting),
        "answered": answers.astype(np.int64).reshape(by_setting),
        "reached": z.reshape(by_setting),
        "moved": (drawn != flat).any(axis=(1, 2)).reshape(by_setting),
        "untrained": classes_called(judges, untrained.reshape(n_classes, -1), neighbours),
        "real": z_of_real_images(network, seed),
        "drawn": np.round(255 * drawn).astype(np.uint8).reshape(starts.shape),
        "typical": inputs.once("typical", lambda: typical_images(known, n_classes)),
        "right": inputs.once("right", lambda: share_right(judges, data.test, neighbours)),
        "smoothness": penalties,
    }
