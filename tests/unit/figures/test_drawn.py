"""The tables of what a figure draws hold the numbers of the evidence, as the ticks show them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullFormatter

from downhill.figures import minima, pages, style
from downhill.figures.drawn import MOST_ROWS, tables_of
from downhill.figures.lettering import FONT
from downhill.storage.json_files import read_json
from tests.unit.figures.test_minima_figures import WIDTHS, barriers, widths

Evidence = dict[str, Any]


def tables(draw: Callable[[Axes], object]) -> list[dict[str, Any]]:
    with mpl.rc_context({"text.parse_math": False, "font.family": [FONT]}):
        figure = Figure()
        draw(figure.subplots())
        return tables_of(figure)


def table(draw: Callable[[Axes], object]) -> dict[str, Any]:
    (only,) = tables(draw)
    return only


def test_points_stand_below_the_labels_of_their_axes():
    def draw(ax: Axes) -> None:
        ax.plot([1, 2], [0.123456, np.nan], label="a curve")
        ax.set(xlabel="epoch", ylabel="cost of\nan image", title="a panel")

    assert table(draw) == {
        "title": "a panel",
        "columns": ["series", "epoch", "cost of an image"],
        "rows": [["a curve", 1, 0.1235], ["a curve", 2, None]],
        "left_out": 0,
    }


def test_panels_of_a_row_share_a_label_if_their_axes_have_the_same_ends():
    figure = Figure()
    axs = figure.subplots(1, 3)
    for ax, highest in zip(axs, (1, 1, 5), strict=True):
        ax.plot([0, 1], [0, 1])
        ax.set(xlim=(0, 1), ylim=(0, highest))
    axs[0].set(ylabel="second input")
    axs[1].set(xlabel="first input")
    found = [entry["columns"] for entry in tables_of(figure)]
    assert found == [
        ["series", "first input", "second input"],
        ["series", "first input", "second input"],
        ["series", "first input", "y"],
    ]


def test_shares_are_per_cent_where_the_ticks_are():
    def draw(ax: Axes) -> None:
        ax.scatter([0.25, 0.5], [10, 20], label="seeds")
        style.percent(ax.xaxis, "accuracy")

    found = table(draw)
    assert found["columns"][1] == "accuracy (%)"
    assert found["rows"] == [["seeds", 25, 10], ["seeds", 50, 20]]


def test_ticks_that_point_the_other_way_are_followed():
    def draw(ax: Axes) -> None:
        ax.plot([0, 1], [-0.3, -0.7], label="falls")
        ax.set_yticks([0, -0.5, -1], ["0", "50", "100"])
        ax.set_ylim(-1, 0)

    assert [row[2] for row in table(draw)["rows"]] == [30, 70]


def test_powers_of_ten_are_no_factor():
    def draw(ax: Axes) -> None:
        ax.plot([1, 2], [0.01, 100], label="costs")
        ax.set_yscale("log")
        style.powers_of_ten(ax.yaxis)

    assert [row[2] for row in table(draw)["rows"]] == [0.01, 100]


def test_names_of_ticks_stand_for_marks_beside_them():
    def draw(ax: Axes) -> None:
        ax.plot([-0.2, 0.3, 1.1], [1, 2, 3], "o", label="seeds")
        ax.set_xticks([0, 1], ["true\nlabels", "shuffled"])

    assert [row[1] for row in table(draw)["rows"]] == ["true labels", "true labels", "shuffled"]


def test_name_among_numbers_is_that_of_its_place_alone():
    def draw(ax: Axes) -> None:
        ax.plot([0, 0.4, 2], [1, 2, 3], "o", label="seeds")
        ax.set_xticks([0, 1, 2], ["start", "1", "2"])

    assert [row[1] for row in table(draw)["rows"]] == ["start", 0.4, 2]


@pytest.mark.parametrize(("scale", "factor"), [("linear", 1), ("log", 0)])
def test_marks_kept_apart_around_ticks_lie_at_the_ticks(scale: str, factor: int):
    def draw(ax: Axes) -> None:
        for tick in (1, 2, 3):
            apart = [tick - 0.1, tick + 0.1]
            ax.plot(apart if factor else [10.0**one for one in apart], [1, 2], "o", label="seeds")
        ax.set_xscale(scale)
        if not factor:
            ax.set_xticks([10, 100, 1000], ["10", "100", "1,000"])
            ax.xaxis.set_minor_formatter(NullFormatter())
        else:
            ax.xaxis.set_major_locator(FixedLocator([1, 2, 3]))

    expected = [1, 1, 2, 2, 3, 3] if factor else [10, 10, 100, 100, 1000, 1000]
    assert [row[1] for row in table(draw)["rows"]] == expected


def test_zero_on_a_logarithmic_axis_is_zero():
    def draw(ax: Axes) -> None:
        ax.plot([0, 9, 11, 99, 101, 999, 1001], range(7), label="costs")
        ax.set_xscale("log")
        ax.set_xticks([10, 100, 1000], ["10", "100", "1,000"])

    assert [row[1] for row in table(draw)["rows"]] == [0, 10, 10, 100, 100, 1000, 1000]


def test_positions_that_only_keep_marks_apart_are_left_out():
    def draw(ax: Axes) -> None:
        ax.plot([5, 6], [0.1, -0.1], "o", label="seeds")
        ax.set_yticks([])
        ax.set_xlabel("accuracy")

    assert table(draw)["columns"] == ["series", "accuracy"]


def test_interval_of_a_mean_has_its_ends_and_no_rows_for_its_whiskers():
    def draw(ax: Axes) -> None:
        ax.errorbar([1, 2], [5, 6], yerr=[[1, 2], [3, 4]], capsize=3, label="mean and its interval")

    found = table(draw)
    assert found["columns"] == ["series", "x", "y", "from", "to"]
    assert found["rows"] == [["mean and its interval", 1, 5, 4, 8], ["mean and its interval", 2, 6, 4, 10]]


def test_line_through_means_names_them_and_is_not_repeated():
    def draw(ax: Axes) -> None:
        look: dict[str, Any] = {"color": "red", "marker": "s"}
        ax.errorbar([1, 2], [5, 6], yerr=1, fmt="s", color="red")
        ax.plot([1, 2], [5, 6], label="relu: mean", **look)
        ax.plot([1, 1], [4.5, 5.5], linestyle="none", **look)

    assert [(row[0], row[2]) for row in table(draw)["rows"]] == [
        ("relu", 5),
        ("relu", 6),
        ("relu", 4.5),
        ("relu", 5.5),
    ]


def test_band_has_its_ends_and_the_name_of_its_line():
    def draw(ax: Axes) -> None:
        ax.fill_between([1, 2, 3], [0, 1, 2], [3, 3, 3], color="blue", alpha=0.2)
        ax.plot([1, 2, 3], [1, 2, 2.5], color="blue", label="test images")

    rows = [row for row in table(draw)["rows"] if row[0] == "test images: band"]
    assert [row[1:] for row in rows] == [[1, None, 0, 3], [2, None, 1, 3], [3, None, 2, 3]]


def test_bars_and_bins():
    names = table(lambda ax: ax.barh(["a", "b"], [3, 4], label="votes"))
    assert names["rows"] == [["votes", 3, "a"], ["votes", 4, "b"]]
    bins = table(lambda ax: ax.hist([1, 1.5, 2.5], bins=[1, 2, 3], label="networks"))
    assert bins["rows"] == [["networks", "1 to 2", 2], ["networks", "2 to 3", 1]]
    steps = table(lambda ax: ax.stairs([7, 8], [0, 0.5, 1], label="images"))
    assert steps["rows"] == [["images", "0 to 0.5", 7], ["images", "0.5 to 1", 8]]


def test_decorations_are_left_out_and_guides_have_one_row():
    def draw(ax: Axes) -> None:
        ax.axvspan(0, 1, label="supports the claim")
        ax.grid()
        ax.plot([1], [2], "o", label="seeds")
        ax.plot([3], [4], "o", visible=False)
        ax.axhline(0.1, label="chance")
        ax.axvline(0.3)
        ax.plot([], [], label="of the legend")

    assert table(draw)["rows"] == [["seeds", 1, 2], ["chance", None, 0.1]]


def test_pictures_share_a_table_with_sizes_and_extremes():
    def draw(ax: Axes) -> None:
        ax.imshow([[1, 2, 3], [4, 5, np.nan]])
        ax.set_axis_off()
        ax.set_title("a digit")

    assert table(draw)["columns"] == ["image", "rows", "columns", "smallest", "largest"]
    assert table(draw)["rows"] == [["a digit", 2, 3, 1, 5]]


def test_small_pictures_with_ticks_have_all_their_numbers():
    def draw(ax: Axes) -> None:
        ax.imshow([[1, 2], [3, 4]])
        ax.set_xticks([0, 1], ["no", "yes"])
        ax.set_yticks([0, 1], ["0", "1"])
        ax.set(xlabel="answer", ylabel="class")

    _, cells = tables(draw)
    assert cells["columns"] == ["class", "answer", "value"]
    assert cells["rows"] == [[0, "no", 1], [0, "yes", 2], [1, "no", 3], [1, "yes", 4]]


def test_diagram_lists_its_texts():
    def draw(ax: Axes) -> None:
        ax.set_axis_off()
        ax.text(0, 0, "Σ")
        ax.text(0, 1, "0.5")

    assert {row[0] for row in table(draw)["rows"]} == {"Σ", "0.5"}


def test_long_tables_are_thinned_evenly_and_keep_short_series():
    def draw(ax: Axes) -> None:
        ax.plot(range(1001), range(1001), label="long")
        ax.plot([5], [7], "o", label="short")

    found = table(draw)
    assert len(found["rows"]) == MOST_ROWS
    assert len(found["rows"]) + found["left_out"] == 1002
    long = [row[1] for row in found["rows"] if row[0] == "long"]
    assert (long[0], long[-1]) == (0, 1000)
    assert max(np.diff(long)) - min(np.diff(long)) <= 1
    assert ["short", 5, 7] in found["rows"]


def test_more_series_than_rows_are_thinned_too():
    found = table(lambda ax: [ax.plot([1, 2], [name, name], label=f"line {name}") for name in range(100)])
    assert len(found["rows"]) == MOST_ROWS
    assert {"line 0", "line 99"} <= {row[0] for row in found["rows"]}


def test_table_of_a_figure_has_the_numbers_of_its_evidence(tmp_path: Path):
    evidence = widths(*WIDTHS)
    pages.save(minima.cost_by_width, evidence, [tmp_path / "figure.json"])
    costs, ratios = read_json(tmp_path / "figure.json")["tables"]
    seeds = [row[2] for row in costs["rows"] if row[0].startswith("a seed")]
    assert sorted(seeds) == sorted(cost for _, some in WIDTHS for cost in some)
    known = [row["ratio"] for row in evidence["data"]["widths"]]
    for row, one in zip(ratios["rows"], known, strict=False):
        assert row[2:] == pytest.approx([one["value"], one["lower"], one["upper"]], rel=1e-3)


def test_barriers_are_listed_with_their_intervals(tmp_path: Path):
    evidence = barriers()
    pages.save(minima.barrier_of_each_pair, evidence, [tmp_path / "figure.json"])
    (found,) = read_json(tmp_path / "figure.json")["tables"]
    medians = [row for row in found["rows"] if row[0] == "median and its interval"]
    expected = [line["median"] for line in evidence["data"]["lines"]]
    assert [row[1] for row in medians] == pytest.approx([100 * one["value"] for one in expected], rel=1e-3)
    pairs = [row[1] for row in found["rows"] if row[0].startswith("a pair")]
    heights = [100 * one for line in evidence["data"]["lines"] for one in line["barriers"] if one is not None]
    assert sorted(pairs) == pytest.approx(sorted(heights), rel=1e-3)


def test_title_and_description_are_those_of_the_svg(tmp_path: Path):
    evidence = widths(*WIDTHS)
    pages.save(minima.cost_by_width, evidence, [tmp_path / "figure.json", tmp_path / "figure.svg"])
    found = json.loads((tmp_path / "figure.json").read_text(encoding="utf-8"))
    root = ElementTree.parse(tmp_path / "figure.svg").getroot()
    said = {one.tag.rpartition("}")[2]: one.text for one in root.iter() if "purl.org" in one.tag}
    assert (said["title"], said["description"]) == (found["title"], found["description"])
    assert "\n" not in found["description"]
    for part in (
        found["title"],
        "Undecided: It is so.",
        "interval",
        "n = 4 seeds",
        "Supported when below 0.333",
    ):
        assert part in found["description"].replace("\u00a0", " ")


def test_tables_change_no_picture(tmp_path: Path):
    evidence = barriers()
    pages.save(
        minima.along_the_line,
        evidence,
        [tmp_path / "figure.json", tmp_path / "after.png", tmp_path / "after.svg"],
    )
    pages.save(minima.along_the_line, evidence, [tmp_path / "before.png", tmp_path / "before.svg"])
    for kind in ("png", "svg"):
        assert (tmp_path / f"after.{kind}").read_bytes() == (tmp_path / f"before.{kind}").read_bytes()
