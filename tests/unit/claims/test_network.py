"""Statistics of the family *network*, compared with the same numbers computed without the package's tables."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from downhill import reference
from downhill.network.architecture import initial_parameters, unpack

from .trained_networks import Runs, assert_is, claim_of


@pytest.mark.parametrize(
    ("name", "count"), [("sigmoid", 785 * 16 + 17 * 10), ("softmax", 785 * 12 + 13 * 8 + 9 * 10)]
)
def test_parameter_count(name: str, count: int, evidence_for):
    found = evidence_for(claim_of("network", "parameter_count", f"= {count}", name, unit="count"))
    assert (found["value"], found["n"], found["exact"], found["verdict"]) == (count, 1, True, "supported")
    assert (found["lower"], found["upper"], found["why"]) == (None, None, "exact: no interval needed")


def test_pixels_that_are_never_lit_are_counted(runs: dict[str, Runs], evidence_for):
    found = evidence_for(claim_of("network", "parameter_count", "> 0", "sigmoid", unit="count"))
    dark = (runs["sigmoid"].data.train.images == 0).all(axis=0)
    np.testing.assert_array_equal(found["data"]["never_on"], dark)
    assert found["data"]["stuck"] == 16 * dark.sum()
    assert found["note"].startswith(f"{dark.sum()} pixels are never lit in training, so {16 * dark.sum():,} ")
    W, _ = runs["sigmoid"].weights(0)[0]
    np.testing.assert_allclose(np.reshape(found["data"]["maps"], (16, 784)), W.T, atol=5.1e-5)


@pytest.mark.parametrize(
    ("name", "moves"),
    [
        ("sigmoid", "so {count:,} first-layer weights never move"),
        ("bare", "so {count:,} first-layer weights never move"),
        ("decay", "so only weight decay moves {count:,} first-layer weights"),
        ("untrained", "the network is not trained, so no weight moves"),
    ],
)
def test_weights_that_are_said_not_to_move_do_not(name: str, moves: str, runs: dict[str, Runs], evidence_for):
    found = evidence_for(claim_of("network", "parameter_count", "> 0", name, unit="count"))
    dark = (runs[name].data.train.images == 0).all(axis=0).ravel()
    count = int(dark.sum()) * runs[name].evaluation.layer_sizes[1]
    assert found["note"].endswith(moves.format(count=count))
    sizes = runs[name].evaluation.layer_sizes
    start = unpack(initial_parameters(runs[name].net, sizes, 0), sizes)[0][0]
    moved = (runs[name].weights(0)[0][0] != start)[dark]
    assert moved.any() == (name == "decay")
    assert found["data"]["stuck"] == (count if name in ("sigmoid", "bare") else 0)


def test_networks_without_a_single_bright_output_have_no_share_of_them(evidence_for, runs: dict[str, Runs]):
    found = evidence_for(claim_of("network", "exactly_one_bright", "> 0.5", "dim"))
    assert found["value"] == 0
    assert found["note"].endswith(" of test images, and none has exactly one bright output")


def one_bright(run: Runs) -> np.ndarray:
    return np.array([((run.outputs(seed, "test")[0] > 0.5).sum(1) == 1).mean() for seed in run.seeds])


def test_exactly_one_bright(runs: dict[str, Runs], evidence_for):
    found = evidence_for(claim_of("network", "exactly_one_bright", "-9 to 9", "sigmoid"))
    assert_is(found, one_bright(runs["sigmoid"]))
    shares = found["data"]["shares"]
    np.testing.assert_allclose(shares["1"]["values"], one_bright(runs["sigmoid"]))
    np.testing.assert_allclose(np.sum([sample["values"] for sample in shares.values()], axis=0), 1)


def effects(run: Runs, seed: int) -> dict[str, np.ndarray]:
    """The network computed again without each of some weights, one at a time, and the activity of its units."""
    weights = run.weights(seed)
    images = run.data.test.images[:150]
    layers, _ = reference.forward(weights, images, run.net)
    random = np.random.default_rng(seed)
    found: dict[str, list[float]] = {"place": [], "change": [], "input": []}
    first = 0
    for layer, (W, _) in enumerate(weights):
        for place in random.choice(W.size, 60, replace=False):
            changed = [(V.copy(), b) for V, b in weights]
            changed[layer][0].flat[place] = 0
            unit = place % W.shape[1]
            without = reference.forward(changed, images, run.net)[0][layer + 1][:, unit]
            found["place"].append(first + place)
            found["change"].append(np.abs(without - layers[layer + 1][:, unit]).mean())
            found["input"].append(np.abs(layers[layer][:, place // W.shape[1]]).mean())
        first += W.size
    found["bias"] = np.concatenate([b for _, b in weights[:-1]]).tolist()
    found["activation"] = np.concatenate([a.mean(0) for a in layers[1:-1]]).tolist()
    return {name: np.array(values) for name, values in found.items()}


@pytest.mark.parametrize("name", ["sigmoid", "softmax"])
def test_weights_and_biases_do_what_a_network_without_them_shows(
    name: str, runs: dict[str, Runs], tmp_path: Path
):
    arrays = runs[name].weights_and_biases(tmp_path / "result.npz").only()
    for row, seed in enumerate(arrays["seeds"]):
        by_hand = effects(runs[name], int(seed))
        places = by_hand["place"].astype(int)
        np.testing.assert_allclose(arrays["change"][row][places], by_hand["change"], rtol=1e-4, atol=1e-7)
        np.testing.assert_allclose(arrays["input"][row][places], by_hand["input"], rtol=1e-5)
        np.testing.assert_allclose(arrays["bias"][row], by_hand["bias"])
        np.testing.assert_allclose(arrays["activation"][row], by_hand["activation"], rtol=1e-5)
        all_weights = np.concatenate([W.ravel() for W, _ in runs[name].weights(int(seed))])
        np.testing.assert_array_equal(arrays["weight"][row], all_weights)
        assert np.bincount(arrays["weight_layer"][row]).tolist() == [W.size for W, _ in runs[name].weights(0)]


@pytest.mark.parametrize("name", ["sigmoid", "softmax"])
def test_strength_and_tendency(name: str, runs: dict[str, Runs], tmp_path: Path, evidence_for):
    found = evidence_for(
        claim_of("network", "strength_and_tendency", "-1 to 1; -1 to 1", name, unit="correlation")
    )
    arrays = runs[name].weights_and_biases(tmp_path / "result.npz").only()
    pairs = {"strength": (np.abs(arrays["weight"]), arrays["change"])}
    pairs["tendency"] = (arrays["bias"], arrays["activation"])
    for part in found["parts"]:
        by_seed = [stats.spearmanr(x, y).statistic for x, y in zip(*pairs[part["name"]], strict=True)]
        assert part["value"] == pytest.approx(np.mean(by_seed))
        assert part["n"] == len(by_seed)
    with_input = found["data"]["correlations"]["|weight| × mean input"]["values"]
    product = np.abs(arrays["weight"]) * arrays["input"]
    by_seed = [stats.spearmanr(x, y).statistic for x, y in zip(product, arrays["change"], strict=True)]
    np.testing.assert_allclose(with_input, by_seed)
    assert found["inputs"] == {"weights-and-biases": {name: {"seeds": len(by_seed), "diverged": []}}}
    assert found["note"].endswith("means over 150 test images")
    assert 0 < len(found["data"]["weights"]["weight"]) <= 3000
