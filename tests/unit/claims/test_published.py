"""Statistics of the family *published*, and published single runs, compared with numbers computed by hand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from downhill.claims.comparison import Comparison

from .trained_networks import Runs, assert_is, claim_of


def best_epochs(run: Runs) -> np.ndarray:
    rows = pd.concat([pd.read_parquet(block / "history.parquet") for block in run.blocks])
    return rows[rows.seed.isin(run.seeds)].groupby("seed").test_accuracy.max().to_numpy()


def test_best_epoch_accuracy_is_that_of_the_first_network(runs: dict[str, Runs], evidence_for):
    found = evidence_for(claim_of("published", "best_epoch_accuracy", "> 0", "softmax", "sigmoid", "slow"))
    assert_is(found, best_epochs(runs["softmax"]))
    assert [shape["network"] for shape in found["data"]["shapes"]] == ["softmax", "sigmoid", "slow"]
    for shape in found["data"]["shapes"]:
        run = runs[shape["network"]]
        np.testing.assert_allclose(shape["best"]["values"], best_epochs(run))
        assert np.flatnonzero(shape["stuck"]).tolist() == list(run.stuck())


def test_median_last_epoch_and_stuck_seeds_stand_beside_the_best(runs: dict[str, Runs], evidence_for):
    run = runs["slow"]
    assert run.stuck()  # hardly trained: otherwise this test shows nothing
    found = evidence_for(claim_of("published", "best_epoch_accuracy", "> 0", "slow"))
    best, final = best_epochs(run), run.accuracy("test")
    assert found["note"].startswith(
        f"the median is {100 * np.median(best):.2f} %; at the last epoch, the mean is {100 * final.mean():.2f} %; "
        f"{len(run.stuck())} of 4 seeds are stuck, never recognising one of the classes ("
    )
    digits = [digit for classes in run.stuck().values() for digit in classes]
    for digit in set(digits):
        assert f"{digit} in {digits.count(digit)}" in found["note"]
    assert found["data"]["published"] is None
    assert found["runs"] == [run.row_of_evidence()]


def test_published_run_is_compared_with_the_best_epochs(runs: dict[str, Runs], evidence_for):
    claim = claim_of("published", "best_epoch_accuracy", "> 0", "sigmoid").model_copy(update={"said": 0.9659})
    found = evidence_for(claim)
    below = int((best_epochs(runs["sigmoid"]) < 0.9659).sum())
    assert found["data"]["published"]["below"] == below
    assert f"{below} of our 5 runs are below the published one, too few runs to say" in found["note"]


def test_ratio_of_spreads(runs: dict[str, Runs], evidence_for):
    found = evidence_for(claim_of("published", "ratio_of_spreads", "> 0", "slow", "sigmoid", unit="ratio"))
    first, second = (runs[name].accuracy("test") for name in ("slow", "sigmoid"))
    assert found["value"] == pytest.approx(np.std(first, ddof=1) / np.std(second, ddof=1))
    assert (found["n"], found["parts"][0]["fewest"]) == (9, 4)
    assert found["parts"][0]["method"] == "expanded percentile bootstrap"
    for recipe, run in zip(found["data"]["recipes"], (runs["slow"], runs["sigmoid"]), strict=True):
        np.testing.assert_allclose(recipe["accuracy"]["values"], run.accuracy("test"))
        share = recipe["share_stuck"]
        assert (share["value"], share["n"]) == (len(run.stuck()) / len(run.seeds), len(run.seeds))
        expected = stats.binomtest(len(run.stuck()), len(run.seeds)).proportion_ci(0.95, "wilson")
        np.testing.assert_allclose([share["lower"], share["upper"]], expected)


@pytest.mark.parametrize("networks", [("sigmoid",), ("sigmoid", "slow", "softmax")])
def test_ratio_of_spreads_compares_two_networks(networks: tuple[str, ...], evidence_for):
    found = evidence_for(claim_of("published", "ratio_of_spreads", "> 0", *networks, unit="ratio"))
    assert found["verdict"] == "not measured"
    assert found["why"] == f"the statistic compares two networks, and the row names {len(networks)}"


@pytest.mark.parametrize(
    ("value", "runs", "below", "p", "reproduced"),
    [
        (0.5, np.linspace(0.4104, 0.6004, 39), 18, 2 * 19 / 40, True),
        (0.9, np.linspace(0.4, 0.6, 39), 39, 2 * 1 / 40, False),  # beyond all of them: p = 0.05
        (0.9, np.linspace(0.4, 0.6, 38), 38, 2 * 1 / 39, None),
        (0.1, np.linspace(0.4, 0.6, 60), 0, 2 / 61, False),
        (0.5, np.full(40, 0.5), 20, 1.0, True),  # ties count half
        (0.5, np.r_[np.full(39, 0.4), 0.5], 39.5, 2 * 1.5 / 41, True),
    ],
)
def test_published_single_run(value: float, runs: Any, below: float, p: float, reproduced: bool | None):
    found = Comparison.of(value, runs)
    assert (found.below, found.p, found.reproduced) == (below, pytest.approx(p), reproduced)
    words = {True: "it is reproduced", False: "it is not reproduced", None: "too few runs"}
    assert words[reproduced] in found.sentence()


@given(st.integers(39, 200), st.integers(0, 2**32 - 1))
def test_one_of_our_own_runs_is_seldom_not_reproduced(n: int, seed: int):
    """Of n + 1 runs, each one in turn compared with the others: at most 5 % are not reproduced."""
    runs = np.random.default_rng(seed).normal(size=n + 1)
    found = [Comparison.of(run, np.delete(runs, place)).reproduced for place, run in enumerate(runs)]
    assert np.mean(np.logical_not(found)) <= 0.05
