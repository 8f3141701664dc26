"""Drawing a computation graph: nodes in columns from the inputs to the cost, with values and derivatives."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

from downhill.claims.wording import with_minus
from downhill.figures import style

_RADIUS = 0.23
_ABOVE, _BELOW = 0.85, 1.0  # distances of the two long arrows from the nodes
_VALUE: dict[str, Any] = {"color": style.INK, "weight": "bold"}
_DERIVATIVE: dict[str, Any] = {"color": style.RUST, "style": "italic"}


def draw_graph(ax: Axes, graph: dict[str, Any]) -> None:
    """Draw all nodes and edges; above the wire behind a node is its value, and below it the derivative of the cost."""
    nodes = graph["nodes"]
    for source, target, passed in graph["edges"]:
        _draw_edge(ax, nodes[source], nodes[target], passed)
    for node in nodes:
        _draw_node(ax, node)
    heights = [node["y"] for node in nodes]
    bottom, top = min(heights) - _BELOW, max(heights) + _ABOVE
    left, right = -0.35, max(node["x"] for node in nodes) + 0.75
    operations = "multiplications and additions"
    forwards = f"values, forwards: {graph['forward']} {operations}"
    backwards = f"derivatives of C, backwards: {graph['backward']} {operations}"
    _draw_direction(ax, top, (left, right), forwards, _VALUE)
    _draw_direction(ax, bottom, (right, left), backwards, _DERIVATIVE)
    ax.set(xlim=(left, right), ylim=(bottom - 0.25, top + 0.25), aspect="equal")
    ax.set_axis_off()


def _draw_direction(ax: Axes, y: float, ends: tuple[float, float], text: str, look: dict[str, Any]) -> None:
    """A long arrow with a text in its middle."""
    (start, end), color = ends, look["color"]
    arrow = FancyArrowPatch(
        (start, y),
        (end, y),
        arrowstyle="-|>",
        mutation_scale=11,
        shrinkA=0,
        shrinkB=0,
        color=color,
        linewidth=1.2,
    )
    ax.add_patch(arrow)
    box = {"facecolor": "white", "edgecolor": "none", "pad": 2}
    ax.text((start + end) / 2, y, text, ha="center", va="center", size=8, bbox=box, **look)


def _draw_edge(ax: Axes, source: dict[str, Any], target: dict[str, Any], passed: bool) -> None:
    """An arrow from circle to circle; dashed where no derivative is passed back."""
    (x0, y0), (x1, y1) = (source["x"], source["y"]), (target["x"], target["y"])
    length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
    dx, dy = _RADIUS * (x1 - x0) / length, _RADIUS * (y1 - y0) / length
    arrow = FancyArrowPatch(
        (x0 + dx, y0 + dy),
        (x1 - dx, y1 - dy),
        arrowstyle="-|>",
        mutation_scale=7,
        shrinkA=0,
        shrinkB=0,
        color=style.GREY,
        linewidth=0.9,
        linestyle="-" if passed else (0, (2, 2)),
        zorder=1,
    )
    ax.add_patch(arrow)


def _draw_node(ax: Axes, node: dict[str, Any]) -> None:
    """A circle for an operation, a box for a number that is given; parameters are coloured."""
    x, y = node["x"], node["y"]
    middle: dict[str, Any] = {"ha": "center", "va": "center_baseline", "zorder": 3}
    if node["kind"] == "operation":
        ax.add_patch(Circle((x, y), _RADIUS, facecolor="white", edgecolor=style.INK, linewidth=1, zorder=2))
        ax.text(x, y, node["symbol"], size=6 if len(node["symbol"]) > 1 else 9.5, **middle)
        ax.text(x, y + _RADIUS + 0.05, node["name"], ha="center", va="bottom", size=8)
    else:
        side, color = 1.6 * _RADIUS, style.SKY if node["kind"] == "parameter" else style.BAND
        box = FancyBboxPatch(
            (x - side / 2, y - side / 2), side, side, boxstyle="round,pad=0.03,rounding_size=0.06",
            facecolor=color, edgecolor=style.INK, linewidth=0.8, alpha=0.6, zorder=2,
        )  # fmt: skip
        ax.add_patch(box)
        ax.text(x, y, node["name"], size=8, **middle)
    derivative = "" if node["derivative"] is None else number(node["derivative"])
    beside = x + _RADIUS + 0.02
    ax.text(beside, y + 0.05, number(node["value"]), ha="left", va="bottom", size=6, zorder=3, **_VALUE)
    ax.text(beside, y - 0.08, derivative, ha="left", va="top", size=6, zorder=3, **_DERIVATIVE)


def number(value: float) -> str:
    """At most three decimals and three significant digits, without trailing zeros: `−0.037`, `0.711`, `1.2`."""
    return with_minus(f"{round(value, 3):.3g}")
