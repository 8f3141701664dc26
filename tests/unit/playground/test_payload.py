"""The data of the playground, for networks that were really trained, and for odd ones."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from downhill.config.network import Network
from downhill.config.playground import PlaygroundRow
from downhill.datasets import Dataset, load_dataset
from downhill.datasets.dataset import Images
from downhill.datasets.store import save_dataset
from downhill.engine.evaluate import predict
from downhill.errors import DownhillError
from downhill.network.architecture import unpack
from downhill.playground import replay as replays
from downhill.playground.evidence import about_drawings, about_lines, about_noise
from downhill.playground.images import chosen_images
from downhill.playground.page import assemble
from downhill.playground.payload import Contents, payload
from downhill.playground.replay import quantised, restored
from downhill.runs.evaluate import evaluate_network
from downhill.runs.evaluation import EvaluatedNetwork
from downhill.runs.train import train_block

HOSTILE = "</script><script>alert(1)</script><!-- & {{ 7 * 7 }}"
NETWORKS = {
    "lesson": (Network(hidden_layers=(16, 16), epochs=3, snapshot_epochs="history"), 3),
    "bare": (
        Network(hidden_layers=(), output="softmax", loss="cross_entropy", epochs=1, learning_rate=0.1),
        1,
    ),
    "true": (Network(hidden_layers=(16,), epochs=2, subset_images=50), 2),
    "shuffled": (Network(hidden_layers=(16,), epochs=2, subset_images=50, shuffle_labels=1), 2),
    "diverges": (Network(hidden_layers=(), output="linear", learning_rate=1e6, epochs=3), 2),
}


@pytest.fixture(scope="module")
def networks(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, EvaluatedNetwork]:
    folder = tmp_path_factory.mktemp("networks")
    save_dataset(digits, folder / "data")
    return {name: trained(name, net, seeds, folder) for name, (net, seeds) in NETWORKS.items()}


def trained(name: str, net: Network, seeds: int, folder: Path) -> EvaluatedNetwork:
    block = folder / name / "block"
    train_block(net, load_dataset(folder / "data"), range(seeds), 1, block)
    evaluate_network(name, net, folder / "data", [block], range(seeds), folder / name / "evaluation")
    return EvaluatedNetwork(folder / name / "evaluation")


def row(network: str, **cells: Any) -> PlaygroundRow:
    return PlaygroundRow(network=network, title=cells.pop("title", network), **cells)


ROWS = (row("lesson", seeds=2, replay="lesson"), row("bare"), row("true", twin="shuffled"), row("shuffled"))


def test_payload_has_what_the_rows_ask_for(networks: dict[str, EvaluatedNetwork]):
    data = payload(Contents(ROWS, networks, title="A study"))
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert [one["name"] for one in data["networks"]] == ["lesson", "bare", "true", "shuffled"]
    assert [one["seeds"] for one in data["networks"]] == [[0, 1], [0], [0], [0]]
    assert (data["height"], data["width"], len(data["classes"])) == (28, 28, 10)
    assert data["evidence"] == data["drawn"] == data["lines"] == {}
    assert data["sure"] == 0.9
    lesson = data["networks"][0]
    assert lesson["replay"]["epochs"] == [0, 1, 2, 3]
    assert [one["replay"] is None for one in data["networks"]] == [False, True, True, True]
    vector = np.frombuffer(base64.b64decode(lesson["weights"][1]), "<f4")
    (W, b), *_ = networks["lesson"].weights(1)
    assert np.array_equal(vector[: W.size + b.size], np.concatenate([W.ravel(), b]))


def test_images_are_right_missed_by_some_and_missed_by_all(networks: dict[str, EvaluatedNetwork]):
    network = networks["lesson"]
    chosen, all_miss = chosen_images(network, [0, 1, 2])
    wrong = (network.predictions["predicted"] != network.predictions["labels"]).sum(axis=0)
    assert np.array_equal(chosen, np.unique(chosen))
    assert set(all_miss) <= set(np.flatnonzero(wrong == 3))
    assert len(all_miss) == min(80, (wrong == 3).sum())
    by_misses = np.bincount(wrong[chosen], minlength=4)
    assert by_misses[1] + by_misses[2] == min(100, ((wrong == 1) | (wrong == 2)).sum())
    labels = network.predictions["labels"][chosen][wrong[chosen] == 0]
    assert set(np.bincount(labels)) <= set(range(13))


def test_twins_share_images_but_not_labels(networks: dict[str, EvaluatedNetwork]):
    twins = payload(Contents(ROWS, networks))["twins"]
    assert (twins["a"], twins["b"], twins["seed"], twins["count"]) == ("true", "shuffled", 0, 50)
    assert sorted(twins["labels"]) == sorted(twins["shuffled"])
    assert twins["labels"] != twins["shuffled"]
    assert payload(Contents((ROWS[0], ROWS[2]), networks))["twins"] is None  # without the other one
    assert payload(Contents(ROWS[:1], networks))["twins"] is None


def without(network: EvaluatedNetwork, *diverged: int) -> EvaluatedNetwork:
    """The same evaluation, as if the training of some seeds had diverged."""
    found = EvaluatedNetwork(network.folder, network.class_names)
    found.index["diverged"] = {str(seed): 1 for seed in diverged}
    return found


def test_twins_are_seeds_that_the_page_holds_of_both(networks: dict[str, EvaluatedNetwork]):
    """Here seed 1, since the other one diverged; it must be among the seeds of both rows."""
    odd = networks | {"shuffled": without(networks["shuffled"], 0)}
    rows = (row("true", twin="shuffled", seeds=2), row("shuffled", seeds=2))
    data = payload(Contents(rows, odd))
    assert [one["seeds"] for one in data["networks"]] == [[0, 1], [1]]
    assert data["twins"]["seed"] == 1
    assert data["twins"]["known"] == [
        networks[name].scores("train").accuracy[1] for name in ("true", "shuffled")
    ]
    fewer = (row("true", twin="shuffled", seeds=1), row("shuffled", seeds=2))
    assert payload(Contents(fewer, odd))["twins"] is None  # the first twin has only seed 0 in the page


def test_a_replayed_seed_is_one_that_the_page_holds(networks: dict[str, EvaluatedNetwork]):
    odd = networks | {"again": without(networks["lesson"], 0)}
    data = payload(Contents((row("lesson", seeds=2, replay="again"),), odd))
    assert data["networks"][0]["replay"]["seed"] == 1
    data = payload(Contents((row("lesson", seeds=1, replay="again"),), odd))
    assert data["networks"][0]["replay"] is None


def test_weights_in_16_bits_are_within_half_a_step():
    random = np.random.default_rng(0)
    sizes = (5, 4, 3)
    vectors = random.normal(size=(3, 39)).astype(np.float32)
    vectors[:, 20:24] = 0  # biases of the first layer
    scale, rounded = quantised(vectors, sizes)
    back = restored(rounded, scale, sizes)
    assert rounded.dtype == np.int16
    assert len(scale) == 4
    for part, factor in zip((slice(20), slice(20, 24), slice(24, 36), slice(36, 39)), scale, strict=True):
        assert np.abs(back[:, part] - vectors[:, part]).max() <= 0.5001 * factor
        assert np.abs(rounded[:, part]).max() in (0, 2**15 - 1)


def test_replay_falls_back_to_full_precision_if_answers_change(
    networks: dict[str, EvaluatedNetwork], monkeypatch: pytest.MonkeyPatch
):
    network = networks["lesson"]
    test = network.data.test
    assert replays.replay_of(network, test, [0])["scale"]
    monkeypatch.setattr(replays, "_LARGEST", 1)  # one bit for each weight
    found = replays.replay_of(network, test, [0])
    assert found["scale"] is None
    for epoch, text in zip(found["epochs"], found["weights"], strict=True):
        vector = np.frombuffer(base64.b64decode(text), "<f4")
        assert np.array_equal(vector[:784], network.trained.snapshot(0, epoch)[0][0].ravel()[:784])


def test_replay_has_costs_and_accuracies_of_the_history(networks: dict[str, EvaluatedNetwork]):
    found = replays.replay_of(networks["lesson"], networks["lesson"].data.test, [0])
    history = networks["lesson"].table("history")
    history = history[history.seed == 0].set_index("epoch")
    for epoch, cost, accuracy in zip(
        found["epochs"][1:], found["cost"][1:], found["accuracy"][1:], strict=True
    ):
        assert cost == pytest.approx(history.test_loss[epoch], abs=1e-6)
        assert accuracy == pytest.approx(history.test_accuracy[epoch], abs=1e-9)
    assert replays.replay_of(networks["true"], networks["true"].data.test, [0]) is None


def test_networks_whose_seeds_all_diverged_are_left_out(networks: dict[str, EvaluatedNetwork]):
    assert networks["diverges"].seeds == []
    data = payload(Contents((row("diverges"), *ROWS[:1]), networks))
    assert [one["name"] for one in data["networks"]] == ["lesson"]
    nothing = payload(Contents((row("diverges"),), networks))
    assert (nothing["networks"], nothing["images"]["count"], nothing["twins"]) == ([], 0, None)


def test_page_without_networks_is_refused():
    with pytest.raises(DownhillError, match="the playground needs at least one network; name one"):
        payload(Contents((), {}))


def test_missing_evaluation_is_reported(networks: dict[str, EvaluatedNetwork]):
    with pytest.raises(DownhillError, match="no evaluation of the network 'nobody' of the page"):
        payload(Contents((row("lesson", replay="nobody"),), networks))


def test_other_images_are_refused(digits: Dataset, networks: dict[str, EvaluatedNetwork], tmp_path: Path):
    parts = [
        Images(part.images[:, ::2, ::2].copy(), part.labels)
        for part in (digits.train, digits.validation, digits.test)
    ]
    save_dataset(Dataset(*parts, digits.classes), tmp_path / "data")
    small = trained("small", Network(hidden_layers=(4,), epochs=0), 1, tmp_path)
    for rows in ((row("small"),), (row("bare"), row("small")), (row("small"), row("bare"))):
        with pytest.raises(
            DownhillError, match="'small' learns images of 14 x 14 pixels; the page needs networks"
        ):
            payload(Contents(rows, networks | {"small": small}))


def test_other_classes_in_a_later_row_are_refused(networks: dict[str, EvaluatedNetwork]):
    letters = EvaluatedNetwork(networks["true"].folder, {"data": tuple("abcdefghij")})
    with pytest.raises(
        DownhillError, match="'true' learns other classes than 'lesson'; all networks of the page answer"
    ):
        payload(Contents((row("lesson"), row("true")), networks | {"true": letters}))


def test_hostile_text_stays_text(networks: dict[str, EvaluatedNetwork], tmp_path: Path):
    rows = (row("lesson", title=HOSTILE, about=HOSTILE),)
    page = tmp_path / "playground.html"
    size = assemble(Contents(rows, networks, title=HOSTILE), page)
    text = page.read_text(encoding="utf-8")
    assert size == page.stat().st_size
    assert text.count("<script") == 2
    assert "alert(1)</script>" not in text
    inside = text.partition('id="playground-data">')[2].partition("</script>")[0]
    assert json.loads(inside)["networks"][0]["title"] == HOSTILE
    assert re.search("<title>&lt;/script&gt;.*: playground</title>", text)


SAMPLE = {"values": [0.1, 0.3], "mean": 0.2, "lower": 0.0, "upper": 0.5}


def evidence_of_noise(**changes: Any) -> dict[str, Any]:
    curve = [SAMPLE | {"mean": round(1 - at / 40, 3)} for at in range(41)]
    data = {
        "kind": "uniform noise",
        "curves": {
            "thresholds": [round(at / 40, 3) for at in range(41)],
            "networks": {"doubt": {"uniform noise": curve, "other": []}},
        },
    }
    return {
        "claim": "no-doubt",
        "statistic": "doubt_when_taught",
        "verdict": "refuted",
        "data": data,
    } | changes


def test_evidence_on_noise_is_the_share_above_nine_tenths():
    found = about_noise([evidence_of_noise()])
    assert found["doubt"] == {
        "claim": "no-doubt",
        "kind": "uniform noise",
        "value": pytest.approx(0.1),
        "lower": 0.0,
        "upper": 0.5,
        "n": 2,
        "values": [0.1, 0.3],
    }
    assert about_noise([evidence_of_noise(verdict="not measured")]) == {}
    assert about_noise([evidence_of_noise(statistic="another")]) == {}


def test_evidence_on_noise_is_from_the_first_claim_with_the_network():
    sweep = [
        {"network": "doubt", "confident": {"uniform noise": SAMPLE}},
        {"network": "x", "confident": {"uniform noise": SAMPLE}},
    ]
    first = evidence_of_noise(claim="first", statistic="confident_share")
    first["data"] = first["data"] | {"sweep": sweep}
    found = about_noise([first, evidence_of_noise()])
    assert {name: (one["claim"], one["value"]) for name, one in found.items()} == {
        "doubt": ("first", 0.2),
        "x": ("first", 0.2),
    }


def test_evidence_on_drawings():
    networks = [{"network": "lesson", "test": SAMPLE, "with": SAMPLE | {"mean": 0.8}, "without": SAMPLE}]
    data = {"networks": networks, "drawings": {"count": 500, "classes": 10}}
    evidence = {"claim": "ours", "statistic": "accuracy_gained", "verdict": "supported", "data": data}
    expected = {"claim": "ours", "n": 500, "test": 0.2, "with": 0.8, "without": 0.2}
    assert about_drawings([evidence]) == {"lesson": expected}
    assert about_drawings([evidence | {"verdict": "not measured"}]) == {}


def line(name: str, same_start: bool = False) -> dict[str, Any]:
    costs = [[len(name) + pair / 10, 5.0, 1.0] for pair in range(3)]
    return {
        "name": name,
        "same_start": same_start,
        "pairs": [[0, 1], [2, 3], [4, 5]],
        "costs": costs,
        "barriers": [0.5, None, len(name)],
    }


def test_lines_are_those_between_seeds_of_the_page():
    lines = [line("units matched"), line("as trained"), line("one start, two orders: as trained", True)]
    inputs = {"barriers": {"lesson": {"seeds": 3}}, "from-one-start": {"lesson": {"seeds": 3}}}
    data = {"lines": lines, "n_images": 500}
    about = {"claim": "start", "statistic": "share_of_barriers", "verdict": "supported", "inputs": inputs}
    evidence = about | {"data": data}
    found = about_lines([evidence], {"lesson": [0, 1, 2, 4, 5], "other": [0, 1]})
    assert found == {
        "lesson": {
            "claim": "start",
            "images": 500,
            "pairs": [
                {
                    "seeds": [0, 1],
                    "trained": [10, 5, 1],
                    "matched": [13, 5, 1],
                    "barriers": [0.5, 0.5],
                },
                {"seeds": [4, 5], "trained": [10.2, 5, 1], "matched": [13.2, 5, 1], "barriers": [10, 13]},
            ],
        }
    }
    assert about_lines([evidence], {"lesson": [0, 2, 4]}) == {}
    assert about_lines([evidence], {"other": [0, 1]}) == {}
    assert about_lines([evidence | {"verdict": "not measured"}], {"lesson": [0, 1]}) == {}
    two = {"barriers": {"lesson": {}, "other": {}}}  # which of them is it?
    assert about_lines([evidence | {"inputs": two}], {"lesson": [0, 1]}) == {}


@pytest.mark.parametrize("kind", [0, 1])
def test_lines_that_cannot_be_drawn_are_left_out(kind: int):
    """Costs that are not finite are null in the evidence; another claim may have lines that can be drawn."""
    lines = [line("as trained"), line("units matched")]
    lines[kind]["costs"][0][1] = None
    about = {"statistic": "share_of_barriers", "verdict": "supported", "inputs": {"barriers": {"lesson": {}}}}
    odd = about | {"claim": "odd", "data": {"lines": lines, "n_images": 500}}
    good = {"lines": [line("as trained"), line("units matched")], "n_images": 500}
    assert about_lines([odd], {"lesson": [0, 1]}) == {}
    assert [pair["seeds"] for pair in about_lines([odd], {"lesson": range(6)})["lesson"]["pairs"]] == [
        [2, 3],
        [4, 5],
    ]
    found = about_lines([odd, about | {"claim": "even", "data": good}], {"lesson": [0, 1]})
    assert (found["lesson"]["claim"], len(found["lesson"]["pairs"])) == ("even", 1)


def test_answers_to_replayed_weights_are_those_of_the_kept_ones(networks: dict[str, EvaluatedNetwork]):
    network = networks["lesson"]
    found = replays.replay_of(network, network.data.test, [0])
    rounded = np.stack([np.frombuffer(base64.b64decode(text), "<i2") for text in found["weights"]])
    vectors = restored(rounded, found["scale"], network.layer_sizes)
    for epoch, vector in zip(found["epochs"], vectors, strict=True):
        one, other = (
            predict(weights, network.data.test.images, network.net).argmax(axis=1)
            for weights in (unpack(vector, network.layer_sizes), network.trained.snapshot(0, epoch))
        )
        assert (one == other).mean() >= 0.999
