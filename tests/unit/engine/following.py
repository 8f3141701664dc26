"""Helpers for tests of training: the same run in float64, and a digest of the bytes of a run."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from downhill import Dataset, Images, reference, train
from downhill.network.architecture import initial_parameters, unpack
from downhill.network.schedule import learning_rates

BUNDLED = Path(__file__).parents[3] / "resources" / "bundled" / "mnist"


def digest(run):
    """A digest of every byte of a run except its timing."""
    content = hashlib.sha256(repr((run.seed, run.diverged_epoch)).encode())
    for W, b in run.weights:
        content.update(W.tobytes() + b.tobytes())
    content.update(run.history.to_csv(float_format="%r").encode())
    for epoch, weights in run.snapshots.items():
        content.update(str(epoch).encode())
        for W, b in weights:
            content.update(W.tobytes() + b.tobytes())
    return content.hexdigest()


def first(data, n):
    """The first n training images, and twenty test images."""
    return Dataset(data.train.take(slice(n)), data.validation, data.test.take(slice(20)), data.classes)


def mostly_lit(data):
    """A dimmed negative of the same images, for which the engine stores all pixels."""

    def negative(images):
        return Images((255 - images.images) // 4, images.labels, images.targets)

    return Dataset(*map(negative, (data.train, data.validation, data.test)), data.classes)


def reference_run(net, data, initial):
    """Weights after training without shuffling, step by step in float64."""
    images, wanted = data.train.images, data.train.labels
    if data.train.targets is not None:
        wanted = data.train.targets
    weights = [(W.astype(np.float64), b.astype(np.float64)) for W, b in initial]
    state = reference.initial_state(weights, net)
    batch_size = len(images) if net.batch_size == "full" else net.batch_size
    steps = -(-len(images) // batch_size)
    for epoch in range(net.epochs):
        for step, rate in enumerate(learning_rates(net, epoch, steps)):
            batch = slice(step * batch_size, (step + 1) * batch_size)
            _, gradient = reference.loss_and_gradient(weights, images[batch], wanted[batch], net)
            weights, state = reference.step(weights, state, gradient, net, rate, epoch * steps + step + 1)
    return weights, wanted


def assert_follows_the_reference(net, data, tolerance=1e-4):
    """Compare the result of a run without shuffling with the same steps in float64.

    The tolerance is relative to the largest change of the weights of a layer, and of its biases.
    """
    sizes = net.layer_sizes(data.n_inputs, data.n_outputs)
    initial = unpack(initial_parameters(net, sizes, 5), sizes)
    run = train(net, data, initial=initial, shuffle=False)
    weights, wanted = reference_run(net, data, initial)
    for layer, true_layer, before in zip(run.weights, weights, initial, strict=True):
        for found, expected, start in zip(layer, true_layer, before, strict=True):
            change = np.abs(expected - start).max()
            assert change > 0
            np.testing.assert_allclose(found - start, expected - start, rtol=0, atol=tolerance * change)
    _, z = reference.forward(weights, data.train.images, net)
    cost = reference.losses(z, wanted, net).mean()
    assert run.history.train_loss.iloc[-1] == pytest.approx(cost, rel=tolerance)
