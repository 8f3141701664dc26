"""Figures of the family *approximation*: how well networks with one hidden layer fit a function."""

from matplotlib.figure import Figure

from downhill.claims.wording import counted
from downhill.figures import style
from downhill.figures.approximation_fits import draw_error, draw_fits, draw_widths
from downhill.figures.approximation_surface import draw_surfaces
from downhill.figures.marks import say
from downhill.figures.pages import page
from downhill.figures.style import Evidence, draws

_PROMISE = (
    "The universal approximation theorem promises that some network with enough units comes as close as you like, not "
    "that descent finds it. The verdict is about what descent finds."
)


@draws("widths", "fits", "restarts", "epochs", "n_train", "seeds")
def fits_by_width(evidence: Evidence) -> Figure:
    """A curve, and the fits of networks with more and more hidden units, with their errors below."""
    data = evidence["data"]
    seeds = counted(data["seeds"], "seed")
    figure = page(
        evidence,
        3.6,
        _PROMISE,
        f"Each thin line is the fit of one seed ({seeds}): {_best_of(data['restarts'])}, after "
        f"{counted(data['epochs'], 'step')} of Adam on all {data['n_train']:,} training points. Titles give means over "
        "seeds.",
    )
    rows = data["widths"]
    axes = figure.subplots(2, len(rows), sharex=True, sharey="row", squeeze=False, height_ratios=(3, 2))
    for place, (row, (top, bottom)) in enumerate(zip(rows, axes.T, strict=True)):
        draw_fits(top, data["fits"], place, row)
        draw_error(bottom, data["fits"], place)
        bottom.set_xlabel("x")
    for bottom in axes[1]:
        style.shade_band(bottom, evidence, "y")
    axes[0, 0].set_ylabel("f(x)")
    axes[1, 0].set_ylabel("absolute error\n(log. scale)")
    style.legend(figure, list(axes.ravel()), columns=2)
    return figure


@draws("widths", "crossing", "threshold", "restarts", "n_test", "seeds")
def error_by_width(evidence: Evidence) -> Figure:
    """Largest error by width: every restart, the fit of every seed, their mean, and a network written by hand."""
    data = evidence["data"]
    figure = page(
        evidence, 3.6, _PROMISE, "An interval that reaches the lower edge of the plot continues below it."
    )
    ax = figure.subplots()
    draw_widths(ax, data)
    style.shade_band(ax, evidence, "y")
    ax.set_xlabel("hidden units (logarithmic scale)")
    ax.set_ylabel(f"largest absolute error\nat {counted(data['n_test'], 'point')} (log. scale)")
    style.legend(figure, [ax], columns=2)
    return figure


@draws("surface")
def fits_of_surface(evidence: Evidence) -> Figure:
    """A surface, and the fits of networks with more and more hidden units, with their errors below."""
    found = evidence["data"]["surface"]
    if found is None:
        figure = page(evidence, 1.2)
        say(figure, "There is no surface on a square grid.")
        return figure
    figure = page(
        evidence,
        4.0,
        "The surface plays no part in the verdict, which is about what descent fits to a curve. Shown: seed "
        f"{found['seed']}, {_best_of(found['restarts'])}, after {counted(found['epochs'], 'step')} of Adam on all "
        f"{found['n_train']:,} training points. Each map shows the absolute error of the fit above it.",
    )
    draw_surfaces(figure, found)
    return figure


def _best_of(restarts: int) -> str:
    """How a fit was chosen, in words."""
    return f"the best of {restarts:,} restarts by training cost" if restarts > 1 else "a single start"
