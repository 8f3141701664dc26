"""Measuring a claim: what the file contains, what cannot be measured, and the same bytes each time."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from downhill.claims.inputs import Inputs
from downhill.claims.measure import measure
from downhill.config import functions
from downhill.config.claim import MeasuredClaim
from downhill.experiments.results import ExperimentResult
from downhill.runs.evaluate import evaluate_network
from downhill.runs.evaluation import EvaluatedNetwork
from downhill.storage.json_files import read_json

from .trained_networks import QUICK, Runs, claim_of

CONFIG = Path(__file__).parents[3] / "config"


def test_every_statistic_is_tested():
    """By its name, or by that of a shipped claim, in a test module of its family."""
    table = pd.read_csv(CONFIG / "claims.tsv", sep="\t")
    for family, claims in table.groupby("family"):
        sources = [
            path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob(f"test_{family}*.py")
        ]
        source, statistics = "\n".join(sources), functions.names("claims", str(family))
        assert set(claims.statistic) <= set(statistics)
        for name in statistics:
            used = [name, *(f'"{claim}"' for claim in claims[claims.statistic == name].claim)]
            assert any(one in source for one in used), name


def test_measurement_knows_the_statistic_and_nothing_of_the_wording(runs: dict[str, Runs], tmp_path: Path):
    claim = claim_of("learning", "test_accuracy", "> 0.99", "sigmoid")
    evaluation = runs["sigmoid"].evaluation
    returned = measure(claim.measured(), Inputs((evaluation,)), QUICK, tmp_path / "measurement.json")
    found = read_json(tmp_path / "measurement.json")
    assert list(found) == list(returned)
    assert set(found) == {
        *("family", "statistic", "options", "confidence_level", "statistics"),
        *("why_not", "parts", "note", "data", "runs", "experiments", "diverged"),
    }
    assert (found["family"], found["statistic"], found["options"]) == ("learning", "test_accuracy", {})
    assert found["confidence_level"] == 0.95
    assert found["statistics"] == QUICK.model_dump()
    assert found["why_not"] is None
    assert found["note"].startswith("single seeds reach ")
    assert found["runs"] == [runs["sigmoid"].row_of_evidence()]
    assert found["experiments"] == {}
    (part,) = found["parts"]
    assert part["value"] == pytest.approx(runs["sigmoid"].accuracy("test").mean())
    assert part["n"] == 5


def test_diverged_seeds_are_left_out_and_reported(runs: dict[str, Runs], evidence_for):
    run = runs["some-diverge"]
    epochs = {}
    for block in run.blocks:
        with np.load(block / "weights.npz") as arrays:
            epochs |= dict(zip(arrays["seeds"].tolist(), arrays["diverged_epoch"].tolist(), strict=True))
    diverged = {str(seed): epoch for seed, epoch in epochs.items() if epoch > 0}
    assert 0 < len(diverged) < 8  # otherwise this test shows nothing: choose other steps
    finite = [all(np.isfinite(W).all() for W, _ in run.weights(seed)) for seed in run.seeds]
    assert [epochs[seed] == 0 for seed in run.seeds] == finite
    evaluation = run.evaluation
    assert evaluation.index["diverged"] == diverged
    assert evaluation.seeds == [seed for seed in run.seeds if finite[seed]]
    for table in ("scores", "history", "confusion"):
        assert sorted(evaluation.table(table).seed.unique()) == evaluation.seeds
    assert len(evaluation.predictions["predicted"]) == len(evaluation.seeds)
    found = evidence_for(claim_of("learning", "test_accuracy", "0 to 1", "some-diverge"))
    assert found["n"] == sum(finite)
    assert found["value"] == pytest.approx(run.accuracy("test").mean())
    assert found["runs"][0]["diverged"] == diverged
    assert found["verdict"] == "supported"


def test_claim_on_nothing_but_diverged_seeds_is_not_measured(runs: dict[str, Runs], evidence_for):
    assert runs["all-diverge"].evaluation.seeds == []
    found = evidence_for(claim_of("learning", "test_accuracy", "> 0.9", "sigmoid", "all-diverge"))
    assert found["verdict"] == "not measured"
    assert found["why"] == "every seed of network 'all-diverge' diverged"
    assert (found["value"], found["lower"], found["upper"], found["n"]) == (None, None, None, 0)
    assert (found["parts"], found["data"]) == ([], {})
    assert found["runs"][1]["diverged"] == {"0": 1, "1": 1}


def test_experiment_on_nothing_but_diverged_seeds_is_not_measured(runs: dict[str, Runs], tmp_path: Path):
    result = runs["all-diverge"].weights_and_biases(tmp_path / "weights-and-biases.npz")
    assert result.summary() == {"all-diverge": {"seeds": 0, "diverged": [0, 1]}}
    claim = claim_of("network", "strength_and_tendency", "> 0; > 0").measured()
    found = measure(claim, Inputs(experiments={result.name: result}), QUICK, tmp_path / "measurement.json")
    assert found["why_not"] == "no seed of experiment 'weights-and-biases' is left, since networks diverged"
    assert found["experiments"] == {"weights-and-biases": result.summary()}


@pytest.mark.parametrize(
    ("family", "statistic", "network", "why"),
    [
        ("learning", "rise_with_epochs", "bare", "a correlation needs at least two epochs"),
        (
            "network",
            "strength_and_tendency",
            "bare",
            "the biases of hidden units need at least two hidden units",
        ),
        ("memorisation", "both_fitted", "sigmoid", "no network is trained on both true and shuffled labels"),
        (
            "learning",
            "test_accuracy",
            "sigmoid,bare",
            "the statistic is measured on one network, and the row names 2",
        ),
    ],
)
def test_statistic_that_cannot_be_measured_says_why(family, statistic, network, why, evidence_for):
    claim = claim_of(family, statistic, "> 0", *network.split(","))
    options = {"hidden_layers": "16", "images": 300} if statistic == "both_fitted" else {}
    found = evidence_for(claim.model_copy(update={"options": options}))
    assert found["verdict"] == "not measured"
    assert found["why"].startswith(why)


@pytest.mark.parametrize("names", [(), ("one", "other")])
def test_statistic_of_one_experiment_needs_exactly_one(names: tuple[str, ...], tmp_path: Path):
    inputs = Inputs(experiments={name: ExperimentResult(name, {}) for name in names})
    claim = MeasuredClaim(family="network", statistic="strength_and_tendency")
    found = measure(claim, inputs, QUICK, tmp_path / "measurement.json")
    assert found["why_not"] == (
        f"the statistic is measured on one experiment, and the row names {len(names)}"
    )


def test_one_seed_gives_a_value_without_an_interval(
    runs: dict[str, Runs], data_folders: dict[str, Path], tmp_path: Path
):
    run = runs["sigmoid"]
    evaluate_network("alone", run.net, data_folders["true"], run.blocks, range(1), tmp_path / "alone")
    claim = claim_of("learning", "test_accuracy", "> 0.99", "alone").measured()
    inputs = Inputs((EvaluatedNetwork(tmp_path / "alone"),))
    (part,) = measure(claim, inputs, QUICK, tmp_path / "measurement.json")["parts"]
    assert part["value"] == pytest.approx(run.accuracy("test")[0])
    assert (part["n"], part["lower"], part["upper"]) == (1, None, None)


def test_measuring_twice_gives_the_same_bytes(runs: dict[str, Runs], tmp_path: Path):
    claim = claim_of("learning", "test_accuracy", "> 0.9", "sigmoid").measured()
    for name in ("first", "second"):
        measure(claim, Inputs((runs["sigmoid"].evaluation,)), QUICK, tmp_path / name)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()
    json.loads((tmp_path / "first").read_text(), parse_constant=pytest.fail)  # no NaN, which is not JSON


def test_further_sources_of_variation_are_named(
    runs: dict[str, Runs], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(EvaluatedNetwork, "varying", property(lambda network: ("images",)))
    inputs = Inputs((runs["sigmoid"].evaluation,))
    for statistic, covers in (
        ("test_accuracy", ["initial weights and order of images", "images"]),
        ("parameter_count", []),  # has no interval
    ):
        family = "network" if statistic == "parameter_count" else "learning"
        claim = MeasuredClaim(family=family, statistic=statistic)
        assert measure(claim, inputs, QUICK, tmp_path / "m.json")["parts"][0]["covers"] == covers
