"""The page in which one draws can be used by everybody: axe-core, keyboard, contrast, narrow screens, motion."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.page.accessibility import DESKTOP, PHONE, check_contrast, check_width, check_with_axe

pytestmark = pytest.mark.xdist_group("page")

# What axe-core cannot decide, and how it is checked instead.
EXPLAINED = {"color-contrast": "of text over other elements, such as bars: see the test of contrast"}
_FOCUSED = """() => {
    const one = document.activeElement, box = one.getBoundingClientRect();
    return {
        id: one.id, tag: one.tagName, role: one.getAttribute('role') || '', type: one.type || '',
        name: one.getAttribute('aria-label') || one.textContent.trim().slice(0, 60),
        seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
        ring: getComputedStyle(one).outlineStyle !== 'none',
    };
}"""


def _everything(page: Any) -> None:
    """Show everything that can be shown: a digit, static before it, and all that is folded."""
    page.get_by_role("button", name="New static").click()
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    page.locator("#recurring-units td").first.wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing(viewport: dict[str, int], scheme: str, playground: Callable[..., Any]):
    page = playground(viewport=viewport, color_scheme=scheme, bypass_csp=True)
    for look in ("nothing drawn", "everything"):
        if look == "everything":
            _everything(page)
        check_with_axe(page, EXPLAINED, look)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast(scheme: str, playground: Callable[..., Any]):
    page = playground(color_scheme=scheme)
    _everything(page)
    check_contrast(page)


@pytest.mark.parametrize("width", [320, 390, 768])
def test_narrow_screens_need_no_sideways_scrolling(width: int, playground: Callable[..., Any]):
    page = playground(viewport={"width": width, "height": 800})
    for network in range(page.locator("#network option").count()):
        page.locator("#network").select_option(str(network))
        page.get_by_role("button", name="New static").click()
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        page.wait_for_timeout(100)
        check_width(page, width)


def test_keyboard_alone_reaches_every_control(playground: Callable[..., Any]):
    """By the Tab key from the top: each control once, in order, in view, and with a visible focus."""
    page = playground()
    page.get_by_role("button", name="Sample 3").click()
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    expected = page.evaluate("""() => [...document.querySelectorAll(
        'a[href], button, select, input, summary, [tabindex="0"]')]
        .filter(one => !one.disabled && one.checkVisibility() && (one.type !== 'radio' || one.checked)).length""")
    page.evaluate("document.body.tabIndex = -1; document.body.focus()")
    reached = []
    for _ in range(expected):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(_FOCUSED))
    assert all(one["seen"] for one in reached), [one for one in reached if not one["seen"]]
    assert all(one["ring"] for one in reached), [one for one in reached if not one["ring"]]
    assert reached[0]["id"] == "network"
    assert reached[-1]["tag"] == "A"
    ids = [one["id"] for one in reached if one["id"]]
    assert len(ids) == len(set(ids))
    assert {
        "network",
        "seed",
        "undo",
        "clear",
        "play",
        "epoch",
        "fit",
        "unit-layer",
        "unit",
        "image-set",
    } <= set(ids)
    assert sum(one["role"] == "gridcell" for one in reached) == 1


def test_keyboard_alone_draws_in_the_grid(playground: Callable[..., Any]):
    page = playground()
    page.locator("#cells [tabindex='0']").focus()
    for key in ("ArrowDown", "ArrowDown", *["ArrowRight"] * 6):
        page.keyboard.press(key)
    for _ in range(8):
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
    cell = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert cell == "row 11, column 7: empty"
    assert page.locator("#cells [aria-selected=true]").count() == 8
    assert page.evaluate("state.cells.reduce((sum, one) => sum + one, 0)") == 8
    assert page.locator("#said").inner_text().startswith("The filled cells: the network answers ")
    page.keyboard.press("Home")
    page.keyboard.press("PageUp")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "row 1, column 1: empty"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('aria-selected')") == "true"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('aria-selected')") == "false"


def test_replay_by_keyboard_says_epoch_cost_and_accuracy(playground: Callable[..., Any]):
    page = playground()
    page.locator("#epoch").focus()
    last = page.locator("#epoch").get_attribute("aria-valuetext")
    page.keyboard.press("Home")
    first = page.locator("#epoch").get_attribute("aria-valuetext")
    assert re.fullmatch(r"Seed 0, before training: cost \d\.\d{3}, \d+\.\d % of test images right", first)
    page.keyboard.press("ArrowRight")
    second = page.locator("#epoch").get_attribute("aria-valuetext")
    assert second.startswith("Seed 0, epoch 1 of ")
    assert page.locator("#epoch-text").inner_text() == second
    page.get_by_role("button", name="Step", exact=True).press("Enter")
    page.keyboard.press("End")
    page.locator("#epoch").focus()
    page.keyboard.press("End")
    assert page.locator("#epoch").get_attribute("aria-valuetext") == last


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_replay_starts_at_the_end_and_plays_when_asked(motion: str, playground: Callable[..., Any]):
    page = playground(reduced_motion=motion)
    end = page.locator("#epoch").get_attribute("max")
    page.wait_for_timeout(700)
    assert page.locator("#epoch").input_value() == end  # nothing moves by itself
    page.locator("#play").click()
    assert page.locator("#epoch").input_value() == "0"
    assert page.locator("#play").inner_text() == "Pause"
    page.locator("#play:text-is('Play the training')").wait_for(timeout=60_000)
    assert page.locator("#epoch").input_value() == end


def test_light_travels_only_where_motion_is_welcome(playground: Callable[..., Any]):
    for motion, moves in (("reduce", False), ("no-preference", True)):
        page = playground(reduced_motion=motion)
        page.get_by_role("button", name="Sample 2").click()
        assert page.evaluate("sweepStart > 0") is moves
        page.wait_for_timeout(1500)
        assert page.evaluate("sweepStart") == 0


def test_every_unit_can_be_looked_at(playground: Callable[..., Any]):
    page = playground()
    page.get_by_role("button", name="Sample 0").click()
    page.locator("#unit-layer").select_option("2")
    page.locator("#unit").fill("5")
    assert page.evaluate("[picked.layer, picked.unit]") == [2, 4]
    values = page.locator("#unit-sum dd").all_inner_texts()
    positive, negative, bias, total, activation = (float(value.replace("−", "-")) for value in values)
    assert positive + negative + bias == pytest.approx(total, abs=0.021)
    assert activation == pytest.approx(page.evaluate("shown.answer.a[2][4]"), abs=6e-4)
    own = page.evaluate(
        "[...document.getElementById('unit-map').getContext('2d').getImageData(20, 20, 60, 60).data]"
    )
    page.get_by_label("the same scale for all units of the layer").check()
    common = page.evaluate(
        "[...document.getElementById('unit-map').getContext('2d').getImageData(20, 20, 60, 60).data]"
    )
    assert own != common
    places = page.evaluate("""() => {
        const { units } = placesIn(view.clientWidth, view.clientHeight, network().layer_sizes);
        return [units[0][7].x, units[0][7].y];
    }""")
    page.locator("#view").click(position={"x": places[0], "y": places[1]})
    assert page.evaluate("[picked.layer, picked.unit]") == [1, 7]
    assert page.locator("#unit").input_value() == "8"
