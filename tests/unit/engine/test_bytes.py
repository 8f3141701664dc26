"""The same seed gives the same bytes: alone or with other seeds, and with any number of threads."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from downhill import Network, train, train_many
from downhill.engine.compiling import compiled
from downhill.engine.layout import Layout
from downhill.engine.sharing import shares, together, useful_threads, wait

from .following import digest, first, mostly_lit

SOFTMAX = {"activation": "relu", "output": "softmax", "loss": "cross_entropy", "initialization": "lecun"}
# Together they cover every path through the kernels (see `test_paths`).
RECIPES = {
    "lesson": {"hidden_layers": (16, 16)},
    "momentum and decay": {
        **SOFTMAX,
        "hidden_layers": (16, 16),
        "optimizer": "momentum",
        "momentum": 0.9,
        "weight_decay": 0.01,
        "learning_rate": 0.05,
        "batch_size": 7,
    },
    "two wide layers, Adam": {
        **SOFTMAX,
        "hidden_layers": (300, 300),
        "optimizer": "adam",
        "learning_rate": 0.001,
        "batch_size": 64,
    },
    "sorted": {**SOFTMAX, "hidden_layers": (128,), "learning_rate": 0.1, "batch_size": 32},
    "full batch": {"hidden_layers": (20,), "batch_size": "full", "learning_rate": 0.5},
    "snapshots": {"hidden_layers": (16,), "snapshot_epochs": "history"},
    "own labels": {"hidden_layers": (16,), "shuffle_labels": 0.8},
    "own images and labels": {
        **SOFTMAX,
        "hidden_layers": (128,),
        "learning_rate": 0.1,
        "batch_size": 32,
        "subset_images": 90,
        "shuffle_labels": 1,
    },
    "a wide layer after a narrow one": {
        **SOFTMAX,
        "hidden_layers": (16, 160),
        "learning_rate": 0.01,
        "batch_size": 4,
    },
}
SEEDS = range(5)


def network(recipe, **more):
    return Network(**{"epochs": 2} | RECIPES[recipe] | more)


@pytest.mark.parametrize("recipe", RECIPES)
def test_training_twice_gives_identical_bytes(digits, recipe):
    net, few = network(recipe), first(digits, 200)
    assert digest(train(net, few, seed=3)) == digest(train(net, few, seed=3))


@pytest.mark.parametrize("recipe", RECIPES)
def test_train_many_equals_train_for_any_block_size_and_thread_count(digits, recipe):
    net, few = network(recipe), first(digits, 200)
    alone = [digest(train(net, few, seed=seed)) for seed in SEEDS]
    assert len(set(alone)) == len(SEEDS)
    for block in (1, 2, 5):
        for threads in (1, 2, 3):
            together = []
            for begin in range(0, len(SEEDS), block):
                runs = train_many(net, few, SEEDS[begin : begin + block], threads=threads)
                assert [run.seed for run in runs] == list(SEEDS[begin : begin + block])
                together += [digest(run) for run in runs]
            assert together == alone, (block, threads)


@pytest.mark.parametrize("recipe", ["lesson", "two wide layers, Adam"])
def test_train_many_equals_train_if_most_pixels_are_lit(digits, recipe):
    net, few = network(recipe), mostly_lit(first(digits, 200))
    alone = [digest(train(net, few, seed=seed)) for seed in SEEDS]
    assert [digest(run) for run in train_many(net, few, SEEDS, threads=2)] == alone


WIDE = {
    "two wide layers": {"hidden_layers": (300, 520)},
    "a frozen layer": {"hidden_layers": (260, 300), "trained_layers": "output"},
    "sorted, with decay": {"hidden_layers": (700,), "weight_decay": 0.01},
    "Adam": {"hidden_layers": (300, 300), "optimizer": "adam", "learning_rate": 0.001},
    "momentum, in parts": {
        "hidden_layers": (16, 400),
        "batch_size": "full",
        "optimizer": "momentum",
        "momentum": 0.9,
    },
    "narrow after wide": {
        "hidden_layers": (400, 20, 300),
        "activation": "tanh",
        "output": "sigmoid",
        "loss": "mse",
    },
}


@pytest.mark.parametrize(
    "images", [first, lambda digits, n: mostly_lit(first(digits, n))], ids=["sparse", "dense"]
)
@pytest.mark.parametrize("recipe", WIDE)
def test_threads_that_share_a_network_do_not_change_its_bytes(digits, recipe, images):
    net = Network(**SOFTMAX | {"epochs": 2, "learning_rate": 0.1, "batch_size": 32} | WIDE[recipe])
    data = images(digits, 300)
    layout = Layout.of(net, net.layer_sizes(data.n_inputs, data.n_outputs))
    assert useful_threads(layout, 32, 8) >= 2
    alone = digest(train(net, data, seed=3))
    assert [digest(train(net, data, seed=3, threads=threads)) for threads in (2, 3, 8)] == [alone] * 3
    together = train_many(net, data, [3, 4], threads=5)
    assert digest(together[0]) == alone


def test_narrow_networks_and_small_batches_are_not_shared():
    wide = Layout.of(Network(hidden_layers=(16, 512)), (784, 16, 512, 10))
    assert [useful_threads(wide, 32, threads) for threads in (1, 2, 9)] == [1, 2, 4]
    assert useful_threads(wide, 10, 4) == 1
    assert useful_threads(Layout.of(Network(), (784, 16, 16, 10)), 128, 4) == 1


def test_network_is_not_trained_if_a_thread_cannot_start():
    def called(*own):
        raise AssertionError("a part of the network is trained")

    class Full(ThreadPoolExecutor):
        def submit(self, *own):
            if self._threads:
                raise RuntimeError("can't start new thread")
            return super().submit(*own)

    with pytest.raises(RuntimeError, match="can't start"), Full(2) as pool:
        together(pool, called, [1, 2], [3, 4])


@compiled
def _meet(share, times, seen):
    """Each thread writes the current round to its own element, and counts how often another's was different."""
    for time in range(times):
        seen[share.part] = time
        wait(share)
        for part in range(share.parts):
            if seen[part] != time:
                seen[share.parts + share.part] += 1
        wait(share)


@pytest.mark.parametrize("parts", [2, 5])
def test_threads_wait_for_each_other(parts):
    seen = np.zeros(2 * parts, np.int64)
    with ThreadPoolExecutor(parts) as pool:
        wide = Layout.of(Network(hidden_layers=(parts * 128,)), (784, parts * 128, 10))
        list(pool.map(lambda share: _meet(share, 5000, seen), shares(wide, parts)))
    assert seen.tolist() == [4999] * parts + [0] * parts


def test_order_of_seeds_does_not_matter(digits):
    net = Network(epochs=1)
    forwards, backwards = train_many(net, digits, [4, 9]), train_many(net, digits, [9, 4])
    assert digest(forwards[0]) == digest(backwards[1])


def test_concurrent_callers_do_not_affect_each_other(digits):
    net, few = network("two wide layers, Adam"), first(digits, 200)
    alone = [digest(train(net, few, seed=seed)) for seed in SEEDS]
    with ThreadPoolExecutor(3) as pool:
        assert [digest(run) for run in pool.map(lambda seed: train(net, few, seed=seed), SEEDS)] == alone


DIGESTS = """
import sys
from engine.following import BUNDLED, digest, first
from downhill import Network, load_dataset, train_many
data = first(load_dataset(BUNDLED), 200)
for settings in sys.argv[1:]:
    net = Network.model_validate_json(settings)
    print([digest(run) for run in train_many(net, data, range(3), threads=2)])
"""


def test_bytes_do_not_depend_on_the_process(digits):
    nets = [
        network(recipe) for recipe in ("lesson", "two wide layers, Adam", "a wide layer after a narrow one")
    ]
    found = subprocess.run(
        [sys.executable, "-c", DIGESTS, *(net.model_dump_json() for net in nets)],
        cwd=Path(__file__).parents[1],  # first on the import path with `-c`
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    few = first(digits, 200)
    here = [[digest(run) for run in train_many(net, few, range(3))] for net in nets]
    assert found == "\n".join(map(str, here)) + "\n"
