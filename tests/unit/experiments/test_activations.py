"""Experiments of the family *activations*, compared with the reference and with cases whose answers are known."""

import numpy as np
import pytest

from downhill import DownhillError, reference, train
from downhill.config.network import Network
from downhill.datasets import Dataset
from downhill.datasets.dataset import Images
from downhill.engine.evaluate import evaluate
from downhill.experiments import activations
from downhill.experiments.inputs import Inputs
from tests.activations_study import plane

from .toys import kinds_of

STEP = Network(hidden_layers=(6, 5), activation="step", epochs=2)
SOFTMAX = {"output": "softmax", "loss": "cross_entropy"}
UNITS = {"activations": ("sigmoid", "relu"), "initializations": ("lecun", "he")}
RATES = {"quadratic_rates": (1.0, 0.1), "cross_entropy_rates": (0.3, 0.05)}


def norm(layer) -> float:
    return float(np.sqrt(sum((part**2).sum() for part in layer)))


def test_a_step_network_has_no_hidden_gradient_and_others_have(train_two_seeds):
    inputs = train_two_seeds(STEP)
    found = activations.gradients_of_units(1, inputs, images=60)
    assert found["largest"].tolist() == [0, 0]
    assert found["start"][0, :2].tolist() == [0, 0]
    images = inputs.network.data.train.take(slice(60))
    kinds = [
        STEP,
        STEP.model_copy(update={"activation": "sigmoid"}),
        STEP.model_copy(update={"straight_through": True}),
    ]
    for row, net in zip(found["start"], kinds, strict=True):
        _, gradient = reference.loss_and_gradient(inputs.network.start(1), images.images, images.labels, net)
        np.testing.assert_allclose(row, [norm(layer) for layer in gradient], rtol=1e-4)
    assert (found["start"][1:] > 0).all()


@pytest.mark.parametrize(
    "net", [Network(hidden_layers=(4,), epochs=1), STEP.model_copy(update={"straight_through": True})]
)
def test_other_units_have_a_hidden_gradient(train_two_seeds, net):
    inputs = train_two_seeds(net)
    found = activations.gradients_of_units(0, inputs, images=60)
    images = inputs.network.data.train.take(slice(60))
    for place, weights in enumerate((inputs.network.start(0), inputs.network.weights(0))):
        _, gradient = reference.loss_and_gradient(weights, images.images, images.labels, net)
        largest = max(np.abs(part).max() for layer in gradient[:-1] for part in layer)
        assert found["largest"][place] == pytest.approx(largest, rel=1e-3)


def test_the_cost_along_a_bias_is_that_of_the_shifted_network(train_two_seeds):
    inputs = train_two_seeds(STEP)
    found = activations.gradients_of_units(0, inputs, few=7, reach=2.0, points=5)
    assert found["shift"].tolist() == [-2, -1, 0, 1, 2]
    images = inputs.network.data.train.take(slice(7))
    for row, kind in zip(found["cost"], ("step", "sigmoid"), strict=True):
        for shift, cost in zip(found["shift"], row, strict=True):
            weights = inputs.network.start(0)
            weights[1][1][0] += np.float32(shift)
            net = STEP.model_copy(update={"activation": kind})
            expected, _ = reference.loss_and_gradient(weights, images.images, images.labels, net)
            assert cost == pytest.approx(expected, rel=1e-6)


def test_with_step_units_the_cost_is_flat_almost_everywhere(train_two_seeds):
    found = activations.gradients_of_units(0, train_two_seeds(STEP), few=5, points=1001)
    steps, smooth = found["cost"]
    assert np.count_nonzero(np.diff(steps)) <= 5  # at most one jump for each image
    assert np.count_nonzero(np.diff(smooth)) == 1000


def test_without_hidden_layers_there_is_nothing_to_compare(train_two_seeds):
    found = activations.gradients_of_units(0, train_two_seeds(Network(hidden_layers=(), epochs=1)), points=3)
    assert np.isnan(found["largest"]).all()
    assert np.isnan(found["cost"]).all()
    assert found["start"].shape == (3, 1)


def test_accuracies_are_those_of_networks_trained_alone(digits: Dataset):
    inputs = Inputs({}, {"digits": digits})
    found = activations.accuracies(3, inputs, **UNITS, **RATES, hidden_layers=(7,), epochs=3)
    assert found["accuracy"].shape == (2, 2, 3)
    net = Network(
        hidden_layers=(7,), activation="relu", initialization="he", learning_rate=0.05, epochs=3, **SOFTMAX
    )
    history = train(net, digits, 3).history
    np.testing.assert_array_equal(found["accuracy"][1, 1], history.test_accuracy)
    assert found["rate"].tolist() == [[1.0, 0.1], [0.3, 0.05]]


def test_a_network_that_diverges_has_no_accuracy_from_then_on(digits: Dataset):
    wild = {"activations": ("linear",), "initializations": ("normal",)}
    rates = {"quadratic_rates": (1.0,), "cross_entropy_rates": (1e30,)}
    found = activations.accuracies(0, Inputs({}, {"digits": digits}), **wild, **rates, epochs=2)
    assert np.isnan(found["accuracy"][1, 0, -1])


def test_a_network_that_gives_one_answer_is_stuck(digits: Dataset):
    found = activations.accuracies(
        0, Inputs({}, {"d": digits}), activations=("relu",), initializations=("he",), quadratic_rates=(1e-6,),
        cross_entropy_rates=(0.1,), hidden_layers=(32,), epochs=10,
    )  # fmt: skip
    assert found["stuck"].tolist() == [[True], [False]]


def test_lists_of_different_lengths_are_refused(digits: Dataset):
    with pytest.raises(DownhillError, match="same length"):
        activations.accuracies(0, Inputs({}, {"d": digits}), **UNITS | {"activations": ("tanh",)}, **RATES)


def test_a_linear_network_is_the_product_of_its_layers_and_others_are_not(digits: Dataset):
    found = activations.matrices(2, Inputs({}, {"digits": digits}), hidden_layers=(6, 4), epochs=2, rate=0.05)
    linear, relu = found["difference"]
    assert linear < 1e-12
    assert relu > 0.01
    assert found["accuracy"][0] == found["matrix_accuracy"][0]
    assert (found["by_depth"][0] < 1e-12).all()
    assert (found["by_depth"][1] > 0.01).all()
    net = Network(
        hidden_layers=(6, 4),
        activation="linear",
        initialization="lecun",
        learning_rate=0.05,
        epochs=2,
        **SOFTMAX,
    )
    run = train(net, digits, 2)
    assert found["accuracy"][0] == evaluate(run.weights, digits.test, net).accuracy
    (V, c), (W, b), (U, a) = [(W.astype(float), b.astype(float)) for W, b in run.weights]
    z = reference.scaled(digits.test.images) @ (V @ W @ U) + ((c @ W + b) @ U + a)
    softmax = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    expected = reference.forward(run.weights, digits.test.images, net)[0][-1]
    difference = np.linalg.norm(softmax - expected, axis=1) / np.linalg.norm(expected, axis=1)
    assert linear == pytest.approx(difference.max(), abs=1e-13)


def test_two_tanh_units_solve_xor_and_linear_units_do_not():
    inputs = Inputs({}, {"xor": plane("xor"), "rings": plane("rings")})
    found = activations.hard_tasks(0, inputs, units=8, widths=(1, 2), epochs=60, points=11, shown=20)
    assert found["task"].tolist() == ["rings", "xor"]
    assert found["width"].tolist() == [1, 2, 8]
    assert (found["accuracy"][:, 1] == found["by_width"][:, 2]).all()
    assert (found["accuracy"][:, 0] < 0.8).all()
    assert (found["accuracy"][:, 1] > 0.95).all()
    assert found["by_width"][1, 0] < 0.9  # one unit draws one line
    for place, kind in enumerate(("rings", "xor")):
        data = plane(kind)
        np.testing.assert_allclose(found["place"][place], data.test.images[:20, 0])
        np.testing.assert_array_equal(found["label"][place], data.test.labels[:20])
    # The corners of the plane belong to class 1 of the rings; opposite corners of XOR are alike.
    rings_answers, xor_answers = found["regions"][:, 1]
    assert rings_answers[0, 0] == rings_answers[-1, -1] == 1
    assert rings_answers[5, 5] == 0
    assert xor_answers[2, 2] == xor_answers[-3, -3] == 0
    assert xor_answers[2, -3] == xor_answers[-3, 2] == 1


def test_regions_of_linear_units_are_half_planes():
    found = activations.hard_tasks(0, Inputs({}, {"xor": plane("xor")}), epochs=3, points=21)
    answers = found["regions"][0, 0]
    for rows in (answers, answers.T):
        assert (np.abs(np.diff(rows.astype(int), axis=1)).sum(axis=1) <= 1).all()


def test_data_that_is_no_plane_has_no_regions(digits: Dataset):
    both = Inputs({}, {"digits": digits, "xor": plane("xor")})
    found = activations.hard_tasks(0, both, epochs=1, widths=())
    assert found["regions"].size == found["place"].size == found["axis"].size == 0
    assert found["accuracy"].shape == (2, 2)


def test_points_of_no_class_are_not_shown_and_need_no_room():
    data = plane("xor", 60, 60)
    images = np.concatenate([np.full((5, 1, 2), 50, np.float32), data.test.images])
    test = Images(images, np.concatenate([np.full(5, 255, np.uint8), data.test.labels]))
    some = Dataset(data.train, data.validation, test, data.classes)
    found = activations.hard_tasks(0, Inputs({}, {"xor": some}), widths=(), epochs=1, points=3, shown=4)
    np.testing.assert_array_equal(found["label"][0], data.test.labels[:4])
    np.testing.assert_array_equal(found["place"][0], data.test.images[:4, 0])
    assert 1 < found["axis"].max() < 3


def test_every_seed_gives_arrays_of_the_same_kind(train_two_seeds, digits: Dataset):
    data = Inputs({}, {"digits": digits})
    calls = [
        (activations.gradients_of_units, train_two_seeds(STEP), {"images": 20, "points": 3}),
        (activations.accuracies, data, UNITS | RATES | {"hidden_layers": (3,), "epochs": 1}),
        (activations.matrices, data, {"hidden_layers": (3,), "epochs": 1, "images": 10}),
        (
            activations.hard_tasks,
            Inputs({}, {"xor": plane("xor")}),
            {"widths": (2,), "epochs": 1, "points": 3},
        ),
    ]
    for function, inputs, options in calls:
        first, second = (kinds_of(function(seed, inputs, **options)) for seed in range(2))
        assert first == second
