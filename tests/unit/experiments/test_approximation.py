"""The experiment of the family *approximation*: the best restart by training cost, and errors at the test points."""

import numpy as np
import pytest

from downhill.analysis.function_fits import fit, recipe
from downhill.datasets import Dataset
from downhill.datasets.dataset import Images
from downhill.datasets.generate import curve, surface
from downhill.experiments.approximation import fits
from downhill.experiments.inputs import Inputs
from downhill.network.reference import forward

from .toys import kinds_of

OPTIONS = {"widths": (7, 2), "restarts": 3, "epochs": 30, "rate": 0.01}


def inputs(train: Images, test: Images) -> Inputs:
    return Inputs({}, {"data": Dataset(train, train.take(slice(0)), test, ("f",))})


def test_the_fit_is_the_restart_with_the_lowest_training_cost():
    train, test = curve(60), curve(101)
    found = fits(2, inputs(train, test), **OPTIONS)
    assert found["width"].tolist() == [2, 7]
    for row, width in enumerate((2, 7)):
        net = recipe(width, 30, 0.01)
        networks = fit(net, train, [6, 7, 8])
        costs = [((forward(one, train.images, net)[1] - train.targets) ** 2).mean() / 2 for one in networks]
        outputs = [forward(one, test.images, net)[1] for one in networks]
        np.testing.assert_allclose(found["cost"][row], costs, rtol=1e-6)
        np.testing.assert_allclose(
            found["error"][row], [abs(a - test.targets).max() for a in outputs], rtol=1e-5
        )
        best = outputs[int(np.argmin(costs))][:, 0]
        np.testing.assert_allclose(found["output"][row], best, rtol=1e-5, atol=1e-7)
    np.testing.assert_array_equal(found["target"], test.targets[:, 0])
    np.testing.assert_array_equal(found["point"], test.images[:, 0])


def test_seeds_share_no_restart():
    costs = [fits(seed, inputs(curve(20), curve(21)), **OPTIONS)["cost"].ravel() for seed in (0, 1)]
    assert not np.isin(costs[0], costs[1]).any()


def test_the_network_by_hand_is_a_staircase_at_the_test_points():
    found = fits(0, inputs(curve(50), curve(2001)), **OPTIONS | {"epochs": 1})
    for row, width in enumerate((2, 7)):
        assert len(np.unique(found["by_hand_output"][row].round(5))) <= width + 1
        error = abs(found["by_hand_output"][row].astype(float) - found["target"]).max()
        assert found["by_hand"][row] == pytest.approx(error, rel=1e-6)


def test_a_surface_has_no_network_by_hand():
    found = fits(0, inputs(surface(25), surface(36)), **OPTIONS)
    assert np.isfinite(found["error"]).all()
    assert np.isnan(found["by_hand"]).all()
    assert found["point"].shape == (36, 2)


def test_a_network_that_diverged_is_not_a_fit():
    found = fits(0, inputs(curve(20), curve(21)), **OPTIONS | {"rate": 1e38})
    assert np.isnan(found["cost"]).all()
    assert np.isnan(found["output"]).all()
    assert np.isfinite(found["by_hand"]).all()


def test_data_with_classes_or_several_outputs_is_not_fitted(digits: Dataset):
    few = Dataset(
        digits.train.take(slice(5)), digits.train.take(slice(0)), digits.test.take(slice(4)), digits.classes
    )
    two = Images.with_targets(np.zeros((4, 1, 1), np.float32), np.zeros((4, 2), np.float32))
    for data in (few, Dataset(two, two.take(slice(0)), two, ("f", "g"))):
        found = fits(0, Inputs({}, {"data": data}), **OPTIONS)
        assert np.isnan(found["error"]).all()
        assert np.isnan(found["by_hand"]).all()
        assert found["target"].shape == (4,)


def test_a_single_test_point_has_no_staircase():
    found = fits(0, inputs(curve(20), curve(20).take(slice(1))), **OPTIONS)
    assert np.isnan(found["by_hand"]).all()
    assert np.isfinite(found["error"]).all()


def test_without_test_points_there_is_no_error():
    found = fits(0, inputs(curve(20), curve(20).take(slice(0))), **OPTIONS)
    assert np.isnan(found["error"]).all()
    assert np.isnan(found["by_hand"]).all()


def test_every_seed_gives_arrays_of_the_same_kind():
    data = inputs(curve(20), curve(21))
    first, second = (kinds_of(fits(seed, data, **OPTIONS)) for seed in range(2))
    assert first == second
