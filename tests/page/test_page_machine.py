"""The verdict machine: the study's verdicts at the shipped setting, and those of Python at every other."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import pytest

from downhill.claims.inference import Interval
from downhill.claims.verdicts import verdict, worst_case
from downhill.claims.wording import RANGE
from downhill.config.band import Band
from tests.page.published import Published, Row

pytestmark = pytest.mark.xdist_group("page")

_OPEN = """() => {
    for (const box of document.querySelectorAll('[data-machine]')) box.open = true;
    return new Promise(done => setTimeout(done, 300));  // their events come later
}"""
_STATE = """boxes => boxes.map(box => {
    const answer = box.querySelector('[role=status]');
    return {
        claim: box.closest('article').id.replace('claim-', ''),
        part: [...box.closest('article').querySelectorAll('.part')].indexOf(box.closest('.part')),
        text: answer.textContent,
        verdict: answer.dataset.verdict,
        settings: [...box.querySelectorAll('input')].map(input => input.value),
        json: JSON.parse(box.querySelector('script').textContent),
    };
})"""
_TRY = """([index, settings]) => {
    const box = document.querySelectorAll('[data-machine]')[index];
    return settings.map(values => {
        const inputs = [...box.querySelectorAll('input')];
        inputs.forEach((input, at) => {
            input.value = String(values[at]);
            input.dispatchEvent(new Event('input', { bubbles: true }));
        });
        const answer = box.querySelector('[role=status]');
        return [inputs.map(input => Number(input.value)), answer.dataset.verdict, answer.textContent];
    });
}"""


@pytest.fixture
def page(opened: Callable[..., Any]) -> Any:
    """The page with every machine open."""
    found = opened()
    found.evaluate(_OPEN)
    return found


def _machines(page: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.eval_on_selector_all("[data-machine]", _STATE)
    return found


def test_shipped_setting_gives_the_verdict_of_the_evidence(page: Any, published: Published):
    machines = _machines(page)
    known = [(claim, index) for claim, rows in published.claims.items() for index in _judged(rows)]
    assert sorted((one["claim"], one["part"]) for one in machines) == sorted(known)
    for one in machines:
        expected = published.claims[one["claim"]][one["part"]]["verdict"]
        assert one["verdict"] == expected
        assert one["text"].startswith(f"As in the study: {expected} (")


def _judged(rows: list[Row]) -> list[int]:
    """Which parts have a machine: those with a band to move, unlike published single runs."""
    return [
        index
        for index, row in enumerate(rows)
        if row["value"] is not None and not row["infinite"] and row["method"] != RANGE
    ]


def test_other_settings_give_the_verdicts_of_python(page: Any, published: Published):
    """Edges on both ends of each interval, next to them, and elsewhere; all numbers of seeds."""
    found = set()
    for index, one in enumerate(_machines(page)):
        part = published.evidence(one["claim"])["parts"][one["part"]]
        json, edges = one["json"], len(one["json"]["edges"])
        places = _places(json, part)
        stops = range(len(json["stops"])) if len(json["stops"]) > 1 else [None]
        grid = [
            [*places_of_edges, *([] if stop is None else [stop])]
            for places_of_edges in itertools.product(places, repeat=edges)
            for stop in (stops if edges == 1 else list(stops)[::6])
        ]
        for setting, text, sentence in page.evaluate(_TRY, [index, grid]):
            expected = _expected(
                json, part, setting[:edges], int(setting[edges]) if stops[0] is not None else 0
            )
            assert text == expected, (one["claim"], setting, sentence)
            assert f": {expected} (" in sentence
            found.add(expected)
    assert found == {"supported", "refuted", "undecided"}


def _places(json: dict[str, Any], part: dict[str, Any]) -> list[float]:
    low, high = json["axis"]
    ends = [end for stop in json["stops"][:: max(1, len(json["stops"]) // 4)] for end in stop[1:]]
    exact = [json["value"], *ends, *(part["worst"] or []), *json["edges"]]
    near = [math.nextafter(end, side) for end in exact for side in (-math.inf, math.inf)]
    return sorted({min(max(at, low), high) for at in (*exact, *near, low, (low + high) / 2, high)})


def _expected(json: dict[str, Any], part: dict[str, Any], edges: list[float], stop: int) -> str:
    edges = [
        known if abs(edge - known) < 1e-12 * abs(known) else edge  # a slider cannot be set more exactly
        for edge, known in zip(edges, json["edges"], strict=True)
    ]
    kind = json["kind"]
    lower = -math.inf if kind == "below" else min(edges)
    upper = math.inf if kind == "above" else max(edges)
    band = Band("between" if kind == "exactly" else kind, lower, upper)
    if part["worst"]:
        return verdict(worst_case(*part["worst"], band), None, band, exact=True)
    if part["exact"] or not json["stops"]:
        return verdict(part["value"], None, band, part["exact"])
    return verdict(part["value"], Interval(*json["stops"][stop][1:]), band)


def test_edited_setting_is_exploratory_until_it_is_reset(page: Any):
    before = _machines(page)
    for index, one in enumerate(before):
        box = page.locator("[data-machine]").nth(index)
        sliders = box.locator("input")
        for at in range(sliders.count()):
            low, high = sliders.nth(at).get_attribute("min"), sliders.nth(at).get_attribute("max")
            other = low if float(one["settings"][at]) != float(low) else high
            sliders.nth(at).evaluate(
                "(input, value) => { input.value = value; input.dispatchEvent(new Event('input')); }", other
            )
            text = box.locator("[role=status]").text_content()
            assert text.startswith("Exploratory, not the study's verdict: ")
            box.get_by_role("button", name="Back to the study").click()
            assert _machines(page)[index] == one


def test_band_on_the_strip_follows_its_slider(page: Any):
    """What is shaded lies between the edges that the sliders say."""
    one = next(one for one in _machines(page) if one["json"]["kind"] == "above")
    index = _machines(page).index(one)
    low, high = one["json"]["axis"]
    page.evaluate(_TRY, [index, [[low + 0.25 * (high - low), *one["settings"][1:]]]])
    shaded = page.locator("[data-machine]").nth(index).locator("xpath=..").locator(".strip .in")
    assert float(shaded.evaluate("one => one.style.left").rstrip("%")) == pytest.approx(25, abs=0.01)
    assert shaded.evaluate("one => one.style.right") == "0%"
