"""Figures of the family *activations*: why neurons are continuous, and what they can learn."""

from matplotlib.figure import Figure

from downhill.claims.wording import counted
from downhill.figures import style
from downhill.figures.activations_costs import draw_accuracies, draw_curves, draw_spreads
from downhill.figures.activations_matrix import draw_by_depth, draw_with_matrices
from downhill.figures.activations_steps import draw_cost, draw_norms, draw_rows, draw_unit
from downhill.figures.activations_tasks import draw_by_width, draw_kind, draw_plane
from downhill.figures.marks import draw_differences, say
from downhill.figures.pages import page
from downhill.figures.style import Evidence, draws
from downhill.report.wording import parts_of


@draws("curve", "gradients")
def unit_and_slope(evidence: Evidence) -> Figure:
    """A sigmoid unit and a step unit with their slopes, the cost of a few images by a bias, and the gradients."""
    curve, gradients = evidence["data"]["curve"], evidence["data"]["gradients"]
    figure = page(
        evidence,
        4.4,
        "Bottom: the same untrained network with either kind of unit while the bias of the first unit in its last "
        f"hidden layer is shifted (seed {curve['seed']}). With step units, the cost of "
        f"{counted(curve['n_images'], 'image')} is flat between jumps, so its slope is no guide to where it falls. "
        "Right: a gradient of zero is drawn at the bottom as 0. Straight-through means that backpropagation takes the "
        "slope of a step as 1.",
    )
    axes = figure.subplot_mosaic(
        [["sigmoid unit", "step unit", "norms"], ["sigmoid cost", "step cost", "norms"]],
        width_ratios=(1, 1, 0.95),
    )
    for kind in ("sigmoid", "step"):
        draw_unit(axes[f"{kind} unit"], curve["units"], kind)
        draw_cost(axes[f"{kind} cost"], curve, kind)
    draw_norms(axes["norms"], gradients)
    style.legend(figure, [axes["sigmoid unit"], axes["sigmoid cost"], axes["norms"]], columns=2)
    return figure


@draws("networks", "lead")
def accuracy_of_step_units(evidence: Evidence) -> Figure:
    """Test accuracy of the same network with continuous and with step units, and with frozen hidden layers."""
    rows, parts = evidence["data"]["networks"], parts_of(evidence)
    n = parts[1]["n"]
    same = all(value == 0 for value in parts[1]["worst"])
    outcome = "exactly as accurate as" if same else "not always as accurate as"
    figure = page(
        evidence,
        1.5 + 0.55 * len(rows),
        f"Each of {counted(n, 'seed')} with step units is compared with a network that has the same initial weights "
        f"and trains only its output layer: the trained networks are {outcome} those with frozen layers. "
        "Straight-through means that backpropagation takes the slope of a step as 1.",
    )
    left, right = figure.subplots(1, 2, width_ratios=(3, 1.2))
    draw_rows(left, rows)
    draw_differences(right, evidence, evidence["data"]["lead"], 2, "lead over step units")
    style.legend(figure, [left, right])
    return figure


@draws("costs", "hidden_layers", "n_train")
def accuracy_of_units(evidence: Evidence) -> Figure:
    """Test accuracy of every seed by kind of hidden units, for two costs, and how far the means lie apart."""
    data = evidence["data"]
    figure = page(
        evidence,
        3.4,
        f"Networks with hidden layers {data['hidden_layers']}, trained on {counted(data['n_train'], 'image')}; the "
        "learning rates (rate) were chosen on validation images. By chance: the largest minus the smallest mean with "
        "seeds permuted among the kinds of units.",
    )
    *axes, last = figure.subplots(1, len(data["costs"]) + 1)
    draw_accuracies(axes, data["costs"])
    draw_spreads(last, evidence)
    style.legend(figure, [*axes, last], columns=2)
    return figure


@draws("costs", "fitted")
def curves_of_units(evidence: Evidence) -> Figure:
    """Test accuracy by epoch for each kind of hidden units, and the epoch in which each seed reaches a good one."""
    data = evidence["data"]
    figure = page(
        evidence,
        4.0,
        f"Bottom: the first epoch with a test accuracy of at least {100 * data['fitted']:g} %; one mark per seed.",
    )
    kinds = max(len(cost["kinds"]) for cost in data["costs"])
    axes = figure.subplots(
        2, len(data["costs"]), sharex=True, sharey="row", squeeze=False, height_ratios=(4, 0.55 * kinds)
    )
    for cost, (top, strip) in zip(data["costs"], axes.T, strict=True):
        draw_curves(top, strip, cost, data["fitted"])
    style.percent(axes[0, 0].yaxis, "test accuracy")
    style.legend(figure, [axes[0, 0]], columns=2)
    return figure


@draws("kinds", "regression", "hidden_layers", "n_images")
def network_and_matrix(evidence: Evidence) -> Figure:
    """How far networks are from the product of their layers, by depth and units, and the accuracy of both."""
    data = evidence["data"]
    figure = page(
        evidence,
        3.7,
        "The matrix is the product of a network's layers, as if its hidden units were linear. Left: untrained networks "
        f"on {counted(data['n_images'][1], 'test image')}, and (▸) trained networks with hidden layers "
        f"{data['hidden_layers']} on all {counted(data['n_images'][0], 'test image')}. Right: the trained networks. "
        "One mark per seed.",
    )
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.15))
    draw_by_depth(left, evidence)
    draw_with_matrices(right, data["kinds"], data["regression"])
    style.legend(figure, [left, right])
    return figure


@draws("tasks", "regions", "units", "seed")
def answers_on_the_plane(evidence: Evidence) -> Figure:
    """What networks with linear and with tanh units answer all over the plane, with some test points."""
    data = evidence["data"]
    if data["regions"] is None:
        figure = page(evidence, 1.2)
        say(figure, "The inputs are not points of a plane.")
        return figure
    figure = page(
        evidence,
        1.2 + 2.6 * len(data["regions"]),
        f"Background: the answer of a network with {counted(data['units'], 'hidden unit')} (seed {data['seed']}). "
        "Marks: the first test points of each data set. Percentages: mean test accuracy over seeds, with its interval.",
    )
    axes = figure.subplots(len(data["regions"]), 2, squeeze=False)
    for row, region, task in zip(axes, data["regions"], data["tasks"], strict=True):
        for ax, kind in zip(row, region["answers"], strict=True):
            draw_plane(ax, region, kind, task)
    style.legend(figure, list(axes.ravel()))
    return figure


@draws("tasks", "units", "enough")
def accuracy_by_units(evidence: Evidence) -> Figure:
    """Test accuracy of every seed with linear and with tanh units, and by number of tanh units."""
    data = evidence["data"]
    seeds = style.seeds([sample for task in data["tasks"] for sample in task["accuracy"].values()])
    figure = page(
        evidence,
        3.4,
        "For each seed, the highest accuracy of all tasks with linear units is judged, and the lowest with tanh units. "
        f"Right: small marks are seeds ({seeds}).",
    )
    *kinds, last = figure.subplots(1, 3, width_ratios=(1, 1, 1.5))
    kinds[1].sharey(kinds[0])
    for part, (ax, kind) in enumerate(zip(kinds, ("linear", "tanh"), strict=True)):
        draw_kind(ax, evidence, kind, part)
    draw_by_width(last, data["tasks"], data["enough"])
    style.legend(figure, [*kinds, last], columns=2)
    return figure
