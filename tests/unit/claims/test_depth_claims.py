"""The statistic of the family *depth*, on gradients with known factors and on networks trained on few digits."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from downhill.claims.depth import factor_between_layers
from downhill.claims.depth_gradients import geometric_mean
from downhill.claims.inputs import Inputs
from downhill.claims.parts import NotMeasuredError
from downhill.config.settings import Statistics
from downhill.datasets import Dataset
from downhill.experiments.results import ExperimentResult
from tests.activations_study import ActivationsStudy

QUICK = Statistics(resamples=500)
DEPTHS = (1, 2, 4)


def arrays(factors: Any, accuracy: Any, scales: Any = (), **more: Any) -> dict[str, Any]:
    """Gradients that grow by a factor from layer to layer, one per seed, in networks of depths 1, 2 and 4."""
    n = len(factors)
    norm = np.full((n, 1, len(DEPTHS), 2, max(DEPTHS)), np.nan)
    for seed, factor in enumerate(factors):
        for place, depth in enumerate(DEPTHS):
            norm[seed, 0, place, :, :depth] = 0.1 * float(factor) ** np.arange(depth)
    found = {
        "seeds": np.arange(n),
        "diverged": np.zeros(0, int),
        "activation": np.tile(["sigmoid"], (n, 1)),
        "initialization": np.tile(["lecun"], (n, 1)),
        "depth": np.tile(DEPTHS, (n, 1)),
        "epoch": np.tile([0, 3], (n, 1)),
        "norm": norm,
        "accuracy": np.asarray(accuracy, float)[:, None, :],
        "scale": np.tile(np.array([scale for scale, _ in scales]), (n, 1)),
        "norm_by_scale": np.tile(np.array([[1, factor] for _, factor in scales]).reshape(-1, 2), (n, 1, 1)),
        "images": np.full(n, 10),
        "training_images": np.full(n, 20),
        "epochs": np.full(n, 3),
    }
    return found | more


def measured(*experiments: dict[str, Any], **options: Any) -> Any:
    found = {str(place): ExperimentResult(str(place), {"": one}) for place, one in enumerate(experiments)}
    return factor_between_layers(Inputs(experiments=found), **{"shallow": 1, "deep": 4} | options)


ACCURACY = [[0.9, 0.8, 0.1], [0.95, 0.7, 0.15], [0.92, 0.9, 0.2]]


def test_factor_is_the_geometric_mean_over_layers_and_seeds():
    found = measured(arrays([2, 4, 8], ACCURACY))
    factor, lead = (part.estimate(QUICK) for part in found.parts)
    assert factor["value"] == pytest.approx(4)
    assert 1.999 < factor["lower"] < 4 < factor["upper"] < 8.001
    assert lead["value"] == pytest.approx(np.mean([0.8, 0.8, 0.72]))
    interval = stats.ttest_1samp([0.8, 0.8, 0.72], 0).confidence_interval(0.95)
    np.testing.assert_allclose([lead["lower"], lead["upper"]], interval)
    assert factor["covers"] == ["initial weights"]  # before training, nothing else varies
    assert "order of images" in lead["covers"][0]
    assert "sigmoid, weights N(0, 1/√inputs): factor 4.00 (single seeds 2.00 to 8.00)" in found.note


def test_every_pair_of_neighbours_counts_once():
    """Depth 2 has one pair and depth 4 has three: factors of 16 and 1 give 16 to the power of a quarter."""
    one = arrays([1], ACCURACY[:1])
    one["norm"][0, 0, 1, 0, :2] = 1, 16
    assert measured(one).parts[0].estimate(QUICK)["value"] == pytest.approx(2)


def test_geometric_mean_is_that_of_scipy():
    values = np.random.default_rng(0).uniform(0.1, 5, (4, 6))
    np.testing.assert_allclose(geometric_mean(values, axis=-1), stats.gmean(values, axis=-1))


def test_gradients_that_are_zero_are_left_out():
    one = arrays([3, 3], ACCURACY[:2])
    one["norm"][0, 0, 2, 0, 0] = 0
    one["norm"][1, 0, :, 0] = 0
    factor = measured(one).parts[0].estimate(QUICK)
    assert (factor["value"], factor["n"]) == (pytest.approx(3), 1)
    one["norm"][:] = 0
    with pytest.raises(NotMeasuredError, match="no gradient is above zero"):
        measured(one)


def test_other_kinds_are_the_sweep_and_do_not_change_the_verdict():
    own, other = arrays([4, 4], ACCURACY[:2]), arrays([1, 1], ACCURACY[:2])
    other["activation"] = np.tile(["tanh"], (2, 1))
    found = measured(own, other)
    assert found.parts[0].estimate(QUICK)["value"] == pytest.approx(4)
    assert [kind["name"] for kind in found.data["kinds"]] == [
        "sigmoid, weights N(0, 1/√inputs)",
        "tanh, weights N(0, 1/√inputs)",
    ]
    assert "tanh, weights N(0, 1/√inputs): factor 1.00" in found.note


def test_where_it_flips():
    scales = [(0.5, 8), (2, 2), (4, 1)]
    found = measured(arrays([4, 4, 4], ACCURACY, scales), factor=4)
    crossing = found.data["scales"]["crossing"]
    expected = 2 ** (-1 + 2 * (8 - 4) / (8 - 2))  # the logarithm of the scale is linear in the factor
    assert crossing.value() == pytest.approx(expected)
    assert f"crosses 4 where that number is about {expected:.2g}" in found.note
    assert "the mean accuracy crosses 50 % at a depth of about 2.9 hidden layers" in found.note
    found = measured(arrays([4, 4, 4], ACCURACY, scales), factor=9)
    assert "does not cross 9 for numbers from 0.5 to 4" in found.note


def test_seeds_that_diverged_have_no_lead():
    accuracy = [[0.9, 0.8, np.nan], [0.9, 0.8, 0.4]]
    lead = measured(arrays([2, 2], accuracy)).parts[1].estimate(QUICK)
    assert (lead["value"], lead["n"]) == (pytest.approx(0.5), 1)
    with pytest.raises(NotMeasuredError, match="no seed has an accuracy at both depths"):
        measured(arrays([2], accuracy[:1]))


def test_missing_depths_and_gradients_are_reported():
    with pytest.raises(NotMeasuredError, match="no network with 3 hidden layers"):
        measured(arrays([2], ACCURACY[:1]), deep=3)
    with pytest.raises(NotMeasuredError, match="add 0 to its option 'kept'"):
        measured(arrays([2], ACCURACY[:1], epoch=np.array([[1, 3]])))
    with pytest.raises(NotMeasuredError, match="add 0 to its option 'kept'"):
        measured(arrays([2], ACCURACY[:1], epoch=np.zeros((1, 0), int)))
    with pytest.raises(NotMeasuredError, match="no experiment"):
        measured()


def test_gradients_of_sigmoid_networks_vanish_and_others_less(
    digits: Dataset, tmp_path_factory: pytest.TempPathFactory
):
    study = ActivationsStudy(digits, tmp_path_factory.mktemp("depth"))
    found = study.evidence("vanishing-gradient")
    factors = {kind["name"]: kind["factor"]["mean"]["value"] for kind in found["data"]["kinds"]}
    sigmoid, *others = factors.values()
    assert sigmoid == found["parts"][0]["value"] > 2 * max(others)
    assert len(others) == 3
    assert [len(depth) for depth in found["data"]["kinds"][0]["start"]] == [1, 2, 8]
