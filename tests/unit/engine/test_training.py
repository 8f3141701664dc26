"""Training: steps against the reference, identical bytes, divergence, refusals."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from downhill import DownhillError, Network, predict, reference, train, train_many
from downhill.config.network import Network as Settings
from downhill.datasets import Dataset, Images
from downhill.engine.evaluate import loss_and_gradient
from downhill.network.architecture import initial_parameters, pack, unpack

RECIPES = {
    "lesson": {},
    "momentum and decay": {
        "activation": "relu",
        "output": "softmax",
        "loss": "cross_entropy",
        "initialization": "lecun",
        "optimizer": "momentum",
        "momentum": 0.9,
        "weight_decay": 0.01,
        "learning_rate": 0.05,
        "batch_size": 7,
    },
    "decay alone": {"weight_decay": 0.1, "learning_rate": 0.5, "batch_size": 64, "initialization": "lecun"},
    "full batch": {
        "activation": "tanh",
        "batch_size": "full",
        "learning_rate": 0.5,
        "initialization": "lecun",
    },
}


def digest(run):
    """Every byte of a run but its timing."""
    content = hashlib.sha256(repr((run.seed, run.diverged_epoch)).encode())
    for W, b in run.weights:
        content.update(W.tobytes() + b.tobytes())
    content.update(run.history.to_csv(float_format="%r").encode())
    return content.hexdigest()


def assert_follows_the_reference(net, data):
    """Compare a run without shuffling, step by step, with `reference` in float64."""
    images, labels = data.train.images, data.train.labels
    sizes = net.layer_sizes(data.n_inputs, data.n_classes)
    initial = unpack(initial_parameters(net, sizes, 5), sizes)
    run = train(net, data, initial=initial, shuffle=False)

    weights = [(W.astype(np.float64), b.astype(np.float64)) for W, b in initial]
    velocity = [(np.zeros_like(W), np.zeros_like(b)) for W, b in weights]
    batch_size = len(images) if net.batch_size == "full" else net.batch_size
    time = 0
    for _ in range(net.epochs):
        for first in range(0, len(images), batch_size):
            time += 1
            batch = slice(first, first + batch_size)
            _, gradient = reference.loss_and_gradient(weights, images[batch], labels[batch], net)
            weights, velocity = reference.step(weights, velocity, gradient, net, net.learning_rate, time)

    for (W, b), (W0, b0), (true_W, true_b) in zip(run.weights, initial, weights, strict=True):
        np.testing.assert_allclose(W - W0, true_W - W0, atol=1e-4 * np.abs(true_W - W0).max())
        np.testing.assert_allclose(b - b0, true_b - b0, atol=1e-4 * np.abs(true_b - b0).max())
    _, z = reference.forward(weights, images, net)
    assert run.history.train_loss.iloc[-1] == pytest.approx(reference.losses(z, labels, net).mean(), rel=1e-4)


@pytest.mark.parametrize("hidden_layers", [(), (12, 8), (16, 80), (130,)])
@pytest.mark.parametrize("recipe", RECIPES)
def test_epochs_follow_the_reference(digits, recipe, hidden_layers):
    net = Network(hidden_layers=hidden_layers, epochs=2, **RECIPES[recipe])
    few = Dataset(digits.train.take(slice(60)), digits.validation, digits.test, digits.classes)
    assert_follows_the_reference(net, few)


@pytest.mark.parametrize("recipe", ["momentum and decay", "full batch"])
def test_large_batches_are_collected_in_parts(digits, recipe, monkeypatch):
    from downhill.engine import train as module

    monkeypatch.setattr(module, "_LARGEST_PLAIN_BATCH", 100)
    monkeypatch.setattr(module, "_CHUNK", 64)
    net = Network(hidden_layers=(12, 8), epochs=3, **RECIPES[recipe] | {"batch_size": "full"})
    assert_follows_the_reference(net, digits)


def test_training_twice_gives_identical_bytes(digits):
    net = Network(epochs=2)
    assert digest(train(net, digits, seed=3)) == digest(train(net, digits, seed=3))


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("block", [1, 2, 5])
@pytest.mark.parametrize("recipe", ["lesson", "momentum and decay"])
def test_many_equal_their_twins_at_any_block_size_and_thread_count(digits, recipe, block, threads):
    net = Network(hidden_layers=(16, 16), epochs=2, **RECIPES[recipe])
    seeds = range(5)
    alone = [digest(train(net, digits, seed=seed)) for seed in seeds]
    together = []
    for first in range(0, len(seeds), block):
        runs = train_many(net, digits, seeds[first : first + block], threads=threads)
        together += [digest(run) for run in runs]
    assert together == alone
    assert len(set(alone)) == len(seeds)


def test_order_of_seeds_does_not_matter(digits):
    net = Network(epochs=1)
    forwards, backwards = train_many(net, digits, [4, 9]), train_many(net, digits, [9, 4])
    assert digest(forwards[0]) == digest(backwards[1])


def test_initial_weights_and_arrays_given_are_not_changed(digits):
    net = Network(epochs=1)
    initial = unpack(initial_parameters(net, (784, 16, 16, 10), 0), (784, 16, 16, 10))
    before = pack(initial, (784, 16, 16, 10))
    pixels = digits.train.images.copy()
    run = train(net, digits, seed=0, initial=initial)
    np.testing.assert_array_equal(pack(initial, (784, 16, 16, 10)), before)
    np.testing.assert_array_equal(digits.train.images, pixels)
    assert digest(run) == digest(train(net, digits, seed=0))  # the same weights as the seed's own


def test_read_only_data_and_no_shuffling(digits):
    frozen = digits.train.images.copy()
    frozen.flags.writeable = False
    data = Dataset(Images(frozen, digits.train.labels), digits.validation, digits.test, digits.classes)
    net = Network(epochs=1)
    assert digest(train(net, data, shuffle=False)) == digest(train(net, digits, shuffle=False))
    assert digest(train(net, data, shuffle=False)) != digest(train(net, digits))


def test_history_has_one_row_an_epoch_and_falls(digits):
    run = train(Network(epochs=30), digits, seed=1)
    assert list(run.history.columns) == [
        "epoch",
        "train_loss",
        "train_accuracy",
        "test_loss",
        "test_accuracy",
    ]
    assert run.history.epoch.tolist() == list(range(1, 31))
    assert run.seconds.shape == (30,)
    assert (run.seconds > 0).all()
    assert run.history.train_loss.iloc[-1] < 0.3 * run.history.train_loss.iloc[0]
    assert run.history.train_accuracy.iloc[-1] > 0.9
    assert not run.diverged


def test_history_every_keeps_the_last_epoch_and_changes_no_weight(digits):
    often, rarely = (train(Network(epochs=7, history_every=n), digits) for n in (1, 3))
    assert rarely.history.epoch.tolist() == [3, 6, 7]
    pd.testing.assert_frame_equal(
        rarely.history, often.history[often.history.epoch.isin([3, 6, 7])].reset_index(drop=True)
    )
    np.testing.assert_array_equal(often.weights[0][0], rarely.weights[0][0])


def test_no_epochs_leave_the_initial_weights(digits):
    net = Network(epochs=0)
    run = train(net, digits, seed=6)
    np.testing.assert_array_equal(
        pack(run.weights, (784, 16, 16, 10)), initial_parameters(net, (784, 16, 16, 10), 6)
    )
    assert run.history.empty


def test_divergence_ends_that_seed_alone(digits):
    net = Network(activation="relu", output="linear", learning_rate=4.0, epochs=5, initialization="lecun")
    wild = train(net, digits, seed=0)
    assert wild.diverged
    assert 1 <= wild.diverged_epoch <= 5
    assert len(wild.seconds) == wild.diverged_epoch
    last = wild.history.iloc[-1]
    assert last.epoch == wild.diverged_epoch
    assert last.drop("epoch").isna().all()
    runs = train_many(net.model_copy(update={"learning_rate": 0.01}), digits, [0, 1], threads=2)
    assert not any(run.diverged for run in runs)


@pytest.mark.parametrize(
    ("initial", "message"),
    [([(np.zeros((784, 16)), np.zeros(16))], "do not fit the layers"), ([], "do not fit the layers")],
)
def test_initial_weights_that_do_not_fit_are_refused(digits, initial, message):
    with pytest.raises(DownhillError, match=message):
        train(Network(), digits, initial=initial)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1, 10], r"labels must lie in 0 … 9 \(or be 255, for images of no class\); found 0 … 10"),
        ([0, -1, 2], r"labels must lie in 0 … 255; found -1 … 2"),
        ([0, 256, 2], r"labels must lie in 0 … 255; found 0 … 256"),
        ([0, 1], r"there are 3 images but 2 labels"),
    ],
)
def test_labels_that_do_not_fit_are_refused(digits, labels, message):
    run = train(Network(epochs=0), digits)
    with pytest.raises(DownhillError, match=message):
        loss_and_gradient(run.weights, digits.test.images[:3], labels, Network())


def test_public_names_are_there():
    import downhill

    assert set(downhill.__all__) <= set(dir(downhill))
    assert downhill.Network is Settings
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = downhill.nonsense


def test_pixels_and_seeds_that_make_no_sense_are_refused(digits):
    run = train(Network(epochs=0), digits)
    with pytest.raises(DownhillError, match="pixels must be uint8"):
        predict(run.weights, digits.test.images.astype(np.int64), Network())
    with pytest.raises(DownhillError, match=r"a seed is a whole number, 0 or greater, not -1"):
        train(Network(epochs=0), digits, seed=-1)


def test_batch_larger_than_the_data_is_the_full_batch(digits):
    nets = [Network(epochs=2, batch_size=size, initialization="lecun") for size in ("full", 5000)]
    full, large = (train(net, digits, shuffle=False) for net in nets)
    assert digest(full) == digest(large)
