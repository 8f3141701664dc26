"""Which networks can learn which data sets, as far as their settings show."""

from downhill.config.dataset import Datasets
from downhill.config.generated import GeneratedSource
from downhill.config.network import Network


def incompatibility(net: Network, dataset: str, tables: Datasets) -> str | None:
    """Why a network cannot be trained on a data set, as a sentence, or None if it can."""
    recipe = tables.datasets[dataset]
    source = tables.sources[recipe.source]
    available = recipe.training_count(source)
    if available is not None and net.subset_images is not None and net.subset_images > available:
        return (
            f"subset_images is {net.subset_images}, but dataset '{dataset}' has {available} "
            "training images; choose at most that"
        )
    if net.output == "softmax" and recipe.noise_images > 0:
        return (
            "the outputs of a softmax sum to 1, so they can never all be 0, as the noise_images of "
            f"dataset '{dataset}' require; use output 'sigmoid' or 'linear'"
        )
    if not isinstance(source, GeneratedSource):
        return None
    if source.generate.is_regression:
        if net.output == "softmax":
            return (
                "output 'softmax' gives probabilities of classes, but the values of dataset "
                f"'{dataset}' are a function to fit; use output 'linear' or 'sigmoid'"
            )
        if net.loss == "cross_entropy":
            return (
                f"loss 'cross_entropy' is meant for classes, but the values of dataset '{dataset}' are a function "
                "to fit; use loss 'mse'"
            )
        if net.label_smoothing > 0:
            return f"label_smoothing has no effect on dataset '{dataset}', which has no labels; leave it out"
    elif net.output == "softmax" and not source.generate.has_labels:
        return (
            "the outputs of a softmax sum to 1, so they can never all be 0, as the noise of "
            f"dataset '{dataset}' requires; use output 'sigmoid' or 'linear'"
        )
    return None
