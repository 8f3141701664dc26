"""Runs with their own training images, compared with runs on a data set of exactly these images."""

import numpy as np
import pytest

from downhill import Dataset, DownhillError, Images, Network, evaluate, reference, train, train_many
from downhill.engine.images import EngineImages
from downhill.engine.layout import Layout
from downhill.engine.training_images import TrainingImages
from downhill.network.architecture import initial_parameters, unpack
from downhill.network.replicate import training_images_of

from .following import digest, mostly_lit, reference_run

OWN = {
    "labels": {"shuffle_labels": 0.7},
    "images": {"subset_images": 120},
    "images and labels": {"subset_images": 120, "shuffle_labels": 1.0},
}
# The batch of the second recipe is all images of the run, which may be fewer than the data set has.
RECIPES = {
    "lesson": {"epochs": 2},
    "full batch": {"epochs": 3, "batch_size": "full", "learning_rate": 0.5, "activation": "tanh"},
}


def dataset_of_seed(data, net, seed):
    return Dataset(training_images_of(data.train, net, seed), data.validation, data.test, data.classes)


def without_own(net):
    return net.model_copy(update={"subset_images": None, "shuffle_labels": 0.0})


@pytest.mark.parametrize("lit", [False, True])
@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("own", OWN)
def test_run_equals_one_on_a_data_set_of_its_images(digits, own, recipe, lit):
    data = mostly_lit(digits) if lit else digits
    net = Network(**RECIPES[recipe], **OWN[own])
    runs = train_many(net, data, range(3), threads=2)
    for run in runs:
        twin = train(without_own(net), dataset_of_seed(data, net, run.seed), seed=run.seed)
        assert digest(run) == digest(twin)
    assert len({digest(run) for run in runs}) == 3


@pytest.mark.parametrize("own", OWN)
def test_run_follows_the_reference_on_its_own_images(digits, own):
    net, seed = Network(epochs=2, **OWN[own]), 4
    sizes = net.layer_sizes(digits.n_inputs, 10)
    initial = unpack(initial_parameters(net, sizes, seed), sizes)
    run = train(net, digits, seed=seed, shuffle=False)
    data = dataset_of_seed(digits, net, seed)
    weights, labels = reference_run(net, data, initial)
    for found, expected, start in zip(run.weights, weights, initial, strict=True):
        change = np.abs(expected[0] - start[0]).max()
        np.testing.assert_allclose(found[0] - start[0], expected[0] - start[0], rtol=0, atol=1e-4 * change)
    _, z = reference.forward(weights, data.train.images, net)
    assert run.history.train_loss.iloc[-1] == pytest.approx(reference.losses(z, labels, net).mean(), rel=1e-4)


@pytest.mark.parametrize("own", OWN)
def test_history_scores_a_run_on_its_own_images(digits, own):
    net = Network(epochs=2, **OWN[own])
    run = train(net, digits, seed=1)
    last = run.history.iloc[-1]
    for name, images in (("train", training_images_of(digits.train, net, 1)), ("test", digits.test)):
        found = evaluate(run.weights, images, net)
        assert (found.loss, found.accuracy) == (last[f"{name}_loss"], last[f"{name}_accuracy"])
    assert last.train_accuracy != evaluate(run.weights, digits.train, net).accuracy


def test_regression_is_trained_on_shuffled_targets():
    random = np.random.default_rng(0)
    images = Images.with_targets(
        random.random((60, 1, 3), np.float32), random.normal(size=(60, 2)).astype(np.float32)
    )
    data = Dataset(images, images.take(slice(0)), images, ("x", "y"))
    net = Network(
        hidden_layers=(5,), output="linear", learning_rate=0.1, epochs=2, shuffle_labels=1, subset_images=40
    )
    run = train(net, data, seed=2)
    assert digest(run) == digest(train(without_own(net), dataset_of_seed(data, net, 2), seed=2))
    assert digest(run) != digest(train(net.model_copy(update={"shuffle_labels": 0.0}), data, seed=2))


def test_pixels_are_converted_once_if_seeds_share_them(digits, monkeypatch):
    converted: list[EngineImages] = []

    def counted(*arguments):
        converted.append(convert(*arguments))
        return converted[-1]

    from downhill.engine import images, training_images

    convert = images.engine_images
    for module in (images, training_images):
        monkeypatch.setattr(module, "engine_images", counted)
    layout = Layout.of(Network(), (784, 16, 16, 10))
    for settings, times in (({}, 1), (OWN["labels"], 1), (OWN["images"], 3)):
        converted.clear()
        sets = TrainingImages(digits.train, Network(**settings), layout)
        found = [sets.of(seed) for seed in range(3)]
        assert len(converted) == times
        assert len({id(examples.images) for examples, _ in found}) == times


def test_subset_larger_than_the_data_set_is_refused(digits):
    for threads in (1, 2):
        with pytest.raises(
            DownhillError,
            match=r"^subset_images is 501, but the data set has only 500 training images; choose at most 500$",
        ):
            train_many(Network(subset_images=501), digits, range(2), threads=threads)
