"""Family *memorisation*: learning or remembering."""

import numpy as np
from numpy.typing import NDArray

from downhill.engine.evaluate import evaluate
from downhill.experiments.inputs import Inputs


def score_at_start(seed: int, inputs: Inputs) -> dict[str, NDArray[np.generic]]:
    """Cost and accuracy of a network before training, on the images and labels that it is about to learn.

    Histories begin after the first epoch, so this is their missing first row.

    Returns
    -------
    dict:
        cost : float64 (), mean cost of the seed's own training images
        accuracy : float64 (), share of them that it gets right
    """
    network = inputs.network
    found = evaluate(network.start(seed), network.training_images(seed), network.net)
    return {"cost": np.array(found.loss), "accuracy": np.array(found.accuracy)}
