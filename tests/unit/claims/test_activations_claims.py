"""Statistics of the family *activations*, on arrays whose answers are known and on networks trained on few digits."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from downhill.claims import activations
from downhill.claims.inputs import Inputs
from downhill.claims.parts import NotMeasuredError
from downhill.config.settings import Statistics
from downhill.datasets import Dataset
from downhill.experiments.results import ExperimentResult
from tests.activations_study import CLAIMS, ActivationsStudy

QUICK = Statistics(resamples=500)


@pytest.fixture(scope="module")
def study(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> ActivationsStudy:
    return ActivationsStudy(digits, tmp_path_factory.mktemp("activations"))


def result(arrays: dict[str, Any], network: str = "") -> Inputs:
    seeds = np.arange(len(next(iter(arrays.values()))))
    found = {"seeds": seeds, "diverged": np.zeros(0, int)} | arrays
    return Inputs(experiments={"toy": ExperimentResult("toy", {network: found})})


def with_networks(study: ActivationsStudy, *names: str, largest: Any = None) -> Inputs:
    """The study's networks, with its experiment or one that found other gradients."""
    experiment = study.experiment("gradients-of-units")
    if largest is not None:
        arrays = experiment.by_network["step"] | {"largest": np.array(largest)}
        experiment = ExperimentResult("gradients-of-units", {"step": arrays})
    return Inputs(tuple(study.evaluation(name) for name in names), {experiment.name: experiment})


def test_step_units_do_exactly_as_well_as_frozen_ones(study: ActivationsStudy):
    found = study.evidence("binary-defeats-descent")
    gradient, beyond, lead = found["parts"]
    assert gradient["worst"] == beyond["worst"] == [0, 0]
    assert gradient["holds"] == beyond["holds"] is True
    accuracies = {name: study.evaluation(name).scores("test").accuracy for name in ("lesson", "step")}
    difference = accuracies["lesson"] - accuracies["step"]
    interval = stats.ttest_1samp(difference, 0).confidence_interval(0.95)
    assert lead["value"] == pytest.approx(difference.mean())
    np.testing.assert_allclose([lead["lower"], lead["upper"]], interval)
    assert [row["name"] for row in found["data"]["networks"]] == [
        "sigmoid units",
        "step units, straight-through",
        "step units",
        "step units, frozen",
    ]
    own, sigmoid, through = found["data"]["gradients"]["kinds"]
    assert [max(sample["values"]) > 0 for sample in own["norms"]] == [False, False, True]
    assert all(min(sample["values"]) > 0 for kind in (sigmoid, through) for sample in kind["norms"])


def test_any_gradient_or_difference_refutes_the_claim(study: ActivationsStudy):
    names = ("lesson", "step", "step-straight-through", "step-frozen")
    inputs = with_networks(study, *names, largest=[[0, 0], [0, 1e-9], [0, 0]])
    gradient, beyond, _ = activations.step_units_compared(inputs).parts
    assert gradient.estimate(QUICK)["worst"] == [0, 1e-9]
    assert beyond.estimate(QUICK)["worst"] == [0, 0]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("lesson", "step"), "there are 0 with frozen layers"),
        (("step", "step-frozen"), "there are 0 with other units"),
        (("lesson", "doubt", "step", "step-frozen"), "there are 2 with other units"),
        (("lesson", "step-frozen"), "there are 0 with step units"),
    ],
)
def test_each_kind_of_network_is_needed_once(study: ActivationsStudy, names, message: str):
    with pytest.raises(NotMeasuredError, match=message):
        activations.step_units_compared(with_networks(study, *names))


def test_straight_through_gradients_may_be_missing(study: ActivationsStudy):
    found = activations.step_units_compared(with_networks(study, "step-frozen", "lesson", "step"))
    assert [row["name"] for row in found.data["networks"]] == [
        "sigmoid units",
        "step units",
        "step units, frozen",
    ]
    assert "straight-through, and" not in found.note


def accuracies(final: Any, epochs: int = 2) -> dict[str, Any]:
    """Arrays of the experiment with these accuracies (n, costs, kinds) after the last epoch, and zeros before."""
    last = np.asarray(final, float)
    found = np.zeros((*last.shape, epochs))
    found[..., -1] = last
    n, kinds = last.shape[0], last.shape[2]
    return {
        "accuracy": found,
        "stuck": last < 0.5,
        "activation": np.tile(np.array(["sigmoid", "tanh", "relu"])[:kinds], (n, 1)),
        "initialization": np.tile(np.array(["lecun"] * kinds), (n, 1)),
        "rate": np.ones((n, 2, kinds)),
        "hidden_layers": np.array(["4"] * n),
        "training_images": np.full(n, 10),
    }


def test_spread_is_that_of_the_means_of_each_cost():
    final = np.array([[[0.90, 0.92, 0.95], [0.94, 0.95, 0.93]], [[0.92, 0.90, 0.97], [0.96, 0.93, 0.95]]])
    found = activations.spread_of_activations(result(accuracies(final)))
    values = [part.estimate(QUICK)["value"] for part in found.parts]
    np.testing.assert_allclose(values, [0.96 - 0.91, 0.95 - 0.94])
    assert (
        "quadratic cost: mean test accuracy 91.00 % with sigmoid units (rate 1, lowest seed 90.00 %, "
        in found.note
    )


def test_equal_units_lie_apart_by_chance_alone():
    random = np.random.default_rng(0)
    final = random.normal(0.95, 0.002, (30, 2, 3))
    found = activations.spread_of_activations(result(accuracies(final)))
    for cost in found.data["costs"]:
        chance, observed = cost["chance"], cost["spread"].part.estimate(QUICK)["value"]
        assert 0 < chance["low"] < chance["mean"] < chance["high"]
        assert observed < 2 * chance["high"]


def test_epochs_are_counted_to_the_first_good_one():
    arrays = accuracies(np.full((3, 2, 2), 0.94), epochs=4)
    arrays["accuracy"][0, 0, 0] = [0.2, 0.93, 0.9, 0.94]
    arrays["accuracy"][1, 0, 0] = [0.2, 0.9, 0.9, 0.92]
    found = activations.spread_of_activations(result(arrays), fitted=0.93)
    np.testing.assert_array_equal(found.data["costs"][0]["kinds"][0]["epochs"], [2, np.nan, 4])
    assert "93 % after a median of 4 epochs" in found.note
    found = activations.spread_of_activations(result(arrays), fitted=0.95)
    assert "most seeds stay below 95 %" in found.note
    found = activations.spread_of_activations(result(arrays), fitted=0.935)
    assert "93.5 % after a median of 4 epochs" in found.note


def test_networks_that_diverged_are_left_out_and_counted():
    final = np.array([[[0.9, 0.9], [0.9, 0.8]], [[np.nan, 0.8], [0.9, 0.8]]])
    found = activations.spread_of_activations(result(accuracies(final)))
    assert found.parts[0].estimate(QUICK)["value"] == pytest.approx(0.05)
    assert "1 network diverged" in found.note
    final[:, 0, 0] = np.nan
    with pytest.raises(NotMeasuredError, match="with sigmoid units and the quadratic cost, no seed"):
        activations.spread_of_activations(result(accuracies(final)))


def test_stuck_seeds_are_counted():
    final = np.array([[[0.9, 0.4], [0.9, 0.8]], [[0.9, 0.3], [0.9, 0.8]]])
    found = activations.spread_of_activations(result(accuracies(final)))
    assert (
        "quadratic cost"
        in found.note.partition("stuck without one of the classes: 2 of 2 seeds with tanh")[0]
    )
    assert found.note.count("stuck") == 1


@pytest.mark.parametrize(("shape", "epochs"), [((2, 2, 1), 2), ((2, 2, 3), 0)])
def test_one_kind_or_no_training_is_not_measured(shape, epochs: int):
    arrays = accuracies(np.full(shape, 0.9), max(1, epochs))
    arrays["accuracy"] = arrays["accuracy"][..., :epochs]
    with pytest.raises(NotMeasuredError):
        activations.spread_of_activations(result(arrays))


def test_linear_networks_are_matrices_and_others_are_shown_beside(study: ActivationsStudy):
    found = study.evidence("linear-without-activation")
    linear, relu = found["data"]["kinds"]
    assert found["parts"][0]["worst"][1] == max(linear["difference"]["values"]) < 1e-10
    assert min(relu["difference"]["values"]) > 1e-2
    assert linear["accuracy"]["values"] == linear["matrix_accuracy"]["values"]
    (regression,) = found["data"]["regression"]
    assert regression["name"] == "softmax regression"
    assert regression["accuracy"]["values"] == study.evaluation("linear").scores("test").accuracy.tolist()


def matrices(difference: Any) -> dict[str, Any]:
    differences = np.asarray(difference, float)
    n, kinds = differences.shape
    return {
        "activation": np.tile(np.array(["linear", "tanh"])[:kinds], (n, 1)),
        "difference": differences,
        "accuracy": np.where(np.isnan(differences), np.nan, 0.5),
        "matrix_accuracy": np.where(np.isnan(differences), np.nan, 0.25),
        "depth": np.tile([1, 2], (n, 1)),
        "by_depth": np.ones((n, kinds, 2)),
        "hidden_layers": np.array(["4"] * n),
        "images": np.tile([20, 10], (n, 1)),
    }


def test_the_worst_seed_of_the_first_kind_decides():
    found = activations.difference_from_matrix(result(matrices([[1e-9, 1], [1e-3, 2], [np.nan, 3]])))
    assert found.parts.estimate(QUICK)["worst"] == [1e-9, 1e-3]
    assert "their matrices 25.00 % (their outputs differ by up to 3" in found.note
    with pytest.raises(NotMeasuredError, match="diverged"):
        activations.difference_from_matrix(result(matrices([[np.nan, 1]])))


def tasks(accuracy: Any, by_width: Any) -> dict[str, Any]:
    found, widths = np.asarray(accuracy, float), np.asarray(by_width, float)
    n, k = found.shape[:2]
    return {
        "task": np.tile(np.array(["rings", "xor"])[:k], (n, 1)),
        "accuracy": found,
        "width": np.tile([1, 2, 4][: widths.shape[2]], (n, 1)),
        "by_width": widths,
        "axis": np.tile(np.linspace(-1, 1, 3, dtype=np.float32), (n, k, 1)),
        "regions": np.arange(n * k * 2 * 9, dtype=np.uint8).reshape(n, k, 2, 3, 3) % 2,
        "place": np.zeros((n, k, 1, 2), np.float32),
        "label": np.ones((n, k, 1), np.uint8),
        "units": np.full(n, 4),
    }


def test_the_task_that_speaks_most_against_the_claim_counts():
    accuracy = [[[0.5, 1.0], [0.7, 0.98]], [[0.6, 0.97], [0.4, 1.0]]]
    by_width = [[[0.6, 0.99, 1], [0.7, 0.98, 0.98]]] * 2
    found = activations.accuracy_of_hard_tasks(result(tasks(accuracy, by_width)))
    linear, tanh = (part.estimate(QUICK)["value"] for part in found.parts)
    assert linear == pytest.approx((0.7 + 0.6) / 2)
    assert tanh == pytest.approx((0.98 + 0.97) / 2)
    assert "rings: mean test accuracy 55.0 % with linear units and 98.5 % with tanh units" in found.note
    assert "of the numbers of tanh units tried, 2 is the first with a mean of at least 99 %" in found.note
    assert "none of the numbers of tanh units tried has a mean of at least 99 %" in found.note
    assert found.data["regions"][0]["answers"]["linear"] == ["010", "101", "010"]


def test_a_network_that_diverged_gets_nothing_right():
    found = activations.accuracy_of_hard_tasks(
        result(tasks([[[0.5, np.nan]], [[np.nan, 1.0]]], [[[1.0, np.nan]], [[1.0, 1.0]]]))
    )
    linear, tanh = (part.estimate(QUICK)["value"] for part in found.parts)
    assert (linear, tanh) == (0.25, 0.5)


def test_a_task_on_which_nothing_has_an_accuracy_is_not_measured():
    arrays = tasks([[[0.5, 1.0], [np.nan, np.nan]]], [[[1.0, 1.0], [np.nan, np.nan]]])
    with pytest.raises(NotMeasuredError, match="on 'xor': all diverged, or its test points have no classes"):
        activations.accuracy_of_hard_tasks(result(arrays))


def test_hard_tasks_need_units_that_are_not_linear(study: ActivationsStudy):
    found = study.evidence("nonlinearity-needed")
    linear, tanh = found["parts"]
    assert linear["verdict"] == "supported"
    assert tanh["value"] > linear["value"]
    assert [task["name"] for task in found["data"]["tasks"]] == ["rings", "xor"]


@pytest.mark.parametrize("claim", CLAIMS)
def test_every_claim_is_measured_and_its_evidence_is_small(claim: str, study: ActivationsStudy):
    assert study.evidence(claim)["verdict"] != "not measured"
    assert (study.folder / f"{claim}.json").stat().st_size < 300_000
