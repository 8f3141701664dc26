"""Statistics of the family *network*, compared with the same numbers computed without the package's tables."""

import numpy as np
import pytest

from downhill import reference

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


def one_bright(run: Runs) -> np.ndarray:
    return np.array([((run.outputs(seed, "test")[0] > 0.5).sum(1) == 1).mean() for seed in run.seeds])


def test_exactly_one_bright(runs: dict[str, Runs], evidence_for):
    found = evidence_for(claim_of("network", "exactly_one_bright", "-9 to 9", "sigmoid"))
    assert_is(found, one_bright(runs["sigmoid"]))
    shares = found["data"]["shares"]
    np.testing.assert_allclose(shares["1"]["values"], one_bright(runs["sigmoid"]))
    np.testing.assert_allclose(np.sum([sample["values"] for sample in shares.values()], axis=0), 1)


def rises(run: Runs) -> np.ndarray:
    """Share of hidden units whose mean activation rises with the bias, by seed."""
    shares = []
    for seed in run.seeds:
        a, rising = reference.scaled(run.data.test.images[:150]), []
        for W, b in run.weights(seed)[:-1]:
            z = a @ W.astype(float) + b
            means = [
                reference.activate(run.net.activation, z + shift).mean(0) for shift in np.arange(-4, 4.5, 0.5)
            ]
            rising += (np.diff(means, axis=0) > 0).all(axis=0).tolist()
            a = reference.activate(run.net.activation, z)
        shares.append(np.mean(rising))
    return np.array(shares)


@pytest.mark.parametrize("name", ["sigmoid", "softmax"])
def test_rising_with_bias(name: str, runs: dict[str, Runs], evidence_for):
    """The lowest share of any seed counts: a single unit that does not rise refutes the claim."""
    found = evidence_for(claim_of("network", "rising_with_bias", "= 1", name))
    by_hand = rises(runs[name])
    assert found["value"] == pytest.approx(by_hand.min(), abs=1e-12)
    assert (found["n"], found["exact"]) == (len(by_hand), True)
    assert found["verdict"] == ("supported" if by_hand.min() == 1 else "refuted")
    assert found["inputs"] == {"bias-curves": {name: {"seeds": len(by_hand), "diverged": []}}}
    assert found["note"].endswith("mean over 150 test images")
    assert [len(curves) for curves in found["data"]["curves"]] == list(runs[name].net.hidden_layers)
