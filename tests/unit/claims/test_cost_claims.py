"""Statistics of the family *cost*, on arrays whose answers are known and on networks trained on few digits."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from downhill.claims import cost
from downhill.claims.cost_images import about_rises, changes_of, map_of_costs
from downhill.claims.cost_segments import about_weights
from downhill.claims.cost_steps import about_steps, descent_of, sweep_of
from downhill.claims.inputs import Inputs
from downhill.claims.parts import Nested, NotMeasuredError, Strata
from downhill.claims.sweeps import Crossing
from downhill.config.settings import Statistics
from downhill.datasets import Dataset
from downhill.datasets.dataset import NO_CLASS, Images
from downhill.experiments.results import ExperimentResult
from tests.cost_study import CLAIMS, CostStudy

QUICK = Statistics(resamples=500)


@pytest.fixture(scope="module")
def study(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> CostStudy:
    return CostStudy(digits, tmp_path_factory.mktemp("cost"))


def result(name: str = "toy", **by_network: dict[str, Any]) -> Inputs:
    arrays = {
        network: {"seeds": np.arange(len(next(iter(found.values())))), "diverged": np.zeros(0, int)} | found
        for network, found in by_network.items()
    }
    return Inputs(experiments={name: ExperimentResult(name, arrays)})


def pooled_mean(rows: np.ndarray) -> float:
    return float(rows[:, 0].mean())


def test_a_nested_interval_covers_the_choice_of_groups():
    """With groups that differ far more than their seeds, it is about as wide as that of the groups' means."""
    random = np.random.default_rng(0)
    centres = random.normal(size=12)
    groups = [(centre + 0.01 * random.normal(size=20))[:, None] for centre in centres]
    nested = Nested(groups, pooled_mean, ("groups", "seeds")).estimate(QUICK)
    within = Strata([group[:, 0] for group in groups], lambda *x, axis: np.mean([v.mean(axis) for v in x], 0))
    narrow = within.estimate(QUICK)
    expected = stats.t.interval(0.95, 11, centres.mean(), stats.sem(centres))
    width = nested["upper"] - nested["lower"]
    assert width == pytest.approx(expected[1] - expected[0], rel=0.2)
    assert width > 20 * (narrow["upper"] - narrow["lower"])
    assert (nested["n"], nested["fewest"], nested["covers"]) == (240, 12, ["groups", "seeds"])
    assert nested["value"] == pytest.approx(np.concatenate(groups).mean())
    assert nested["strict"]["lower"] < nested["lower"] < nested["upper"] < nested["strict"]["upper"]


def test_a_nested_interval_covers_the_seeds_within_groups_that_are_alike():
    random = np.random.default_rng(1)
    groups = [random.normal(size=(8, 1)) for _ in range(10)]
    nested = Nested(groups, pooled_mean, ()).estimate(QUICK)
    expected = 2 * stats.norm.ppf(0.975) / np.sqrt(80)
    assert expected < nested["upper"] - nested["lower"] < 2.5 * expected


def test_a_nested_part_needs_two_groups_for_an_interval_and_a_case_for_a_value():
    one = Nested([np.ones((3, 1)), np.zeros((0, 1))], pooled_mean, ()).estimate(QUICK)
    assert (one["value"], one["lower"], one["upper"], one["n"]) == (1, None, None, 3)
    with pytest.raises(NotMeasuredError, match="no case"):
        Nested([], pooled_mean, ()).estimate(QUICK)
    with pytest.raises(NotMeasuredError, match="not a finite number"):
        Nested([np.ones((2, 1))], lambda rows: float("nan"), ()).estimate(QUICK)


def test_paired_samples_are_resampled_together():
    """The difference of two samples that differ by a constant has no spread if seeds stay together."""
    values = np.random.default_rng(2).normal(size=10)

    def difference(a: np.ndarray, b: np.ndarray, axis: int) -> np.ndarray:
        return b.mean(axis=axis) - a.mean(axis=axis)

    paired, apart = (
        Strata([values, values + 1], difference, paired=paired).estimate(QUICK) for paired in (True, False)
    )
    assert (paired["lower"], paired["upper"]) == pytest.approx((1, 1))
    assert apart["upper"] - apart["lower"] > 0.5
    assert (paired["n"], apart["n"]) == (10, 20)


def test_a_paired_crossing_keeps_the_seeds_together():
    """Each seed falls along a line of slope −1, so a resample crosses 0 at the mean place of its seeds."""
    places = np.array([2.0, 3.5, 4.5, 6.0])
    samples = {float(x): places - x for x in range(9)}
    found, apart = (Crossing(samples, 0, paired=paired).described(QUICK) for paired in (True, False))
    expected = Strata([places], np.mean).estimate(QUICK)
    assert found == pytest.approx({key: expected[key] for key in ("value", "lower", "upper")})
    assert apart["value"] == found["value"]
    assert abs(apart["lower"] - found["lower"]) > 0.1


def test_detectors_are_scored_as_scikit_learn_does(study: CostStudy):
    found = study.evidence("cost-tracks-error")
    evaluated, arrays = study.evaluation("lesson"), study.experiment("cost-of-test-images").only()
    labels = evaluated.data.test.labels
    by_hand = {"cost": [], "largest_output": []}
    for seed in range(3):
        wrong = evaluated.predictions["predicted"][seed] != labels
        by_hand["cost"].append(roc_auc_score(wrong, arrays["cost"][seed]))
        by_hand["largest_output"].append(roc_auc_score(wrong, 1 - evaluated.predictions["confidence"][seed]))
    for name, expected in by_hand.items():
        np.testing.assert_allclose(found["data"][name]["values"], expected, atol=1e-6)
    assert found["value"] == pytest.approx(np.mean(by_hand["cost"]))
    assert found["n"] == 3


def with_network(inputs: Inputs, test: Images) -> Any:
    """Inputs with a stand-in for an evaluated network."""
    network = SimpleNamespace(data=SimpleNamespace(test=test), classes=("a", "b"))
    return SimpleNamespace(only_network=lambda: network, only_experiment=inputs.only_experiment)


def images(labels: list[int]) -> Images:
    return Images(np.zeros((len(labels), 2, 2), np.uint8), np.array(labels, np.uint8))


def test_images_of_no_class_are_neither_right_nor_wrong():
    inputs = result(
        net={
            "cost": np.float32([[0.1, 0.9, 5, 0.2]]),
            "largest": np.float32([[0.9, 0.8, 1, 0.7]]),
            "answer": np.uint8([[0, 1, 1, 1]]),
        }
    )
    found = cost.cost_detects_errors(with_network(inputs, images([0, 0, NO_CLASS, 1])))
    assert found.data["cost"].values.tolist() == [1.0]
    assert found.data["largest_output"].values.tolist() == [0.5]
    assert found.data["n_images"] == 3


@pytest.mark.parametrize("labels", [[0, 1], [1, 0]])
def test_without_errors_or_with_nothing_else_there_is_nothing_to_detect(labels: list[int]):
    inputs = result(net={"cost": np.ones((1, 2)), "largest": np.ones((1, 2)), "answer": np.uint8([[0, 1]])})
    with pytest.raises(NotMeasuredError, match="nothing to detect"):
        cost.cost_detects_errors(with_network(inputs, images(labels)))


def test_map_counts_every_image_and_shows_one_of_each_part():
    random = np.random.default_rng(0)
    costs = 10 ** random.uniform(-4, 0, 500)
    costs[0] = 0
    labels = random.integers(0, 2, 500).astype(np.uint8)
    found = map_of_costs(costs, np.where(costs > 0.1, 1 - labels, labels), images(labels.tolist()), "ab")
    assert found["counts"]["right"].sum() == (costs <= 0.1).sum()
    assert found["counts"]["wrong"].sum() == (costs > 0.1).sum()
    shown = [one["cost"] for one in found["images"]]
    assert len(shown) == 12
    assert shown == sorted(shown)
    for one in found["images"]:
        assert one["cost"] == costs[one["image"]]
        assert (one["label"] != one["answer"]) == (one["cost"] > 0.1)
        assert abs(np.log10(one["cost"]) - one["at"]) <= found["column"] / 2


@pytest.mark.parametrize(("count", "cheaper"), [(10, 1), (500, 5)])
def test_map_says_how_many_cheaper_images_its_left_end_holds(count: int, cheaper: int):
    costs = np.geomspace(1e-6, 1, count).astype(np.float32)
    found = map_of_costs(costs, np.zeros(count, int), images([0] * count), "ab")
    assert found["cheaper"] == cheaper == (costs < 10 ** found["edges"][0] * (1 - 1e-5)).sum()


@pytest.mark.parametrize("value", [0.0, 0.3])
def test_map_of_equal_costs_has_a_single_bin(value: float):
    found = map_of_costs(np.full(4, value), np.zeros(4, int), images([0, 0, 0, 0]), "ab")
    assert sorted(found["counts"]["right"])[-2:] == [0, 4]
    assert len(found["images"]) == 1 or len({one["image"] for one in found["images"]}) == 1


def test_correlation_is_over_all_seeds_and_beside_it_within_each_shape(study: CostStudy):
    found = study.evidence("lower-cost-better-net")
    names = study.study.claims["lower-cost-better-net"].networks
    assert len(names) == 8
    scores = [study.evaluation(name).scores("test") for name in names]
    costs, accuracies = (np.concatenate([one[key] for one in scores]) for key in ("loss", "accuracy"))
    assert found["value"] == pytest.approx(stats.spearmanr(costs, accuracies).statistic)
    assert found["n"] == 24
    within = [stats.spearmanr(one.loss, one.accuracy).statistic for one in scores]
    np.testing.assert_allclose(found["data"]["within"]["values"], within)
    assert found["parts"][0]["covers"] == ["shapes of the network", "initial weights and order of images"]


def test_different_costs_are_not_compared(study: CostStudy):
    lesson, other = study.evaluation("lesson"), study.evaluation("nielsen-100-improved")
    with pytest.raises(NotMeasuredError, match="different costs"):
        cost.cost_and_accuracy(Inputs((lesson, other)))


def test_images_whose_cost_rose_or_stayed_did_not_improve(study: CostStudy):
    change = np.full((2, 500), -0.5, np.float32)
    change[0, 3], change[0, 4], change[1, 5] = 0.25, 0, 1e-6
    arrays = {
        "start": np.ones((2, 500), np.float32),
        "change_at_the_end": change,
        "change_after_a_step": -change,
        "late_change": np.where(change < 0, np.float32(0.5), np.float32(-0.5)),
        "late_epoch": np.array([1, 1]),
    }
    found = cost.own_cost_fell(Inputs((study.evaluation("lesson"),), result(lesson=arrays).experiments))
    assert found.data["end"].values.tolist() == [0.996, 0.998]
    assert found.parts.estimate(QUICK)["of"] == "seed"
    assert found.data["step"].values.tolist() == [1 / 500, 1 / 500]
    assert [one["image"] for one in found.data["rises"]] == [3]
    assert (found.data["rises"][0]["start"], found.data["rises"][0]["end"]) == (1, 1.25)
    assert {key: found.data["changes"]["end"][key] for key in ("fell", "rose", "same")} == {
        "fell": 498,
        "rose": 1,
        "same": 1,
    }
    assert found.note.startswith(
        "the cost of 1 image rose for every seed, and 1 cost stayed the same, counting all seeds; "
    )
    assert found.note.endswith(
        "from epoch 1 to the end, the mean cost rises by 0.5, and the cost of 0.3 % of images falls"
    )
    assert found.data["late"]["fell"].values.tolist() == [2 / 500, 1 / 500]
    without = arrays | {"late_change": change * np.nan, "late_epoch": np.array([-1, -1])}
    found = cost.own_cost_fell(Inputs((study.evaluation("lesson"),), result(lesson=without).experiments))
    assert found.data["late"] is None
    assert "from epoch" not in found.note


@pytest.mark.parametrize("change", [[0, 0], [-1, -2, 0], [1, 3], [-1, 0.5, 1e-9]])
def test_every_change_that_is_not_zero_is_counted_on_its_side_of_zero(change: list[float]):
    found = changes_of(np.float32(change))
    edges, counts = np.array(found["edges"]), found["counts"]
    assert counts[edges[1:] <= 0].sum() == found["fell"] == sum(one < 0 for one in change)
    assert counts[edges[:-1] >= 0].sum() == found["rose"] == sum(one > 0 for one in change)
    assert np.abs(edges).min() < 1e-12


def test_no_change_is_lost_where_the_last_edge_is_rounded():
    for value in np.random.default_rng(0).uniform(0.1, 3, 200).astype(np.float32):
        for change in ([value], [-value], [value, -value / 3]):
            assert changes_of(np.float32(change))["counts"].sum() == len(change)


@pytest.mark.parametrize(
    ("rose", "unchanged", "text"),
    [
        ([0, 0], 0, "the cost of no image rose"),
        ([1, 1], 0, "the cost of 1 image rose for every seed"),
        ([4], 0, "the cost of 4 images rose"),
        (
            [0, 1200],
            1,
            "the cost of 0 to 1,200 images rose, depending on the seed, and 1 cost stayed the same, counting all seeds",
        ),
    ],
)
def test_rises_in_words(rose: list[int], unchanged: int, text: str):
    assert about_rises(np.array(rose), unchanged).startswith(text)


def test_a_midpoint_above_the_mean_by_more_than_rounding_is_not_convex():
    ends = np.ones((1, 2, 2, 4, 2))
    outputs, weights = np.ones((2, 1, 2, 2, 4))
    outputs[0, 0, 0, 0] = 1 + 1e-15
    weights[0, 1, 0, 0] = 1 + 1e-9
    arrays = {
        "ends": ends,
        "middle_of_outputs": outputs,
        "middle_of_weights": weights,
        "along_outputs": np.ones((1, 2, 1, 3)),
        "along_weights": np.ones((1, 2, 1, 3)),
        "images": np.array([5]),
    }
    found = cost.midpoints_below_chords(result(net=arrays))
    first, second = (part.estimate(QUICK) for part in found.parts)
    assert (first["worst"], first["n"], first["of"]) == ([1, 1], 4, "case")
    assert (second["worst"], second["n"]) == ([0.75, 1], 4)
    assert found.data["shares"]["weights"] == [[1.0, 1.0], [0.75, 1.0]]
    assert found.note.endswith("; each case is one of 1 seed × 2 costs × 2 kinds of segments")


def test_an_excess_that_is_only_rounding_is_not_called_one():
    gaps, shares = np.full((1, 2, 2, 3), -0.1), np.ones((1, 2, 2))
    gaps[0, 0, 0, 0] = 1e-15
    assert "at worst" not in about_weights(gaps, shares)
    gaps[0, 0, 0, 0], shares[0, 0, 0] = 0.25, 2 / 3
    assert "; at worst, it is 25.0 % higher; " in about_weights(gaps, shares)


def steps(change: Any, eigenvalue: Any, by_rate: bool = False, activation: str = "tanh") -> dict[str, Any]:
    change = np.array(change, float)
    seeds, _, multiples = change.shape
    return {
        "change": change,
        "eigenvalue": np.array(eigenvalue, float),
        "multiple": np.tile([0.1, 0.5, 2.0, 8.0][:multiples], (seeds, 1)),
        "by_rate": np.full(seeds, by_rate),
        "activation": np.full(seeds, activation),
        "epoch": np.tile(np.arange(change.shape[1]), (seeds, 1)),
        "learning_rate": np.full(seeds, 3.0),
    }


def test_small_steps_are_counted_by_seed_and_points_without_curvature_left_out():
    nan = float("nan")
    change = [
        [[-1, -1, 1, 1], [-1, 1, 1, 1]],  # one of four small steps fails
        [[-1, -1, -1, 1], [nan, nan, nan, nan]],  # the second point has no curvature
    ]
    inputs = result(net=steps(change, [[1, 2], [1, -1]]))
    found = cost.small_steps_lower(inputs, most=0.5)
    assert np.ravel(found.parts.values).tolist() == [0.75, 1]
    (sweep,) = found.data["sweep"]
    assert (sweep["points"], sweep["left_out"]) == (3, 1)
    assert [sample.values.tolist() for sample in sweep["shares"]] == [[1, 1], [0.5, 1], [0, 1], [0, 0]]
    assert found.note.startswith(
        "5 of 6 steps with c (the learning rate divided by 2/λ) up to 0.5 lower the cost (not counting 1 point without "
        "such a rate)"
    )
    assert (
        "the largest c up to which all steps lower the cost is 1.25 at epoch 0, 0.1 at epoch 1" in found.note
    )
    assert found.data["descent"] is None


def test_a_step_that_changes_nothing_or_overflows_does_not_lower_the_cost():
    found = cost.small_steps_lower(result(net=steps([[[0, np.inf, -1, -1]]], [[1]])))
    assert np.ravel(found.parts.values).tolist() == [0]


def test_step_units_need_no_curvature():
    of_steps = steps([[[-1, -1, 1, 1]]], [[np.nan]], by_rate=True, activation="step")
    found = cost.small_steps_lower(
        result(net=steps([[[-1, -1, 1, 1]]], [[1]]), other=of_steps), network="net"
    )
    assert [(one["network"], one["points"], one["left_out"]) for one in found.data["sweep"]] == [
        ("net", 1, 0),
        ("other", 1, 0),
    ]
    assert "with step units ('other'), half of all steps fail to lower the cost at a rate of" in found.note
    assert found.note.endswith(" (in these networks, only the output layer has a gradient)")


@pytest.mark.parametrize(
    ("arrays", "options", "text"),
    [
        ({"a": steps([[[1]]], [[-1]])}, {}, "no curvature is above 0"),
        ({"a": steps([[[1]]], [[1]])}, {"most": 0.01}, "no step is small enough"),
        ({"a": steps([[[1]]], [[1]])}, {"network": "b"}, "no network 'b'"),
        ({"a": {"cost": np.ones((1, 2))}}, {}, "takes steps"),
    ],
)
def test_steps_that_cannot_be_measured(arrays: dict[str, Any], options: dict[str, Any], text: str):
    with pytest.raises(NotMeasuredError, match=text):
        cost.small_steps_lower(result(**arrays), **options)


def test_half_of_the_steps_fail_between_two_multiples():
    change = np.where(np.arange(4) < [[[2]], [[2]], [[2]]], -1.0, 1.0)
    found = sweep_of("net", steps(change, np.ones((3, 1))))
    assert found["crossing"].described(QUICK)["value"] == pytest.approx(1)  # √(0.5 · 2)
    always = sweep_of("net", steps(np.full((2, 1, 4), -1.0), np.ones((2, 1))))
    assert always["crossing"] is None


@pytest.mark.parametrize(
    ("change", "text"), [([[-1.0], [1.0]], "exactly"), ([[-1.0]], "more than"), ([[1.0]], "fewer than")]
)
def test_without_a_crossing_the_share_is_the_same_side_of_a_half_everywhere(change: Any, text: str):
    arrays = steps(np.repeat([change], 2, axis=2), np.ones((1, len(change))))
    note = about_steps(arrays, 2, 1, 0.5, [sweep_of("net", arrays)])
    assert f"; {text} half of all steps lower the cost at every c from 0.1 to 0.5" in note


@pytest.mark.parametrize("length", [1e-6, 1e-3, 40.0])
def test_the_plane_of_a_descent_keeps_its_proportions_however_short_it_is(length: float):
    path = length * np.array([[1.0, 1e-4], [0.5, -1e-4], [0.0, 0.0]])
    x, y = (np.linspace(path[:, axis].min(), path[:, axis].max(), 5) for axis in range(2))
    arrays = {"path": path, "x": x, "y": y, "cost": np.ones((5, 5)), "path_cost": np.ones(3)}
    arrays |= {"epoch": np.arange(3), "share": np.array(1.0), "images": np.array(7)}
    found = descent_of({name: values[None] for name, values in arrays.items()}, 0)
    assert found is not None
    tolerance = 1e-3 if length < 1 else 0.02  # four decimals of coordinates that are far from small
    for axis, name in enumerate("xy"):
        np.testing.assert_allclose(found[name], (x, y)[axis], atol=tolerance * np.ptp(path[:, axis]))
        np.testing.assert_allclose(
            found["path"][:, axis], path[:, axis], atol=tolerance * np.ptp(path[:, axis])
        )


@pytest.mark.parametrize("claim", CLAIMS)
def test_every_claim_is_measured_and_its_evidence_is_small(claim: str, study: CostStudy):
    found = study.evidence(claim)
    assert found["verdict"] != "not measured"
    assert Path(study.folder / f"{claim}.json").stat().st_size < 300_000
