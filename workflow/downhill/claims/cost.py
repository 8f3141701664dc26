"""Family *cost*: whether the cost is a good measure of how badly a network does, and what its surface looks like."""

import numpy as np
from numpy.typing import NDArray

from downhill.analysis.detection import auroc
from downhill.claims.cost_images import about_rises, changes_of, gallery_of_rises, map_of_costs
from downhill.claims.cost_segments import NAMES_OF_LOSSES, about_weights, cases_in_words, segments_of
from downhill.claims.cost_steps import about_steps, descent_of, lowers, sweep_of
from downhill.claims.inference import rank_correlation
from downhill.claims.inputs import Inputs
from downhill.claims.measurement import Measurement, Sample, gives
from downhill.claims.parts import SEEDS, Nested, NotMeasuredError, PerSeed, Universal
from downhill.claims.wording import counted, mean_text, percent, shape
from downhill.datasets.dataset import NO_CLASS
from downhill.experiments.cost_segments import KINDS

ROUNDING = 1e-12
"""Relative rounding error of a mean cost in float64: C(midpoint) may exceed the mean of both ends by that much.

A mean over n images of sums over k outputs is off by at most about (n + k) · 1.1e-16 of its value, which is 2e-13 for
2,000 images, and usually by far less.
"""


@gives("cost", "largest_output", "map", "seed", "n_images", reads=("cost.costs_of_test_images",))
def cost_detects_errors(inputs: Inputs) -> Measurement:
    """How well the cost of a test image separates wrong answers from right ones (area under the ROC curve).

    It is the probability that a wrong answer costs more than a right one; a pair of equal costs counts ½. Images that
    belong to no class are left out. The cost is computed from the label, so the control is a detector that does not
    use it: 1 minus the network's largest output.
    """
    network, result = inputs.only_network(), inputs.only_experiment()
    arrays, labels = result.only(), network.data.test.labels
    classed = labels != NO_CLASS
    wrong = (arrays["answer"] != labels)[:, classed]
    detectors = {"cost": arrays["cost"][:, classed], "largest_output": -arrays["largest"][:, classed]}
    if not (wrong.any(axis=1) & ~wrong.all(axis=1)).all():
        raise NotMeasuredError(
            "some seed gets all test images right, or all of them wrong, so there is nothing to detect"
        )
    found = {
        name: np.array([auroc(one[bad], one[~bad]) for one, bad in zip(scores, wrong, strict=True)])
        for name, scores in detectors.items()
    }
    control = found["largest_output"]
    return Measurement(
        PerSeed(found["cost"]),
        note="the cost is computed from the label, so a high value is expected; 1 minus the largest output, which does "
        f"not use the label, reaches {control.mean():.3f}"
        + (f" (single seeds {control.min():.3f} to {control.max():.3f})" if len(control) > 1 else "")
        + f"; for the cost, the lowest value of a single seed is {found['cost'].min():.4f}",
        data={
            "cost": Sample(found["cost"]),
            "largest_output": Sample(control),
            "map": map_of_costs(arrays["cost"][0], arrays["answer"][0], network.data.test, network.classes),
            "seed": int(result.seeds()[0]),
            "n_images": int(classed.sum()),
        },
    )


@gives("shapes", "within")
def cost_and_accuracy(inputs: Inputs) -> Measurement:
    """Rank correlation between mean test cost and test accuracy over the seeds of all networks.

    All seeds count equally, whatever their network. For the interval, networks (shapes) are resampled with
    replacement, and the seeds within each. All networks must have the same cost.
    """
    costs = {
        (network.net.loss, network.net.output, network.net.label_smoothing) for network in inputs.networks
    }
    if len(costs) > 1:
        raise NotMeasuredError("the networks have different costs, which cannot be compared")
    rows, groups = [], []
    for network in inputs.networks:
        scores = network.scores("test")
        group = scores[["loss", "accuracy"]].to_numpy(np.float64)
        groups.append(group)
        rows.append(
            {
                "network": network.name,
                "shape": shape(network.net.hidden_layers),
                "cost": group[:, 0],
                "accuracy": group[:, 1],
                "correlation": rank_correlation(*group.T),
            }
        )
    within = np.array([row["correlation"] for row in rows])
    known = within[np.isfinite(within)]
    means = rank_correlation(*np.transpose([group.mean(axis=0) for group in groups]))
    if np.isnan(_rank_correlation_of_rows(np.concatenate(groups))):
        raise NotMeasuredError("a correlation needs at least two networks whose costs and accuracies differ")
    note = "no correlation within a single network can be computed"
    if len(known):
        note = f"within single networks the mean correlation is {mean_text(known)}"
        if len(known) > 1:
            note += f" (from {mean_text(known.min())} to {mean_text(known.max())})"
    if not np.isnan(means):
        note += f"; the correlation of the means of {counted(len(groups), 'network')} is {mean_text(means)}"
    return Measurement(
        Nested(groups, _rank_correlation_of_rows, ("shapes of the network", SEEDS)),
        note=note,
        data={"shapes": rows, "within": Sample(within, limited=False)},
    )


@gives(
    "end", "step", "late", "changes", "rises", "seed", "n_images", reads=("cost.costs_of_training_images",)
)
def own_cost_fell(inputs: Inputs) -> Measurement:
    """Share of training images whose own cost is lower at the end of training than before it.

    An image whose cost is unchanged in float32 counts as one whose cost did not fall.
    """
    network, result = inputs.only_network(), inputs.only_experiment()
    arrays = result.only()
    changes = {"end": arrays["change_at_the_end"], "step": arrays["change_after_a_step"]}
    shares = {name: (change < 0).mean(axis=1) for name, change in changes.items()}
    start, seed = arrays["start"], int(result.seeds()[0])
    note = about_rises((changes["end"] > 0).sum(axis=1), int((changes["end"] == 0).sum()))
    means = [float((start + change).mean(dtype=np.float64)) for change in changes.values()]
    note += (
        f"; the mean cost went from {start.mean(dtype=np.float64):.3g} to {means[0]:.3g}; one full-batch step from the "
        f"start brings it to {means[1]:.3g} and lowers the cost of {percent(shares['step'].mean(), 3)} of images"
    )
    epoch, change = int(arrays["late_epoch"][0]), arrays["late_change"]
    late = (change < 0).mean(axis=1)
    if epoch > 0:
        mean = change.mean(dtype=np.float64)
        note += (
            f"; from epoch {epoch} to the end, the mean cost {'falls' if mean < 0 else 'rises'} by {abs(mean):.2g}, "
            f"and the cost of {percent(late.mean(), 1)} of images falls"
        )
    return Measurement(
        Universal(shares["end"], of="seed"),
        note=note,
        data={
            "end": Sample(shares["end"]),
            "step": Sample(shares["step"]),
            "late": {"epoch": epoch, "fell": Sample(late)} if epoch > 0 else None,
            "changes": {name: changes_of(change[0]) for name, change in changes.items()},
            "rises": gallery_of_rises(
                start[0], changes["end"][0], network.training_images(seed), network.classes
            ),
            "seed": seed,
            "n_images": start.shape[1],
        },
    )


@gives(
    "gaps", "curves", "shares", "losses", "kinds", "cases", "seed", "seeds", "n_images",
    parts=("outputs", "weights"), reads=("cost.segments",),
)  # fmt: skip
def midpoints_below_chords(inputs: Inputs) -> Measurement:
    """Share of segments whose midpoint cost is at most the mean of both ends, as a function of outputs and of weights.

    The cost is a function of the outputs, or of the weights. Every case is one seed, one cost (quadratic or
    cross-entropy) and one kind of segment (between two random networks, or between the trained network and a random
    one). A cost above the mean by less than a relative 1e-12 counts as equal to it (`ROUNDING`), for outputs and
    weights alike.
    """
    result = inputs.only_experiment()
    arrays = result.only()
    chords = arrays["ends"].mean(axis=-1)  # (seeds, costs, kinds, segments)
    if not chords.size or not (chords > 0).all():
        raise NotMeasuredError("there are no segments, or the cost is 0 at both ends of one")
    gaps = {name: (arrays[f"middle_of_{name}"] - chords) / chords for name in ("outputs", "weights")}
    shares = {name: (gap <= ROUNDING).mean(axis=-1) for name, gap in gaps.items()}
    return Measurement(
        [Universal(shares["outputs"]), Universal(shares["weights"])],
        note=about_weights(gaps["weights"], shares["weights"]),
        data={
            "gaps": segments_of(gaps),
            "curves": {name: np.round(arrays[f"along_{name}"][0], 5) for name in ("outputs", "weights")},
            "shares": {name: share.mean(axis=0).tolist() for name, share in shares.items()},
            "losses": NAMES_OF_LOSSES,
            "kinds": KINDS,
            "cases": cases_in_words(len(chords)),
            "seed": int(result.seeds()[0]),
            "seeds": len(chords),
            "n_images": int(arrays["images"][0]),
        },
    )


@gives("sweep", "most", "descent", of_classes=False, reads=("cost.steps", "cost.surface"))
def small_steps_lower(inputs: Inputs, *, network: str | None = None, most: float = 0.5) -> Measurement:
    """Share of full-batch steps that lower the cost, with rates up to {most} · 2/λ (λ: the largest curvature).

    λ is the largest eigenvalue of the Hessian before the step. Every case is one seed: its share of steps from all
    points of the descent and with all rates c · 2/λ, where c is at most `most`. Points where λ is not above 0, or could
    not be computed, have no such rate; they are left out and counted.
    A step that leaves the cost as it is, or makes it infinite, does not lower it. The verdict is about one `network`
    (by default, the only one); the others form the sweep.
    """
    steps, surface = inputs.having("change"), inputs.having("path")
    if steps is None:
        raise NotMeasuredError("no experiment of the row takes steps")
    if network is None and len(steps.by_network) == 1:
        network = next(iter(steps.by_network))
    if network is None or network not in steps.by_network:
        raise NotMeasuredError(f"experiment '{steps.name}' has no network '{network or ''}'")
    arrays = steps.by_network[network]
    lowered = lowers(arrays)[:, :, arrays["multiple"][0] <= most]
    made = np.isfinite(lowered).sum(axis=(1, 2))
    if not made.any():
        raise NotMeasuredError("no step is small enough, or no curvature is above 0")
    found = np.nansum(lowered, axis=(1, 2))
    sweep = [sweep_of(name, of_network) for name, of_network in steps.by_network.items()]
    sweep.sort(key=lambda one: (one["network"] != network, one["by_rate"], one["network"]))
    return Measurement(
        Universal(found[made > 0] / made[made > 0], of="seed"),
        note=about_steps(arrays, int(made.sum()), int(found.sum()), most, sweep),
        data={
            "sweep": sweep,
            "most": most,
            "descent": descent_of(surface.only(), int(surface.seeds()[0])) if surface else None,
        },
    )


def _rank_correlation_of_rows(rows: NDArray[np.float64]) -> float:
    """Spearman's correlation of two columns (n, 2); NaN where one is constant.

    As `inference.rank_correlation`, but fast enough for thousands of resamples.
    """
    from scipy.stats import rankdata

    ranks = rankdata(rows, axis=0) - (len(rows) + 1) / 2
    squares = (ranks**2).sum(axis=0).prod()
    return float((ranks[:, 0] * ranks[:, 1]).sum() / np.sqrt(squares)) if squares > 0 else float("nan")
