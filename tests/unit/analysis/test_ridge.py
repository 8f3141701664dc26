"""The linear model, compared with scikit-learn's ridge regression and with SciPy."""

import numpy as np
import pytest
from scipy.optimize import check_grad
from sklearn.linear_model import Ridge

from downhill.analysis.ridge import LinearModel

RIDGE = 0.01


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (60, 3, 4), dtype=np.uint8)
    images[:, 0, 0] = 0  # a dark pixel
    return images, np.eye(4)[random.integers(0, 4, 60)]


def test_solution_is_that_of_scikit_learn(data: tuple[np.ndarray, np.ndarray]):
    images, targets = data
    model = LinearModel(images, targets, RIDGE)
    # scikit-learn's penalty is not divided by the number of images.
    fitted = Ridge(alpha=RIDGE * len(images)).fit(images.reshape(60, -1) / 255, targets)
    np.testing.assert_allclose(model.solution(), np.vstack([fitted.coef_.T, fitted.intercept_]), atol=1e-10)


def test_gradient_is_the_derivative_and_zero_at_the_solution(data: tuple[np.ndarray, np.ndarray]):
    model = LinearModel(*data, RIDGE)
    shape = model.shape
    start = np.random.default_rng(1).normal(size=shape)
    error = check_grad(
        lambda w: model.cost(w.reshape(shape)),
        lambda w: model.gradient(w.reshape(shape)).ravel(),
        start.ravel(),
    )
    assert error < 1e-5
    np.testing.assert_allclose(model.gradient(model.solution()), 0, atol=1e-14)


def test_descent_ends_at_the_solution_and_every_step_lowers_the_cost(data: tuple[np.ndarray, np.ndarray]):
    model = LinearModel(*data, RIDGE)
    start = np.random.default_rng(1).normal(size=model.shape)
    walk = model.descend(start, 1e-9, 100_000, np.arange(500))
    assert walk.settled
    assert walk.steps > 500
    assert walk.step.tolist() == list(range(500))
    assert (np.diff(walk.cost) < 0).all()
    assert walk.cost[0] == pytest.approx(model.cost(start))
    np.testing.assert_allclose(walk.weights, model.solution(), atol=1e-6)
    assert model.cost(walk.weights) == pytest.approx(model.cost(model.solution()), rel=1e-12)


def test_where_descent_stops_the_cost_is_within_its_bound(data: tuple[np.ndarray, np.ndarray]):
    model = LinearModel(*data, RIDGE)
    start = np.random.default_rng(1).normal(size=model.shape)
    for tolerance in (1e-2, 1e-4):
        end = model.descend(start, tolerance, 100_000, [0]).weights
        bound = np.linalg.norm(model.gradient(end)) ** 2 / (2 * model.curvatures[0])
        assert 0 < model.cost(end) - model.cost(model.solution()) <= bound


def test_descent_stops_after_the_most_steps(data: tuple[np.ndarray, np.ndarray]):
    model = LinearModel(*data, RIDGE)
    walk = model.descend(np.ones(model.shape), 0, 7, [0, 5, 9])
    assert (walk.steps, walk.settled, walk.step.tolist()) == (7, False, [0, 5])
