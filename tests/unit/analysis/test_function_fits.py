"""Networks that learn a function: as the engine trains them, and as the reference steps."""

import numpy as np
import pytest

from downhill import train_many
from downhill.analysis.function_fits import cost_and_error, fit, recipe
from downhill.datasets.dataset import Dataset, Images
from downhill.datasets.generate import curve, surface
from downhill.network import reference
from downhill.network.schedule import learning_rates


def wave(n: int) -> Images:
    x = np.linspace(0, 1, n, dtype=np.float32)
    return Images.with_targets(x[:, None, None], (0.3 * np.sin(6 * x))[:, None].astype(np.float32))


@pytest.mark.parametrize("points", [wave(40), surface(36)], ids=["one input", "two inputs"])
@pytest.mark.parametrize("width", [1, 3, 20])
def test_steps_are_those_of_the_reference(points: Images, width: int):
    net = recipe(width, 20, 0.01)
    sizes = (points.images.shape[2], width, 1)
    found = fit(net, points, [4, 7])
    for seed, weights in zip((4, 7), found, strict=True):
        expected = reference_run(net, points, seed, sizes)
        for mine, true in zip(weights, expected, strict=True):
            for one, other in zip(mine, true, strict=True):
                assert one.dtype == np.float32
                np.testing.assert_allclose(one, other, rtol=2e-4, atol=2e-5)


def reference_run(net, points, seed, sizes):
    from downhill.network.architecture import initial_parameters, unpack

    weights = unpack(initial_parameters(net, sizes, seed).astype(np.float64), sizes)
    state = reference.initial_state(weights, net)
    for epoch in range(net.epochs):
        _, gradient = reference.loss_and_gradient(weights, points.images, points.targets, net)
        rate = float(learning_rates(net, epoch, 1)[0])
        weights, state = reference.step(weights, state, gradient, net, rate, epoch + 1)
    return weights


def test_fits_are_those_of_the_engine():
    net, points = recipe(8, 300, 0.01), wave(60)
    data = Dataset(points, points.take(slice(0)), points, ("f",))
    ours = fit(net, points, range(3))
    theirs = train_many(net.model_copy(update={"history_every": 300}), data, range(3))
    for weights, run in zip(ours, theirs, strict=True):
        outputs, expected = (reference.forward(one, points.images, net)[1] for one in (weights, run.weights))
        np.testing.assert_allclose(outputs, expected, atol=2e-3)
        assert cost_and_error(weights, net, points, points)[0] == pytest.approx(run.rows[-1][1], rel=0.05)


def test_a_seed_gives_the_same_network_whatever_the_others():
    net, points = recipe(5, 30, 0.01), curve(50)
    together, alone = fit(net, points, [0, 1, 2])[1], fit(net, points, [1])[0]
    for mine, true in zip(together, alone, strict=True):
        for one, other in zip(mine, true, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_training_lowers_the_cost_of_a_curve():
    net, points = recipe(16, 400, 0.01), wave(100)
    before, after = (
        cost_and_error(fit(one, points, [0])[0], net, points, points) for one in (recipe(16, 0, 0.01), net)
    )
    assert after[0] < before[0] / 5
    assert after[1] < before[1]


def test_costs_and_errors_are_means_and_maxima():
    """A network whose output is 2 everywhere."""
    weights = [
        (np.zeros((1, 1), np.float32), np.zeros(1, np.float32)),
        (np.ones((1, 1), np.float32), np.float32([2])),
    ]
    points = Images.with_targets(np.zeros((2, 1, 1), np.float32), np.float32([[1], [5]]))
    cost, error, outputs = cost_and_error(weights, recipe(1, 0, 1), points, points.take(slice(1)))
    assert (cost, error) == ((1 + 9) / 4, 1)
    np.testing.assert_array_equal(outputs, [2])


def test_a_network_that_diverged_has_no_error():
    net, points = recipe(2, 5, 1e38), wave(10)
    cost, error, outputs = cost_and_error(fit(net, points, [0])[0], net, points, points)
    assert np.isnan(cost)
    assert np.isnan(error)
    assert np.isnan(outputs).all()
