"""The page can be used by everybody: axe-core finds nothing, and the keyboard alone reaches everything."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.page.accessibility import DESKTOP, PHONE, check_contrast, check_with_axe, contrast, violations

pytestmark = pytest.mark.xdist_group("page")

_OPEN_ALL = """() => {
    for (const one of document.querySelectorAll('details')) one.open = true;
    return new Promise(done => setTimeout(done, 300));
}"""
# What axe-core cannot decide, and how it is checked instead.
EXPLAINED = {
    "color-contrast": "of signs, of cells that can be scrolled to, and of text on figures: see the tests of contrast",
}
_TEXTS = """() => [...document.querySelectorAll('figure svg text')].map(text => {
    const svg = text.closest('svg').getBoundingClientRect(), box = text.getBoundingClientRect();
    const style = getComputedStyle(text);
    return {
        fill: style.fill,
        opacity: Number(style.opacity) * Number(style.fillOpacity),
        text: text.textContent.trim(),
        figure: text.closest('figure').id,
        box: [box.left - svg.left, box.top - svg.top, box.right - svg.left, box.bottom - svg.top],
    };
})"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing(viewport: dict[str, int], scheme: str, opened: Callable[..., Any]):
    page = opened(viewport=viewport, color_scheme=scheme, bypass_csp=True)
    page.evaluate(_OPEN_ALL)
    check_with_axe(page, EXPLAINED)


def test_axe_would_find_something(opened: Callable[..., Any]):
    """Otherwise the test above would show nothing."""
    page = opened(bypass_csp=True)
    page.evaluate("document.getElementById('clear').style.cssText = 'color: #ccc; background: #ddd'")
    page.evaluate(
        "document.querySelector('[data-filter]').parentElement.replaceWith(document.createElement('select'))"
    )
    assert {rule["id"] for rule in violations(page)} == {"color-contrast", "select-name"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast(scheme: str, opened: Callable[..., Any]):
    page = opened(color_scheme=scheme)
    page.evaluate(_OPEN_ALL)
    check_contrast(page)


def test_text_on_figures_has_contrast(opened: Callable[..., Any]):
    """Figures are on white in both colour schemes; pale text stands on something dark, such as a cell of a matrix."""
    page = opened(color_scheme="dark", device_scale_factor=2)
    page.evaluate(_OPEN_ALL)
    backgrounds = page.eval_on_selector_all(
        "figure svg", "all => [...new Set(all.map(svg => getComputedStyle(svg).backgroundColor))]"
    )
    assert backgrounds == ["rgb(255, 255, 255)"]
    texts = page.evaluate(_TEXTS)
    assert texts
    assert not [one for one in texts if one["opacity"] != 1]
    pale = [one for one in texts if contrast(one["fill"], "rgb(255, 255, 255)") < 4.5]
    for figure in dict.fromkeys(one["figure"] for one in pale):
        svg = page.locator(f"#{figure} svg")
        picture = Image.open(io.BytesIO(svg.screenshot())).convert("RGB")
        for one in pale:
            if one["figure"] == figure:
                pixels = np.asarray(picture.crop([2 * at for at in one["box"]])).reshape(-1, 3)
                colours, counts = np.unique(pixels, axis=0, return_counts=True)
                background = f"rgb{tuple(map(int, colours[counts.argmax()]))}"
                assert contrast(one["fill"], background) >= 4.5, (figure, one)


def _focused(page: Any) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate("""() => {
        const one = document.activeElement, box = one.getBoundingClientRect();
        return {
            tag: one.tagName, type: one.type || '', text: one.textContent.trim().slice(0, 60),
            filter: one.dataset?.filter || '', heading: Boolean(one.closest('thead')), skip: one.className === 'skip',
            seen: box.width > 0 && box.right > 0 && box.bottom > 0,
            ring: getComputedStyle(one).outlineStyle !== 'none',
        };
    }""")
    return found


def test_keyboard_alone_reaches_everything(opened: Callable[..., Any]):
    """By the Tab key from the top: each control is reached once, in order, in view, and with a visible focus."""
    page = opened()
    controls = page.evaluate("""() => document.querySelectorAll(
        'a[href], button, select, input, summary, [tabindex="0"]').length""")
    hidden = page.evaluate("""() => [...document.querySelectorAll('details:not([open]) :is(a[href], button, select,'
        + 'input, summary, [tabindex="0"])')].filter(one => !one.matches('details:not([open]) > summary')
        || one.parentElement.parentElement.closest('details:not([open])')).length""")
    reached = []
    for _ in range(controls - hidden):
        page.keyboard.press("Tab")
        reached.append(_focused(page))
    assert reached[0]["skip"]
    assert all(one["seen"] for one in reached)
    assert all(one["ring"] for one in reached)
    assert [one["filter"] for one in reached if one["filter"]] == ["family", "verdict", "source"]
    assert len([one for one in reached if one["heading"]]) == 7
    summaries = page.locator("summary:visible").count()
    assert len([one for one in reached if one["tag"] == "SUMMARY"]) == summaries
    page.keyboard.press("Tab")
    assert page.evaluate(
        "document.activeElement === document.body || document.activeElement.className === 'skip'"
    )


def test_skip_link_leads_to_the_claims(opened: Callable[..., Any]):
    page = opened()
    page.keyboard.press("Tab")
    assert page.locator(".skip").evaluate("one => one.getBoundingClientRect().left >= 0")
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#claims"
    page.keyboard.press("Tab")
    assert _focused(page)["filter"] == "family"


def test_keyboard_filters_sorts_and_moves_a_slider(opened: Callable[..., Any]):
    page = opened()
    page.locator("[data-filter=verdict]").focus()
    page.keyboard.press("ArrowDown")
    assert page.locator("#shown").inner_text().count(" of ") == 1
    page.locator("#clear").focus()
    page.keyboard.press("Space")
    assert " of " not in page.locator("#shown").inner_text()
    page.locator("#verdicts thead button").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("#verdicts thead th").first.get_attribute("aria-sort") == "ascending"
    summary = page.locator("[data-machine] > summary").first
    summary.focus()
    page.keyboard.press("Enter")
    page.locator("[data-machine] input").first.wait_for()
    page.keyboard.press("Tab")
    before = page.evaluate("[document.activeElement.type, document.activeElement.value]")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("PageUp")
    after = page.evaluate("[document.activeElement.type, document.activeElement.value]")
    assert before[0] == after[0] == "range"
    assert float(after[1]) > float(before[1])
    status = page.locator("[data-machine] [role=status]").first
    assert status.text_content().startswith("Exploratory")
    assert page.evaluate("document.activeElement.getAttribute('aria-valuetext')")
