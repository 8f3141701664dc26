"""The table of claims can be sorted by every column and filtered by family, verdict and source."""

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from tests.page.published import Published, Row

pytestmark = pytest.mark.xdist_group("page")

_SHOWN = "rows => rows.filter(row => row.offsetParent !== null).map(row => row.dataset.claim)"


def _shown(page: Any) -> list[str]:
    found: list[str] = page.eval_on_selector_all("#verdicts tbody tr", _SHOWN)
    return found


def _statistic(rows: list[Row]) -> float:
    """The number that a row begins with, as it is printed."""
    scale = 100 if rows[0]["unit"] in ("share", "points") else 1
    return float(scale * rows[0]["value"])


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("verdict", lambda rows: rows[0]["claim_verdict"]),
        ("claim", lambda rows: rows[0]["claim"]),
        ("statistic", _statistic),
        ("n", lambda rows: rows[0]["n"]),
    ],
)
def test_rows_are_sorted_up_and_down(
    heading: str, key: Callable[[list[Row]], Any], opened: Callable[..., Any], published: Published
):
    page = opened()
    button = page.get_by_role("button", name=heading, exact=True)
    for press, direction in enumerate(("ascending", "descending")):
        button.click()
        assert page.eval_on_selector_all("th[aria-sort]", "all => all.map(one => one.ariaSort)") == [
            direction
        ]
        found = [published.claims[claim] for claim in _shown(page)]
        keys = [key(rows) for rows in found if rows[0]["value"] is not None]
        # Of two numbers that are printed alike, either may come first.
        pairs = list(pairwise(keys))
        if heading == "statistic":
            assert all((two - one) * (1 - 2 * press) >= -0.01 for one, two in pairs)
        else:
            assert keys == sorted(keys, reverse=bool(press))
        assert sorted(rows[0]["claim"] for rows in found) == sorted(published.claims)


def test_every_column_has_a_button_that_sorts_all_rows(opened: Callable[..., Any], published: Published):
    page = opened()
    buttons = page.locator("#verdicts thead button")
    assert buttons.count() == page.locator("#verdicts thead th").count() == 7
    for index in range(7):
        buttons.nth(index).click()
        assert page.locator("#verdicts thead th").nth(index).get_attribute("aria-sort") == "ascending"
        assert sorted(_shown(page)) == sorted(published.claims)


def test_filters_leave_the_rows_that_fit(opened: Callable[..., Any], published: Published):
    page = opened()
    columns = {
        "family": lambda row: [row["family"]],
        "verdict": lambda row: [row["claim_verdict"]],
        "source": lambda row: [source.strip() for source in row["source"].split(";")],
    }
    for name, values in columns.items():
        select = page.locator(f"[data-filter={name}]")
        options = select.locator("option").all_inner_texts()[1:]
        assert sorted(options) == sorted({value for row in published.rows for value in values(row)})
        for option in options:
            select.select_option(option)
            fitting = [claim for claim, rows in published.claims.items() if option in values(rows[0])]
            assert _shown(page) == fitting
            total = len(published.claims)
            count = str(total) if len(fitting) == total else f"{len(fitting)} of {total}"
            assert page.locator("#shown").inner_text() == f"{count} claims"
        page.get_by_role("button", name="Show all").click()
        assert _shown(page) == list(published.claims)


def test_filters_are_combined(opened: Callable[..., Any], published: Published):
    page = opened()
    first = next(iter(published.rows))
    page.locator("[data-filter=family]").select_option(first["family"])
    page.locator("[data-filter=verdict]").select_option(first["claim_verdict"])
    assert _shown(page) == [
        claim
        for claim, rows in published.claims.items()
        if (rows[0]["family"], rows[0]["claim_verdict"]) == (first["family"], first["claim_verdict"])
    ]


def test_count_of_a_verdict_shows_its_claims_alone(opened: Callable[..., Any], published: Published):
    page = opened()
    verdicts = Counter(rows[0]["claim_verdict"] for rows in published.claims.values())
    for link in page.locator("[data-only]").all():
        link.click()
        visible = page.locator("#verdicts tbody tr:visible")
        assert visible.count() == verdicts[link.get_attribute("data-only")]
        assert page.locator("[data-filter=verdict]").input_value() == link.get_attribute("data-only")
