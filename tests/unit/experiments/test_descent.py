"""Experiments of the family *descent*, compared with plain NumPy and with cases whose answers are known."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.special import expit

from downhill import reference
from downhill.analysis.curvature import flat, layers_of
from downhill.analysis.moves import Along
from downhill.config.network import Network
from downhill.datasets import Dataset
from downhill.datasets.dataset import Images
from downhill.experiments import descent
from downhill.experiments.descent_moves import Point, along_directions, points_of
from downhill.experiments.descent_search import costs_of_random_networks
from downhill.experiments.inputs import Inputs
from tests.descent_study import small

from .toys import kinds_of

NET = Network(hidden_layers=(6, 5), epochs=3, snapshot_epochs=(0, 1, 2))


@pytest.fixture(scope="module")
def inputs(train_two_seeds) -> Inputs:
    return train_two_seeds(NET)


def cost_and_gradient(weights, images: Images, net: Network = NET):
    cost, gradient = reference.loss_and_gradient(weights, images.images, images.labels, net)
    return cost, flat(gradient)


def test_moves_are_those_of_the_reference(inputs: Inputs):
    network = inputs.network
    images = network.data.train.take(slice(60))
    found = descent.small_moves(1, inputs, images=60, length=1e-3, directions=3, nudged=9, nudges=(0.1, 2.0))
    assert found["epoch"].tolist() == [0, 1, 3]
    random = np.random.default_rng([1, 1])
    drawn = random.standard_normal((3, flat(network.start(1)).size))
    for place, weights in enumerate(points_of(network, 1).values()):
        at = flat(weights)
        cost, gradient = cost_and_gradient(weights, images)

        def fall(direction: np.ndarray, at=at, cost=cost, like=weights) -> float:
            move = 1e-3 * direction / np.linalg.norm(direction)
            return cost - cost_and_gradient(layers_of(at + move, like), images)[0]

        largest = np.where(np.abs(gradient) == np.abs(gradient).max(), gradient, 0)
        assert found["cost"][place] == pytest.approx(cost, rel=1e-12)
        assert found["gradient"][place] == pytest.approx(np.linalg.norm(gradient), rel=1e-9)
        assert found["slope"][place] == pytest.approx((fall(-gradient) - fall(gradient)) / 2e-3, rel=1e-6)
        assert found["steepest"][place] == pytest.approx(fall(-gradient), rel=1e-6)
        np.testing.assert_allclose(
            found["others"][place, :2], [fall(-np.sign(gradient)), fall(-largest)], rtol=1e-5, atol=1e-12
        )
        np.testing.assert_allclose(found["random"][place], [fall(one) for one in drawn], atol=1e-12)
        size = gradient[gradient != 0].size
        np.testing.assert_allclose(found["greatest"][place, 1:3], [size**-0.5, 1], rtol=1e-9)
        np.testing.assert_allclose(found["total"][place, 1:3], [size**0.5, 1], rtol=1e-9)
        assert np.isfinite(found["change"][place]).all(axis=1).tolist() == [True, place == 0]


def test_nudged_weights_change_the_cost_as_their_gradient_says(inputs: Inputs):
    found = descent.small_moves(0, inputs, images=50, directions=1, nudged=40, nudges=(1e-4,))
    np.testing.assert_allclose(found["change"][:, 0], 1e-4 * found["component"], rtol=0.02, atol=1e-11)
    assert set(found["layer"]) <= {0, 1, 2}
    assert found["all_parameters"] == 785 * 6 + 7 * 5 + 6 * 10
    assert found["parameters"].tolist()[1:] == [7 * 5, 6 * 10]
    lit = inputs.network.data.train.images[:50].any(axis=0).sum()
    assert found["parameters"][0] == (lit + 1) * 6


def test_nudges_of_a_small_network_leave_room_empty(train_two_seeds, digits: Dataset):
    def first_pixel(images: Images) -> Images:
        return Images(np.full((len(images), 1, 1), 200, np.uint8), images.labels)

    data = Dataset(*map(first_pixel, (digits.train, digits.validation, digits.test)), digits.classes)
    found = descent.small_moves(
        0, train_two_seeds(Network(hidden_layers=(), epochs=0), data), images=30, directions=2, nudged=50
    )
    assert (found["layer"] >= 0).sum() == 20
    assert np.isfinite(found["component"]).sum() == 20
    assert found["epoch"].tolist() == [0]


def test_momentum_of_full_batches_is_the_gradient(train_two_seeds):
    """All 20 batches are then the whole set, so that the running mean points along the gradient."""
    inputs = train_two_seeds(NET.model_copy(update={"batch_size": "full"}))
    found = descent.small_moves(0, inputs, images=50, directions=1, nudged=1)
    np.testing.assert_allclose(found["others"][:, 2], found["steepest"], rtol=1e-9)


def test_a_slope_that_is_lost_in_rounding_is_not_reported(digits: Dataset):
    """All outputs round to 0 or 1, where the gradient is almost 0."""
    images = digits.train.take(slice(20))
    far = [(np.zeros((784, 10), np.float32), np.full(10, 35, np.float32))]
    point = Point(far, images, Network(hidden_layers=()))
    found = along_directions(point, [np.arange(20)], Along(np.ones((1, 7850)), far, images.images), 1e-6)
    assert 0 < found["gradient"] < 1e-12
    assert np.isnan(found["slope"])


def test_steps_are_proportional_or_fixed(inputs: Inputs):
    network = inputs.network
    images = network.data.train.take(slice(80))
    found = descent.steps(1, inputs, images=80, steps=6)
    at, lengths, costs = flat(network.start(1)), [], []
    for _ in range(7):
        cost, gradient = cost_and_gradient(layers_of(at, network.start(1)), images)
        costs.append(cost)
        lengths.append(3 * np.linalg.norm(gradient))
        at = at - 3 * gradient
    assert found["step"].tolist() == list(range(7))
    np.testing.assert_allclose(found["cost"], costs, rtol=1e-3)
    np.testing.assert_allclose(found["length"], lengths[:6], rtol=2e-3)
    assert found["ratio"] == pytest.approx(lengths[5] / lengths[0], rel=2e-3)
    np.testing.assert_allclose(found["fixed_length"], [lengths[0], np.mean(lengths[:6])], rtol=2e-3)
    # The first step is the same; both kinds of fixed steps lead along the same gradient.
    assert found["fixed_cost"][0, 1] == pytest.approx(costs[1], rel=1e-3)
    assert found["rate"] == 3


def test_on_a_bowl_steps_shrink_by_a_known_factor_and_fixed_ones_turn_back(train_two_seeds):
    """One linear output layer and one pixel that is 1: the only curvature along the gradient is 2."""
    some = Images(np.full((20, 1, 1), 255, np.uint8), np.tile([0, 1], 10).astype(np.uint8))
    data = Dataset(some, some.take(slice(0)), some, ("0", "1"))
    net = Network(hidden_layers=(), output="linear", epochs=0, learning_rate=0.1)
    found = descent.steps(0, train_two_seeds(net, data), images=20, steps=12)
    assert found["ratio"] == pytest.approx((1 - 0.1 * 2) ** 11, rel=1e-4)
    assert found["back"] == 0
    assert found["fixed_back"][0] > 0.9
    assert found["fixed_cost"][0, -1] > found["cost"][-1]


def test_at_least_one_step_is_taken_in_at_least_one_direction(inputs: Inputs):
    none, one = (descent.steps(0, inputs, images=10, steps=steps) for steps in (0, 1))
    assert none["step"].tolist() == [0, 1]
    np.testing.assert_array_equal(none["cost"], one["cost"])
    assert descent.small_moves(0, inputs, images=10, directions=0, nudged=1)["random"].shape == (3, 1)


def test_random_networks_have_the_costs_of_random_networks(digits: Dataset):
    """Without a hidden layer, z is normal with the variance ‖x‖² + 1; and the mean cost follows by quadrature."""
    images, net = digits.train.take(slice(5)), Network(hidden_layers=())
    found = costs_of_random_networks(4000, images, net, (784, 10), np.random.default_rng(0))
    z = np.random.default_rng(1).standard_normal(400_000)
    spreads = np.sqrt(((images.images.reshape(5, -1) / 255) ** 2).sum(axis=1) + 1)
    off, on = (np.mean([0.5 * (expit(s * z) - y) ** 2 for s in spreads]) for y in (0, 1))
    assert found.mean() == pytest.approx(9 * off + on, rel=0.01)


def test_random_networks_with_hidden_layers_have_the_costs_of_the_reference(digits: Dataset):
    images, net = digits.train.take(slice(8)), Network(hidden_layers=(4, 3))
    widths = net.layer_sizes(784, 10)
    found = costs_of_random_networks(1500, images, net, widths, np.random.default_rng(0))
    random = np.random.default_rng(5)
    drawn = [
        [(random.standard_normal((a, b)), random.standard_normal(b)) for a, b in pairwise(widths)]
        for _ in range(1500)
    ]
    expected = [cost_and_gradient(weights, images, net)[0] for weights in drawn]
    assert found.mean() == pytest.approx(np.mean(expected), abs=4 * np.std(expected) * (2 / 1500) ** 0.5)
    assert found.std() == pytest.approx(np.std(expected), rel=0.15)


def test_search_compares_at_equal_numbers_of_evaluations(inputs: Inputs):
    network = inputs.network
    found = descent.search(0, inputs, images=40, evaluations=20)
    images = network.data.train.take(slice(40))
    # 20 evaluations are 6 gradients.
    assert found["evaluations"].tolist() == [3, 6, 9, 12, 15, 20]
    np.testing.assert_allclose(
        found["best"], [found["drawn"][:count].min() for count in found["evaluations"]]
    )
    at, costs = flat(network.start(0)), []
    for _ in range(7):
        cost, gradient = cost_and_gradient(layers_of(at, network.start(0)), images)
        costs.append(cost)
        at = at - 3 * gradient
    np.testing.assert_allclose(found["descent"], costs[1:], rtol=1e-3)
    assert found["start"] == pytest.approx(costs[0], rel=1e-5)
    assert found["epoch"] == 1
    assert found["trained"] == pytest.approx(cost_and_gradient(network.snapshot(0, 1), images)[0], rel=1e-5)
    assert (found["images"], found["all_images"]) == (40, 500)


@pytest.mark.parametrize(("evaluations", "expected"), [(0, [1]), (1, [1]), (3, [3]), (7, [3, 7])])
def test_few_evaluations(evaluations: int, expected: list[int], inputs: Inputs):
    found = descent.search(0, inputs, images=10, evaluations=evaluations)
    assert found["evaluations"].tolist() == expected
    assert len(found["best"]) == len(found["descent"]) == len(expected)


def test_linear_model_reaches_its_solution(digits: Dataset):
    inputs = Inputs(datasets={"small": small(digits)})
    found = descent.linear_model(3, inputs, images=100, ridge=0.1, tolerance=1e-8, most_steps=50_000)
    assert found["settled"]
    assert found["descent"] == pytest.approx(found["solution"], rel=1e-12)
    excess = found["excess"]
    known = np.isfinite(excess)
    assert not np.isfinite(excess[found["step"] > found["steps"]]).any()
    assert (np.diff(excess[known]) < 0).all()
    assert found["parameters"] == 101 * 10
    short = descent.linear_model(3, inputs, images=100, ridge=0.1, tolerance=1e-8, most_steps=20)
    assert not short["settled"]
    assert short["descent"] > short["solution"]


def test_toys_have_their_known_answers():
    found = descent.toys(0, Inputs())
    assert found["fixed_fate"].tolist() == ["arrives", "arrives", "repeats"]
    assert found["rated_fate"].tolist() == ["repeats", "diverges", "diverges"]
    assert np.isfinite(found["fixed"]).sum(axis=1).tolist() == [11, 3, 1001]
    np.testing.assert_allclose(found["change"][0], [3e-6, 1e-6], rtol=1e-5)
    assert found["stable"] == pytest.approx(2 / found["curvature"][1], rel=1e-5)
    ends = np.linalg.norm(found["path"][:, -1], axis=1)
    start = np.linalg.norm(found["path"][0, 0])
    assert (ends < start).tolist() == [True, True, True, False]
    assert ends[1] < ends[2] < ends[0]


def test_every_seed_gives_arrays_of_the_same_kind(inputs: Inputs, digits: Dataset):
    both = Inputs(inputs.networks, {"small": small(digits)})
    calls = {
        descent.small_moves: {"images": 10, "directions": 2, "nudged": 3, "points": 4},
        descent.steps: {"images": 10, "steps": 4},
        descent.search: {"images": 10, "evaluations": 12},
        descent.linear_model: {"images": 10, "most_steps": 50},
        descent.toys: {"moves": 20},
    }
    for function, options in calls.items():
        first, second = (kinds_of(function(seed, both, **options)) for seed in range(2))
        assert first == second
