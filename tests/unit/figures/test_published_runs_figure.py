"""The figure of all published single runs shows the evidence: every run, every published value, every range."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from PIL import Image

from downhill.errors import DownhillError
from downhill.figures import published_runs as drawing
from downhill.figures import style
from downhill.figures.pages import drawable_text
from downhill.report.published_runs import our_runs, published_runs
from tests.single_runs import evidence_of

Evidence = dict[str, Any]

pytestmark = pytest.mark.filterwarnings("error")

SPREAD = np.linspace(0.94, 0.96, 45)


@pytest.fixture
def found(tmp_path: Path) -> list[Evidence]:
    """Reproduced, beyond the range on either side, far beyond, undecided, all alike, stuck, and not measured."""
    other = "Another paper, table 2"
    stuck = [True, True] + [False] * 43
    with_stuck = np.where(stuck, 0.6, SPREAD)
    many = np.linspace(1, 2, 400)
    many[0] = -40  # outside of the range, and so far that it is beyond the scale
    return [
        evidence_of("inside", 0.951, SPREAD, tmp_path),
        evidence_of("above", 0.965, SPREAD, tmp_path),
        evidence_of("elsewhere", 0.95, SPREAD, tmp_path, source=other),
        evidence_of("far-below", 0.1, SPREAD, tmp_path),
        evidence_of("too-few", 0.95, SPREAD[:20], tmp_path),
        evidence_of("alike", 1.0, np.ones(40), tmp_path),
        evidence_of("unlike", 0.99, np.ones(40), tmp_path, source=other),
        evidence_of("some-stuck", 0.95, with_stuck, tmp_path, stuck=stuck),
        evidence_of("cost", 1.5, many, tmp_path, unit="number"),
        evidence_of("nothing", 0.5, [], tmp_path, why_not="every seed diverged"),
    ]


def drawn(found: list[Evidence]) -> tuple[Figure, Axes, dict[str, dict[str, Any]]]:
    """The figure, its only panel, and the rows of its data by claim."""
    data = [
        vars(row) | {"runs": runs.tolist(), "stuck": stuck.tolist()}
        for row, (runs, stuck) in zip(published_runs(found), map(our_runs, found), strict=True)
    ]
    with drawable_text({"statement": "Heading", "data": data}) as shown:
        figure = drawing.published_single_runs(shown)
    (ax,) = figure.axes
    return figure, ax, {row["claim"]: row for row in data}


def lines_of(ax: Axes, label: str) -> list[Any]:
    return [line for line in ax.lines if line.get_label() == label]


def values_at(places: np.ndarray, row: dict[str, Any]) -> np.ndarray:
    """The values at some places of a row's scale, which is linear: two places that are known give all."""
    low, high = row["smallest"], row["largest"]
    at_low, at_high = drawing.place([row["lower"] or low, row["upper"] or high], row)
    scale = ((row["upper"] or high) - (row["lower"] or low)) / (at_high - at_low)
    return (row["lower"] or low) + scale * (places - at_low)


def test_every_run_and_every_published_value_is_drawn_where_the_evidence_says(found: list[Evidence]):
    _, ax, rows = drawn(found)
    for name in ("inside", "above", "elsewhere", "too-few", "some-stuck"):
        evidence = next(one for one in found if one["claim"] == name)
        marks = lines_of(ax, f"_runs of {name}")
        places = np.concatenate([line.get_xdata() for line in marks])
        runs = sorted(evidence["data"]["runs"]["values"])
        np.testing.assert_allclose(sorted(values_at(places, rows[name])), runs, rtol=1e-12)
        (line,) = lines_of(ax, f"_published {name}")
        np.testing.assert_allclose(values_at(line.get_xdata(), rows[name]), [evidence["said"]] * 2)


def test_scale_has_the_range_at_the_same_places_in_every_row(found: list[Evidence]):
    _, ax, rows = drawn(found)
    for row in rows.values():
        if row["lower"] is not None and row["lower"] < row["upper"]:
            np.testing.assert_allclose(drawing.place([row["lower"], row["upper"]], row), [0.25, 0.75])
    known = [row for row in rows.values() if row["lower"] is not None]
    shaded = [one.get_paths()[0].vertices[:, 0] for one in ax.collections]
    assert len(shaded) == len(known) == 8  # all but the one with too few runs, and the one not measured
    for one in shaded:
        wide = one.max() - one.min() > 0.1  # the range of runs that are all alike is a thin line
        assert [one.min(), one.max()] == pytest.approx([0.25, 0.75] if wide else [0.49, 0.51])


def test_values_beyond_the_scale_are_triangles_at_its_edge(found: list[Evidence]):
    _, ax, _ = drawn(found)
    for name, mark, x in (("far-below", "<", 0), ("unlike", "<", 0)):
        (line,) = lines_of(ax, f"_published {name}")
        assert (line.get_marker(), list(line.get_xdata())) == (mark, [x])
        assert not lines_of(ax, f"_runs of {name} beyond")
    (beyond,) = lines_of(ax, "_runs of cost beyond")
    assert (beyond.get_marker(), list(beyond.get_xdata())) == ("<", [0])
    (dots,) = lines_of(ax, "_runs of cost")
    assert len(dots.get_xdata()) == 399
    assert drawing.place([0.94, 0.1, 2], dict(rows_of_one(0.94, 0.96))).tolist() == [0.25, -np.inf, np.inf]


def rows_of_one(lower: float, upper: float) -> dict[str, float]:
    return {"lower": lower, "upper": upper, "smallest": lower, "largest": upper}


def test_runs_that_are_all_alike_are_in_the_middle(found: list[Evidence]):
    _, ax, _ = drawn(found)
    for name in ("alike", "unlike"):
        (dots,) = lines_of(ax, f"_runs of {name}")
        assert set(dots.get_xdata()) == {0.5}
        assert len(dots.get_xdata()) == 40
    (line,) = lines_of(ax, "_published alike")
    assert list(line.get_xdata()) == [0.5, 0.5]


def test_stuck_runs_are_crosses(found: list[Evidence]):
    figure, ax, _ = drawn(found)
    counts = {line.get_marker(): len(line.get_xdata()) for line in lines_of(ax, "_runs of some-stuck")}
    assert counts == {"o": 43, style.CROSS["marker"]: 2}
    explained = [text.get_text() for text in figure.legends[0].get_texts()]
    assert "stuck run" in explained
    without, _, _ = drawn([one for one in found if one["claim"] != "some-stuck"])
    assert "stuck run" not in [text.get_text() for text in without.legends[0].get_texts()]


def test_what_is_not_reproduced_stands_out_in_colour_weight_and_words(found: list[Evidence]):
    _, ax, _ = drawn(found)
    for evidence in found:
        if evidence["verdict"] == "not measured":
            continue
        failed = evidence["verdict"] == "not reproduced"
        (line,) = lines_of(ax, f"_published {evidence['claim']}")
        assert to_hex(line.get_color()) == (style.VERMILLION if failed else style.INK)
    bold = [text.get_text() for text in ax.texts if text.get_weight() == "bold"]
    assert bold.count("✘ not reproduced") == sum(one["verdict"] == "not reproduced" for one in found) == 3


def test_rows_are_in_order_under_their_sources_with_their_numbers(found: list[Evidence]):
    _, ax, _ = drawn(found)
    texts = sorted(ax.texts, key=lambda text: (round(text.get_position()[1], 6), text.get_position()[0]))
    words = [text.get_text() for text in texts]
    first = [one for one in found if one["source"] == "A book, chapter 1"]
    expected = [words.index("A book, chapter 1")]
    expected += [words.index(f"The claim {one['claim']}.") for one in first]
    expected.append(words.index("Another paper, table 2"))
    expected += [words.index(f"The claim {name}.") for name in ("elsewhere", "unlike")]
    assert expected == sorted(expected)
    at = words.index("The claim inside.")
    assert words[at + 1 : at + 5] == ["95.1 %", "95.00 %", "45", "✔ reproduced"]
    at = words.index("The claim nothing.")
    assert words[at + 1 : at + 5] == ["50 %", "–", "0", "– not measured"]


@pytest.mark.parametrize("count", [1, 2, 57])
def test_nothing_is_cut_or_covered(count: int, tmp_path: Path):
    """Texts lie within the page, and no two of them overlap, with the longest statements and numbers."""
    paper = (
        "A paper with a title that is as long as titles of papers have become, and longer still, as wished"
    )
    long = "With weight decay and an initialisation for which there is no room, a 784-100-10 network gets 97.92 %."
    found = [
        evidence_of(f"claim-{number}", 0.17731, SPREAD, tmp_path, statement=long, unit="points")
        | {"source": f"{paper}, chapter {number // 5}, the section on results, table {number // 5}"}
        for number in range(count)
    ]
    figure, ax, _ = drawn(found)
    figure.set_dpi(200)  # as it is saved
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in (*ax.texts, *figure.texts)]
    for box in boxes:
        assert box.x0 >= 0 <= box.y0
        assert box.x1 <= figure.bbox.x1
        assert box.y1 <= figure.bbox.y1
    (left, _), _ = ax.get_window_extent().get_points()
    statements = [text for text in ax.texts if text.get_text().startswith("With")]
    assert len(statements) == count
    assert all(text.get_window_extent().x1 < left for text in statements)  # not among the dots
    for place, one in enumerate(boxes):
        assert not any(one.shrunk(0.9, 0.9).overlaps(other.shrunk(0.9, 0.9)) for other in boxes[:place])
    assert figure.get_figheight() < 1.9 + 0.31 * count + 0.23 * -(-count // 5)


def test_files_have_the_counts_and_the_same_bytes_again(found: list[Evidence], tmp_path: Path):
    names = [f"published-runs.{kind}" for kind in ("svg", "png", "json")]
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        drawing.draw_published_runs(found, [tmp_path / folder / name for name in names])
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    page = json.loads((tmp_path / "one" / "published-runs.json").read_text(encoding="utf-8"))
    heading = "10 published single runs: 5 reproduced, 3 not reproduced, 1 undecided, 1 not measured"
    assert heading in page["description"]
    assert page["description"].endswith("Not reproduced: above, far-below, unlike.")
    (table,) = page["tables"]
    assert [row[0] for row in table["rows"]] == [one["claim"] for one in found]
    assert page["svg"].startswith("<svg")
    with Image.open(tmp_path / "one" / "published-runs.png") as image:
        assert image.width == 1440


def test_smoke_run_is_marked(tmp_path: Path):
    evidence = evidence_of("limited", 0.95, SPREAD, tmp_path, limits="at most 45 seeds")
    drawing.draw_published_runs([evidence], [tmp_path / "one.json"])
    page = json.loads((tmp_path / "one.json").read_text(encoding="utf-8"))
    assert "Smoke run: verdicts and numbers mean nothing. 1 published single run:" in page["description"]


def test_text_that_the_font_lacks_is_drawn_or_shown_as_a_code(tmp_path: Path):
    """A character that no font has, and markup, which is text like any other."""
    evidence = evidence_of("odd", 0.95, SPREAD, tmp_path, statement="$x^2$ <b>\U0010fffd", source="A & B")
    drawing.draw_published_runs([evidence], [tmp_path / "odd.json"])
    svg = json.loads((tmp_path / "odd.json").read_text(encoding="utf-8"))["svg"]
    assert "$x^2$ &lt;b&gt;" in svg
    assert "U+10FFFD" in svg
    assert "Characters missing from all installed fonts" in svg


def test_statistic_without_runs_is_reported(tmp_path: Path):
    evidence = evidence_of("bare", 0.95, SPREAD, tmp_path)
    del evidence["data"]["runs"]
    with pytest.raises(DownhillError, match=r"claim 'bare': there is no 'runs' in the data of its statistic"):
        drawing.draw_published_runs([evidence], [tmp_path / "bare.svg"])
