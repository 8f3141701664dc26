"""Gradients and accuracies of networks of several depths, for several kinds of hidden units."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.analysis.layers import steps_between_layers
from downhill.claims.measurement import Estimated, Sample
from downhill.claims.parts import NotMeasuredError, PerSeed
from downhill.claims.sweeps import Crossing
from downhill.claims.wording import counted, percent, percent_as_given

Array = NDArray[np.float64]


_INITIALIZATIONS = {
    "lecun": "weights N(0, 1/√inputs)",
    "he": "weights N(0, √(2/inputs))",
    "normal": "weights N(0, 1)",
}


def geometric_mean(values: ArrayLike, axis: int = -1) -> Array:
    """exp of the mean logarithm of positive numbers."""
    return np.asarray(np.exp(np.log(np.asarray(values, np.float64)).mean(axis=axis)))


@dataclass(frozen=True)
class Kind:
    """Networks with one kind of hidden units and initial weights.

    Attributes
    ----------
    activation, initialization
        What they are.
    depths, epochs
        Numbers of hidden layers (depths,), and epochs (epochs,) after which there is a gradient; the first is 0.
    norms
        Norm of the gradient of each layer, (n, depths, epochs, deepest); NaN where there is no such layer.
    accuracies
        Test accuracy at the end of training, (n, depths); NaN where a network diverged.
    """

    activation: str
    initialization: str
    depths: NDArray[np.int64]
    epochs: NDArray[np.int64]
    norms: Array
    accuracies: Array

    @property
    def name(self) -> str:
        """What figures and notes call it."""
        return f"{self.activation}, {_INITIALIZATIONS.get(self.initialization, self.initialization)}"

    def factors(self) -> Array:
        """Geometric mean of the factors between neighbouring layers before training, by seed.

        Seeds without two neighbouring layers whose gradients are above zero are left out.
        """
        steps = steps_between_layers(self.norms[:, :, 0]).reshape(len(self.norms), -1)
        known = np.isfinite(steps)
        counts = known.sum(axis=1)
        sums = np.where(known, steps, 0).sum(axis=1)
        return np.asarray(np.exp(sums[counts > 0] / counts[counts > 0]))

    def difference(self, shallow: int, deep: int) -> Array:
        """Accuracy of the networks with `shallow` hidden layers minus that of those with `deep`, by seed.

        Raises
        ------
        NotMeasuredError
            If there are no such networks, or both diverged for every seed.
        """
        missing = [depth for depth in (shallow, deep) if depth not in self.depths]
        if missing:
            raise NotMeasuredError(
                f"the experiment has no network with {counted(missing[0], 'hidden layer')}"
            )
        first, second = (self.accuracies[:, self.depths == depth][:, 0] for depth in (shallow, deep))
        found = first - second
        if not np.isfinite(found).any():
            raise NotMeasuredError(
                "no seed has an accuracy at both depths: networks diverged, or were not trained"
            )
        return np.asarray(found[np.isfinite(found)])

    def crossing(self, stalled: float) -> Crossing | None:
        """The depth at which the mean accuracy crosses `stalled`; None if some network has no accuracy."""
        if not np.isfinite(self.accuracies).all() or len(self.depths) < 2:
            return None
        samples = dict(zip(self.depths.tolist(), self.accuracies.T, strict=True))
        return Crossing(samples, stalled, paired=True)

    def described_by_depth(self, stalled: float) -> dict[str, Any]:
        """For figures: name, factors, accuracies by depth, and log₁₀ of the norms of every layer.

        `start` has the layers of each depth before training, and `training` those of the deepest network after each of
        the epochs; a layer whose gradient is zero has no value.
        """
        return {
            "name": self.name,
            "depths": self.depths,
            "epochs": self.epochs,
            "factor": {
                "values": np.round(self.factors(), 4),
                "mean": Estimated(PerSeed(self.factors(), geometric_mean)),
            },
            "accuracy": [Sample(column[np.isfinite(column)]) for column in self.accuracies.T],
            "crossing": self.crossing(stalled),
            "start": [_logs(self.norms[:, place, 0, :depth]) for place, depth in enumerate(self.depths)],
            "training": [_logs(self.norms[:, -1, row]) for row in range(len(self.epochs))],
        }


def _logs(norms: Array) -> list[Sample]:
    """log₁₀ of the norms (n, layers), layer by layer; only those above zero."""
    found = []
    for column in norms.T:
        known = column[np.isfinite(column) & (column > 0)]
        found.append(Sample(np.round(np.log10(known), 3), limited=False))
    return found


def kinds_of(arrays: dict[str, NDArray[Any]]) -> list[Kind]:
    """The kinds of an experiment, in its order.

    Raises
    ------
    NotMeasuredError
        If it has no gradient before training.
    """
    if 0 not in arrays["epoch"][0]:
        raise NotMeasuredError("the experiment keeps no gradient before training; add 0 to its option 'kept'")
    return [
        Kind(
            str(activation),
            str(initialization),
            arrays["depth"][0],
            arrays["epoch"][0],
            arrays["norm"][:, place],
            arrays["accuracy"][:, place],
        )
        for place, (activation, initialization) in enumerate(
            zip(arrays["activation"][0], arrays["initialization"][0], strict=True)
        )
    ]


def scales_of(arrays: dict[str, NDArray[Any]], factor: float) -> dict[str, Any] | None:
    """Factors of the deepest network by scale of its weights, and where their mean crosses `factor`; None without."""
    scales = arrays["scale"][0]
    steps = steps_between_layers(arrays["norm_by_scale"])
    if not len(scales) or not steps.shape[-1] or not np.isfinite(steps).all():
        return None
    factors = np.exp(steps.mean(axis=-1))
    crossing = Crossing(
        dict(zip(scales.tolist(), factors.T, strict=True)), factor, logarithmic=True, paired=True
    )
    return {
        "scales": scales,
        "factors": [Sample(np.round(column, 4), limited=False) for column in factors.T],
        "crossing": crossing,
        "threshold": factor,
        "hidden_layers": steps.shape[-1] + 1,
    }


def about_kinds(kinds: Sequence[Kind], scales: dict[str, Any] | None, factor: float, stalled: float) -> str:
    """Factors and accuracies of all kinds, and where verdicts flip, in words."""
    own = kinds[0]
    note = ""
    for kind in kinds:
        found = kind.factors()
        if len(found):
            note += f"{kind.name}: factor {float(geometric_mean(found)):.2f}"
            if len(found) > 1:
                note += f" (single seeds {found.min():.2f} to {found.max():.2f})"
            note += _accuracies(kind) + "; "
    depth = own.crossing(stalled)
    if depth is not None and np.isfinite(depth.value()):
        note += (
            f"with {own.activation} units, the mean accuracy crosses {percent_as_given(stalled)} at a depth of about "
            f"{depth.value():.1f} hidden layers; "
        )
    if scales is not None:
        place = scales["crossing"].value()
        note += (
            f"when all initial weights are multiplied by a number, the factor of the deepest network with "
            f"{own.activation} units "
            + (
                f"crosses {factor:g} where that number is about {place:.2g}"
                if np.isfinite(place)
                else f"does not cross {factor:g} for numbers from {scales['scales'][0]:g} to {scales['scales'][-1]:g}"
            )
        )
    return note.removesuffix("; ")


def _accuracies(kind: Kind) -> str:
    """Mean accuracies of the shallowest and the deepest network, in words."""
    found = []
    for place in dict.fromkeys((0, len(kind.depths) - 1)):
        known = kind.accuracies[:, place][np.isfinite(kind.accuracies[:, place])]
        if len(known):
            found.append(
                f"{percent(known.mean(), 1)} with {counted(int(kind.depths[place]), 'hidden layer')}"
            )
    return f", mean test accuracy {' and '.join(found)}" if found else ""
