"""Figures of the family *depth*: gradients and accuracies of deep networks."""

from collections.abc import Callable
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from downhill.claims.wording import counted
from downhill.figures import style
from downhill.figures.depth_gradients import (
    draw_accuracy,
    draw_factors,
    draw_scales,
    draw_start,
    draw_training,
    in_panels,
    same_limits,
)
from downhill.figures.marks import draw_differences
from downhill.figures.pages import page
from downhill.figures.style import Evidence, draws

_INITIAL = "N(0, s): initial weights are normally distributed with standard deviation s."


@draws("kinds", "n_images")
def gradient_by_layer(evidence: Evidence) -> Figure:
    """Gradient of the biases in every hidden layer before training, for networks of all depths."""
    data = evidence["data"]
    figure = page(
        evidence,
        3.6,
        "Each line belongs to networks of one depth (number of hidden layers): its left end is the layer next to the "
        "input, and its right end the layer next to the output. Lines: geometric means over seeds; bands: their "
        f"intervals. {_INITIAL}",
    )
    _draw_kinds(figure, data, "start", draw_start)
    return figure


@draws("kinds", "n_images", "n_train")
def gradient_in_training(evidence: Evidence) -> Figure:
    """Gradient of the biases in every hidden layer of the deepest networks, before and during training."""
    data = evidence["data"]
    depths = sorted({max(kind["depths"]) for kind in data["kinds"]})
    fewest = "" if len(depths) == 1 else f"{depths[0]:,} to "
    figure = page(
        evidence,
        3.6,
        f"The deepest networks of each kind, with {fewest}{counted(depths[-1], 'hidden layer')}, trained on "
        f"{counted(data['n_train'], 'image')}. Lines: geometric means over seeds; bands: their intervals. {_INITIAL}",
    )
    _draw_kinds(figure, data, "training", draw_training)
    return figure


def _draw_kinds(
    figure: Figure, data: dict[str, Any], key: str, draw: Callable[[Axes, dict[str, Any]], None]
) -> None:
    """The gradients under a key of each kind of networks, in panels with the same limits."""
    axes = in_panels(figure, len(data["kinds"]))
    for ax, kind in zip(axes, data["kinds"], strict=True):
        draw(ax, kind)
    same_limits(axes, [sample for kind in data["kinds"] for layers in kind[key] for sample in layers])
    axes[0].set_ylabel(
        f"norm of the gradient of a layer's biases\n({counted(data['n_images'], 'training image')})"
    )
    style.legend(figure, axes, columns=5)


@draws("kinds", "difference", "shallow", "deep", "n_train", "epochs")
def accuracy_by_depth(evidence: Evidence) -> Figure:
    """Test accuracy of every seed by number of hidden layers, and the lead of the shallow network over the deep one."""
    data = evidence["data"]
    figure = page(
        evidence,
        3.6,
        f"Networks are trained for {counted(data['epochs'], 'epoch')} on {counted(data['n_train'], 'image')}. Large "
        f"marks: means and their intervals; small marks: seeds. {_INITIAL}",
    )
    left, right = figure.subplots(1, 2, width_ratios=(3.4, 1))
    for place, kind in enumerate(data["kinds"]):
        draw_accuracy(left, kind, place, len(data["kinds"]))
    left.set_xlabel("hidden layers")
    left.set_ylim(-0.02, 1.02)
    style.percent(left.yaxis, "test accuracy after training")
    lead = f"{counted(data['shallow'], 'hidden layer')} minus {data['deep']:,}"
    draw_differences(right, evidence, data["difference"], 1, lead)
    style.legend(figure, [left, right], columns=2)
    return figure


@draws("kinds", "scales")
def factor_by_units(evidence: Evidence) -> Figure:
    """Factor of the gradient from one hidden layer to the next, by kind of units and by the size of initial weights."""
    data = evidence["data"]
    scales = data["scales"]
    more = " Right: all initial weights are multiplied by the same number." if scales else ""
    figure = page(
        evidence,
        1.8 + 0.4 * len(data["kinds"]),
        f"The gradient is that of biases before training. {_INITIAL}{more}",
    )
    axes = figure.subplots(1, 2 if scales else 1, squeeze=False)[0]
    draw_factors(axes[0], evidence)
    if scales:
        draw_scales(axes[1], evidence)
    style.legend(figure, axes, columns=2)
    return figure
