"""Snapshots of weights during a run, compared with the final weights of shorter runs."""

import numpy as np
import pytest

from downhill import Network, train, train_many
from downhill.network.architecture import initial_parameters, pack

from .following import digest, first, mostly_lit

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
    "own images": Network(hidden_layers=(8,), epochs=3, subset_images=80, shuffle_labels=1),
}


def keeping(net, *epochs):
    return net.model_copy(update={"snapshot_epochs": epochs})


@pytest.mark.parametrize("lit", [False, True])
@pytest.mark.parametrize("name", NETWORKS)
def test_snapshots_are_the_weights_at_the_end_of_the_epoch(digits, name, lit):
    net = NETWORKS[name]
    data = first(digits, 300)  # more than the engine processes at a time
    data = mostly_lit(data) if lit else data
    sizes = net.layer_sizes(data.n_inputs, 10)
    run = train(keeping(net, 0, 1, 2, 3), data, seed=2)
    assert list(run.snapshots) == [0, 1, 2, 3]
    np.testing.assert_array_equal(pack(run.snapshots[0], sizes), initial_parameters(net, sizes, 2))
    for epoch, weights in run.snapshots.items():
        assert {part.dtype for layer in weights for part in layer} == {np.dtype(np.float32)}
        shorter = train(net.model_copy(update={"epochs": epoch}), data, seed=2)
        np.testing.assert_array_equal(pack(weights, sizes), pack(shorter.weights, sizes))


@pytest.mark.parametrize(
    ("settings", "epochs"),
    [
        ({"epochs": 4}, []),
        ({"epochs": 4, "snapshot_epochs": "history"}, [0, 1, 2, 3, 4]),
        ({"epochs": 5, "history_every": 2, "snapshot_epochs": "history"}, [0, 2, 4, 5]),
        ({"epochs": 5, "history_every": 2, "snapshot_epochs": (1, 3)}, [1, 3]),
        ({"epochs": 5, "snapshot_epochs": (0,)}, [0]),
        ({"epochs": 3, "snapshot_epochs": (3, 0, 3)}, [0, 3]),
        ({"epochs": 0, "snapshot_epochs": "history"}, [0]),
    ],
)
def test_snapshots_are_taken_after_the_requested_epochs(digits, settings, epochs):
    net = Network(hidden_layers=(5,), **settings)
    assert list(net.epochs_of_snapshots()) == epochs
    run = train(net, first(digits, 30))
    assert list(run.snapshots) == epochs
    assert set(run.history.epoch) | {0} >= set(epochs) or settings["snapshot_epochs"] != "history"


@pytest.mark.parametrize("name", NETWORKS)
def test_snapshots_do_not_change_the_run(digits, name):
    net, few = NETWORKS[name], first(digits, 200)
    plain, kept = train(net, few), train(keeping(net, 0, 1, 3), few)
    assert plain.snapshots == {}
    kept.snapshots.clear()
    assert digest(plain) == digest(kept)


def test_there_are_no_snapshots_from_the_epoch_of_a_divergence_on(digits):
    """Only epochs that end with finite weights have snapshots; some seeds have more of them than others."""
    net = Network(
        hidden_layers=(16,),
        activation="relu",
        output="linear",
        initialization="lecun",
        learning_rate=4,
        epochs=3,
        snapshot_epochs="history",
    )
    runs = train_many(net, first(digits, 250), range(12))
    assert any(run.diverged for run in runs)
    for run in runs:
        last = run.diverged_epoch - 1 if run.diverged else 3
        assert list(run.snapshots) == list(range(last + 1))
        for weights in run.snapshots.values():
            assert all(np.isfinite(part).all() for layer in weights for part in layer)


def test_run_that_diverges_before_its_first_snapshot_has_none(digits):
    net = Network(output="linear", learning_rate=1e30, epochs=2, snapshot_epochs=(2,))
    run = train(net, first(digits, 30))
    assert run.diverged
    assert run.snapshots == {}
