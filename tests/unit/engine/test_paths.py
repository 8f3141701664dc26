"""Every path through the kernels gives the same result as the float64 reference.

The path depends only on widths and batch sizes. Each case states the path that it is meant to test, and the test fails
if a changed constant leads to another path.
"""

import numpy as np
import pytest

from downhill import Dataset, Images, Network, train
from downhill.datasets.dataset import NO_CLASS
from downhill.engine.images import engine_images
from downhill.engine.layout import Layout
from downhill.engine.sparse_products import FEW
from downhill.engine.workspace import SORT_WIDTH, SORT_WORK, Workspace

from .following import assert_follows_the_reference, digest, first, mostly_lit

SMOOTH = {"activation": "tanh", "output": "softmax", "loss": "cross_entropy", "initialization": "lecun"}
PLAIN = {**SMOOTH, "learning_rate": 0.2}
DECAY = {**PLAIN, "weight_decay": 0.05}
MOMENTUM = {**SMOOTH, "learning_rate": 0.05, "optimizer": "momentum", "momentum": 0.8, "weight_decay": 0.01}
ADAM = {**SMOOTH, "learning_rate": 1e-3, "optimizer": "adam", "epsilon": 1e-4, "weight_decay": 0.1}
RELU = {**PLAIN, "activation": "relu", "output": "sigmoid", "initialization": "he"}


def paths(net, data):
    """The special paths that batches of a network take through the kernels; an empty set means plain loops."""
    layout = Layout.of(net, net.layer_sizes(data.n_inputs, data.n_outputs))
    images = engine_images(data.train.images)
    batch = len(data.train) if net.batch_size == "full" else net.batch_size
    found = set()
    if len(images.pixels) == 0:
        found.add("dense")
    if len(Workspace.of(layout, images, batch).ends):
        found.add("sorted")
    if (layout.layers["stride"] > layout.layers["width"]).any():
        found.add("strided")
    return found


CASES = {
    # name: hidden layers, batch size, recipe, paths; 100 images, so that the last batch is usually smaller
    "a single unit": ((1,), 3, PLAIN, set()),
    "one unit more than a vector": ((17, 17), 10, PLAIN, set()),
    "single images": ((17,), 1, PLAIN | {"learning_rate": 0.02}, set()),
    "tiles and a remainder": ((100,), 7, DECAY, set()),
    "tiles and a remainder, larger batch": ((100, 33), 15, PLAIN, set()),
    "just wide enough for sorting": ((SORT_WIDTH - 1,), SORT_WORK // SORT_WIDTH, PLAIN, {"sorted"}),
    "sorted tiles and a remainder": ((130,), 30, PLAIN, {"sorted"}),
    "sorted, with momentum": ((130,), 32, MOMENTUM, {"sorted"}),
    "sorted, with Adam": ((130, 20), 29, ADAM, {"sorted"}),
    "wide but few images": ((SORT_WIDTH,), SORT_WORK // SORT_WIDTH - 1, PLAIN, set()),
    "few images of very wide layers": ((512,), 8, PLAIN, {"sorted", "strided"}),
    "five vectors, then eight and one": ((80, 140), 6, PLAIN, set()),
    "six vectors, then three": ((96, 48), 6, PLAIN, set()),
    "sorted, with more deltas than the cache holds": ((150,), FEW + 6, PLAIN, {"sorted"}),
    "a layer after a sorted one": ((128, 64), 64, PLAIN, {"sorted"}),
    "sorted, with decay": ((128, 64), 64, DECAY, {"sorted"}),
    "sorted, with odd widths": ((129, 77), 31, RELU, {"sorted"}),
    "two wide layers, Adam": ((300, 300), 64, ADAM, {"sorted"}),
    "a stride with padding": ((256,), 10, PLAIN, {"strided"}),
    "a sorted stride with padding": ((256, 20), 24, DECAY, {"sorted", "strided"}),
    "a hidden stride with padding": ((16, 256), 5, MOMENTUM, {"strided"}),
    "three layers with padded strides": ((20, 288, 256), 30, PLAIN, {"strided"}),
    "the full batch": ((130, 40), "full", PLAIN, {"sorted"}),
}
LIT = {
    "a single unit": ((1,), 3, PLAIN, {"dense"}),
    "few images": ((17, 12), 3, PLAIN, {"dense"}),
    "one vector, larger batch": ((16,), 10, MOMENTUM, {"dense"}),
    "wide layers": ((300, 150), 32, PLAIN, {"dense"}),
    "a stride with padding": ((256,), 33, DECAY, {"dense", "strided"}),
    "a stride with padding, single images": ((256,), 1, ADAM, {"dense", "strided"}),
}


def network(hidden_layers, batch_size, recipe, steps=30):
    """A network trained on 100 images for enough epochs to take at least `steps` steps."""
    epochs = 10 if batch_size == "full" else max(1, -(-steps * batch_size // 100))
    return Network(hidden_layers=hidden_layers, batch_size=batch_size, epochs=epochs, **recipe)


@pytest.mark.parametrize("case", CASES)
def test_sparse_images_follow_the_reference(digits, case):
    *settings, expected = CASES[case]
    data, net = first(digits, 100), network(*settings)
    assert paths(net, data) == expected
    assert_follows_the_reference(net, data)


@pytest.mark.parametrize("case", LIT)
def test_mostly_lit_images_follow_the_reference(digits, case):
    *settings, expected = LIT[case]
    data, net = mostly_lit(first(digits, 100)), network(*settings)
    assert paths(net, data) == expected
    assert_follows_the_reference(net, data)


@pytest.mark.parametrize("share", [0.1, 0.9])
def test_float_images_with_an_odd_number_of_pixels_follow_the_reference(share):
    random = np.random.default_rng(0)

    def images(n):
        pixels = random.uniform(-1, 1, (n, 3, 7)) * (random.random((n, 3, 7)) < share)
        return Images(pixels.astype(np.float32), random.integers(0, 3, n).astype(np.uint8))

    data = Dataset(images(50), images(0), images(5), ("a", "b", "c"))
    net = network((20, 12), 7, PLAIN)
    assert ("dense" in paths(net, data)) == (share > 0.5)
    assert_follows_the_reference(net, data)


@pytest.mark.parametrize("batch_size", [8, SORT_WORK // SORT_WIDTH])
def test_black_images_and_black_batches_follow_the_reference(digits, batch_size):
    """An image without lit pixels has no entries, and neither do some of the batches here."""
    pixels = first(digits, 96).train.images.copy()
    pixels[10:28:2] = 0
    pixels[32:64] = 0
    train_images = Images(pixels, digits.train.labels[:96])
    data = Dataset(train_images, digits.validation, digits.test.take(slice(20)), digits.classes)
    assert_follows_the_reference(network((SORT_WIDTH, 12), batch_size, PLAIN), data)


@pytest.mark.parametrize(
    ("output", "loss", "recipe"),
    [("sigmoid", "mse", PLAIN), ("linear", "mse", MOMENTUM), ("sigmoid", "cross_entropy", ADAM)],
)
def test_noise_among_the_images_follows_the_reference(digits, output, loss, recipe):
    data = first(digits, 60)
    labels = data.train.labels.copy()
    labels[::4] = NO_CLASS
    data = Dataset(Images(data.train.images, labels), data.validation, data.test, data.classes)
    assert_follows_the_reference(network((16,), 7, recipe | {"output": output, "loss": loss}), data)


def test_smoothed_labels_follow_the_reference(digits):
    assert_follows_the_reference(network((16,), 7, PLAIN | {"label_smoothing": 0.2}), first(digits, 60))


@pytest.mark.parametrize("n_outputs", [1, 18])
def test_regression_follows_the_reference(digits, n_outputs):
    targets = np.random.default_rng(0).uniform(-1, 1, (80, n_outputs)).astype(np.float32)
    images = [
        Images.with_targets(digits.train.images[own], targets[own]) for own in (slice(60), slice(60, 80))
    ]
    data = Dataset(images[0], images[1].take(slice(0)), images[1], tuple(map(str, range(n_outputs))))
    recipe = {"activation": "tanh", "output": "linear", "initialization": "lecun", "learning_rate": 0.05}
    assert_follows_the_reference(network((16,), 7, recipe), data)


@pytest.mark.parametrize("activation", ["sigmoid", "leaky_relu", "linear", "step"])
def test_other_activations_follow_the_reference(digits, activation):
    recipe = PLAIN | {"activation": activation, "learning_rate": 0.05}
    if activation == "step":
        recipe["straight_through"] = True
    assert_follows_the_reference(network((16, 12), 7, recipe), first(digits, 60))


def test_network_of_steps_learns_only_in_its_last_layer(digits):
    net = network((16, 12), 7, PLAIN | {"activation": "step"})
    before, after = (train(one, digits) for one in (net.model_copy(update={"epochs": 0}), net))
    for layer, (old, new) in enumerate(zip(before.weights, after.weights, strict=True)):
        for part, other in zip(old, new, strict=True):
            assert np.array_equal(part, other) == (layer < 2)


def test_batch_larger_than_the_data_is_the_full_batch(digits):
    nets = [Network(epochs=2, batch_size=size, initialization="lecun") for size in ("full", 5000)]
    full, large = (train(net, digits, shuffle=False) for net in nets)
    assert digest(full) == digest(large)
