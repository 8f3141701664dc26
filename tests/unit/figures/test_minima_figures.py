"""Figures of the family *minima* draw what the evidence says."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from downhill.figures import minima, pages, style
from downhill.figures.scales import label_decades

Evidence = dict[str, Any]


def evidence_of(
    data: dict[str, Any], band: str = "> 0.7", unit: str = "share", value: float = 0.5
) -> Evidence:
    part = {"name": "", "value": value, "lower": value / 2, "upper": value + 0.2, "n": 4, "exact": False}
    part |= {
        "worst": None,
        "of": "seed",
        "infinite": [],
        "further": None,
        "unit": unit,
        "band": band,
        "verdict": "undecided",
    }
    return {
        "claim": "a-claim",
        "statement": "It is so.",
        "statistic": "statistic",
        "verdict": "undecided",
        "measures": "What is measured",
        "confidence_level": 0.95,
        "limits": "",
        "said": None,
        "band": band,
        "unit": unit,
        "parts": [part],
        "value": value,
        "data": data,
    }


def interval(value: float | None) -> dict[str, Any]:
    return {"value": value, "lower": value and 0.8 * value, "upper": value and 1.3 * value}


def sample(*values: float | None) -> dict[str, Any]:
    known = [value for value in values if value is not None]
    return {"values": list(values), "mean": np.mean(known) if known else None, "lower": None, "upper": None}


def proportion(value: float, n: int) -> dict[str, Any]:
    return {"value": value, "lower": max(0, value - 0.2), "upper": min(1, value + 0.2), "n": n}


def line(
    name: str, heights: list[float | None], same_start: bool = False, verdict: bool = False
) -> dict[str, Any]:
    share = np.linspace(0, 1, 5)
    costs = [(1 + share + 1.5 * (height or 0) * np.sin(np.pi * share)).tolist() for height in heights]
    known = [height for height in heights if height is not None]
    return {
        "name": name,
        "same_start": same_start,
        "verdict": verdict,
        "pairs": [[2 * i, 2 * i + 1] for i in range(len(heights))],
        "share": share.tolist(),
        "costs": costs,
        "barriers": heights,
        "median": interval(float(np.median(known)) if known else None),
        "above": proportion(0.75, len(heights)),
    }


def wells() -> dict[str, Any]:
    x = np.linspace(-5, 5, 41)
    starts = np.linspace(-4, 4, 9)
    valley = (starts > 0).astype(int)
    paths = [
        [start, (start + 2 * (4 * v - 2)) / 3, 4.0 * v - 2] for start, v in zip(starts, valley, strict=True)
    ]
    return {
        "x": x.tolist(),
        "cost": ((x**2 - 4) ** 2).tolist(),
        "rate": 0.1,
        "paths": paths,
        "step": [0, 10, 20],
        "valley": valley.tolist(),
    }


def barriers() -> Evidence:
    lines = [
        line("as trained", [2.0, 1.0, 1.5]),
        line("units matched", [0.5, 0.05, 0.9], verdict=True),
        line("units and signs matched", [0.4, 0.02, None]),
        line("one start, two orders: as trained", [0.01, 0.2], same_start=True),
        line("one start, two orders: units matched", [0.01, 0.1], same_start=True),
    ]
    return evidence_of({"lines": lines, "threshold": 0.1, "n_images": 100, "wells": wells()})


def end(steps: int, gradients: list[float | None], curvatures: list[float | None]) -> dict[str, Any]:
    n = len(gradients)
    random = np.random.default_rng(steps)
    step = [0, 1, 10, steps] if steps else [0]
    spectrum = np.sort(random.normal(size=(n, 6)), axis=1) + np.repeat([-1.0, 2.0], 3)
    return {
        "epochs": 3,
        "batch_size": 20,
        "steps": steps,
        "n_images": 50,
        "n_gradient": 50 if steps else 60,
        "seeds": list(range(n)),
        "gradient": sample(*gradients),
        "curvature": sample(*curvatures),
        "small": 1,
        "curved": 1,
        "share": proportion(0.5, n + 1),
        "spectrum": spectrum.tolist(),
        "step": step,
        "path": random.uniform(0.001, 0.5, (n, len(step))).tolist(),
    }


def at_the_end(*ends: dict[str, Any]) -> Evidence:
    return evidence_of({"ends": list(ends), "gradient": 0.01, "curvature": 0.02})


END = end(0, [0.2, 0.005, 0.3], [-0.1, -0.01, -0.3])
FURTHER = end(40, [0.02, 0.001], [-0.03, 0.0])


def widths(*rows: tuple[int, list[float]]) -> Evidence:
    found = [
        {
            "width": width,
            "network": f"w-{width}",
            "cost": sample(*costs),
            "training_cost": sample(*costs),
            "ratio": interval(float(np.std(costs, ddof=1)) / 0.05 if len(costs) > 1 else None),
            "correlation": interval(None if width == 10 else 0.75),
        }
        for width, costs in rows
    ]
    return evidence_of({"widths": found, "wide": 500, "narrow": 25}, "< 0.333", "ratio")


WIDTHS = ((10, [0.5, 0.4, 0.45]), (25, [0.3, 0.35, 0.32, 0.31]), (500, [0.1, 0.11, 0.105, 0.1]))


def lines_like(ax: Axes, *, color: str | None = None, marker: str | None = None) -> list[np.ndarray]:
    return [
        np.stack([np.asarray(one, float) for one in drawn.get_data()])
        for drawn in ax.get_lines()
        if (color is None or drawn.get_color() == color)
        and (marker is None or drawn.get_marker() == marker)
        and len(drawn.get_data()[0])
    ]


def texts(figure: Figure) -> str:
    figure.draw_without_rendering()
    return "\n".join(text.get_text() for text in figure.findobj(lambda one: hasattr(one, "get_text")))


@pytest.mark.parametrize(
    ("draw", "evidence"),
    [
        (minima.along_the_line, barriers()),
        (minima.barrier_of_each_pair, barriers()),
        (minima.wells, barriers()),
        (minima.at_a_minimum, at_the_end(END, FURTHER)),
        (minima.further_descent, at_the_end(END, FURTHER)),
        (minima.further_descent, at_the_end(END)),
        (minima.curvatures, at_the_end(END, FURTHER)),
        (minima.cost_by_width, widths(*WIDTHS)),
    ],
)
@pytest.mark.filterwarnings("error")
def test_figures_are_saved(draw: Any, evidence: Evidence, tmp_path: Path):
    pages.save(draw, evidence, [tmp_path / "figure.svg"])
    assert (tmp_path / "figure.svg").stat().st_size > 5000


def test_every_pair_has_a_line_with_its_costs():
    evidence = barriers()
    figure = minima.along_the_line(evidence)
    shown = [evidence["data"]["lines"][row] for row in (0, 1, 2, 4)]
    for ax, expected in zip(figure.axes, shown, strict=True):
        np.testing.assert_allclose([y for _, y in lines_like(ax, color=style.SKY)], expected["costs"])
        above, median = lines_like(ax, color=style.INK)
        np.testing.assert_allclose(median[1], np.median(expected["costs"], axis=0))
        np.testing.assert_allclose(
            above[1], np.linspace(1.15, 2.15, 5)
        )  # ends of 1 and 2, and 10 % of their mean
        assert ax.get_title().startswith(expected["name"])
        assert ax.get_title().endswith(f"above 10 %: 75 % (55 to 95 %), n = {len(expected['costs'])} pairs")
    assert [("(verdict)" in ax.get_title()) for ax in figure.axes] == [False, True, False, False]


def test_every_barrier_is_drawn_in_its_row():
    evidence = barriers()
    ax = minima.barrier_of_each_pair(evidence).axes[0]
    rows = evidence["data"]["lines"]
    drawn = [line for marker in ("o", "s") for line in lines_like(ax, marker=marker)]
    assert len(drawn) == len(rows)
    for row, (x, y) in zip(rows, drawn, strict=True):
        known = sorted(value for value in row["barriers"] if value is not None)
        np.testing.assert_allclose(x, known)
        place = len(rows) - 1 - rows.index(row)
        assert (abs(y - place) < 0.35).all()
    medians = sorted(x[0] for x, _ in lines_like(ax, marker="D"))
    assert medians == pytest.approx(sorted(row["median"]["value"] for row in rows))
    names = [text.get_text() for text in ax.get_yticklabels()]
    assert [name.split("\n")[-1] for name in names[1:3]] == ["n = 3 pairs", "(1 infinite, beyond the axis)"]
    assert ax.get_xlim()[0] < 0
    assert ax.get_xlim()[1] > 2


def test_starts_and_ends_of_a_valley_share_a_marker():
    evidence = barriers()
    top, bottom = minima.wells(evidence).axes
    found = evidence["data"]["wells"]
    for valley, marker in ((0, "o"), (1, "s")):
        starts = [path[0] for path, v in zip(found["paths"], found["valley"], strict=True) if v == valley]
        drawn, ends = lines_like(top, marker=marker)
        np.testing.assert_allclose(drawn[0], starts)
        np.testing.assert_allclose(ends[0], [4.0 * valley - 2])
    paths = [x for x, y in lines_like(bottom) if len(x) == 3]
    assert sorted(map(tuple, paths)) == sorted(map(tuple, found["paths"]))
    assert [text.get_text() for text in top.texts] == ["5 starts", "4 starts"]


def test_every_seed_is_drawn_before_and_after_further_steps():
    (ax,) = minima.at_a_minimum(at_the_end(END, FURTHER)).axes
    for one, marker in ((END, "o"), (FURTHER, "s")):
        (drawn,) = lines_like(ax, marker=marker)
        np.testing.assert_allclose(drawn, [one["gradient"]["values"], one["curvature"]["values"]])
    joined = lines_like(ax, color=style.GREY)
    np.testing.assert_allclose(joined, [[[0.2, 0.02], [-0.1, -0.03]], [[0.005, 0.001], [-0.01, 0.0]]])
    labels = ax.get_legend_handles_labels()[1]
    assert (
        "at the end of training, gradient on 60 images: 50 % (30 to 70 %) at a minimum (n = 4 seeds)"
        in labels
    )
    assert (
        "after 40 further steps, gradient on 50 images: 50 % (30 to 70 %) at a minimum (n = 3 seeds)"
        in labels
    )
    (corner,) = ax.collections
    vertices = corner.get_paths()[0].vertices
    assert vertices[:, 0].max() == pytest.approx(0.01)
    assert vertices[:, 1].min() == pytest.approx(-0.02)


@pytest.mark.parametrize(
    ("epochs", "sentence"),
    [
        (
            1,
            "Training ended after 1 epoch with batches of 20 images; the limit of longer training is not measured.",
        ),
        (0, "The networks were not trained."),
    ],
)
def test_the_length_of_training_is_in_the_caption(epochs: int, sentence: str):
    evidence = at_the_end(END | {"epochs": epochs})
    assert sentence in " ".join(texts(minima.at_a_minimum(evidence)).split())


@pytest.mark.filterwarnings("error")
def test_gradients_of_zero_and_unknown_numbers_are_no_problem():
    ends = (end(0, [0.0, None], [None, 0.0]), end(4, [None], [None]))
    for draw in (minima.at_a_minimum, minima.further_descent, minima.curvatures):
        figure = draw(at_the_end(*ends))
        figure.draw_without_rendering()
    ends = (end(0, [0.0], [0.0]), end(4, [None], [None]) | {"path": [[None] * 4], "spectrum": [[None] * 6]})
    for draw in (minima.at_a_minimum, minima.further_descent, minima.curvatures):
        figure = draw(at_the_end(*ends))
        figure.draw_without_rendering()


def test_paths_of_further_descent_are_those_of_the_evidence():
    (ax,) = minima.further_descent(at_the_end(END, FURTHER)).axes
    drawn = lines_like(ax, color=style.VERMILLION)
    np.testing.assert_allclose([x for x, _ in drawn], [[0, 1, 10, 40]] * 2)
    np.testing.assert_allclose([y for _, y in drawn], FURTHER["path"])
    caption = " ".join(texts(ax.get_figure()).split())
    criteria = (
        "After 40 further steps, the gradient is below 1 % of that at the start in 1 of 3 seeds, and the lowest "
        "curvature is at least −2 % of the highest in 1; both criteria are met in 2."
    )
    assert criteria in caption.replace("\u00a0", " ")
    assert "There are no further steps." in texts(minima.further_descent(at_the_end(END)))


def test_both_ends_of_the_spectrum_are_drawn():
    figure = minima.curvatures(at_the_end(END, FURTHER))
    low, high = figure.axes
    spectrum = np.array(END["spectrum"]) / np.array(END["spectrum"])[:, -1:]
    found = [y for _, y in lines_like(low, marker="o")]
    np.testing.assert_allclose(found, spectrum[:, :3])
    found = [y for _, y in lines_like(high, marker="o")]
    np.testing.assert_allclose(found, spectrum[:, :2:-1])
    assert found[0][0] == 1


def test_every_seed_and_every_spread_is_drawn_by_width():
    evidence = widths(*WIDTHS)
    left, right = minima.cost_by_width(evidence).axes
    for place, (_, costs) in enumerate(WIDTHS):
        drawn = [y for x, y in lines_like(left) if abs(x.mean() - place) < 0.4]
        np.testing.assert_allclose(np.concatenate(drawn), sorted(costs))
    assert not left.collections  # densities of so few seeds
    ratios = {row["width"]: row["ratio"] for row in evidence["data"]["widths"]}
    for width, marker in ((10, "^"), (25, "o"), (500, "D")):
        ((x, y),) = ((x[0], y[0]) for x, y in lines_like(right, marker=marker))
        assert (x, y) == pytest.approx((width, ratios[width]["value"]))
    bars = [segment for bar in right.collections for segment in bar.get_segments()]
    whiskers = {bar[0, 0]: bar[:, 1] for bar in bars}
    for width, ratio in ratios.items():
        np.testing.assert_allclose(whiskers[width], [ratio["lower"], ratio["upper"]])
    (band,) = right.patches
    assert band.get_y() + band.get_height() == pytest.approx(0.333)
    assert [text.get_text() for text in left.get_xticklabels()] == [
        "10\nn = 3",
        "25\nn = 4\nr = 0.75",
        "500\nn = 4\nr = 0.75",
    ]


@pytest.mark.filterwarnings("error")
def test_widths_of_a_single_seed_or_with_equal_costs_are_drawn():
    figure = minima.cost_by_width(widths((25, [0.3]), (500, [0.2, 0.2, 0.2])))
    figure.draw_without_rendering()


def test_the_density_of_many_seeds_is_drawn():
    random = np.random.default_rng(0)
    evidence = widths((25, random.random(19).tolist()), (500, random.random(20).tolist()))
    left, _ = minima.cost_by_width(evidence).axes
    (density,) = left.collections
    assert density.get_paths()[0].vertices[:, 0].mean() == pytest.approx(1, abs=0.05)


@pytest.mark.filterwarnings("error")
def test_spreads_may_be_tiny_and_intervals_may_leave_them_out():
    evidence = widths((25, [0.3, 0.3 + 1e-13]), (500, [0.2, 0.2 + 1e-13]))
    evidence["data"]["widths"][1]["ratio"] |= {"lower": 1e-15, "upper": 2e-14}  # below the value
    figure = minima.cost_by_width(evidence)
    figure.draw_without_rendering()
    low, high = figure.axes[1].get_ylim()
    assert 0 < low < 1e-15 < 7e-14 < high


@pytest.mark.parametrize(
    ("limits", "factor", "labels"),
    [
        ((0.8, 30), 1, ["1", "2", "5", "10", "20"]),
        ((1e-3, 5), 1, ["0.001", "0.01", "0.1", "1"]),
        ((0.0021, 0.0044), 1, ["0.003", "0.004"]),
        ((0.011, 0.013), 100, ["1.15", "1.2", "1.25"]),
    ],
)
def test_every_axis_in_decades_has_ticks(limits: tuple[float, float], factor: float, labels: list[str]):
    ax = Figure().subplots()
    ax.set_yscale("log")
    ax.set_ylim(limits)
    label_decades(ax.yaxis, limits, factor)
    assert [text.get_text() for text in ax.get_yticklabels()] == labels
    assert all(limits[0] <= tick <= limits[1] for tick in ax.get_yticks())


@pytest.mark.parametrize("threshold", ["gradient", "curvature"])
@pytest.mark.filterwarnings("error")
def test_a_threshold_of_zero_is_drawn(threshold: str):
    evidence = at_the_end(END, FURTHER)
    evidence["data"][threshold] = 0
    for draw in (minima.at_a_minimum, minima.further_descent, minima.curvatures):
        figure = draw(evidence)
        assert "0 %" in texts(figure).replace("\u00a0", " ") or threshold not in draw.keys
