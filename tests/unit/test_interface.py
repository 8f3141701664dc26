"""The public Python interface: a mistake in a call is reported in one sentence, as mistakes in tables are."""

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

import downhill
from downhill import (
    DownhillError,
    Network,
    evaluate,
    load_dataset,
    loss_gradient,
    predict,
    reference,
    train,
    train_many,
)
from downhill.config.settings import NetworkRow
from downhill.datasets import Dataset, Images

SIZES = (784, 16, 16, 10)


@pytest.fixture(scope="session")
def run(digits: Dataset) -> downhill.Run:
    return train(Network(epochs=0), digits)


def test_public_names_exist():
    assert set(downhill.__all__) <= set(dir(downhill))
    assert downhill.Network is Network
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = downhill.nonsense


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"activation": "sigmoyd"},
            "Network, activation: 'sigmoyd' is not one of sigmoid, tanh, relu, leaky_relu, linear, step "
            "(did you mean 'sigmoid'?)",
        ),
        ({"activatoin": "relu"}, "Network: unknown key 'activatoin'; did you mean 'activation'?"),
        ({"epochs": -1}, "Network, epochs: -1 should be greater than or equal to 0"),
        ({"hidden_layers": 16}, "Network, hidden_layers: 16 should be a list, such as [a, b]"),
        (
            {"hidden_layers": "16,16"},
            "Network, hidden_layers: '16,16' is not a list of widths; write 16-16, or none for no hidden layers",
        ),
        ({"learning_rate": None}, "Network, learning_rate: None should be a number"),
        (
            {"history_sets": ["tests"]},
            "Network, history_sets.0: 'tests' is not one of train, validation, test (did you mean 'test'?)",
        ),
        (
            {"history_sets": ()},
            "Network, history_sets: no image set is named; name at least one of train, validation, test",
        ),
        (
            {"momentum": 0.9},
            "Network: momentum above 0 has no effect with optimizer 'sgd'; use optimizer 'momentum' or 'nesterov'",
        ),
    ],
)
def test_mistake_in_the_settings_of_a_network(settings: dict[str, Any], message: str):
    with pytest.raises(DownhillError) as caught:
        Network(**settings)
    assert str(caught.value) == message
    with pytest.raises(ValidationError) as found:
        Network.model_validate(settings)  # says where the mistake is, for the messages on files
    assert len(found.value.errors()) == 1
    row = {"network": "a", "dataset": "b", "seeds": 1}
    with pytest.raises(DownhillError) as caught:
        NetworkRow(**row | settings)
    assert str(caught.value) == message.replace("Network", "NetworkRow", 1)


def test_settings_of_a_network_are_given_by_name():
    with pytest.raises(DownhillError, match=r"^Network takes its settings by name, .* before 'relu'$"):
        Network("relu")


def test_networks_can_be_copied_and_pickled():
    net = Network(hidden_layers=(5,), history_sets=("test",))
    assert copy.deepcopy(net) == pickle.loads(pickle.dumps(net)) == net.model_copy() == net


Call = Callable[[Network, Dataset, downhill.Run], object]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda net, data, run: load_dataset(None), "path must be the path of a folder, not None"),
        (
            lambda net, data, run: load_dataset(
                Path(__file__).parents[2] / "resources/bundled/mnist", n_train="9"
            ),
            "n_train must be a whole number, not '9'",
        ),
        (
            lambda net, data, run: train("lesson", data),
            "net must be a Network, such as Network(epochs=5), not 'lesson'",
        ),
        (
            lambda net, data, run: train(Network, data),
            "net must be a Network, such as Network(epochs=5), not the class Network",
        ),
        (
            lambda net, data, run: train(net, data.train),
            "data must be a Dataset, as load_dataset returns, not an object of type Images",
        ),
        (
            lambda net, data, run: train(net, "x" * 99),
            f"data must be a Dataset, as load_dataset returns, not '{'x' * 57}…'",
        ),
        (lambda net, data, run: train(net, data, seed="3"), "seed must be a whole number, not '3'"),
        (lambda net, data, run: train(net, data, seed=1.5), "seed must be a whole number, not 1.5"),
        (lambda net, data, run: train(net, data, seed=-1), "a seed must be a non-negative integer, not -1"),
        (lambda net, data, run: train(net, data, threads="2"), "threads must be a whole number, not '2'"),
        (
            lambda net, data, run: train_many(net, data, 4),
            "seeds must be a list of whole numbers or a range, not 4",
        ),
        (
            lambda net, data, run: train_many(net, data, [0, "a"]),
            "each of the seeds must be a whole number, not 'a'",
        ),
        (
            lambda net, data, run: train(net, data, initial=run),
            "the initial weights of seed 0 must be a list of pairs (W, b), one for each layer, such as run.weights, "
            "not an object of type Run",
        ),
        (
            lambda net, data, run: train(net, data, initial=[run.weights]),
            "the initial weights of seed 0 must be a list of pairs (W, b), one for each layer, such as run.weights",
        ),
        (
            lambda net, data, run: train_many(net, data, [0, 1], initial="he"),
            "the initial weights must be a list of pairs (W, b), one for each layer, such as run.weights, not 'he'",
        ),
        (
            lambda net, data, run: train_many(net, data, range(3), initial=[run.weights] * 2),
            "initial has 2 starts for 3 seeds; pass one for each seed, or a single one for all",
        ),
        (
            lambda net, data, run: train_many(net, data, [5, 7], initial=[run.weights, run.weights[:1]]),
            "the initial weights of seed 7 with shapes [((784, 16), (16,))] do not match the layer sizes "
            "(784, 16, 16, 10); expected [((784, 16), (16,)), ((16, 16), (16,)), ((16, 10), (10,))]",
        ),
        (
            lambda net, data, run: train_many(net, data, [5, 7], initial=[run, run]),
            "the initial weights of seed 5 must be a list of pairs (W, b), one for each layer, such as run.weights, "
            "not an object of type Run",
        ),
        (
            lambda net, data, run: predict(run, data.test.images, net),
            "weights must be a list of pairs (W, b), one for each layer, such as run.weights, "
            "not an object of type Run",
        ),
        (
            lambda net, data, run: predict([], data.test.images, net),
            "weights must be a list of pairs (W, b), one for each layer, such as run.weights",
        ),
        (
            lambda net, data, run: predict(run.weights, data.test, net),
            "images must be an array, not an object of type Images; take the array of a set, such as data.test.images",
        ),
        (
            lambda net, data, run: predict(data.test.images, run.weights, net),
            "images must be an array of shape (n, height, width) or (n, pixels)",
        ),
        (
            lambda net, data, run: predict(run.weights, data.test.images, {}),
            "net must be a Network, such as Network(epochs=5), not an object of type dict",
        ),
        (
            lambda net, data, run: evaluate(run.weights, data.test.images, net),
            "images must be a set of Images, such as data.test, not an object of type ndarray",
        ),
        (
            lambda net, data, run: loss_gradient(run.weights, data, net),
            "images must be a set of Images, such as data.test, not an object of type Dataset",
        ),
        (
            lambda net, data, run: reference.loss_and_gradient(run, data.test.images[:2], [1, 2], net),
            "weights must be a list of pairs (W, b), one for each layer, such as run.weights, "
            "not an object of type Run",
        ),
        (
            lambda net, data, run: reference.loss_and_gradient(
                run.weights[1:], data.test.images[:2], [1, 2], net
            ),
            "weights with shapes [((16, 16), (16,)), ((16, 10), (10,))] do not match the layer sizes (784, 16, 10); "
            "expected [((784, 16), (16,)), ((16, 10), (10,))]",
        ),
        (
            lambda net, data, run: reference.loss_and_gradient(run.weights, data.test.images[:2], [1], net),
            "images of shape (2, 28, 28) need as many labels, not labels of shape (1,)",
        ),
        (
            lambda net, data, run: Images([[[0]]], [0]),
            "images must be an array (uint8 or float32), not an object of type list",
        ),
        (
            lambda net, data, run: Images(data.test.images, [0]),
            "labels must be an array (uint8), not an object of type list",
        ),
        (
            lambda net, data, run: Dataset(data.train, None, data.test, data.classes),
            "validation must be a set of Images, not None",
        ),
        (
            lambda net, data, run: Dataset(data.train, data.validation, data.test, "0123456789"),
            "classes must be a tuple of names, not '0123456789'",
        ),
    ],
)
def test_mistake_in_a_call(call: Call, message: str, digits: Dataset, run: downhill.Run):
    with pytest.raises(DownhillError) as caught:
        call(Network(epochs=0), digits, run)
    assert str(caught.value) == message


def test_whole_numbers_of_numpy_are_seeds(digits: Dataset):
    net = Network(epochs=1)
    (run,) = train_many(net, digits, np.array([3]), threads=np.int64(1))
    same = train(net, digits, seed=3)
    assert (type(run.seed), run.seed) == (int, 3)
    np.testing.assert_array_equal(run.weights[0][0], same.weights[0][0])
