"""The playground with networks of all kinds, with classes that are no digits, and with evidence."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from downhill.config.network import Network
from downhill.config.playground import PlaygroundRow
from downhill.datasets import Dataset
from downhill.datasets.store import save_dataset
from downhill.engine.evaluate import predict
from downhill.playground.page import assemble
from downhill.playground.payload import Contents
from downhill.runs.evaluate import evaluate_network
from downhill.runs.evaluation import EvaluatedNetwork
from downhill.runs.train import train_block

pytestmark = pytest.mark.xdist_group("page")

NETWORKS = {
    "bare": Network(hidden_layers=(), output="softmax", loss="cross_entropy", epochs=1, learning_rate=0.1),
    "deep": Network(hidden_layers=(20, 5, 1), activation="tanh", initialization="lecun", epochs=1),
    "leaky": Network(
        hidden_layers=(33,), activation="leaky_relu", output="linear", initialization="he", epochs=0
    ),
    "steps": Network(hidden_layers=(4, 4), activation="step", epochs=0, snapshot_epochs=(0,)),
}
CLOTHES = (
    "T-shirt/top",
    "Trouser",
    "<b>",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
SAMPLE = {"values": [0.1, 0.3], "mean": 0.2, "lower": 0.05, "upper": 0.35}
EVIDENCE = (
    {
        "claim": "sure-of-noise",
        "statistic": "confident_share",
        "verdict": "refuted",
        "data": {
            "kind": "uniform noise",
            "curves": {"thresholds": [0.9], "networks": {}},
            "sweep": [{"network": "deep", "confident": {"uniform noise": SAMPLE}}],
        },
    },
    {
        "claim": "drawings",
        "statistic": "accuracy_gained",
        "verdict": "supported",
        "data": {
            "networks": [
                {"network": "deep", "test": SAMPLE, "with": SAMPLE, "without": SAMPLE | {"mean": 0.1}}
            ],
            "drawings": {"count": 77, "classes": 10},
        },
    },
)


@pytest.fixture(scope="module")
def networks(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, EvaluatedNetwork]:
    folder = tmp_path_factory.mktemp("odd")
    save_dataset(digits, folder / "data")
    found = {}
    for name, net in NETWORKS.items():
        train_block(net, digits, range(2), 1, folder / name)
        evaluate_network(name, net, folder / "data", [folder / name], range(2), folder / "evaluation" / name)
        found[name] = EvaluatedNetwork(folder / "evaluation" / name, {"data": CLOTHES})
    return found


@pytest.fixture
def odd(browser: Any, networks: dict[str, EvaluatedNetwork], tmp_path: Path) -> Iterator[Callable[[], Any]]:
    """Opens a page with these networks; anything that its script complains about fails the test."""
    rows = [PlaygroundRow(network=name, title=f"The {name} one", seeds=2) for name in networks]
    page = tmp_path / "playground.html"
    assemble(Contents(rows, networks, EVIDENCE, "Odd ones", "at most 1 epoch"), page)
    context, said = browser.new_context(reduced_motion="reduce"), []
    context.set_default_timeout(10_000)

    def open_page() -> Any:
        opened = context.new_page()
        opened.on("console", lambda message: said.append(message.text))
        opened.on("pageerror", lambda error: said.append(str(error)))
        opened.goto(page.as_uri())
        return opened

    yield open_page
    context.close()
    assert said == []


def test_networks_of_all_kinds_answer_as_in_python(
    odd: Callable[[], Any], networks: dict[str, EvaluatedNetwork]
):
    page = odd()
    page.get_by_role("button", name="New static").click()
    pixels = np.array(page.evaluate("[...shown.pixels]"), np.uint8).reshape(1, 28, 28)
    for index, (name, network) in enumerate(networks.items()):
        page.locator("#network").select_option(str(index))
        outputs = predict(network.weights(0), pixels, network.net)[0]
        assert page.evaluate("[...shown.answer.a.at(-1)]") == pytest.approx(outputs.tolist(), abs=1e-5), name
        assert page.locator("#answer").inner_text() == CLOTHES[outputs.argmax()]
        edges = page.evaluate(
            "['answer', 'outputs'].map(id => document.getElementById(id).getBoundingClientRect())"
            ".map(({ top, bottom }) => [top, bottom])"
        )
        assert edges[0][1] <= edges[1][0] + 0.5  # long names do not cover the outputs
        values = page.locator("#outputs .value").all_inner_texts()
        assert [float(value.replace("−", "-")) for value in values] == pytest.approx(
            outputs.tolist(), abs=0.0051
        )
        assert page.locator("#unit-card").is_visible() is (name != "bare")
        assert page.locator("#replay").is_hidden()
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        assert page.locator("#recurring").is_visible() is (name != "bare")
        for layer in range(len(NETWORKS[name].hidden_layers)):
            page.locator("#unit-layer").select_option(str(layer + 1))
            page.locator("#unit").fill(str(NETWORKS[name].hidden_layers[layer]))
            page.locator("#unit").fill("999")  # there is no such unit
        page.locator("#view").click(position={"x": 300, "y": 200})


def test_classes_have_their_names_and_no_sample_digits(odd: Callable[[], Any]):
    page = odd()
    assert page.locator("#outputs b").all_inner_texts() == list(CLOTHES)
    assert page.locator("#samples").is_hidden()
    assert page.locator("#votes b").all_inner_texts() == list(CLOTHES)
    assert page.locator("#twins").is_hidden()
    page.locator("#thumbs button").first.click()
    assert re.match(r"Test image \d+, labelled .*: the network answers ", page.locator("#said").inner_text())


def test_what_claims_say_is_shown_for_the_networks_that_they_measured(odd: Callable[[], Any]):
    page = odd()
    assert page.locator("#noise-evidence").is_hidden()
    assert "generated drawings, this network" not in page.locator("#harder").inner_text()
    page.locator("#network").select_option("1")
    text = page.locator("#noise-study").inner_text()
    assert "over 2 seeds" in text
    assert (
        "this network has an output above 0.9 for 20.0 % of the images on average (95 % interval 5.0 % to 35.0 %); "
        "claim sure-of-noise" in text
    )
    places = page.eval_on_selector_all(
        "#noise-strip i:not([class])", "marks => marks.map(mark => mark.style.left)"
    )
    assert places == ["10%", "30%"]
    text = page.locator("#harder").inner_text()
    assert text.startswith(
        "Of 77 generated drawings, this network recognises 20.0 %, and 10.0 % without this preparation; of "
        "test images, 20.0 % (means over seeds; claim drawings)."
    )


def test_a_page_without_any_network_says_why(
    browser: Any, networks: dict[str, EvaluatedNetwork], tmp_path: Path
):
    network = networks["bare"]
    diverged = EvaluatedNetwork(network.folder, network.class_names)
    diverged.index["diverged"] = {"0": 1, "1": 1}
    assemble(
        Contents([PlaygroundRow(network="bare", title="It")], {"bare": diverged}), tmp_path / "page.html"
    )
    page, said = browser.new_page(), []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto((tmp_path / "page.html").as_uri())
    assert "The training of all of these networks diverged" in page.locator("main").inner_text()
    assert not page.locator(".script:visible").count()
    assert said == []
    page.close()


def test_a_smoke_study_says_so(odd: Callable[[], Any]):
    assert "From a smoke study with at most 1 epoch" in odd().locator("header").inner_text()
