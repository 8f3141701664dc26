"""Family *approximation*: how well networks with one hidden layer fit a function."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.claims.approximation_fits import (
    about_surface,
    about_widths,
    errors_of_fits,
    fits_of,
    surface_of,
)
from downhill.claims.inputs import Inputs
from downhill.claims.measurement import Measurement, Sample, gives, significant
from downhill.claims.parts import STARTS, NotMeasuredError, PerSeed, Strata
from downhill.claims.sweeps import Crossing
from downhill.experiments.results import ExperimentResult


@gives(
    "widths", "fits", "crossing", "threshold", "surface", "restarts", "epochs", "n_train", "n_test", "seeds",
    parts=("error of the widest", "correlation of width and error"),
    of_classes=False, reads=("approximation.fits",),
)  # fmt: skip
def error_of_widest(inputs: Inputs, *, threshold: float = 0.02) -> Measurement:
    """Largest error of the widest network that descent fits to a curve, and rank correlation of width and error.

    Each seed trains every width from several random starts, and its fit is the one with the lowest training cost. The
    error is the largest absolute difference between fit and curve at the test points. The first part is its mean over
    seeds for the widest network; the second is Spearman's correlation over the fits of all seeds and widths. Data with
    one input is the curve; data with two is a surface, which is shown beside it and plays no part in the verdict. The
    `threshold` is for the note and the figure: the width at which the mean error crosses it.
    """
    curve, surface = _with_inputs(1, inputs), _with_inputs(2, inputs)
    if curve is None:
        raise NotMeasuredError("no experiment of the row fits a function of one number")
    arrays = curve.only()
    errors = errors_of_fits(arrays)
    if not np.isfinite(errors).all() or not len(errors):
        raise NotMeasuredError(
            "all restarts of some width diverged, or the data has no targets, or no test points"
        )
    widths = arrays["width"][0].tolist()
    if len(widths) < 2:
        raise NotMeasuredError("a correlation needs at least two widths")
    restarts = arrays["cost"].shape[2]
    covers = (f"{STARTS} of {restarts:,} restarts" if restarts > 1 else STARTS,)
    crossing = Crossing(dict(zip(widths, errors.T, strict=True)), threshold, logarithmic=True)
    return Measurement(
        [
            PerSeed(errors[:, -1], covers=covers),
            Strata(list(errors.T), _correlation_with(widths), covers=covers),
        ],
        note=about_widths(arrays, errors, crossing) + (about_surface(surface.only()) if surface else ""),
        data={
            "widths": [
                {
                    "width": width,
                    "fits": Sample(errors[:, row], limited=False),
                    "restarts": significant(np.ravel(arrays["error"][:, row]), 4),
                    "by_hand": significant(arrays["by_hand"][0, row], 4),
                }
                for row, width in enumerate(widths)
            ],
            "fits": fits_of(arrays),
            "crossing": crossing if np.isfinite(crossing.value()) else None,
            "threshold": threshold,
            "surface": surface_of(surface.only(), int(surface.seeds()[0])) if surface else None,
            "restarts": restarts,
            "epochs": int(arrays["epochs"][0]),
            "n_train": int(arrays["n_train"][0]),
            "n_test": arrays["target"].shape[1],
            "seeds": len(errors),
        },
    )


def _with_inputs(count: int, inputs: Inputs) -> ExperimentResult | None:
    """The first experiment whose data has this number of inputs; None if there is none."""
    for result in inputs.experiments.values():
        points = result.only().get("point")
        if points is not None and points.shape[2] == count:
            return result
    return None


def _correlation_with(widths: list[int]) -> Any:
    """Spearman's correlation of width and error, for samples of errors at these widths in their order."""
    from scipy.stats import rankdata

    def correlation(*samples: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
        counts = [sample.shape[axis] for sample in samples]
        x = rankdata(np.repeat(widths, counts))
        y = rankdata(np.concatenate(samples, axis=axis), axis=axis)
        x, y = x - x.mean(), y - y.mean(axis=axis, keepdims=True)
        return np.asarray((x * y).sum(axis=axis) / np.sqrt((x**2).sum() * (y**2).sum(axis=axis)))

    return correlation
