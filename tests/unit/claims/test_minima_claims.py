"""Statistics of the family *minima*, on constructed results with known answers and on small trained networks."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from downhill.claims.inputs import Inputs
from downhill.claims.judge import judge
from downhill.claims.measure import measure
from downhill.config.claim import Claim
from downhill.config.network import Network
from downhill.datasets import load_dataset
from downhill.experiments.results import ExperimentResult
from downhill.runs.evaluate import evaluate_network
from downhill.runs.evaluation import EvaluatedNetwork
from downhill.runs.train import train_block

from .trained_networks import QUICK

POINTS = 5
HILL = np.array([0, 0.5, 1, 0.5, 0])


def claim_of(statistic: str, band: str, unit: str = "share", **options: Any) -> Claim:
    return Claim(
        claim=statistic.replace("_", "-"),
        family="minima",
        statement="It is so.",
        source="L1",
        statistic=statistic,
        networks=("a",),
        options=options,
        unit=unit,
        band=band,
        figures=("wells",),
    )


@pytest.fixture
def evidence_for(tmp_path: Path) -> Callable[[Claim, Inputs], dict[str, Any]]:
    def evidence(claim: Claim, inputs: Inputs) -> dict[str, Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            measure(claim.measured(), inputs, QUICK, tmp_path / "measured.json")
        return judge(claim, "What is measured", tmp_path / "measured.json", tmp_path / "claim.json")

    return evidence


def on_lines(heights: list[tuple[float, float, float]], same_start: bool = False) -> ExperimentResult:
    """Pairs of networks whose ends have a cost of 2, with hills of these heights: as trained, matched, with signs."""
    hills = np.array(heights)
    costs = {
        name: 2 + hills[:, row, None] * HILL for row, name in enumerate(("trained", "matched", "signed"))
    }
    n = len(hills)
    arrays = {
        "seeds": np.arange(2 * n).reshape(n, 2),
        "diverged": np.zeros((0, 2), np.int64),
        "share": np.tile(np.linspace(0, 1, POINTS), (n, 1)),
        **costs,
        "barrier": hills / 2,
        "images": np.full(n, 100),
        "same_start": np.full(n, same_start),
    }
    return ExperimentResult("from-one-start" if same_start else "barriers", {"net": arrays})


def inputs_of(*results: ExperimentResult) -> Inputs:
    return Inputs((), {result.name: result for result in results})


def test_the_verdict_is_on_matched_pairs(evidence_for):
    heights = [(4.0, 1.0, 0.1)] * 6 + [(4.0, 0.2, 0.1)] * 2 + [(4.0, 0.0, 0.0)] * 2
    found = evidence_for(claim_of("share_of_barriers", "> 0.3"), inputs_of(on_lines(heights)))
    assert found["value"] == 0.6  # 10 % itself is not above 10 %
    assert found["n"] == 10
    expected = stats.binomtest(6, 10).proportion_ci(0.95, "wilson")
    np.testing.assert_allclose([found["lower"], found["upper"]], expected)
    lines = {line["name"]: line for line in found["data"]["lines"]}
    assert [line["name"] for line in lines.values() if line["verdict"]] == ["units matched"]
    assert lines["as trained"]["above"]["value"] == 1
    assert lines["units and signs matched"]["above"]["value"] == 0
    assert lines["as trained"]["median"]["value"] == 2
    np.testing.assert_allclose(lines["units matched"]["costs"][0], 2 + HILL)
    assert found["note"].endswith(
        "; 100 % of pairs have a barrier above 10 % as trained, and 0 % when the signs of units are matched as well; "
        "the median barrier is 200 % as trained, 50 % with units matched, 5 % with units and signs matched"
    )


def test_pairs_with_one_start_are_a_control(evidence_for):
    pairs, control = on_lines([(4, 1, 0.5)] * 6), on_lines([(0.1, 0.1, 0.1), (1, 1, 1)], same_start=True)
    for order in ((pairs, control), (control, pairs)):
        found = evidence_for(claim_of("share_of_barriers", "> 0.5"), inputs_of(*order))
        assert (found["value"], found["n"]) == (1, 6)
        assert [line["same_start"] for line in found["data"]["lines"]] == [False] * 3 + [True] * 2
        assert found["data"]["lines"][3]["above"]["value"] == 0.5
        assert found["note"].endswith(
            "50 % of 2 pairs have such a barrier after matching, and the median is 28 %"
        )
    found = evidence_for(claim_of("share_of_barriers", "> 0.5"), inputs_of(control))
    assert found["why"] == "no experiment compares networks with different initial weights"


def test_units_without_signs_are_not_said_to_have_matching_ones(evidence_for):
    found = evidence_for(claim_of("share_of_barriers", "> 0.3"), inputs_of(on_lines([(4, 1, 1)] * 3)))
    assert [line["name"] for line in found["data"]["lines"]] == ["as trained", "units matched"]
    assert found["note"].endswith(
        "; 100 % of pairs have a barrier above 10 % as trained; "
        "the median barrier is 200 % as trained, 50 % with units matched"
    )


def test_two_experiments_of_one_kind_are_refused(evidence_for):
    first, second = (ExperimentResult(name, on_lines([(4, 1, 1)]).by_network) for name in ("one", "another"))
    found = evidence_for(claim_of("share_of_barriers", "> 0.3"), inputs_of(first, second))
    assert found["why"] == "two experiments of the row compare the same kind of networks"


def test_another_threshold_gives_another_share(evidence_for):
    inputs = inputs_of(on_lines([(1, 1, 1), (2, 2, 2), (3, 3, 3), (4, 4, 4)]))
    shares = [
        evidence_for(claim_of("share_of_barriers", "> 0.5", threshold=threshold), inputs)["value"]
        for threshold in (0.1, 0.5, 1.2, 3.0)
    ]
    assert shares == [1, 0.75, 0.5, 0]


def test_infinite_barriers_count_and_unknown_ones_are_not_measured(evidence_for):
    result = on_lines([(4, 1, 0.5)] * 3)
    result.only()["barrier"][:] = np.inf
    found = evidence_for(claim_of("share_of_barriers", "> 0.3"), inputs_of(result))
    assert found["value"] == 1
    assert found["data"]["lines"][0]["barriers"] == [None] * 3
    assert found["note"].count("infinite") == 3
    result.only()["barrier"][0, 1] = np.nan
    found = evidence_for(claim_of("share_of_barriers", "> 0.3"), inputs_of(result))
    assert found["why"] == "the cost along some line is not a finite number"


def test_one_pair_is_enough_for_a_share(evidence_for):
    found = evidence_for(claim_of("share_of_barriers", "> 0.3"), inputs_of(on_lines([(4, 1, 1)])))
    assert (found["value"], found["n"]) == (1, 1)
    assert found["data"]["lines"][0]["median"] == {"value": 2.0, "lower": None, "upper": None}


def test_descent_on_the_curve_ends_in_several_valleys(evidence_for):
    found = evidence_for(claim_of("share_of_barriers", "> 0.3"), inputs_of(on_lines([(4, 1, 1)])))
    wells = found["data"]["wells"]
    paths, valley = np.array(wells["paths"]), np.array(wells["valley"])
    assert len(np.unique(valley)) == 4
    assert (np.diff(valley) >= 0).all()  # starts are in order, and so are the valleys
    cost = np.interp(paths, wells["x"], wells["cost"])
    assert (cost[:, -1] <= cost[:, 0] + 1e-3).all()


def at_the_end(
    gradient: list[float],
    lowest: list[float],
    steps: int = 0,
    diverged: int = 0,
    highest: float = 2.0,
    only_few: list[float] | None = None,
) -> ExperimentResult:
    n = len(gradient)
    arrays = {
        "seeds": np.arange(n),
        "diverged": np.arange(n, n + diverged),
        "gradient_all": np.array(gradient),
        "gradient": np.array(gradient if only_few is None else only_few),
        "lowest": np.stack([np.array(lowest), np.zeros(n)], axis=1),
        "highest": np.stack([np.ones(n) * highest / 2, np.full(n, highest)], axis=1),
        "step": np.tile([0, steps] if steps else [0], (n, 1)),
        "path": np.tile([0.5, 0.1] if steps else [0.5], (n, 1)),
        "images": np.full(n, 200),
        "all_images": np.full(n, 300),
        "further_steps": np.full(n, steps),
        "epochs": np.full(n, 7),
        "batch_size": np.full(n, 20),
    }
    return ExperimentResult(f"after-{steps}", {"net": arrays})


def test_a_minimum_needs_both_a_small_gradient_and_no_negative_curvature(evidence_for):
    result = at_the_end([0.001, 0.001, 0.5, 0.5, 0.009], [0.0, -0.1, 0.0, -0.1, -0.019])
    found = evidence_for(claim_of("share_at_a_minimum", "> 0.1"), inputs_of(result))
    assert (found["value"], found["n"]) == (0.4, 5)
    (end,) = found["data"]["ends"]
    assert (end["small"], end["curved"], end["steps"]) == (3, 3, 0)
    assert (end["epochs"], end["batch_size"]) == (7, 20)
    np.testing.assert_allclose(end["curvature"]["values"], [0, -0.05, 0, -0.05, -0.0095])
    assert found["note"].startswith(
        "at the end of training, the gradient is below 1 % of that at the start in 3 of 5 seeds (median 0.90 %), and "
        "the lowest curvature is at least −1 % of the highest in 3 (median −0.95 %); curvatures are "
    )


def test_the_edges_of_the_thresholds(evidence_for):
    result = at_the_end([0.01, 0.00999], [0.0, -0.02])
    found = evidence_for(claim_of("share_at_a_minimum", "> 0.1"), inputs_of(result))
    assert found["value"] == 0.5  # below 1 %, and at least −1 %
    loose = claim_of("share_at_a_minimum", "> 0.1", gradient=0.02, curvature=0.01)
    assert evidence_for(loose, inputs_of(result))["value"] == 1


def test_further_descent_is_shown_beside_the_end_of_training(evidence_for):
    end = at_the_end([0.5] * 4, [-1.0] * 4)
    further = at_the_end([0.5] * 2, [0.0] * 2, steps=30, only_few=[0.001, 0.5])
    found = evidence_for(claim_of("share_at_a_minimum", "> 0.1"), inputs_of(further, end))
    assert (found["value"], found["n"]) == (0, 4)
    shown = found["data"]["ends"]
    assert [one["steps"] for one in shown] == [0, 30]
    assert shown[1]["gradient"]["values"] == [0.001, 0.5]  # on the images of the further steps
    assert shown[1]["share"]["value"] == 0.5
    assert "; after 30 further full-batch steps on 200 images, the gradient is below" in found["note"]
    found = evidence_for(claim_of("share_at_a_minimum", "> 0.1"), inputs_of(further))
    assert found["why"] == "no experiment measures the networks at the end of training"


def test_seeds_that_diverged_are_at_no_minimum(evidence_for):
    result = at_the_end([0.001] * 3, [0.0] * 3, diverged=1)
    found = evidence_for(claim_of("share_at_a_minimum", "> 0.1"), inputs_of(result))
    assert (found["value"], found["n"]) == (0.75, 4)
    assert found["data"]["ends"][0]["share"]["n"] == 4


@pytest.mark.parametrize(
    ("result", "why"),
    [
        (at_the_end([np.nan], [0.0]), "the gradient of a seed is 0 at the start of training"),
        (at_the_end([0.1], [np.nan]), "the lowest eigenvalue of a seed was not found"),
    ],
)
def test_what_is_unknown_is_not_measured(result: ExperimentResult, why: str, evidence_for):
    found = evidence_for(claim_of("share_at_a_minimum", "> 0.1"), inputs_of(result))
    assert (found["verdict"], found["why"]) == ("not measured", why)


def test_further_steps_that_diverged_are_shown_as_failures(evidence_for):
    end, further = at_the_end([0.001], [0.0]), at_the_end([np.nan], [np.nan], steps=5)
    found = evidence_for(claim_of("share_at_a_minimum", "> 0.1"), inputs_of(end, further))
    assert found["value"] == 1
    assert found["data"]["ends"][1]["share"]["value"] == 0
    assert "nan" not in found["note"]


def test_a_flat_cost_is_a_minimum(evidence_for):
    result = at_the_end([0.0, 0.0], [0.0, 0.0], highest=0.0)
    found = evidence_for(claim_of("share_at_a_minimum", "> 0.1"), inputs_of(result))
    assert found["value"] == 1
    assert found["data"]["ends"][0]["curvature"]["values"] == [0, 0]


def test_a_peak_is_no_minimum(evidence_for):
    result = at_the_end([0.0], [-2.0], highest=-1.0)
    found = evidence_for(claim_of("share_at_a_minimum", "> 0.1"), inputs_of(result))
    assert found["value"] == 0


@pytest.fixture(scope="module")
def widths(data_folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory):
    """Networks of one hidden layer of 2, 4 and 8 units, trained for an epoch."""
    folder, found = tmp_path_factory.mktemp("widths"), {}
    data = load_dataset(data_folders["true"])
    for width, seeds in ((4, 4), (2, 6), (8, 5)):
        net = Network(hidden_layers=(width,), epochs=1)
        train_block(net, data, range(seeds), 1, folder / f"{width}" / "seeds-0")
        place = folder / f"{width}" / "evaluation"
        evaluate_network(
            f"w-{width}", net, data_folders["true"], [folder / f"{width}" / "seeds-0"], range(seeds), place
        )
        found[width] = EvaluatedNetwork(place)
    return found


def test_ratio_of_spreads_is_that_of_the_costs(widths, evidence_for):
    claim = claim_of("ratio_of_cost_spreads", "< 9", "ratio", wide=8, narrow=2)
    found = evidence_for(claim, Inputs(tuple(widths.values())))
    costs = {width: network.scores("test").loss.to_numpy() for width, network in widths.items()}
    expected = np.std(costs[8], ddof=1) / np.std(costs[2], ddof=1)
    assert found["value"] == pytest.approx(expected)
    assert found["n"] == 11
    assert found["lower"] < expected < found["upper"]
    rows = found["data"]["widths"]
    assert [row["width"] for row in rows] == [2, 4, 8]
    for row in rows:
        values = costs[row["width"]]
        np.testing.assert_allclose(row["cost"]["values"], values)
        assert row["ratio"]["value"] == pytest.approx(np.std(values, ddof=1) / np.std(costs[2], ddof=1))
        training = widths[row["width"]].scores("train").loss.to_numpy()
        assert row["correlation"]["value"] == pytest.approx(stats.pearsonr(training, values).statistic)
    assert rows[0]["ratio"] == {"value": 1, "lower": None, "upper": None}  # of the narrow networks
    assert rows[2]["ratio"] == {key: found[key] for key in ("value", "lower", "upper")}
    relative = stats.variation(costs[8], ddof=1) / stats.variation(costs[2], ddof=1)
    assert f"relative to its mean cost, the ratio is {relative:.2f}; " in found["note"]
    swapped = claim_of("ratio_of_cost_spreads", "< 9", "ratio", wide=2, narrow=8)
    assert evidence_for(swapped, Inputs(tuple(widths.values())))["value"] == pytest.approx(1 / expected)


@pytest.mark.parametrize("times", [0.2, 1.0, 3.0])
def test_constructed_spreads_have_their_ratio(
    times: float, widths, evidence_for, monkeypatch: pytest.MonkeyPatch
):
    """Costs of the wide network are those of the narrow one, pulled towards their mean."""
    narrow, original = np.array([0.2, 0.25, 0.22, 0.4, 0.3]), EvaluatedNetwork.scores

    def scores(self: EvaluatedNetwork, image_set: str) -> Any:
        found = original(self, image_set).iloc[:5].copy()
        cost = narrow if self.net.hidden_layers == (2,) else 0.1 + times * narrow
        return found.assign(loss=cost)

    monkeypatch.setattr(EvaluatedNetwork, "scores", scores)
    claim = claim_of("ratio_of_cost_spreads", "< 9", "ratio", wide=8, narrow=2)
    found = evidence_for(claim, Inputs((widths[2], widths[8])))
    assert found["value"] == pytest.approx(times)
    assert all(row["correlation"]["value"] == pytest.approx(1) for row in found["data"]["widths"])


@pytest.mark.parametrize("same", ["narrow", "wide", "both"])
def test_costs_that_are_all_the_same(same: str, widths, evidence_for, monkeypatch: pytest.MonkeyPatch):
    original = EvaluatedNetwork.scores

    def scores(self: EvaluatedNetwork, image_set: str) -> Any:
        found = original(self, image_set)
        constant = {"narrow": [2], "wide": [8], "both": [2, 8]}[same]
        return found.assign(loss=0.0) if self.net.hidden_layers[0] in constant else found

    monkeypatch.setattr(EvaluatedNetwork, "scores", scores)
    claim = claim_of("ratio_of_cost_spreads", "< 9", "ratio", wide=8, narrow=2)
    found = evidence_for(claim, Inputs((widths[2], widths[8])))
    expected = {"narrow": ("refuted", None), "wide": ("supported", 0), "both": ("not measured", None)}
    assert (found["verdict"], found["value"]) == expected[same]
    assert "nan" not in found["note"]
    assert "inf" not in found["note"]


def test_networks_that_cannot_be_compared_are_not_measured(widths, evidence_for):
    claim = claim_of("ratio_of_cost_spreads", "< 9", "ratio", wide=16, narrow=2)
    found = evidence_for(claim, Inputs(tuple(widths.values())))
    assert found["why"] == "no network has a hidden layer of 16 units"
    again = claim_of("ratio_of_cost_spreads", "< 9", "ratio", wide=8, narrow=2)
    found = evidence_for(again, Inputs((widths[8], widths[8])))
    assert found["why"] == "'w-8' and 'w-8' have the same width"
    two_layers = EvaluatedNetwork(widths[2].folder)
    two_layers.__dict__["net"] = Network(hidden_layers=(2, 2))
    found = evidence_for(again, Inputs((two_layers, widths[8])))
    assert found["why"] == "network 'w-2' does not have exactly one hidden layer"
    alone = EvaluatedNetwork(widths[2].folder)
    alone.__dict__["seeds"] = [0]
    found = evidence_for(again, Inputs((alone, widths[8])))
    assert found["why"] == "a standard deviation needs at least two seeds of each network"
