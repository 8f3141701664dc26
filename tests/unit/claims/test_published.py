"""Statistics of the family *published*, and published single runs, compared with numbers computed by hand."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from downhill import reference
from downhill.claims.comparison import Comparison, SingleRun, single_runs
from downhill.claims.inputs import Inputs
from downhill.claims.judge import _overall, judge
from downhill.claims.measure import measure
from downhill.claims.parts import NotMeasuredError, PerSeed
from downhill.claims.published_runs import best_of_groups
from downhill.claims.wording import FEWEST_SEEDS
from downhill.config.claim import Claim
from downhill.config.network import Network
from downhill.datasets import Dataset
from downhill.errors import DownhillError
from downhill.experiments.inputs import Inputs as ExperimentInputs
from downhill.experiments.results import read_results
from downhill.experiments.run import run_experiment
from downhill.network.architecture import initial_parameters, unpack
from downhill.storage.json_files import write_json

from .trained_networks import QUICK, Runs, assert_is, claim_of


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
        (
            0.0253,
            np.r_[np.full(3, 0.9786 - 0.9533), np.full(36, 0.01)],
            37.5,
            2 * 2.5 / 40,
            True,
        ),  # but for rounding
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


def test_single_run_is_a_column_of_the_history_at_an_epoch(runs: dict[str, Runs], evidence_for):
    history = history_of("sigmoid", runs)
    for quantity in ("test_accuracy", "validation_accuracy", "train_loss"):
        for epoch, expected in (
            ("last", history[history.epoch == 3].set_index("seed")[quantity]),
            (1, history[history.epoch == 1].set_index("seed")[quantity]),
            ("best", getattr(history.groupby("seed")[quantity], "min" if quantity[-1] == "s" else "max")()),
        ):
            found = evidence_for(single_run("sigmoid", 0.5, quantity=quantity, epoch=epoch))
            np.testing.assert_array_equal(found["data"]["runs"]["values"], expected)
            assert found["value"] == pytest.approx(expected.mean())
            assert (found["n"], found["verdict"]) == (5, "undecided")
            assert "too few runs to say whether it is reproduced (at least 39)" in found["why"]


def test_single_run_of_a_difference(runs: dict[str, Runs], evidence_for):
    """As in a gap between the best training and the best test accuracy, each at its own epoch."""
    best = history_of("sigmoid", runs).groupby("seed")[["train_accuracy", "test_accuracy"]].max()
    options = {"quantity": "train_accuracy", "minus": "test_accuracy", "epoch": "best"}
    found = evidence_for(single_run("sigmoid", 0.1, unit="points", **options))
    np.testing.assert_allclose(found["data"]["runs"]["values"], best.train_accuracy - best.test_accuracy)
    assert found["data"]["curve"] is None


def test_a_history_of_one_epoch_has_no_curve(evidence_for):
    """`softmax` keeps a row for every second of 4 epochs; `decay` is trained for one."""
    assert evidence_for(single_run("softmax", 0.5))["data"]["curve"]["course"]["epoch"] == [2, 4]
    assert evidence_for(single_run("decay", 0.5))["data"]["curve"] is None


def test_best_of_several_runs_takes_groups_of_successive_seeds(runs: dict[str, Runs], evidence_for):
    best = best_epochs(runs["sigmoid"])
    found = evidence_for(single_run("sigmoid", 0.5, epoch="best", runs=2))
    np.testing.assert_array_equal(
        found["data"]["runs"]["values"], [best[:2].max(), best[2:4].max()]
    )  # the fifth seed has no partner
    assert (found["n"], found["parts"][0]["of"]) == (2, "group")  # not two seeds
    assert "; each of ours is the best of 2 seeds" in found["note"]


def test_groups_with_a_diverged_seed_are_left_out(runs: dict[str, Runs]):
    evaluation = runs["some-diverge"].evaluation
    values = np.arange(len(evaluation.seeds), dtype=float)
    found = dict(zip(evaluation.seeds, values, strict=True))
    assert 0 < len(found) < 8  # otherwise this test shows nothing
    pairs = [(first, first + 1) for first in range(0, 8, 2)]
    expected = [min(found[seed] for seed in pair) for pair in pairs if all(seed in found for seed in pair)]
    np.testing.assert_array_equal(best_of_groups(evaluation, values, 2, smallest=True), expected)


def test_epoch_of_the_lowest_cost(runs: dict[str, Runs], evidence_for):
    history = history_of("slow", runs)
    claim = claim_of("published", "single_best_epoch", "single run", "slow", unit="count").model_copy(
        update={"said": 2.0, "options": {"quantity": "validation_loss"}}
    )
    lowest = history.loc[history.groupby("seed").validation_loss.idxmin()].epoch
    np.testing.assert_array_equal(evidence_for(claim)["data"]["runs"]["values"], lowest)


def gradients(digits: Dataset, folder: Path, **options: Any) -> dict[str, Any]:
    """The measurement of the gradient of the first of two hidden layers, over four seeds."""
    small = {"initializations": ("nielsen",), "depths": (1, 2), "width": 5, "images": 40, "epochs": 0}
    inputs, arrays = ExperimentInputs(datasets={"digits": digits}), folder / "arrays.npz"
    given = small | {"kept": (0,)} | options
    run_experiment("gradients", "depth.gradients_by_layer", range(4), inputs, given, arrays, "")
    claim = claim_of("published", "single_gradient", "single run", unit="number")
    claim = claim.model_copy(update={"said": 0.1, "options": {"depth": 2, "layer": 1}})
    return measure(claim.measured(), Inputs(experiments=read_results([arrays])), QUICK, folder / "m.json")


def test_gradient_of_one_layer(tmp_path: Path, digits: Dataset):
    """Against the reference, on the start of the same seeds."""
    found = gradients(digits, tmp_path)
    net = Network(
        hidden_layers=(5, 5),
        activation="sigmoid",
        output="sigmoid",
        loss="cross_entropy",
        initialization="nielsen",
    )
    expected = []
    for seed in range(4):
        weights = unpack(initial_parameters(net, (784, 5, 5, 10), seed), (784, 5, 5, 10))
        _, gradient = reference.loss_and_gradient(
            weights, digits.train.images[:40], digits.train.labels[:40], net
        )
        expected.append(np.linalg.norm(gradient[0][1]))
    np.testing.assert_allclose(found["data"]["runs"]["values"], expected, rtol=1e-4)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (
            {"epochs": 1, "kept": (1,), "training_images": 40},
            "the experiment has no gradients before training, but from epoch 1 on; name one that keeps epoch 0",
        ),
        (
            {"activations": ("sigmoid", "tanh"), "initializations": ("nielsen", "nielsen")},
            "the experiment has 2 kinds of networks; name one with a single activation and initialization",
        ),
    ],
)
def test_gradient_of_anything_but_one_untrained_network(
    options: dict[str, Any], why: str, tmp_path: Path, digits: Dataset
):
    """Otherwise the words about the statistic would be wrong."""
    assert gradients(digits, tmp_path, **options)["why_not"] == why


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_run_without_a_finite_value_is_not_compared(odd: float):
    with pytest.raises(NotMeasuredError, match="a run is not a finite number"):
        SingleRun(0.5, [0.4, odd]).estimate(QUICK)


@pytest.mark.parametrize(
    ("network", "options", "why"),
    [
        ("sigmoid", {"epoch": 4}, "the history of network 'sigmoid' has no epoch 4"),
        ("softmax", {"epoch": 1}, "the history of network 'softmax' has no epoch 1"),
        ("untrained", {}, "a network that was not trained has no epochs"),
        (
            "scored-on-test",
            {"quantity": "train_loss"},
            "the history of network 'scored-on-test' does not score train_loss",
        ),
        ("sigmoid", {"runs": 6}, "there is no run to compare the published one with"),
    ],
)
def test_single_run_that_is_not_there(network: str, options: dict[str, Any], why: str, evidence_for):
    found = evidence_for(single_run(network, 0.5, **options))
    assert (found["verdict"], found["why"]) == ("not measured", why)


@given(st.integers(1, 200), st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_range_of_single_runs_holds_what_is_reproduced(n: int, values: int, seed: int):
    """With ties, and at, between and beyond all runs."""
    runs = np.random.default_rng(seed).integers(0, values, n) / 8
    lower, upper = single_runs(runs)
    assert (lower is None) == (n < FEWEST_SEEDS)
    if lower is not None and upper is not None:
        for value in np.arange(-1, 2 * values + 1) / 16:
            reproduced = Comparison.of(value, runs).reproduced
            if value not in (lower, upper):  # at the ends, ties decide
                assert reproduced == (lower < value < upper)


@pytest.mark.parametrize(
    ("said", "verdict", "holds"), [(0.5, "reproduced", False), (0.7, "not reproduced", False)]
)
def test_verdict_on_a_single_run(said: float, verdict: str, holds: bool, tmp_path: Path):
    found = judged(said, np.linspace(0.4, 0.6, 40), tmp_path)
    assert (found["verdict"], found["holds"]) == (verdict, holds)
    assert (found["lower"], found["upper"]) == (0.4, 0.6)
    assert found["parts"][0]["method"] == "range of single runs"
    assert found["why"].endswith(f"(p = {2 / 41:.2g})" if said == 0.7 else "(p = 1)")


def test_only_not_reproduced_can_hold_at_the_stricter_level(tmp_path: Path):
    """With 1,999 runs, a value beyond all of them has p = 0.001."""
    assert judged(0.7, np.linspace(0.4, 0.6, 1999), tmp_path)["holds"]
    assert not judged(0.7, np.linspace(0.4, 0.6, 1998), tmp_path)["holds"]
    assert not judged(0.5, np.linspace(0.4, 0.6, 1999), tmp_path)["holds"]


@pytest.mark.parametrize(
    ("band", "part", "message"),
    [
        ("> 0.5", SingleRun(0.5, [0.4]), "'single_run' is one of them"),
        ("single run", PerSeed([0.4, 0.5]), "'single_run' is not one of them"),
    ],
)
def test_band_of_another_kind_is_refused(band: str, part: Any, message: str, tmp_path: Path):
    measured = tmp_path / "measured.json"
    write_json(measured, MEASURED | {"parts": [{"name": ""} | part.estimate(QUICK)]})
    claim = claim_of("published", "single_run", band, "sigmoid")
    with pytest.raises(DownhillError, match=message):
        judge(claim, "it", measured, tmp_path / "evidence.json")


def test_mixed_parts_of_a_claim_have_the_verdict_of_the_worst():
    def part(verdict: str) -> dict[str, Any]:
        return {"verdict": verdict, "why": "", "holds": False, "name": ""} | dict.fromkeys(
            ("value", "lower", "upper", "n", "exact")
        )

    for verdicts, expected in (
        (("reproduced", "not reproduced"), "not reproduced"),
        (("reproduced", "reproduced"), "reproduced"),
        (("undecided", "not reproduced"), "not reproduced"),
        (("reproduced", "undecided"), "undecided"),
    ):
        assert _overall([part(verdict) for verdict in verdicts])["verdict"] == expected


def history_of(network: str, runs: dict[str, Runs]) -> pd.DataFrame:
    run = runs[network]
    rows = pd.concat([pd.read_parquet(block / "history.parquet") for block in run.blocks])
    return rows[rows.seed.isin(run.seeds)].reset_index(drop=True)


def single_run(network: str, said: float, unit: str = "share", **options: Any) -> Claim:
    claim = claim_of("published", "single_run", "single run", network, unit=unit)
    return claim.model_copy(update={"said": said, "options": options})


MEASURED: dict[str, Any] = {
    "family": "published",
    "statistic": "single_run",
    "confidence_level": 0.95,
    "diverged": {"seeds": 0, "are": "dropped"},
    "note": "",
    "data": {},
    "runs": [],
    "why_not": None,
    "experiments": {},
}


def judged(said: float, runs: np.ndarray, folder: Path) -> dict[str, Any]:
    """The evidence of a claim about a published run among these."""
    write_json(
        folder / "measured.json", MEASURED | {"parts": [{"name": ""} | SingleRun(said, runs).estimate(QUICK)]}
    )
    claim = single_run("sigmoid", said)
    return judge(claim, "it", folder / "measured.json", folder / "evidence.json")
