"""Every number on the page equals that of claims.csv, in the words of `report.wording`."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from downhill.claims.wording import RANGE
from downhill.config.band import Band
from downhill.report.claim_cells import HOLDS, SIGNS
from downhill.report.wording import band_text, interval, number
from tests.page.published import Published, Row

pytestmark = pytest.mark.xdist_group("page")

_CELLS = """rows => rows.map(row => [row.dataset, [...row.cells].map(
    cell => cell.innerText.trim().replace(/\\s/g, ' '))])"""
_PARTS = """articles => articles.map(article => [article.id.replace('claim-', ''), [
    ...article.querySelectorAll('.part')].map(part => ({
    entries: Object.fromEntries([...part.querySelectorAll('dt')].map(
        term => [term.textContent.trim().replace(/\\s/g, ' '),
            term.nextElementSibling.textContent.trim().replace(/\\s/g, ' ')])),
    numbers: Object.fromEntries([...part.querySelectorAll('[data-number]')].map(
        one => [one.dataset.number, one.textContent.trim().replace(/\\s/g, ' ')])),
    machine: JSON.parse(part.querySelector('[data-machine] script')?.textContent || 'null'),
}))])"""


def _joined(texts: list[str]) -> str:
    return "; ".join(texts)


def _verdict(rows: list[Row]) -> str:
    """The verdict of a claim with its sign, and the mark of one that holds at the stricter level."""
    found = rows[0]["claim_verdict"]
    holds = [row["holds"] for row in rows if row["verdict"] == found]
    marked = (
        any(holds) if found in ("refuted", "not reproduced") else all(holds)
    ) and found != "not measured"
    return f"{SIGNS[found]} {found}{f' {HOLDS}' if marked else ''}"


def _of_single_run(row: Row) -> bool:
    return bool(row["method"] == RANGE)


def _ends(row: Row, name: str) -> str:
    ends = {"lower": row[f"{name}_lower"], "upper": row[f"{name}_upper"]}
    return interval(row | ends)


def test_table_has_the_numbers_of_every_claim(opened: Callable[..., Any], published: Published):
    found = opened().eval_on_selector_all("#verdicts tbody tr", _CELLS)
    assert [about["claim"] for about, _ in found] == list(published.claims)
    for (about, cells), (claim, rows) in zip(found, published.claims.items(), strict=True):
        first = rows[0]
        sources = [source.strip() for source in first["source"].split(";")]
        assert cells == [
            _verdict(rows),
            claim,
            f"{first['statement']} ({_joined(sources)})",
            _joined([number(row["value"], row["unit"]) for row in rows]),
            _joined([interval(row) for row in rows]),
            _joined(list(dict.fromkeys(str(row["n"]) for row in rows))),
            _joined([band_text(row) for row in rows]),
        ]
        assert about["family"] == first["family"]
        assert about["verdict"] == first["claim_verdict"]
        assert about["source"].split("|") == sources


def test_every_part_of_a_claim_has_its_numbers(opened: Callable[..., Any], published: Published):
    found = opened().eval_on_selector_all("article", _PARTS)
    assert sorted(claim for claim, _ in found) == sorted(published.claims)
    for claim, parts in found:
        for part, row in zip(parts, published.claims[claim], strict=True):
            entries, numbers = part["entries"], part["numbers"]
            assert numbers["value"] == number(row["value"], row["unit"])
            assert numbers["interval"] == interval(row)
            assert numbers["band"] == band_text(row)
            assert entries["n"].split()[0].replace(",", "") == str(row["n"])
            assert entries["Verdict"] == f"{SIGNS[row['verdict']]} {row['verdict']}: {row['why']}"
            part_of = f" ({row['part']})" if row["part"] else ""
            assert entries["Measured"] == f"{row['measures']}{part_of}"
            assert ("At 99.9 %" in entries) is (row["strict_lower"] is not None)
            if "At 99.9 %" in entries:
                does = "holds" if row["holds"] else "does not hold"
                expected = f"{_ends(row, 'strict')}; the verdict {does} at this level"
                assert entries["At 99.9 %"] == expected
            assert ("Including images" in entries) is (row["with_images_lower"] is not None)
            if "Including images" in entries:
                assert entries["Including images"].startswith(f"{_ends(row, 'with_images')} (covers ")


def test_verdict_machine_starts_from_the_numbers_of_the_table(
    opened: Callable[..., Any], published: Published
):
    machines = 0
    for claim, parts in opened().eval_on_selector_all("article", _PARTS):
        for part, row in zip(parts, published.claims[claim], strict=True):
            machine, known = (
                part["machine"],
                row["value"] is not None and not row["infinite"] and not _of_single_run(row),
            )
            assert (machine is not None) is known
            if not known:
                continue
            machines += 1
            band = Band.parse(row["band"])
            ends = [end for end in (band.lower, band.upper) if abs(end) < float("inf")]
            assert machine["edges"] == sorted(set(ends))
            assert machine["kind"] == band.kind
            fewest = next(
                one["fewest"]
                for one in published.evidence(claim)["parts"]
                if one["name"] == (row["part"] or "")
            )
            assert (machine["value"], machine["n"]) == (row["value"], fewest)
            stops = {n: (lower, upper) for n, lower, upper in machine["stops"]}
            if row["exact"] or row["worst"]:
                assert stops == {fewest: (row["value"], row["value"])}
            elif row["lower"] is None:
                assert stops == {}
            else:
                assert stops[fewest] == (row["lower"], row["upper"])
    assert machines


def test_counts_of_verdicts_are_those_of_the_table(opened: Callable[..., Any], published: Published):
    found = opened().eval_on_selector_all(".counts li", "items => items.map(item => item.innerText.trim())")
    counts = Counter(rows[0]["claim_verdict"] for rows in published.claims.values())
    assert sorted(found) == sorted(f"{count} {SIGNS[name]} {name}" for name, count in counts.items())


def test_contradictions_repeat_the_numbers_of_the_table(opened: Callable[..., Any], published: Published):
    items = opened().eval_on_selector_all(
        "section[aria-labelledby=contradictions] li:has(a)",
        "items => items.map(item => [item.querySelector('a').text, item.textContent.replace(/\\s/g, ' ')])",
    )
    assert items
    for claim, text in items:
        rows = published.claims[claim]
        assert f"{claim}: {_verdict(rows)}. {rows[0]['statement']}" in text
        assert _joined([number(row["value"], row["unit"]) for row in rows]) in text
        assert _joined([interval(row) for row in rows]) in text


def test_links_lead_to_files_and_claims_that_exist(opened: Callable[..., Any], published: Published):
    page = opened()
    addresses = page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))")
    ids = set(page.eval_on_selector_all("[id]", "found => found.map(one => one.id)"))
    assert addresses
    for address in set(addresses):
        if address.startswith("#"):
            assert address[1:] in ids
        else:
            assert (published.results / address).exists(), address
    assert len(ids) == page.evaluate("document.querySelectorAll('[id]').length")
