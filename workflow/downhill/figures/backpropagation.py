"""Figures of the family *backpropagation*: whether the gradient that it computes is exact, and what it costs."""

from matplotlib.figure import Figure

from downhill.claims.wording import counted
from downhill.figures import style
from downhill.figures.backpropagation_checks import draw_rows, draw_steps, label_differences
from downhill.figures.backpropagation_costs import draw_bars, draw_ratios
from downhill.figures.backpropagation_graph import draw_graph
from downhill.figures.pages import page
from downhill.figures.style import Evidence, draws


@draws("graph")
def computation_graph(evidence: Evidence) -> Figure:
    """The computation graph of a tiny network: each node's value, and the derivative of the cost with respect to it."""
    graph = evidence["data"]["graph"]
    figure = page(
        evidence,
        4.6,
        "Below: a network with two inputs, one hidden unit and two outputs, chosen by hand. Blue boxes are weights and "
        "biases, grey boxes inputs and targets; σ is the sigmoid function. A wire carries a value forwards (above it) "
        "and, unless it is dashed, the derivative of the cost C with respect to that value backwards (below it). Each "
        "node multiplies what comes back by its local slope. Where a value is used twice, as h is, the two parts are "
        "added.",
    )
    draw_graph(figure.subplots(), graph)
    return figure


@draws("rows", "step", "shape", "seeds", "n_images")
def differences_by_network(evidence: Evidence) -> Figure:
    """Every case of the claim: the difference of two gradients, for one layer of one network with one seed."""
    data, shape = evidence["data"], evidence["data"]["shape"]
    seeds = counted(data["seeds"], "seed")
    figure = page(
        evidence,
        4.0,
        f"A mark is one layer of one network with one seed ({seeds}). Central differences use steps of h = "
        f"{data['step']:g}: for all {shape['parameters']:,} parameters of each of "
        f"{counted(shape['networks'], 'small network')} per seed, by kind of units, and for "
        f"{counted(shape['checked'], 'parameter')} of the trained network, drawn at random, on "
        f"{counted(data['n_images'], 'training image')}. In the last row, the independent gradient is that of a "
        "computation graph.",
    )
    ax = figure.subplots()
    ax.set_xscale("log")
    draw_rows(ax, data["rows"])
    low, high = label_differences(
        ax.xaxis, [value for row in data["rows"] for of in row["values"].values() for value in of]
    )
    ax.set_xlim(low, max(high, 3 * max(style.ends(evidence))))
    style.shade_band(ax, evidence)
    ax.set_ylabel("network")
    ax.set_xlabel("relative difference of the two gradients of a layer (log. scale; 0 at the left end)")
    style.legend(figure, [ax], columns=2)
    return figure


@draws("sweep", "step", "threshold", "seeds")
def differences_by_step(evidence: Evidence) -> Figure:
    """The difference between backpropagation and central differences by the step of the central differences."""
    data = evidence["data"]
    figure = page(
        evidence,
        3.6,
        f"All small networks are shown ({counted(data['seeds'], 'seed')}). The gradient stays the same; only the "
        "accuracy of the differences changes. Halving a large step makes them four times as accurate, until rounding "
        "takes over. Diamonds mark where the worst case, as a geometric mean over seeds, crosses the threshold, with "
        "its interval.",
    )
    ax = figure.subplots()
    draw_steps(ax, data)
    style.shade_band(ax, evidence, "y")
    ax.set_xlabel("step h of the central differences (logarithmic scale)")
    ax.set_ylabel("relative difference of the two\ngradients of a layer (log. scale)")
    style.legend(figure, [ax], columns=2)
    return figure


@draws("counts", "parameters", "layer_sizes")
def operations_of_passes(evidence: Evidence) -> Figure:
    """Operations of a forward pass, of the backward pass that gives all derivatives, and of nudging each parameter."""
    data = evidence["data"]
    shape = "-".join(map(str, data["layer_sizes"]))
    figure = page(
        evidence,
        3.1,
        f"Bars are counted on the computation graph of the {shape} network; diamonds are computed with the formulas of "
        "backpropagation. It takes a forward pass to see how the cost changes when a single parameter is nudged.",
    )
    axes = figure.subplots(1, 3, width_ratios=(3, 3, 4))
    for ax, count in zip(axes, (data["counts"][0], data["counts"][-1]), strict=False):
        draw_bars(ax, count)
    draw_bars(axes[2], data["counts"][-1], data["parameters"])
    style.legend(figure, axes)
    return figure


@draws("widths", "counts", "layer_sizes")
def ratio_by_width(evidence: Evidence) -> Figure:
    """Backward over forward operations, for networks of equal layers by width and for the network of the claim."""
    data = evidence["data"]
    layers = counted(data["widths"]["layers"], "layer")
    figure = page(
        evidence,
        3.3,
        f"Lines with marks: networks with {layers} of weights; all layers, inputs included, are equally wide.",
    )
    ax = figure.subplots()
    draw_ratios(ax, data)
    style.shade_band(ax, evidence, "y")
    ax.set_ylabel("operations of the backward pass\nover those of the forward pass")
    ax.set_xlabel("units per layer (logarithmic scale)")
    style.legend(figure, [ax], columns=2)
    return figure
