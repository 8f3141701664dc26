"""A recorded training for the page: the weights after each epoch, in 16 bits where this changes no answers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.datasets.dataset import Images
from downhill.engine.evaluate import evaluate, predict
from downhill.network.architecture import Weights, layer_offsets, pack, unpack
from downhill.playground.encoding import encoded
from downhill.runs.evaluation import EvaluatedNetwork

SAME_ANSWERS = 0.999
"""Share of the test images that must have the same answer after rounding to 16 bits, at every epoch."""

_LARGEST = 2**15 - 1

Vectors = NDArray[np.float32]


def replay_of(network: EvaluatedNetwork, test: Images, seeds: Sequence[int]) -> dict[str, Any] | None:
    """The recorded training of one seed.

    Parameters
    ----------
    network
        The network whose training was recorded.
    test
        The test images.
    seeds
        The seeds of the page; the first one that was recorded is replayed.

    Returns
    -------
    dict: `seed`; `epochs`, where 0 is the start; `cost` and `accuracy` on the test images after each; `weights`, base64
    for each epoch of int16 numbers, and `scale`, one factor for W and one for b of each layer, or, if rounding would
    change more than one answer in a thousand, of float32 numbers with `scale` None.

    None if weights of several epochs were kept for none of the seeds.
    """
    epochs = network.net.epochs_of_snapshots()
    seed = next((seed for seed in seeds if seed in network.seeds), None)
    if seed is None or len(epochs) < 2:
        return None
    sizes = network.layer_sizes
    vectors = np.stack([pack(network.trained.snapshot(seed, epoch), sizes) for epoch in epochs])
    scores = [evaluate(unpack(vector, sizes), test, network.net) for vector in vectors]
    scale, rounded = quantised(vectors, sizes)
    answers = [score.outputs.argmax(axis=1) for score in scores]
    same = _keeps_answers(network, restored(rounded, scale, sizes), answers, test)
    return {
        "seed": seed,
        "epochs": list(epochs),
        "cost": [score.loss for score in scores],
        "accuracy": [score.accuracy for score in scores],
        "scale": scale if same else None,
        "weights": [encoded(row) for row in (rounded if same else vectors)],
    }


def quantised(vectors: Vectors, layer_sizes: tuple[int, ...]) -> tuple[list[float], NDArray[np.int16]]:
    """Parameter vectors (m, n_parameters) as whole numbers of 16 bits, with the factor of each layer's W and b."""
    scale, rounded = [], np.zeros(vectors.shape, np.int16)
    for part in _parts(layer_sizes):
        largest = float(np.abs(vectors[:, part]).max(initial=0)) or 1.0
        scale.append(largest / _LARGEST)
        rounded[:, part] = np.rint(vectors[:, part].astype(np.float64) / scale[-1])
    return scale, rounded


def restored(rounded: NDArray[np.int16], scale: list[float], layer_sizes: tuple[int, ...]) -> Vectors:
    """The parameter vectors as the page computes them from what it holds."""
    vectors = np.empty(rounded.shape, np.float32)
    for part, factor in zip(_parts(layer_sizes), scale, strict=True):
        vectors[:, part] = rounded[:, part].astype(np.float64) * factor
    return vectors


def _parts(layer_sizes: tuple[int, ...]) -> list[slice]:
    """Where W and b of each layer are in a parameter vector."""
    parts = []
    for start, end, n_out in zip(
        (offsets := layer_offsets(layer_sizes)), offsets[1:], layer_sizes[1:], strict=False
    ):
        parts += [slice(int(start), int(end) - n_out), slice(int(end) - n_out, int(end))]
    return parts


def _keeps_answers(
    network: EvaluatedNetwork, vectors: Vectors, answers: list[NDArray[np.intp]], test: Images
) -> bool:
    for vector, expected in zip(vectors, answers, strict=True):
        weights: Weights = unpack(vector, network.layer_sizes)
        found = predict(weights, test.images, network.net).argmax(axis=1)
        if (found == expected).mean() < SAME_ANSWERS:
            return False
    return True
