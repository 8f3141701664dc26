"""Training: results, arguments that must not change, divergence, and refused arguments."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from downhill import DownhillError, Network, evaluate, predict, train, train_many
from downhill.datasets import Dataset, Images
from downhill.engine.evaluate import loss_and_gradient
from downhill.network.architecture import initial_parameters, pack, unpack

from .following import digest, first


def test_arguments_are_not_modified(digits):
    net = Network(epochs=1)
    initial = unpack(initial_parameters(net, (784, 16, 16, 10), 0), (784, 16, 16, 10))
    before = pack(initial, (784, 16, 16, 10))
    pixels = digits.train.images.copy()
    run = train(net, digits, seed=0, initial=initial)
    np.testing.assert_array_equal(pack(initial, (784, 16, 16, 10)), before)
    np.testing.assert_array_equal(digits.train.images, pixels)
    assert digest(run) == digest(train(net, digits, seed=0))  # the same weights as the seed's own


@pytest.mark.parametrize("hidden", [(), (5,), (6, 4)])
@pytest.mark.parametrize("threads", [1, 2])
def test_each_seed_may_have_a_start_of_its_own(digits, hidden, threads):
    net, seeds = Network(hidden_layers=hidden, epochs=1, snapshot_epochs=(0,)), (3, 8, 4)
    sizes = net.layer_sizes(784, 10)
    starts = [unpack(initial_parameters(net, sizes, seed), sizes) for seed in (9, 1, 5)]
    runs = train_many(net, digits, seeds, threads=threads, initial=starts)
    for run, seed, start in zip(runs, seeds, starts, strict=True):
        np.testing.assert_array_equal(pack(run.snapshots[0], sizes), pack(start, sizes))
        assert digest(run) == digest(train(net, digits, seed=seed, initial=start))
    same = train_many(net, digits, seeds, threads=threads, initial=starts[1])
    assert digest(same[1]) == digest(runs[1])
    assert [digest(run) for run in same] == [
        digest(run) for run in train_many(net, digits, seeds, initial=(starts[1],) * 3)
    ]
    listed = [(W.tolist(), b.tolist()) for W, b in starts[0]]
    assert digest(train(net, digits, seed=3, initial=listed)) == digest(runs[0])
    assert train_many(net, digits, [], initial=[]) == []


def test_read_only_data_and_no_shuffling(digits):
    frozen = digits.train.images.copy()
    frozen.flags.writeable = False
    data = Dataset(Images(frozen, digits.train.labels), digits.validation, digits.test, digits.classes)
    net = Network(epochs=1)
    assert digest(train(net, data, shuffle=False)) == digest(train(net, digits, shuffle=False))
    assert digest(train(net, data, shuffle=False)) != digest(train(net, digits))


def test_history_has_one_row_per_epoch_and_costs_fall(digits):
    run = train(Network(epochs=30), digits, seed=1)
    assert list(run.history.columns) == [
        "epoch",
        "train_loss",
        "train_accuracy",
        "validation_loss",
        "validation_accuracy",
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


def test_zero_epochs_keep_the_initial_weights(digits):
    net = Network(epochs=0)
    run = train(net, digits, seed=6)
    np.testing.assert_array_equal(
        pack(run.weights, (784, 16, 16, 10)), initial_parameters(net, (784, 16, 16, 10), 6)
    )
    assert run.history.empty


def validated(data):
    """The same data set with its last fifty training images for validation."""
    return Dataset(data.train.take(slice(-50)), data.train.take(slice(-50, None)), data.test, data.classes)


def test_history_scores_validation_images(digits):
    net = Network(hidden_layers=(12,), epochs=2)
    data = validated(digits)
    run = train(net, data)
    expected = evaluate(run.weights, data.validation, net)
    last = run.history.iloc[-1]
    assert (last.validation_loss, last.validation_accuracy) == (expected.loss, expected.accuracy)
    without = train(net, Dataset(data.train, digits.validation, data.test, data.classes))
    assert without.history[["validation_loss", "validation_accuracy"]].isna().all(axis=None)
    others = [name for name in run.history.columns if not name.startswith("validation")]
    pd.testing.assert_frame_equal(run.history[others], without.history[others])
    np.testing.assert_array_equal(run.weights[0][0], without.weights[0][0])


@pytest.mark.parametrize("chosen", [("train",), ("validation",), ("test",), ("train", "test")])
def test_history_scores_the_chosen_sets_and_changes_nothing_else(digits, chosen):
    data, net = validated(digits), Network(epochs=3, history_every=2, shuffle_labels=0.5)
    whole, run = train(net, data), train(net.model_copy(update={"history_sets": chosen}), data)
    scored = ["epoch", *(f"{name}_{number}" for name in chosen for number in ("loss", "accuracy"))]
    pd.testing.assert_frame_equal(run.history[scored], whole.history[scored])
    assert list(run.history.columns) == list(whole.history.columns)
    assert run.history.drop(columns=scored).isna().all(axis=None)
    assert digest(replace(run, rows=whole.rows)) == digest(whole)


@pytest.mark.parametrize(
    ("name", "initialization"), [("train", "zeros"), ("validation", "normal"), ("test", "normal")]
)
def test_infinite_cost_of_any_set_is_divergence(digits, name, initialization):
    """All weights are finite; the cost of an image with enormous pixels is not."""
    sets = validated(digits).parts()
    pixels = np.zeros((len(sets[name]), 28, 28), np.float32)
    pixels[0] = 1e38
    sets[name] = Images(pixels, sets[name].labels)
    net = Network(
        hidden_layers=(), output="linear", initialization=initialization, learning_rate=1e-3, epochs=2
    )
    data = Dataset(**sets, classes=digits.classes)
    run = train(net, data)
    assert all(np.isfinite(part).all() for layer in run.weights for part in layer)
    assert run.diverged_epoch == 1
    assert run.history.epoch.tolist() == [1]
    assert run.history.drop(columns="epoch").isna().all(axis=None)
    others = tuple(other for other in sets if other != name)
    run = train(net.model_copy(update={"history_sets": others, "epochs": 1}), data)
    assert not run.diverged
    assert run.history[[f"{other}_loss" for other in others]].notna().all(axis=None)


WILD = {"activation": "relu", "output": "linear", "initialization": "lecun"}


def test_divergence_ends_only_that_seed(digits):
    """The learning rate is far too large: some seeds overflow, in others all hidden units die first."""
    net = Network(hidden_layers=(16,), learning_rate=4.0, epochs=3, **WILD)
    few = validated(first(digits, 300))
    runs = train_many(net, few, range(12), threads=2)
    assert {run.diverged for run in runs} == {True, False}
    for run in runs:
        if run.diverged:
            assert 1 <= run.diverged_epoch <= 3
            assert len(run.seconds) == run.diverged_epoch
            assert run.history.epoch.tolist() == list(range(1, run.diverged_epoch + 1))
            assert run.history.iloc[-1].drop("epoch").isna().all()
            assert not run.history.iloc[:-1].isna().any(axis=None)
        else:
            assert len(run.seconds) == 3
            assert np.isfinite(run.history.to_numpy()).all()
            assert all(np.isfinite(part).all() for layer in run.weights for part in layer)
    runs = train_many(net.model_copy(update={"learning_rate": 0.01}), few, [0, 1], threads=2)
    assert not any(run.diverged for run in runs)


@pytest.mark.parametrize(
    "more",
    [
        {"hidden_layers": ()},
        {"hidden_layers": (12,), "activation": "linear"},
        {"hidden_layers": (130,), "activation": "leaky_relu", "batch_size": 32},  # sorted
        {"hidden_layers": (128, 128), "activation": "linear", "batch_size": 64},
        {"hidden_layers": (12,), "activation": "linear", "optimizer": "momentum", "momentum": 0.9},
        {"hidden_layers": (12,), "activation": "linear", "batch_size": "full", "epochs": 200},
    ],
)
def test_divergence_is_detected_on_every_path(digits, more):
    net = Network(**WILD | {"learning_rate": 1e4, "epochs": 20, "history_every": 7} | more)
    run = train(net, digits)
    assert run.diverged
    assert run.history.epoch.iloc[-1] == run.diverged_epoch == len(run.seconds)
    assert run.history.iloc[-1].drop("epoch").isna().all()
    assert not all(np.isfinite(part).all() for layer in run.weights for part in layer)


@pytest.mark.parametrize(
    ("initial", "message"),
    [
        ([(np.zeros((784, 16)), np.zeros(16))], "do not match the layer sizes"),
        ([], r"must be a list of pairs \(W, b\), one for each layer, such as run.weights$"),
    ],
)
def test_initial_weights_that_do_not_match_are_refused(digits, initial, message):
    with pytest.raises(DownhillError, match=message):
        train(Network(), digits, initial=initial)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1, 10], r"labels must be in 0 … 9 \(or 255 for images of no class\); found 0 … 10"),
        ([0, -1, 2], r"labels must be in 0 … 255; found -1 … 2"),
        ([0, 256, 2], r"labels must be in 0 … 255; found 0 … 256"),
        ([0, 1], r"there are 3 images but 2 labels"),
    ],
)
def test_invalid_labels_are_refused(digits, labels, message):
    run = train(Network(epochs=0), digits)
    with pytest.raises(DownhillError, match=message):
        loss_and_gradient(run.weights, digits.test.images[:3], labels, Network())


def test_invalid_pixels_are_refused(digits):
    run = train(Network(epochs=0), digits)
    with pytest.raises(DownhillError, match="pixels must be uint8"):
        predict(run.weights, digits.test.images.astype(np.int64), Network())
