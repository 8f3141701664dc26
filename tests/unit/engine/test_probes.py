"""What runs record on their way, against NumPy, the float64 reference and runs that end there."""

import numpy as np
import pytest

from downhill import Dataset, Images, Network, predict, reference, train, train_many
from downhill.datasets.dataset import NO_CLASS
from downhill.network.architecture import initial_parameters, pack, unpack

from .following import digest, first, mostly_lit

ALL = ("gradients", "losses", "weights", "answers")
NAMES = {
    "gradients": {"gradient_norms", "gradient_norm"},
    "losses": {"image_losses"},
    "weights": {"parameters"},
    "answers": {"confusion", "confidence"},
}
NETWORKS = {
    "lesson": Network(epochs=3),
    "momentum": Network(
        hidden_layers=(20, 12, 9),
        activation="relu",
        output="softmax",
        loss="cross_entropy",
        label_smoothing=0.1,
        initialization="he",
        optimizer="momentum",
        momentum=0.9,
        learning_rate=0.02,
        batch_size=32,
        epochs=3,
    ),
    "wide": Network(
        hidden_layers=(130, 70), activation="tanh", initialization="lecun", batch_size=64, epochs=3
    ),
    "no hidden layer": Network(hidden_layers=(), output="linear", learning_rate=0.02, epochs=3),
}


def probed(net, *probes, epochs=()):
    return net.model_copy(update={"probes": probes, "probe_epochs": epochs})


def probes_of(net, data, seed=2):
    return train(net, data, seed=seed).probes


@pytest.mark.parametrize("lit", [False, True])
@pytest.mark.parametrize("name", NETWORKS)
def test_numbers_are_those_of_the_weights_at_that_time(digits, name, lit):
    net = NETWORKS[name]
    data = first(digits, 300)  # more than the engine takes at a time
    data = mostly_lit(data) if lit else data
    sizes = net.layer_sizes(data.n_inputs, 10)
    found = probes_of(probed(net, *ALL), data)
    assert found.keys() == {"epochs"}.union(*NAMES.values())
    assert found["epochs"].tolist() == [0, 1, 2, 3]
    assert found["parameters"].dtype == np.float32
    np.testing.assert_array_equal(found["parameters"][0], initial_parameters(net, sizes, 2))
    for place, epoch in enumerate(found["epochs"]):
        shorter = train(net.model_copy(update={"epochs": int(epoch)}), data, seed=2)
        np.testing.assert_array_equal(found["parameters"][place], pack(shorter.weights, sizes))
        weights, images = unpack(found["parameters"][place], sizes), data.train

        _, z = reference.forward(weights, images.images, net)
        expected = reference.losses(z, images.labels, net)
        np.testing.assert_allclose(found["image_losses"][place], expected, rtol=1e-4, atol=1e-6)

        _, gradient = reference.loss_and_gradient(weights, images.images, images.labels, net)
        norms = [np.sqrt((gW**2).sum() + (gb**2).sum()) for gW, gb in gradient]
        np.testing.assert_allclose(found["gradient_norms"][place], norms, rtol=1e-4)
        assert found["gradient_norm"][place] == pytest.approx(np.linalg.norm(norms), rel=1e-4)

        outputs = predict(weights, data.test.images, net)
        counts = np.zeros((10, 10), int)
        np.add.at(counts, (data.test.labels, outputs.argmax(axis=1)), 1)
        np.testing.assert_array_equal(found["confusion"][place], counts)
        assert found["confidence"][place] == pytest.approx(outputs.max(axis=1).mean(dtype=float), rel=1e-12)


def test_losses_and_answers_agree_with_the_history(digits):
    run = train(probed(NETWORKS["lesson"], *ALL), digits, seed=1)
    found = run.probes
    np.testing.assert_allclose(found["image_losses"].mean(axis=1)[1:], run.history.train_loss, rtol=1e-12)
    right = found["confusion"].trace(axis1=1, axis2=2) / len(digits.test)
    np.testing.assert_allclose(right[1:], run.history.test_accuracy, rtol=1e-12)


@pytest.mark.parametrize(
    ("settings", "epochs"),
    [
        ({"epochs": 4}, [0, 1, 2, 3, 4]),
        ({"epochs": 5, "history_every": 2}, [0, 2, 4, 5]),
        ({"epochs": 5, "history_every": 2, "probe_epochs": (1, 3)}, [1, 3]),
        ({"epochs": 5, "probe_epochs": (0,)}, [0]),
        ({"epochs": 3, "probe_epochs": (3, 0)}, [0, 3]),
        ({"epochs": 0}, [0]),
    ],
)
def test_epochs_are_those_asked_for(digits, settings, epochs):
    found = probes_of(Network(hidden_layers=(5,), probes=("weights",), **settings), first(digits, 30))
    assert found["epochs"].dtype == np.int64
    assert found["epochs"].tolist() == epochs
    assert len(found["parameters"]) == len(epochs)


@pytest.mark.parametrize("probe", ALL)
def test_only_what_was_asked_for_is_there(digits, probe):
    found = probes_of(Network(hidden_layers=(5,), epochs=1, probes=(probe,)), first(digits, 30))
    assert found.keys() == {"epochs"} | NAMES[probe]
    assert {len(values) for values in found.values()} == {2}


def test_nothing_asked_for_is_empty(digits):
    assert probes_of(Network(hidden_layers=(5,), epochs=1), first(digits, 30)) == {}


@pytest.mark.parametrize("name", NETWORKS)
def test_looking_changes_nothing(digits, name):
    net, few = NETWORKS[name], first(digits, 200)
    plain, looked_at = train(net, few), train(probed(net, *ALL, epochs=(0, 1, 3)), few)
    assert plain.probes == {}
    looked_at.probes.clear()
    assert digest(plain) == digest(looked_at)


def test_what_ceases_to_be_finite_is_recorded_no_more(digits):
    """Only epochs that ended with finite numbers are; some seeds have more of them than others."""
    net = Network(
        hidden_layers=(16,),
        activation="relu",
        output="linear",
        initialization="lecun",
        learning_rate=4,
        epochs=3,
        probes=("losses", "gradients"),
    )
    runs = train_many(net, first(digits, 250), range(12))
    assert any(run.diverged for run in runs)
    for run in runs:
        last = run.diverged_epoch - 1 if run.diverged else 3
        assert run.probes["epochs"].tolist() == list(range(last + 1))
        assert np.isfinite(run.probes["image_losses"]).all()


def test_run_that_diverges_before_any_probe_has_none_of_any(digits):
    net = Network(output="linear", learning_rate=1e30, epochs=2, probes=ALL, probe_epochs=(2,))
    run = train(net, first(digits, 30))
    assert run.diverged
    assert {name: values.shape for name, values in run.probes.items()} == {
        "epochs": (0,),
        "gradient_norms": (0, 3),
        "gradient_norm": (0,),
        "image_losses": (0, 30),
        "parameters": (0, 13_002),
        "confusion": (0, 10, 10),
        "confidence": (0,),
    }


def test_images_without_class_are_in_no_confusion(digits):
    labels = digits.test.labels.copy()
    labels[::2] = NO_CLASS
    data = Dataset(digits.train, digits.validation, Images(digits.test.images, labels), digits.classes)
    found = probes_of(Network(epochs=1, probes=("answers",)), data)
    assert found["confusion"].sum(axis=(1, 2)).tolist() == [100, 100]
    np.testing.assert_array_equal(found["confusion"][0].sum(axis=1), np.bincount(labels[1::2], minlength=10))


def test_regression_has_probes_but_no_confusion():
    random = np.random.default_rng(0)
    targets = random.normal(size=(40, 2)).astype(np.float32)
    images = Images.with_targets(random.random((40, 1, 3), np.float32), targets)
    data = Dataset(images, images.take(slice(0)), images, ("x", "y"))
    net = Network(hidden_layers=(5,), output="linear", learning_rate=0.1, epochs=2, probes=ALL)
    found = probes_of(net, data)
    weights = unpack(found["parameters"][-1], (3, 5, 2))
    _, z = reference.forward(weights, images.images, net)
    np.testing.assert_allclose(found["image_losses"][-1], reference.losses(z, targets, net), rtol=1e-4)
    assert found["confusion"].shape == (3, 2, 2)
    assert not found["confusion"].any()
