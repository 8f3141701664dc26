"""Networks that were taught to answer “none of these”: every part of the playground reports the same answers."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from downhill.config.network import Network
from downhill.config.playground import PlaygroundRow
from downhill.datasets import Dataset
from downhill.datasets.prepare import with_noise
from downhill.datasets.store import save_dataset
from downhill.engine.evaluate import predict
from downhill.playground.page import assemble
from downhill.playground.payload import Contents
from downhill.runs.evaluate import evaluate_network
from downhill.runs.evaluation import EvaluatedNetwork
from downhill.runs.train import train_block

pytestmark = pytest.mark.xdist_group("page")

SEEDS = 5
NETWORKS = {
    "doubt": Network(epochs=4, snapshot_epochs="history"),
    "shuffled": Network(epochs=4, shuffle_labels=1),
}
NAMES = np.array([*map(str, range(10)), "none"])
NONE = 10


@pytest.fixture(scope="module")
def networks(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, EvaluatedNetwork]:
    folder = tmp_path_factory.mktemp("doubt")
    noisy = Dataset(with_noise(digits.train, 500, 0), digits.validation, digits.test, digits.classes)
    save_dataset(noisy, folder / "data")
    found = {}
    for name, net in NETWORKS.items():
        train_block(net, noisy, range(SEEDS), 1, folder / name)
        evaluate_network(
            name, net, folder / "data", [folder / name], range(SEEDS), folder / "evaluation" / name
        )
        found[name] = EvaluatedNetwork(folder / "evaluation" / name)
    return found


@pytest.fixture
def page(browser: Any, networks: dict[str, EvaluatedNetwork], tmp_path: Path) -> Iterator[Any]:
    rows = [
        PlaygroundRow(network="doubt", title="Doubt", seeds=SEEDS, twin="shuffled", replay="doubt"),
        PlaygroundRow(network="shuffled", title="Shuffled", seeds=SEEDS),
    ]
    assemble(Contents(rows, networks), tmp_path / "playground.html")
    opened, said = browser.new_page(), []
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.goto((tmp_path / "playground.html").as_uri())
    yield opened
    opened.close()
    assert said == []


def answers(network: EvaluatedNetwork, seed: int, images: NDArray[np.uint8]) -> NDArray[np.intp]:
    """The class of the largest output, or NONE if all outputs are below one half."""
    outputs = predict(network.weights(seed), images, network.net)
    return np.where(outputs.max(axis=1) < 0.5, NONE, outputs.argmax(axis=1))


def shown_pixels(page: Any) -> NDArray[np.uint8]:
    return np.array(page.evaluate("[...shown.pixels]"), np.uint8).reshape(1, 28, 28)


def test_all_seeds_of_the_page_answer_none_for_the_same_images(
    page: Any, networks: dict[str, EvaluatedNetwork]
):
    """Test images and static, so that there are some of each answer."""
    count = page.evaluate("DATA.images.count")
    images = np.array(
        page.evaluate(
            """Array.from({ length: DATA.images.count + 50 }, (_, at) =>
                [...(at < DATA.images.count ? imageAt(testPixels, at) : noiseOf(at))])"""
        ),
        np.uint8,
    ).reshape(count + 50, 28, 28)
    for index, name in enumerate(networks):
        found = page.evaluate(
            """which => Array.from({ length: DATA.images.count + 50 }, (_, at) => {
                const pixels = at < DATA.images.count ? imageAt(testPixels, at) : noiseOf(at);
                return answersOf(which, pixels).map(one => one.answer);
            })""",
            index,
        )
        expected = np.transpose([answers(networks[name], seed, images) for seed in range(SEEDS)])
        assert np.array_equal(found, expected)
        assert 0 < (expected == NONE).sum() < expected.size


def check_answer_is_marked(page: Any, name: str) -> None:
    """The answer does not cover the outputs below it, and only its output is marked; none for “none”."""
    bottom, top = (
        page.evaluate(f"document.getElementById('{one}').getBoundingClientRect().{edge}")
        for one, edge in (("answer", "bottom"), ("outputs", "top"))
    )
    assert bottom <= top + 0.5
    marked = page.locator("#outputs .best b").all_text_contents()
    assert marked == ([] if name == "none" else [name])


@pytest.mark.parametrize("kind", ["static", "image"])
def test_panel_votes_and_noise_give_the_same_answers(
    kind: str, page: Any, networks: dict[str, EvaluatedNetwork]
):
    for turn in range(3):
        if kind == "static":
            page.get_by_role("button", name="New static").click()
        else:
            page.locator("#thumbs button").nth(turn).click()
        pixels = shown_pixels(page)
        expected = np.array([answers(networks["doubt"], seed, pixels)[0] for seed in range(SEEDS)])
        assert page.locator("#answer").inner_text() == NAMES[expected[0]]
        check_answer_is_marked(page, NAMES[expected[0]])
        counts = np.bincount(expected, minlength=11)
        assert page.locator("#votes b").all_inner_texts() == NAMES.tolist()
        assert page.locator("#votes .count").all_inner_texts() == [str(count) for count in counts]
        winners = " and ".join(NAMES[counts == counts.max()])
        assert (
            page.locator("#votes-text")
            .inner_text()
            .startswith(f"Most votes: {winners}, with {counts.max()} of 5")
        )
        if kind == "static":
            assert page.locator("#noise-seeds b").all_inner_texts() == NAMES[expected].tolist()
            assert f"{counts[NONE]} of 5 answer" in page.locator("#noise-text").inner_text()


def test_twins_may_answer_none(page: Any, networks: dict[str, EvaluatedNetwork]):
    """Each move is named for screen readers, with the answer and what became of it."""
    ways = ("moved up and left", "moved up", "moved up and right", "moved left", "not moved", "moved right")
    ways = (*ways, "moved down and left", "moved down", "moved down and right")
    some_none = 0
    for _ in range(6):
        page.locator("#twin-on").click()
        image = shown_pixels(page)[0]
        padded = np.pad(image, 1)
        moves = np.stack(
            [
                padded[1 - down : 29 - down, 1 - right : 29 - right]
                for down in (-1, 0, 1)
                for right in (-1, 0, 1)
            ]
        )
        for part, name in (("twin-a", "doubt"), ("twin-b", "shuffled")):
            expected = answers(networks[name], 0, moves)
            some_none += int((expected == NONE).sum())
            ends = [
                "" if at == 4 else ", kept" if one == expected[4] else ", changed"
                for at, one in enumerate(expected)
            ]
            texts = [f"{way}: {NAMES[one]}{end}" for way, one, end in zip(ways, expected, ends, strict=True)]
            assert page.locator(f"#{part} li").all_text_contents() == texts
    assert some_none


def test_an_image_that_gets_no_answer_is_not_called_right_or_wrong_by_another_rule(
    page: Any, networks: dict[str, EvaluatedNetwork]
):
    labels = page.evaluate("DATA.images.labels")
    seen = set()
    for index in range(24):
        page.locator("#thumbs button").nth(index).click()
        outputs = predict(networks["doubt"].weights(0), shown_pixels(page), networks["doubt"].net)[0]
        right, none = bool(outputs.argmax() == labels[index]), bool(outputs.max() < 0.5)
        said = page.locator("#said").inner_text()
        verdict = "right" if right else "wrong"
        end = (
            f" The study counts only the largest output, which is {verdict}."
            if none
            else f" That is {verdict}."
        )
        assert said.endswith(end)
        assert ("answers “none of these”" in said) is none
        seen.add(none)
    assert seen == {False, True}


def test_what_final_weights_say_is_marked_during_a_replay(page: Any):
    """Votes, static, matched units, twins and mistakes are those of trained weights, whatever epoch is shown."""
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    page.get_by_role("button", name="New static").click()
    page.locator("#image-set").select_option("mistakes")
    parts = ("votes-text", "noise-when", "recurring-text", "twin-text", "thumbs-text")
    before = [page.locator(f"#{part}").inner_text() for part in parts]
    assert not any("After training" in text for text in before)
    page.locator("#step-back").click()
    during = [page.locator(f"#{part}").inner_text() for part in parts]
    assert all(text.startswith("After training:") for text in during), during
    page.locator("#image-set").select_option("all")
    assert "After training" not in page.locator("#thumbs-text").inner_text()
    page.locator("#image-set").select_option("mistakes")
    page.locator("#step-on").click()
    assert [page.locator(f"#{part}").inner_text() for part in parts] == before


def test_other_networks_never_answer_none(playground: Callable[..., Any]):
    page = playground()
    assert not page.evaluate("DATA.networks[0].none")
    assert page.locator("#votes li").count() == 10
    found = page.evaluate(
        "Array.from({ length: 50 }, (_, at) => answersOf(0, noiseOf(at)).map(one => one.answer))"
    )
    assert np.max(found) < NONE
