"""Matching hidden units: symmetries do not change the outputs and are recovered; compared with trying every order."""

from itertools import pairwise, permutations

import numpy as np
import pytest

from downhill import Network, reference
from downhill.analysis.barriers import barrier, costs_along
from downhill.analysis.curvature import flat
from downhill.analysis.matching import CENTRES, matched

PIXELS, CLASSES = 30, 3  # inputs enough for coordinate ascent to find the order of several layers


def network(seed: int, *hidden: int) -> list[tuple[np.ndarray, np.ndarray]]:
    random = np.random.default_rng(seed)
    sizes = (PIXELS, *hidden, CLASSES)
    return [(random.normal(size=(a, b)), random.normal(size=b)) for a, b in pairwise(sizes)]


def orders_of(seed: int, *hidden: int) -> list[np.ndarray]:
    random = np.random.default_rng([seed, 1])
    return [random.permutation(units) for units in hidden]


def reordered(weights, orders: list[np.ndarray]):
    """The same function with its hidden units in another order."""
    found = [(W.copy(), b.copy()) for W, b in weights]
    for layer, order in enumerate(orders):
        (W, b), (U, c) = found[layer : layer + 2]
        found[layer : layer + 2] = [(W[:, order], b[order]), (U[order], c)]
    return found


def outputs(weights, activation: str) -> np.ndarray:
    net = Network(hidden_layers=tuple(len(b) for _, b in weights[:-1]), activation=activation)
    images = np.random.default_rng(5).uniform(0, 1, (20, PIXELS))
    return reference.forward(weights, images, net)[1]


def flipped(weights, activation: str, seed: int):
    """The same function with other signs of its hidden units, unit by unit from the definition of the symmetry."""
    random = np.random.default_rng([seed, 2])
    found = [(W.copy(), b.copy()) for W, b in weights]
    for layer in range(len(weights) - 1):
        for unit in np.flatnonzero(random.random(len(found[layer][1])) < 0.5):
            (W, b), (U, c) = found[layer : layer + 2]
            W[:, unit] *= -1
            b[unit] *= -1
            if activation == "sigmoid":  # σ(z) = 1 − σ(−z)
                c += U[unit]
            U[unit] *= -1
    return found


@pytest.mark.parametrize("hidden", [(), (1,), (8,), (7, 5), (16, 16), (16, 16, 12)])
def test_a_reordered_network_is_the_same_function_and_is_matched_back_exactly(hidden: tuple[int, ...]):
    original = network(0, *hidden)
    other = reordered(original, orders_of(0, *hidden))
    np.testing.assert_allclose(outputs(other, "sigmoid"), outputs(original, "sigmoid"), atol=1e-12)
    for (W, b), (V, c) in zip(matched(original, other, "sigmoid"), original, strict=True):
        np.testing.assert_array_equal(W, V)
        np.testing.assert_array_equal(b, c)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "linear"])
@pytest.mark.parametrize("hidden", [(8,), (7, 5), (16, 16, 12)])
def test_changed_signs_are_the_same_function_and_are_found_only_when_looked_for(hidden, activation: str):
    original = network(1, *hidden)
    other = reordered(flipped(original, activation, 1), orders_of(1, *hidden))
    np.testing.assert_allclose(outputs(other, activation), outputs(original, activation), atol=1e-12)
    np.testing.assert_allclose(
        flat(matched(original, other, activation, signs=True)), flat(original), atol=1e-12
    )
    distance = np.linalg.norm(flat(matched(original, other, activation)) - flat(original))
    assert distance > 1


@pytest.mark.parametrize("signs", [False, True])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "linear", "step", "leaky_relu"])
def test_outputs_do_not_change_under_matching(activation: str, signs: bool):
    target, other = network(2, 9, 6), network(3, 9, 6)
    found = matched(target, other, activation, signs)
    assert not np.allclose(flat(found), flat(other))
    np.testing.assert_allclose(outputs(found, activation), outputs(other, activation), atol=1e-12)


@pytest.mark.parametrize("activation", ["relu", "step"])
def test_units_without_such_a_symmetry_keep_their_signs(activation: str):
    assert activation not in CENTRES
    target, other = network(2, 9), network(3, 9)
    np.testing.assert_array_equal(
        flat(matched(target, other, activation, signs=True)), flat(matched(target, other, activation))
    )


@pytest.mark.parametrize("seed", range(6))
def test_of_one_layer_it_is_the_best_of_all_orders(seed: int):
    target, other = network(seed, 5), network(seed + 50, 5)
    found = np.linalg.norm(flat(matched(target, other, "sigmoid")) - flat(target))
    every = [
        np.linalg.norm(flat(reordered(other, [np.array(order)])) - flat(target))
        for order in permutations(range(5))
    ]
    assert found == pytest.approx(min(every), rel=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_of_several_layers_no_order_of_a_single_one_is_better(seed: int):
    target, other = network(seed, 4, 5, 3), network(seed + 50, 4, 5, 3)
    found = matched(target, other, "tanh")
    distance = np.linalg.norm(flat(found) - flat(target))
    assert distance < np.linalg.norm(flat(other) - flat(target))
    kept = [np.arange(units) for units in (4, 5, 3)]
    for layer, units in enumerate((4, 5, 3)):
        for order in permutations(range(units)):
            orders = [np.array(order) if at == layer else one for at, one in enumerate(kept)]
            assert np.linalg.norm(flat(reordered(found, orders)) - flat(target)) >= distance - 1e-9


@pytest.mark.parametrize("seed", range(6))
def test_with_signs_it_is_the_best_of_all_orders_and_signs(seed: int):
    """Of a tanh layer, whose parameters keep their distance when signs change."""
    target, other = network(seed, 3), network(seed + 50, 3)
    found = np.linalg.norm(flat(matched(target, other, "tanh", signs=True)) - flat(target))
    every = []
    for order in permutations(range(3)):
        (W, b), (U, c) = reordered(other, [np.array(order)])
        for code in range(8):
            signs = np.array([1 - 2 * (code >> bit & 1) for bit in range(3)])
            changed = [(W * signs, b * signs), (U * signs[:, None], c)]
            every.append(np.linalg.norm(flat(changed) - flat(target)))
    assert found == pytest.approx(min(every), rel=1e-12)


def test_there_is_a_barrier_to_a_reordered_copy_and_none_after_matching():
    net = Network(hidden_layers=(12, 8), activation="tanh")
    original = network(4, 12, 8)
    other = reordered(original, orders_of(4, 12, 8))
    images = np.random.default_rng(6).uniform(0, 1, (200, PIXELS))
    labels = outputs(original, "tanh")[:0], reference.forward(original, images, net)[1].argmax(1)
    shares = np.linspace(0, 1, 25)

    def cost(weights) -> float:
        return reference.loss_and_gradient(weights, images, labels[1], net)[0]

    raw = barrier(costs_along(cost, original, other, shares), shares)
    same = barrier(costs_along(cost, original, matched(original, other, "tanh"), shares), shares)
    assert raw > 0.1
    assert same == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.filterwarnings("error")
def test_units_next_to_numbers_that_are_not_finite_keep_their_order(bad: float):
    target, other = network(2, 9, 6), network(3, 9, 6)
    other[0][0][1, 2] = bad
    found = matched(target, other, "sigmoid")
    np.testing.assert_array_equal(found[0][0], other[0][0])
    np.testing.assert_array_equal(sorted(found[2][0].ravel()), sorted(other[2][0].ravel()))
