"""A scalar tape differentiates correctly: by hand, as SymPy, by complex steps, by central differences, and as the
reference."""

import math
from itertools import pairwise

import numpy as np
import pytest
import sympy

from downhill.analysis.differences import central_differences, relative_difference
from downhill.config.network import Network
from downhill.network import reference
from downhill.network.operations import backward_pass, forward_pass
from downhill.network.tape import FUNCTIONS, Tape, gradient, record_cost

ACTIVATIONS = ("sigmoid", "tanh", "relu", "leaky_relu", "linear", "step")
COSTS = (
    ("sigmoid", "mse"),
    ("linear", "mse"),
    ("softmax", "mse"),
    ("sigmoid", "cross_entropy"),
    ("softmax", "cross_entropy"),
)


def drawn(sizes=(5, 4, 3, 2), images=3, seed=0):
    random = np.random.default_rng(seed)
    weights = [(random.normal(size=shape), random.normal(size=shape[1])) for shape in pairwise(sizes)]
    return weights, random.uniform(size=(images, sizes[0])), random.integers(sizes[-1], size=images)


def by_tape(weights, images, labels, net):
    tape = Tape()
    cost, nodes = record_cost(tape, weights, images, labels, net)
    tape.differentiate(cost)
    return cost.value, gradient(nodes), tape


def test_a_product_and_a_sum_by_hand():
    """f = (a + b)·b·c with a constant c: ∂f/∂a = b·c and ∂f/∂b = (a + 2b)·c."""
    tape = Tape()
    a, b, c = tape.parameter(2.0), tape.parameter(-3.0), tape.constant(5.0)
    f = (a + b) * b * c
    tape.differentiate(f)
    assert (f.value, f.derivative) == (15.0, 1.0)
    assert (a.derivative, b.derivative) == (-15.0, (2 - 6) * 5.0)
    assert c.derivative == 0
    # Three operations forwards. Backwards: c is not differentiated; the product (a + b)·b passes back to both factors,
    # and b receives a second part, which is added.
    assert (tape.forward.multiplications, tape.forward.additions) == (2, 1)
    assert (tape.backward.multiplications, tape.backward.additions) == (3, 1)


def test_a_difference_passes_back_both_signs():
    tape = Tape()
    a, b = tape.parameter(2.0), tape.parameter(5.0)
    difference = tape.apply("half_square", a - b)
    tape.differentiate(difference)
    assert (difference.value, a.derivative, b.derivative) == (4.5, -3.0, 3.0)


SMOOTH = {
    "sigmoid": lambda z: 1 / (1 + sympy.exp(-z)),
    "tanh": sympy.tanh,
    "exp": sympy.exp,
    "log": sympy.log,
    "reciprocal": lambda z: 1 / z,
    "softplus": lambda z: sympy.log(1 + sympy.exp(z)),
    "half_square": lambda z: z**2 / 2,
}
"""Functions of the tape as formulas; those with a kink have no formula at it."""
INSIDE = {"exp": "tanh", "log": "softplus", "reciprocal": "softplus"}
"""What keeps the argument of a function where it is defined, and small."""


@pytest.mark.parametrize("seed", range(8))
def test_a_random_graph_has_the_derivatives_that_sympy_finds(seed: int):
    random = np.random.default_rng(seed)
    tape, symbols, point = Tape(), sympy.symbols("a b c"), random.uniform(-1.5, 1.5, 3).tolist()
    graph = [(tape.parameter(value), symbol) for value, symbol in zip(point, symbols, strict=True)]
    graph.append((tape.constant(0.75), sympy.Rational(3, 4)))
    for kind in [*SMOOTH, *random.choice(["+", "−", "×", *SMOOTH], 5)]:
        (x, f), (y, g) = (graph[place] for place in random.integers(len(graph), size=2))
        if kind in SMOOTH:
            for function in (INSIDE.get(kind, kind), kind)[kind not in INSIDE :]:
                x, f = tape.apply(function, x), SMOOTH[function](f)
            graph.append((x, f))
        else:
            graph.append({"+": (x + y, f + g), "−": (x - y, f - g), "×": (x * y, f * g)}[kind])
    last, formula = tape.total(node for node, _ in graph), sum(one for _, one in graph)
    tape.differentiate(last)
    found = [node.derivative for node, _ in graph[:3]]
    expected = [sympy.lambdify(symbols, formula.diff(symbol), "math")(*point) for symbol in symbols]
    assert last.value == pytest.approx(sympy.lambdify(symbols, formula, "math")(*point), rel=1e-12)
    assert found == pytest.approx(expected, rel=1e-10, abs=1e-12)


def test_a_number_that_is_not_used_has_no_derivative():
    tape = Tape()
    a, b = tape.parameter(1.0), tape.parameter(2.0)
    unused = a * b
    used = a + a
    tape.differentiate(used)
    assert (a.derivative, b.derivative, unused.derivative) == (2.0, 0.0, 0.0)


def test_differentiating_again_gives_the_same_derivatives():
    tape = Tape()
    a = tape.parameter(0.3)
    f = tape.apply("tanh", a * a)
    for _ in range(2):
        tape.differentiate(f)
        assert a.derivative == pytest.approx(2 * 0.3 * (1 - math.tanh(0.09) ** 2), rel=1e-15)


@pytest.mark.parametrize("name", SMOOTH)
def test_slopes_are_those_of_a_complex_step(name):
    """Im f(z + ih)/h is f'(z) without cancellation (Squire & Trapp 1998, *SIAM Review* 40:110)."""
    symbol = sympy.Symbol("z")
    function = sympy.lambdify(symbol, SMOOTH[name](symbol), "cmath")
    for z in (0.2, 1.0, 3.7):
        a = FUNCTIONS[name].value(z)
        assert a == pytest.approx(function(z).real, rel=1e-14)
        assert FUNCTIONS[name].slope(z, a) == pytest.approx(function(z + 1e-30j).imag / 1e-30, rel=1e-14)


def test_a_network_by_complex_steps():
    """Every derivative of the quadratic cost of a sigmoid network, with complex weights in plain NumPy."""
    weights, images, labels = drawn()
    _, found, _ = by_tape(weights, images, labels, Network(hidden_layers=(4, 3)))

    def cost(layers):
        a = images.astype(complex)
        for W, b in layers:
            a = 1 / (1 + np.exp(-(a @ W + b)))
        return 0.5 * ((a - np.eye(2)[labels]) ** 2).sum(axis=1).mean()

    for layer in range(3):
        for part in range(2):
            for place in np.ndindex(weights[layer][part].shape):
                moved = [[W.astype(complex), b.astype(complex)] for W, b in weights]
                moved[layer][part][place] += 1e-30j
                assert found[layer][part][place] == pytest.approx(cost(moved).imag / 1e-30, rel=1e-12)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("output", "loss"), COSTS)
def test_a_network_as_the_reference(activation, output, loss):
    net = Network(hidden_layers=(4, 3), activation=activation, output=output, loss=loss)
    weights, images, labels = drawn()
    expected_cost, expected = reference.loss_and_gradient(weights, images, labels, net)
    cost, found, _ = by_tape(weights, images, labels, net)
    assert cost == pytest.approx(expected_cost, rel=1e-14)
    for mine, true in zip(found, expected, strict=True):
        for one, other in zip(mine, true, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-16)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "linear"])
def test_tape_reference_and_central_differences_agree(activation):
    net = Network(hidden_layers=(4, 3), activation=activation)
    weights, images, labels = drawn(seed=1)
    flat = [np.concatenate([W.ravel(), b]) for W, b in by_tape(weights, images, labels, net)[1]]
    places = np.arange(sum(map(len, flat)))
    differences, crosses = central_differences(weights, images, labels, net, places, 1e-5)
    assert not crosses.any()
    assert relative_difference(np.concatenate(flat), differences) < 1e-8


def test_label_smoothing_targets_and_images_of_no_class():
    weights, images, _ = drawn()
    net = Network(hidden_layers=(4, 3), output="softmax", loss="cross_entropy", label_smoothing=0.1)
    for answers in (np.array([0, 255, 1]), np.random.default_rng(0).uniform(size=(3, 2))):
        expected = reference.loss_and_gradient(weights, images, answers, net)
        found = by_tape(weights, images, answers, net)
        assert found[0] == pytest.approx(expected[0], rel=1e-13)
        np.testing.assert_allclose(found[1][0][0], expected[1][0][0], rtol=1e-12, atol=1e-16)


@pytest.mark.parametrize("sizes", [(3, 2), (6, 5, 4, 3), (2, 1, 2), (1, 1, 1, 1, 1)])
@pytest.mark.parametrize("images", [1, 2, 5])
@pytest.mark.parametrize("output", ["sigmoid", "linear"])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "linear"])
def test_formulas_count_what_the_tape_does(sizes, images, output, activation):
    net = Network(hidden_layers=sizes[1:-1], activation=activation, output=output)
    _, _, tape = by_tape(*drawn(sizes, images), net)
    assert tape.forward == forward_pass(sizes, net, images)
    assert tape.backward == backward_pass(sizes, net, images)


@pytest.mark.parametrize(("output", "loss"), COSTS[2:])
def test_for_other_costs_formulas_and_tape_differ_at_the_outputs_only(output, loss):
    """The formulas know what cancels; the tape applies the chain rule to each operation."""
    sizes, images = (6, 5, 4, 3), 2
    net = Network(hidden_layers=sizes[1:-1], output=output, loss=loss)
    _, _, tape = by_tape(*drawn(sizes, images), net)
    assert tape.forward == forward_pass(sizes, net, images)
    assert abs(tape.backward.total - backward_pass(sizes, net, images).total) <= 5 * images * sizes[-1]


def test_operations_of_a_network_by_hand():
    """One sigmoid unit with two inputs: z = a·w + b·v + c, C = ½(σ(z) − y)²."""
    net = Network(hidden_layers=())
    forward, backward = forward_pass((2, 1), net), backward_pass((2, 1), net)
    assert (forward.multiplications, forward.additions, forward.functions) == (2 + 2, 2 + 1, 1)
    # (a − y) times what comes back, 1 − a, times a, times that; then times each input.
    assert (backward.multiplications, backward.additions, backward.functions) == (1 + 2 + 2, 1, 0)
