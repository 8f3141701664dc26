"""Running experiments: one call per seed or pair of seeds, and the same arrays for any division into jobs."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from downhill import Dataset, DownhillError, Network
from downhill.datasets.store import save_dataset
from downhill.experiments.inputs import Datasets, Inputs
from downhill.experiments.network import weights_and_biases
from downhill.experiments.results import read_results
from downhill.experiments.run import compute
from downhill.runs.train import train_block
from downhill.runs.trained import TrainedNetwork

from .toys import Wild, differences, powers, run


def test_a_call_for_each_seed():
    found = compute(powers, [3, 5, 7, 8], Inputs(), {"power": 3})
    assert found["power"].tolist() == [27, 125, 343, 512]
    assert found["name"].tolist() == ["s3", "s5", "s7", "s8"]
    assert (found["noise"].shape, found["noise"].dtype) == ((4, 2, 3), np.float64)
    assert (found["single"].shape, found["single"].dtype) == ((4, 3), np.float32)
    for row, seed in zip(found["noise"], (3, 5, 7, 8), strict=True):
        np.testing.assert_array_equal(row, np.random.default_rng(seed).normal(size=(2, 3)))


def test_a_call_for_each_pair():
    found = compute(differences, [(0, 1), (2, 5)], Inputs(), {})
    assert found["difference"].tolist() == [1, 3]
    assert found["both"].tolist() == [[0, 1], [2, 5]]


def test_no_seeds_give_no_arrays():
    assert compute(powers, [], Inputs(), {}) == {}


def test_functions_see_one_thread():
    def threads(seed: int, inputs: Inputs) -> dict[str, Any]:
        return {"most": max((pool["num_threads"] for pool in threadpool_info()), default=1)}

    assert compute(threads, [0, 1], Inputs(), {})["most"].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("second", "what"),
    [
        ({"a": np.zeros(3)}, "(3,)"),
        ({"b": np.zeros(2)}, "'b'"),
        ({"a": np.zeros(2), "b": 1}, "'b'"),
        ({"a": np.zeros(2, np.float32)}, "float32"),
        ({}, "{}"),
    ],
)
def test_seeds_that_give_other_arrays_are_an_error(second: dict[str, Any], what: str):
    def toy(seed: int, inputs: Inputs) -> dict[str, Any]:
        return {"a": np.zeros(2)} if seed < 2 else second

    with pytest.raises(DownhillError) as caught:
        compute(toy, [0, 1, 2], Inputs(), {})
    message = str(caught.value)
    assert message.startswith("'toy' returns {")
    assert what in message.partition(" for seed 2")[0]
    assert message.endswith(" for seed 0; names, shapes and dtypes must be the same for every seed")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"a": {"x": 1}}, "'a' is not an array of numbers or text; return one of a fixed shape"),
        ({"a": None}, "'a' is not an array of numbers or text; return one of a fixed shape"),
        ({"seeds": 3}, "'seeds' is already stored with every result; give the array another name"),
        ({"diverged": 3}, "'diverged' is already stored with every result; give the array another name"),
    ],
)
def test_arrays_that_cannot_be_stored_are_refused(arrays: dict[str, Any], sentence: str):
    with pytest.raises(DownhillError) as caught:
        compute(lambda seed, inputs: arrays, [0], Inputs(), {})
    assert str(caught.value) == sentence


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_results_do_not_depend_on_the_jobs(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    files = [tmp_path / f"{first}.npz" for first in range(0, 10, size)]
    for first, file in zip(range(0, 10, size), files, strict=True):
        run(powers, range(first, min(first + size, 10)), file, monkeypatch, power=3)
    run(powers, range(10), tmp_path / "whole.npz", monkeypatch, power=3)
    joined, whole = (read_results(some)["toy"].only() for some in (files, [tmp_path / "whole.npz"]))
    assert joined.keys() == whole.keys() == {"seeds", "diverged", "power", "noise", "single", "name"}
    for name, values in whole.items():
        assert joined[name].dtype == values.dtype
        np.testing.assert_array_equal(joined[name], values)


def test_the_same_job_writes_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("first", "second"):
        run(powers, range(3), tmp_path / name, monkeypatch)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_diverged_seeds_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    networks = {"one": Wild(frozenset({1})), "other": Wild(frozenset({4, 7}))}
    run(powers, range(6), tmp_path / "toy.npz", monkeypatch, networks)
    found = read_results([tmp_path / "toy.npz"])["toy"]
    assert found.seeds().tolist() == [0, 2, 3, 5]
    assert found.only()["diverged"].tolist() == [1, 4]
    assert found.only()["power"].tolist() == [0, 4, 9, 25]
    assert found.summary() == {"": {"seeds": 4, "diverged": [1, 4]}}


@pytest.mark.parametrize("size", [2, 4, 8])
def test_pairs_are_disjoint_and_none_holds_a_diverged_seed(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    files = [tmp_path / f"{first}.npz" for first in range(0, 8, size)]
    for first, file in zip(range(0, 8, size), files, strict=True):
        run(differences, range(first, first + size), file, monkeypatch, {"one": Wild(frozenset({3, 4, 5}))})
    found = read_results(files)["toy"]
    assert found.seeds().tolist() == [[0, 1], [6, 7]]
    assert found.only()["diverged"].tolist() == [[2, 3], [4, 5]]
    assert found.only()["both"].tolist() == [[0, 1], [6, 7]]
    assert found.summary() == {"one": {"seeds": 2, "diverged": [[2, 3], [4, 5]]}}


def test_seed_without_a_partner_is_not_computed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    files = [tmp_path / "0.npz", tmp_path / "1.npz"]
    run(differences, range(4), files[0], monkeypatch)
    run(differences, range(4, 5), files[1], monkeypatch)
    assert read_results(files)["toy"].seeds().tolist() == [[0, 1], [2, 3]]


def test_inputs_are_one_network_one_data_set_and_values_computed_once(digits: Dataset, tmp_path: Path):
    save_dataset(digits, tmp_path)
    inputs = Inputs({"one": Wild(frozenset())}, Datasets({"few": tmp_path}))
    assert inputs.network is inputs.networks["one"]
    assert inputs.dataset is inputs.datasets["few"]
    assert inputs.dataset.checksum() == digits.checksum()
    made: list[int] = []
    assert [inputs.once("sum", lambda: made.append(1) or 7) for _ in range(3)] == [7, 7, 7]
    assert made == [1]
    with pytest.raises(
        DownhillError, match=r"^the experiment uses one network, but is given 0; name one, or set "
    ):
        Inputs().network  # noqa: B018
    with pytest.raises(DownhillError, match=r"^the experiment uses one further data set, but is given 0$"):
        Inputs().dataset  # noqa: B018
    assert (list(inputs.datasets), len(inputs.datasets)) == (["few"], 1)


def test_all_test_images_are_used_if_there_are_fewer(digits: Dataset, tmp_path: Path):
    save_dataset(digits, tmp_path / "data")
    train_block(Network(epochs=1), digits, range(1), 1, tmp_path / "block")
    network = TrainedNetwork("one", Network(epochs=1), tmp_path / "data", [tmp_path / "block"])
    assert weights_and_biases(0, Inputs({"one": network}))["images"] == 200


LAZY = """
import hashlib
import numpy as np
from downhill.experiments.inputs import Inputs
from downhill.experiments.run import compute

def decompose(seed, inputs):
    from scipy import linalg  # its BLAS is a library of its own, loaded now

    matrix = np.random.default_rng(seed).normal(size=(400, 400))
    return {"solved": linalg.solve(matrix @ matrix.T, matrix), "values": linalg.svd(matrix)[1]}

found = compute(decompose, [1], Inputs(), {})
print(hashlib.sha256(b"".join(values.tobytes() for values in found.values())).hexdigest())
"""


def test_bytes_do_not_depend_on_the_number_of_threads_of_a_library_that_is_loaded_late():
    digests = {
        subprocess.run(
            [sys.executable, "-c", LAZY],
            env=os.environ | {"OPENBLAS_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "2")
    }
    assert len(digests) == 1


def test_function_that_changes_its_images_is_refused_and_weights_are_copies(
    digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    net = Network(hidden_layers=(4,), epochs=0)
    save_dataset(digits, tmp_path / "data")
    train_block(net, digits, range(2), 1, tmp_path / "block")
    network = TrainedNetwork("one", net, tmp_path / "data", [tmp_path / "block"])

    def blanked(seed: int, inputs: Inputs) -> dict[str, float]:
        weights = inputs.network.weights(0)
        total = float(weights[0][0].sum())
        weights[0][0][:] = 0
        return {"total": total}

    def dimmed(seed: int, inputs: Inputs) -> dict[str, int]:
        inputs.network.data.test.images[:] //= 2
        return {"seed": seed}

    run(blanked, range(2), tmp_path / "a.npz", monkeypatch, {"one": network})
    totals = read_results([tmp_path / "a.npz"])["toy"].only()["total"]
    assert totals[0] == totals[1] != 0
    with pytest.raises(DownhillError, match=r"^'toys\.toy' changes the images or labels of network 'one', "):
        run(dimmed, range(2), tmp_path / "b.npz", monkeypatch, {"one": network})
    assert not (tmp_path / "b.npz").exists()
