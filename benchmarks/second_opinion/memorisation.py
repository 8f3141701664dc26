"""Family *memorisation*: true and shuffled labels. All networks are trained by PyTorch, with its own random draws."""

from typing import Any, NamedTuple

import numpy as np

from benchmarks.second_opinion.rules import Opinion, of_mean, of_samples, of_share
from benchmarks.second_opinion.study import Evidence, Images, Study

_LAYERS = [784, 64, 64, 10]
_IMAGES = 1000
_SIZES = (250, 500, 1000, 2000)
_PAIRS = 6
_DROP = 0.99
_FITTED = 0.99
_DEFAULTS = {"loss": "mse", "learning_rate": 3.0, "batch_size": 10, "epochs": 30}


class Curves(NamedTuple):
    """Training costs and accuracies by epoch from the start, (epochs + 1, networks) each."""

    costs: np.ndarray
    accuracies: np.ndarray


def shuffled_curve_linear(study: Study, ours: Evidence) -> list[Opinion]:
    """R² of a straight line through the training cost, and share of pairs in which it exceeds that of true labels."""
    recipe = _DEFAULTS | ours.recipe(layer_sizes=_LAYERS, shuffle_labels=1, subset_images=_IMAGES)
    curves = train_pairs(study.train, recipe, _IMAGES, _PAIRS)
    straight = np.array([straightness(costs) for costs in curves.costs.T])
    true, shuffled = straight[:_PAIRS], straight[_PAIRS:]
    return [of_mean(shuffled, trained=True), of_share(shuffled > true, trained=True)]


def structure_is_easier(study: Study, ours: Evidence) -> list[Opinion]:
    """Ratio of median epochs to 99 % accuracy, shuffled over true labels, and its log-log slope on images."""
    recipe = _DEFAULTS | ours.recipe(layer_sizes=_LAYERS, shuffle_labels=1, subset_images=_IMAGES)
    true, shuffled = [], []
    for images in _SIZES:
        epochs = epochs_to_fit(train_pairs(study.train, recipe, images, _PAIRS, until=_FITTED).accuracies)
        true.append(epochs[:_PAIRS])
        shuffled.append(epochs[_PAIRS:])

    def ratio(true: Any, shuffled: Any, axis: int) -> Any:
        return np.median(shuffled, axis=axis) / np.median(true, axis=axis)

    def growth(*samples: Any, axis: int) -> Any:
        ratios = [ratio(one, other, axis) for one, other in zip(samples[::2], samples[1::2], strict=True)]
        sizes = np.log(_SIZES) - np.log(_SIZES).mean()
        return np.tensordot(sizes, np.log(ratios), 1) / (sizes @ sizes)

    place = _SIZES.index(_IMAGES)
    pairs = [sample for both in zip(true, shuffled, strict=True) for sample in both]
    return [
        of_samples([true[place], shuffled[place]], ratio, trained=True),
        of_samples(pairs, growth, trained=True),
    ]


def straightness(costs: np.ndarray) -> float:
    """R² of a straight line through costs by epoch, until 99 % of the drop to the lowest one (two epochs at least)."""
    end = max(2, int(np.argmax(costs <= costs[0] - _DROP * (costs[0] - costs.min()))))
    return float(np.corrcoef(np.arange(end + 1), costs[: end + 1])[0, 1] ** 2)


def epochs_to_fit(accuracies: np.ndarray) -> np.ndarray:
    """The first epoch with 99 % accuracy of each network, infinite if there is none."""
    fitted = accuracies >= _FITTED
    return np.where(fitted.any(axis=0), fitted.argmax(axis=0), np.inf)


def train_pairs(
    images: Images, recipe: dict[str, Any], n: int, pairs: int, until: float | None = None
) -> Curves:
    """Train networks on true labels, then as many from the same starts on the same images with shuffled labels.

    Each pair has its own n images. With `until`, training ends when all networks have had that accuracy.
    """
    import torch

    from benchmarks.second_opinion import training

    random = torch.Generator().manual_seed(2000 + n)
    chosen = torch.stack([torch.randperm(len(images.labels), generator=random)[:n] for _ in range(pairs)])
    pixels, labels = torch.from_numpy(images.pixels)[chosen], torch.from_numpy(images.labels)[chosen]
    shuffled = torch.stack([own[torch.randperm(n, generator=random)] for own in labels])
    pixels, labels = torch.cat([pixels, pixels]), torch.cat([labels, shuffled])
    layers = [
        tuple(torch.cat([part, part]).detach().requires_grad_() for part in layer)
        for layer in training.starts(_LAYERS, pairs, random)
    ]
    curves = [training.scores(layers, pixels, labels, cost=recipe["loss"])]

    def after_epoch() -> bool:
        curves.append(training.scores(layers, pixels, labels, cost=recipe["loss"]))
        if until is None:
            return False
        return bool((np.max([accuracies for _, accuracies in curves], axis=0) >= until).all())

    training.train(
        layers, pixels, labels, random, recipe["epochs"], recipe["learning_rate"], recipe["batch_size"],
        cost=recipe["loss"], after_epoch=after_epoch,
    )  # fmt: skip
    costs, accuracies = zip(*curves, strict=True)
    return Curves(np.array(costs), np.array(accuracies))
