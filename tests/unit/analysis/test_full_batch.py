"""Full-batch descent with the engine, compared with the float64 reference."""

from itertools import pairwise

import numpy as np
import pytest

from downhill import Network, reference
from downhill.analysis.curvature import flat, layers_of
from downhill.analysis.full_batch import FullBatch, always, in_proportion, steps_kept, walk
from downhill.datasets import Dataset
from downhill.engine.evaluate import loss_gradient
from downhill.network.architecture import initial_parameters, unpack


@pytest.mark.parametrize(
    "net",
    [
        Network(hidden_layers=(6, 5)),
        Network(hidden_layers=(), output="softmax", loss="cross_entropy", initialization="lecun"),
        Network(hidden_layers=(7,), activation="relu", initialization="he"),
    ],
)
def test_walks_are_those_of_the_reference(net: Network, digits: Dataset):
    images = digits.train.take(slice(300))
    widths = net.layer_sizes(784, 10)
    start = unpack(initial_parameters(net, widths, 0), widths)
    batch, kept = FullBatch(images, net, widths), np.array([0, 2, 5])
    assert batch.cost(batch.parameters(start)) == pytest.approx(
        reference.loss_and_gradient(start, images.images, images.labels, net)[0], rel=1e-5
    )
    for length in (in_proportion(0.5), always(0.2)):
        found = walk(batch, start, 5, kept, length)
        at, lengths, costs, directions = flat(start), [], [], []
        for _ in range(6):
            cost, gradient = reference.loss_and_gradient(
                layers_of(at, start), images.images, images.labels, net
            )
            steepness = np.linalg.norm(flat(gradient))
            costs.append(cost)
            lengths.append(length(steepness))
            directions.append(flat(gradient) / steepness)
            at = at - lengths[-1] * directions[-1]
        np.testing.assert_allclose(found.lengths, lengths[:5], rtol=1e-3)
        np.testing.assert_allclose(found.costs, np.array(costs)[kept], rtol=1e-3)
        cosines = [a @ b for a, b in pairwise(directions[:5])]
        np.testing.assert_allclose(found.turns[1:], cosines, atol=2e-3)
        assert np.isnan(found.turns[0])


def test_gradient_is_that_of_the_engine(digits: Dataset):
    net = Network(hidden_layers=(6,))
    widths = net.layer_sizes(784, 10)
    start = unpack(initial_parameters(net, widths, 1), widths)
    batch = FullBatch(digits.train, net, widths)
    parameters = batch.parameters(start)
    expected = np.linalg.norm(flat(loss_gradient(start, digits.train, net)))
    for _ in range(2):  # the second one starts from zero again
        assert np.linalg.norm(batch.gradient(parameters)) == pytest.approx(expected, rel=1e-5)


def test_a_walk_on_a_plateau_stands_still(digits: Dataset):
    """Outputs that round to 0 or 1 have no slope."""
    net = Network(hidden_layers=())
    far = [(np.full((784, 10), 1e4, np.float32), np.full(10, 1e4, np.float32))]
    found = walk(FullBatch(digits.train, net, (784, 10)), far, 3, np.array([0, 3]), always(0.5))
    assert found.lengths.tolist() == [0, 0, 0]
    assert found.costs[0] == found.costs[1]
    assert np.isnan(found.turns).all()


def test_a_walk_that_diverges_ends_with_nan(digits: Dataset):
    net = Network(hidden_layers=(), output="linear")
    start = [(np.ones((784, 10), np.float32), np.zeros(10, np.float32))]
    found = walk(FullBatch(digits.train, net, (784, 10)), start, 40, np.array([0, 40]), in_proportion(1e6))
    assert np.isfinite(found.costs[0])
    assert not np.isfinite(found.costs[1])
    assert np.isnan(found.lengths[-1])


@pytest.mark.parametrize(
    ("steps", "first", "last"), [(1000, [0, 1, 2, 3], 1000), (1, [0, 1], 1), (0, [0], 0)]
)
def test_steps_that_are_kept(steps: int, first: list[int], last: int):
    kept = steps_kept(steps)
    assert kept[: len(first)].tolist() == first
    assert kept[-1] == last
    assert (np.diff(kept) > 0).all()
