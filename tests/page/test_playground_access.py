"""The playground can be used by everybody: axe-core, keyboard, contrast, narrow screens, motion."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.page.accessibility import DESKTOP, PHONE, check_contrast, check_width, check_with_axe

pytestmark = pytest.mark.xdist_group("page")

# What axe-core cannot decide, and how it is checked instead.
EXPLAINED = {"color-contrast": "of text over other elements, such as bars: see the test of contrast"}
NARROW = {"width": 320, "height": 700}
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
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE, NARROW], ids=["desktop", "phone", "narrow"])
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


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_cells_are_large_enough_to_be_hit(width: int, playground: Callable[..., Any]):
    page = playground(viewport={"width": width, "height": 800})
    sizes = page.eval_on_selector_all(
        ".cell",
        "all => all.map(one => [one.getBoundingClientRect().width, one.getBoundingClientRect().height])",
    )
    assert len(sizes) == 144
    assert min(map(min, sizes)) >= 24
    left, right = (
        page.evaluate(
            """end => [document.getElementById('cells'), document.getElementById('cells').closest('.card')]
                .map(one => one.getBoundingClientRect()[end])""",
            end,
        )
        for end in ("left", "right")
    )
    assert left[0] >= left[1]  # inside their card
    assert right[0] <= right[1]


@pytest.mark.parametrize(
    ("button", "before"),
    [
        ("undo", "document.querySelector('#samples button').click()"),
        ("step-back", "showStep(1)"),
        ("step-on", "showStep(lastStep() - 1)"),
        ("thumbs-on", "turn(Math.ceil(imagesOfSet().length / THUMBS) - 2)"),
        ("thumbs-back", "turn(1)"),
    ],
)
def test_a_button_that_can_do_no_more_keeps_the_focus(
    button: str, before: str, playground: Callable[..., Any]
):
    page = playground()
    page.evaluate(before)
    page.locator(f"#{button}").focus()
    focused = "[document.activeElement.id, document.activeElement.getAttribute('aria-disabled')]"
    assert page.evaluate(focused) == [button, "false"]
    presses = 0
    while page.evaluate(focused) == [button, "false"]:
        page.keyboard.press("Enter")
        presses += 1
        assert presses < 10
    assert page.evaluate(focused) == [button, "true"]
    state = "JSON.stringify([state, firstThumb, document.getElementById('thumbs-text').textContent])"
    then = page.evaluate(state)
    page.keyboard.press("Enter")  # does nothing
    assert page.evaluate(state) == then
    assert page.evaluate(focused) == [button, "true"]
    assert not page.locator("button[disabled]").count()


def test_step_that_is_not_possible_keeps_the_seed(playground: Callable[..., Any]):
    """The trained network of another seed than the recorded one is shown: there is no step after it."""
    page = playground()
    page.evaluate("choose({ network: DATA.networks.findIndex((one) => one.replay && one.seeds.length > 1) })")
    page.evaluate(
        "choose({ place: network().seeds.findIndex((seed) => seed !== network().replay.seed), step: -1 })"
    )
    assert page.locator("#step-on").get_attribute("aria-disabled") == "true"
    before = page.evaluate("JSON.stringify(state)")
    page.locator("#step-on").click(force=True)  # as a mouse does, which ignores the attribute
    assert page.evaluate("JSON.stringify(state)") == before
    page.locator("#step-back").click()
    assert page.evaluate("network().seeds[state.place] === network().replay.seed")


def test_lists_of_images_say_what_they_are_among(playground: Callable[..., Any]):
    page = playground()
    count = page.evaluate("DATA.images.count")
    among = f"the {count} test images on this page"
    text = page.locator("#thumbs-text")
    assert text.inner_text() == f"1 to 24 of {among}"
    page.locator("#image-set").select_option("mistakes")
    mistakes = page.evaluate("network().mistakes[state.place].length")
    assert text.inner_text() == f"1 to 24 of {mistakes} mistakes among {among}"
    page.locator("#image-set").select_option("shared")
    shared = page.evaluate("DATA.images.missed_by_all.length")
    some = f"1 to {min(shared, 24)} of {shared} that all seeds miss, among {among}"
    assert text.inner_text() == (some if shared else f"There are none among {among}")


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


def test_walk_by_keyboard_says_what_is_answered_at_each_step(playground: Callable[..., Any]):
    page = playground()
    page.locator("#walk summary").focus()
    page.keyboard.press("Enter")
    page.locator("#walk-text", has_text="Step").wait_for()  # browsers report that it is open a little later
    assert page.locator("#walk-text").inner_text() == "Step 12 of 24 from seed 0 to seed 1. Nothing drawn."
    page.get_by_role("button", name="Sample 8").click()
    page.locator("#walk-at").focus()
    page.keyboard.press("Home")
    assert page.locator("#walk-at").get_attribute("aria-valuetext") == "Step 0 of 24 from seed 0 to seed 1"
    own = page.locator("#said").inner_text().partition("the network answers ")[2].rstrip(".")
    both = f"as trained, the answer is {own}; with units matched, {own}."
    assert page.locator("#walk-text").inner_text() == f"Step 0 of 24 from seed 0 to seed 1: {both}"
    page.keyboard.press("End")  # where matching makes no difference either, since it is the same function
    page.locator("#seed").select_option("1")
    own = page.locator("#said").inner_text().partition("the network answers ")[2].rstrip(".")
    both = f"as trained, the answer is {own}; with units matched, {own}."
    assert page.locator("#walk-text").inner_text() == f"Step 24 of 24 from seed 0 to seed 1: {both}"
    assert page.locator("#walk-trained .best").count() == 1
    page.locator("#walk-to").select_option(label="seed 2")
    assert "from seed 1 to seed 2" in page.locator("#walk-text").inner_text()
    assert "other pairs of seeds" in page.locator("#walk-cost").inner_text()
    assert page.locator("#walk-costs").is_hidden()


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
