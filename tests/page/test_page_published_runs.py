"""The page of a study of published single runs: their section, and everything that holds for every page."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from downhill.config.settings import Statistics
from downhill.figures.published_runs import draw_published_runs
from downhill.report.claim_cells import SIGNS
from downhill.report.networks import tabulate
from downhill.report.page import publish
from downhill.report.published_runs import HEADINGS, published_runs, write_table
from downhill.report.tables import summarise
from downhill.report.wording import interval, number, said
from tests.page.published import Published

# With the study of this module.
from tests.page.test_page_access import (  # noqa: F401
    test_axe_finds_nothing,
    test_text_has_contrast,
    test_text_on_figures_has_contrast,
)
from tests.page.test_page_alone import (  # noqa: F401
    test_everything_is_there_without_scripts,
    test_nothing_is_hidden_but_what_is_folded,
    test_only_the_document_is_requested,
)
from tests.page.test_page_layout import (  # noqa: F401
    test_narrow_screens_need_no_sideways_scrolling,
    test_narrow_screens_show_the_headings_of_cells,
)
from tests.page.test_page_numbers import (  # noqa: F401
    test_counts_of_verdicts_are_those_of_the_table,
    test_every_part_of_a_claim_has_its_numbers,
    test_table_has_the_numbers_of_every_claim,
)
from tests.page.test_page_table import (  # noqa: F401
    test_count_of_a_verdict_shows_its_claims_alone,
    test_every_column_has_a_button_that_sorts_all_rows,
    test_filters_are_combined,
    test_filters_leave_the_rows_that_fit,
    test_rows_are_sorted_up_and_down,
)
from tests.single_runs import evidence_of

pytestmark = pytest.mark.xdist_group("page")

_ROWS = """rows => rows.map(row => [row.dataset.claim, [...row.cells].slice(1).map(
    cell => cell.innerText.trim().replace(/\\s/g, ' '))])"""
_RUNS = np.linspace(0.94, 0.96, 45)


@pytest.fixture(scope="module")
def published(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Published:
    """A page made from constructed evidence with each verdict and each unit."""
    results = tmp_path_factory.mktemp("runs") / "results"
    claims = results / "claims"
    found = [
        evidence_of("inside", 0.95, _RUNS, claims, statement="A network gets 95 % right."),
        evidence_of("above", 0.9654, _RUNS, claims, statement="A larger one gets 96.54 % right."),
        evidence_of(
            "gap", 0.01, _RUNS - 0.9, claims, unit="points", source="B, table 1", statement="So large."
        ),
        evidence_of("epoch", 15, np.arange(1, 101), claims, unit="count", source="B, table 1"),
        evidence_of("cost", 0.0042, np.linspace(0.004, 0.005, 20), claims, unit="number"),
        evidence_of("nothing", 0.5, [], claims, why_not="every seed of network 'x' diverged"),
    ]
    (claims / "measurement.json").unlink()
    files = [claims / f"{one['claim']}.json" for one in found]
    figures = results / "figures"
    figures.mkdir()
    draw_published_runs(found, [figures / f"published-runs.{kind}" for kind in ("svg", "json")])
    write_table(published_runs(found), results / "published-runs.csv")
    tabulate([], Statistics(), results / "networks.csv")
    tables = {"csv": "claims.csv", "markdown": "claims.md", "html": "claims.html"}
    summarise(
        files,
        results / "networks.csv",
        figures=figures,
        **{name: results / file for name, file in tables.items()},
    )
    publish(files, results / "networks.csv", figures, results / "index.html", title="Runs")
    return Published(results)


def test_section_has_the_numbers_of_the_table(opened: Callable[..., Any], published: Published):
    page = opened()
    headings = page.locator("#published thead th").all_inner_texts()
    assert headings == ["claim", *HEADINGS]
    found = page.eval_on_selector_all("#published tbody tr", _ROWS)
    assert [claim for claim, _ in found] == list(published.single_runs)
    for claim, cells in found:
        row = published.single_runs[claim]
        verdict = f"{SIGNS[row['verdict']]} {row['verdict']}"
        assert cells == [
            said(row["published"], row["unit"]),
            number(row["mean"], row["unit"]),
            number(row["sd"], {"share": "points", "count": "number"}.get(row["unit"], row["unit"])),
            interval(row | {"exact": False}),
            str(row["n"]),
            verdict if row["mean"] is not None else f"{verdict}: {row['why']}",
        ]


def test_contents_lead_to_the_section_and_its_rows_to_the_claims(
    opened: Callable[..., Any], published: Published
):
    page = opened()
    page.get_by_role("link", name="Published single runs", exact=True).click()
    assert page.evaluate("location.hash") == "#published-runs"
    for claim in published.single_runs:
        link = page.locator("#published").get_by_role("link", name=claim, exact=True)
        assert page.locator(str(link.get_attribute("href"))).count() == 1
    assert (
        page.locator("#figure-published-runs svg title").text_content() == "Published single runs beside ours"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_verdicts_have_the_colours_of_supported_and_refuted(scheme: str, opened: Callable[..., Any]):
    page = opened(color_scheme=scheme)
    for name, variable in (("reproduced", "supported"), ("not-reproduced", "refuted")):
        colours = page.evaluate(
            """([name, variable]) => {
                const known = document.createElement('p');
                known.style.color = `var(--${variable})`;
                document.body.append(known);
                const words = document.querySelectorAll(`.verdict.${name}`);
                return [known, ...words].map(one => getComputedStyle(one).color);
            }""",
            [name, variable],
        )
        assert len(colours) > 3
        assert len(set(colours)) == 1
    signs = page.eval_on_selector_all(
        ".contents .sign.not-reproduced", "all => all.map(one => getComputedStyle(one).backgroundColor)"
    )
    assert signs == [colours[0]] * 2  # filled with what is the colour of the word


def test_words_of_a_claim_say_when_it_is_reproduced(opened: Callable[..., Any]):
    terms = opened().locator("#claim-above dt").all_inner_texts()
    assert "Reproduced when" in terms
    assert "Supported when" not in terms


def test_style_is_small():
    style = Path(__file__).parents[2] / "workflow/downhill/report/page_files/page.css"
    assert style.stat().st_size <= 10_000
