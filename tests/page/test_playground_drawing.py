"""Drawing in the playground, by pointer and without, and links to what it shows."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from downhill.analysis.confidence import SURE
from tests.page.published import Published

pytestmark = pytest.mark.xdist_group("page")

SEVEN = [(0.3, 0.25), (0.7, 0.22), (0.5, 0.8)]


def draw(page: Any, points: list[tuple[float, float]], steps: int = 8) -> None:
    """A stroke with the mouse, through points from 0 to 1."""
    box = page.locator("#pad").bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:] or places:
        page.mouse.move(*place, steps=steps)
    page.mouse.up()
    settle(page)


def settle(page: Any) -> None:
    """Wait until two frames have been painted."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def shown(page: Any) -> dict[str, Any]:
    """What the page says and holds."""
    found: dict[str, Any] = page.evaluate("""() => ({
        said: said.textContent, answer: answer.textContent, source: state.source, strokes: state.strokes.length,
        pixels: [...shown.pixels], hash: location.hash, points: state.strokes.flat().length,
        network: state.network, place: state.place, step: state.step, fit: state.fit,
        outputs: [...shown.answer.a.at(-1)],
    })""".replace("answer: answer", "answer: document.getElementById('answer')")
        .replace("said: said", "said: document.getElementById('said')"))  # fmt: skip
    return found


def test_a_blank_canvas_says_so(playground: Callable[..., Any]):
    page = playground()
    assert shown(page)["said"] == "Nothing drawn: there is nothing to answer."
    assert page.locator("#answer").inner_text() == "?"
    assert page.locator("#outputs .value").all_inner_texts() == ["–"] * 10
    draw(page, SEVEN)
    assert "the network answers" in shown(page)["said"]
    page.get_by_role("button", name="Clear").click()
    assert shown(page)["said"] == "Nothing drawn: there is nothing to answer."
    assert page.locator("#votes-text").inner_text().startswith("Nothing drawn")


def test_drawing_undo_and_clear(playground: Callable[..., Any]):
    page = playground()
    draw(page, SEVEN)
    first = shown(page)
    assert (first["source"], first["strokes"]) == ("draw", 1)
    assert first["points"] >= 3
    assert sum(first["pixels"]) > 0
    draw(page, [(0.35, 0.5), (0.65, 0.5)])
    assert shown(page)["strokes"] == 2
    page.get_by_role("button", name="Undo").click()
    assert shown(page)["pixels"] == first["pixels"]
    draw(page, [(0.5, 0.5)])  # a dot
    assert shown(page)["strokes"] == 2
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert sum(shown(page)["pixels"]) == 0
    assert page.get_by_role("button", name="Undo").is_disabled()


def test_a_stroke_that_leaves_the_pad_goes_on(playground: Callable[..., Any]):
    """The pointer is captured; what is outside ends up at the edge."""
    page = playground()
    draw(page, [(0.5, 0.5), (1.5, 0.5), (1.2, 0.9), (0.5, 0.9)])
    assert shown(page)["strokes"] == 1
    points = page.evaluate("state.strokes[0]")
    assert max(x for x, _ in points) == 1
    assert points[-1] == pytest.approx([0.5, 0.9], abs=0.01)


def test_a_second_finger_does_not_interrupt_a_stroke(playground: Callable[..., Any]):
    page = playground()
    box = page.locator("#pad").bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 100, box["y"] + 100, steps=4)
    for kind in ("pointerdown", "pointermove", "pointerup"):
        page.evaluate(
            "kind => pad.dispatchEvent(new PointerEvent(kind, { pointerId: 77, clientX: 9 }))", kind
        )
    page.mouse.move(box["x"] + 200, box["y"] + 180, steps=4)
    page.mouse.up()
    settle(page)
    assert shown(page)["strokes"] == 1
    last = page.evaluate("state.strokes[0].at(-1)")
    assert last == pytest.approx([200 / box["width"], 180 / box["height"]], abs=0.01)
    assert min(x for x, _ in page.evaluate("state.strokes[0]")) > 0.2


@pytest.mark.parametrize("how", ["undo", "keys", "clear", "sample", "static", "address"])
def test_what_replaces_a_stroke_ends_it(how: str, playground: Callable[..., Any]):
    """The pointer is still down and goes on moving, but draws nothing until it is pressed again."""
    page = playground()
    draw(page, [(0.2, 0.2), (0.3, 0.8)])
    box = page.locator("#pad").bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 140, box["y"] + 120, steps=4)
    settle(page)
    assert shown(page)["strokes"] == 2
    if how == "keys":
        page.keyboard.press("Control+z")
    elif how == "address":
        page.evaluate("location.hash = '#network=lesson&seed=0'")
    else:
        name = {"undo": "Undo", "clear": "Clear", "sample": "Sample 7", "static": "New static"}[how]
        page.get_by_role("button", name=name).dispatch_event("click")  # as by another finger
    settle(page)
    after = shown(page)
    assert after["strokes"] == {"sample": 1, "undo": 1, "keys": 1, "static": 2}.get(how, 0)
    assert page.evaluate("stroke") is None
    page.mouse.move(box["x"] + 200, box["y"] + 200, steps=4)
    settle(page)
    assert shown(page) == after
    page.mouse.up()
    settle(page)
    assert shown(page) == after
    draw(page, SEVEN)
    found = shown(page)
    assert found["source"] == "draw"
    assert found["strokes"] == (1 if how == "static" else after["strokes"] + 1)
    assert found["points"] > 3
    assert "the network answers" in found["said"]


def test_undo_in_a_field_of_numbers_is_that_of_the_field(playground: Callable[..., Any]):
    page = playground()
    draw(page, SEVEN)
    page.locator("#unit").focus()
    page.keyboard.press("Control+z")
    assert shown(page)["strokes"] == 1


def test_only_one_frame_is_asked_for_at_a_time(playground: Callable[..., Any]):
    """However often something changes while the light travels through the layers."""
    page = playground(reduced_motion="no-preference")
    page.evaluate("""() => {
        window.asked = new Set(); window.most = 0;
        const ask = requestAnimationFrame, cancel = cancelAnimationFrame;
        window.requestAnimationFrame = paint => {
            const id = ask(now => { asked.delete(id); paint(now); });
            asked.add(id);
            most = Math.max(most, asked.size);
            return id;
        };
        window.cancelAnimationFrame = id => { asked.delete(id); cancel(id); };
    }""")
    for digit in range(5):
        page.get_by_role("button", name=f"Sample {digit}").click()
        page.locator("#unit").fill(str(digit + 1))
    page.evaluate("choose({}); choose({}); choose({})")
    assert page.evaluate("most") == 1
    page.wait_for_timeout(1500)
    assert page.evaluate("[asked.size, frame]") == [0, 0]


def test_a_finger_draws_and_does_not_scroll(playground: Callable[..., Any]):
    page = playground(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.locator("#pad").scroll_into_view_if_needed()
    box = page.locator("#pad").bounding_box()
    before = page.evaluate("scrollY")
    session = page.context.new_cdp_session(page)
    x, y, size = box["x"], box["y"], box["width"]
    path = [{"x": x + size / 2, "y": y + size * (0.2 + 0.05 * step)} for step in range(13)]
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [path[0]]})
    for point in path[1:]:
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    settle(page)
    assert page.evaluate("scrollY") == before
    assert page.evaluate("getComputedStyle(document.getElementById('pad')).touchAction") == "none"
    assert page.evaluate("getComputedStyle(document.getElementById('pad')).userSelect") == "none"
    found = shown(page)
    assert found["strokes"] == 1
    assert found["points"] >= 5
    inked = np.array(found["pixels"]).reshape(28, 28) > 0
    assert inked.any(axis=1).sum() == 20  # a line from top to bottom
    assert inked.any(axis=0).sum() <= 4


def test_preprocessing_makes_position_and_size_irrelevant(playground: Callable[..., Any]):
    """A small drawing in a corner gives the same image as a large one, and another one with the switch off."""
    page = playground()
    draw(page, SEVEN, steps=1)
    large = np.array(shown(page)["pixels"])
    page.get_by_role("button", name="Clear").click()
    draw(page, [(0.05 + x / 3, 0.6 + y / 3) for x, y in SEVEN], steps=1)
    small = np.array(shown(page)["pixels"])
    assert np.abs(large - small).mean() < 6  # of 255; the screen has whole pixels
    page.get_by_label("Prepare drawings as MNIST does").uncheck()
    off = np.array(shown(page)["pixels"])
    assert np.abs(small - off).mean() > 20
    rows, columns = np.nonzero(off.reshape(28, 28))
    assert rows.mean() > 18
    assert columns.mean() < 12
    assert "preprocessing=off" in shown(page)["hash"]


def test_sample_digits_are_recognised(playground: Callable[..., Any], published: Published):
    """By most seeds of the network with the best accuracy in the page: they are digits, and are drawn well enough."""
    page = playground()
    networks = published.payload["networks"]
    best = max(range(len(networks)), key=lambda index: max(networks[index]["accuracy"]))
    page.locator("#network").select_option(str(best))
    right = 0
    for digit in range(10):
        page.get_by_role("button", name=f"Sample {digit}").click()
        right += page.locator("#answer").inner_text() == str(digit)
    assert right >= 8


@pytest.mark.parametrize("kind", ["draw", "cells", "image", "noise", "twin", "epoch"])
def test_address_holds_what_one_sees(kind: str, playground: Callable[..., Any], published: Published):
    page = playground()
    page.locator("#seed").select_option(index=1)
    if kind == "draw":
        draw(page, SEVEN)
        draw(page, [(0.4, 0.5), (0.6, 0.55)])
        page.get_by_label("Prepare drawings as MNIST does").uncheck()
    elif kind == "cells":
        page.locator("#cells [role=gridcell]").nth(30).click()
        page.locator("#cells [role=gridcell]").nth(42).click()
    elif kind == "image":
        page.locator("#image-set").select_option("mistakes")
        page.locator("#thumbs button").nth(3).click()
    elif kind == "noise":
        for _ in range(3):
            page.get_by_role("button", name="New static").click()
    elif kind == "twin":
        page.get_by_role("button", name="Next image").click()
    else:
        page.get_by_role("button", name="Sample 5").click()
        page.get_by_role("button", name="Step back").click()
    before = shown(page)
    assert len(before["hash"]) < 2000
    other = playground(before["hash"])
    assert shown(other) == before
    page.evaluate("location.hash = '#network=lesson'")  # and back, in the same page
    settle(page)
    assert shown(page) != before
    page.evaluate("hash => { location.hash = hash; }", before["hash"])
    settle(page)
    assert shown(page) == before


@pytest.mark.parametrize(
    "at",
    [
        "#network=nobody&seed=7e9&image=-3",
        "#draw=zz!.%%&cells=012",
        "#twin=99999&epoch=5.5",
        "#&&==",
        "#noise=",
    ],
)
def test_nonsense_in_the_address_is_ignored(at: str, playground: Callable[..., Any]):
    page = playground()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.evaluate("at => { location.hash = at; }", at)
    settle(page)
    assert not said
    assert shown(page)["said"].startswith("Nothing drawn")
    assert shown(page)["hash"] == "#network=lesson&seed=0"


def test_the_same_static_number_gives_the_same_uniform_noise(playground: Callable[..., Any]):
    page = playground()
    one, again, other = page.evaluate("[noiseOf(5), noiseOf(5), noiseOf(6)].map(noise => [...noise])")
    assert one == again
    assert one != other
    many = np.array(page.evaluate("Array.from({ length: 200 }, (_, seed) => [...noiseOf(seed + 1)])"))
    counts = np.bincount(many.ravel(), minlength=256)
    expected = many.size / 256
    statistic = ((counts - expected) ** 2 / expected).sum()  # chi-squared with 255 degrees of freedom
    assert abs(statistic - 255) < 4.5 * math.sqrt(2 * 255)
    assert abs(np.corrcoef(many[:, :-1].ravel(), many[:, 1:].ravel())[0, 1]) < 0.01


def test_noise_counts_the_networks_that_are_sure(playground: Callable[..., Any]):
    page = playground()
    page.get_by_role("button", name="New static").click()
    heights = page.evaluate("answersOf(state.network, shown.pixels).map(one => one.height)")
    count = page.locator("#noise-count").inner_text()
    sure = sum(height > 0.9 for height in heights)
    assert count == f"{sure} of {len(heights)}"
    assert page.locator("#noise-seeds .sure").count() == sure
    assert "output above 0.9 for this static" in page.locator("#noise-text").inner_text()


def test_an_output_of_exactly_nine_tenths_is_not_sure(playground: Callable[..., Any], published: Published):
    """As in the claims, whose threshold must be exceeded."""
    page = playground()
    assert page.evaluate("[0.9, 0.9000001, 0.8999999].map(height => isSure({ height }))") == [
        False,
        True,
        False,
    ]
    assert published.payload["sure"] == SURE


# From the first event of a pointer (when it happened, not when the page got to it) until the frame with it is painted:
# a message that is posted while a frame is prepared arrives after that frame.
_MEASURE = """() => {
    window.times = []; window.work = []; let began = 0, from = 0;
    const channel = new MessageChannel(), inner = refresh;
    pad.addEventListener('pointermove', event => { began = began || event.timeStamp; }, true);
    channel.port1.onmessage = () => { if (from) times.push(performance.now() - from); from = 0; };
    refresh = drawing => {
        const start = performance.now();
        inner(drawing);
        work.push(performance.now() - start);
        [from, began] = [began, 0];
        channel.port2.postMessage(0);
    };
}"""


def scribble(page: Any, turn: int = 0) -> None:
    """A long stroke."""
    points = [(0.5 + 0.3 * math.cos(a / 5 + turn), 0.5 + 0.3 * math.sin(a / 4)) for a in range(40)]
    draw(page, points, steps=2)


@pytest.mark.parametrize("where", ["in the handler", "in the picture", "before the handler"])
def test_the_measured_time_has_everything_from_the_event_to_the_frame(
    where: str, playground: Callable[..., Any]
):
    """With 40 ms of idle waiting put in at some place, so much more is measured; otherwise the next test would say
    nothing. An event that waits since the page is busy is late, too."""
    page = playground()
    page.evaluate(
        "window.wait = () => { const until = performance.now() + 40; while (performance.now() < until); }"
    )
    if where == "in the handler":
        page.evaluate("pad.addEventListener('pointermove', wait)")
    elif where == "in the picture":
        page.evaluate("views.push(drawing => { if (drawing) wait(); })")
    else:
        page.evaluate("setInterval(wait, 0)")
    page.evaluate(_MEASURE)
    scribble(page)
    times = np.array(page.evaluate("times"))
    assert len(times) >= 5
    assert np.median(times) >= (
        20 if where == "before the handler" else 40
    )  # it came in the middle of the wait


def test_from_stroke_to_repaint(
    playground: Callable[..., Any], published: Published, record_property: Callable[..., None]
):
    """Times are only printed: they depend on the machine, which has no graphics card here."""
    for index, network in enumerate(published.payload["networks"][:2]):
        page = playground()
        page.locator("#network").select_option(str(index))
        page.evaluate(_MEASURE)
        for turn in range(2):
            scribble(page, turn)
            page.get_by_role("button", name="Clear").click()
        times, work = (np.array(page.evaluate(name)) for name in ("times", "work"))
        late, busy = np.percentile(times, 95), np.percentile(work, 95)
        print(
            f"\n{network['name']}: stroke to repaint {np.median(times):.1f} ms, 95th percentile {late:.1f} ms "
            f"(computing and drawing alone {np.median(work):.1f} and {busy:.1f} ms), {len(times)} repaints"
        )
        record_property(f"stroke to repaint, {network['name']}, 95th percentile in ms", float(late))
        assert len(times) > 50
