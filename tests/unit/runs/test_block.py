"""Blocks of trained seeds on disk: what they hold of each seed, and how damage is reported."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from downhill import DownhillError, Network, train
from downhill.datasets import Dataset
from downhill.network.architecture import pack
from downhill.runs.block import read_block, read_probes
from downhill.runs.train import train_block
from downhill.storage.npz import write_arrays

ALL = ("gradients", "losses", "weights", "answers")
NET = Network(hidden_layers=(8,), epochs=4, history_every=2)
# Far too long steps: of these seeds some overflow, one after another.
WILD = Network(
    hidden_layers=(16,),
    activation="relu",
    output="linear",
    initialization="lecun",
    learning_rate=4,
    epochs=3,
    probes=ALL,
)


def first(data: Dataset, n: int) -> Dataset:
    return Dataset(data.train.take(slice(n)), data.validation, data.test.take(slice(20)), data.classes)


def probed(net: Network, *probes: str) -> Network:
    return net.model_copy(update={"probes": probes})


def test_block_holds_weights_history_and_probes_of_each_seed(digits: Dataset, tmp_path: Path):
    few, net = first(digits, 50), probed(NET, *ALL)
    train_block(net, few, range(3, 6), 1, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["history.parquet", "weights.npz"]
    block, probes = read_block(tmp_path), read_probes(tmp_path)
    history = pd.read_parquet(tmp_path / "history.parquet")
    assert block.settings == {  # without neutral defaults
        "hidden_layers": [8], "epochs": 4, "history_every": 2, "probes": list(ALL)
    }  # fmt: skip
    assert block.data == few.checksum()
    assert block.layer_sizes == (784, 8, 10)
    assert block.seeds.tolist() == probes["seeds"].tolist() == [3, 4, 5]
    assert probes["epochs"].tolist() == [0, 2, 4]
    for place, seed in enumerate(range(3, 6)):
        run = train(net, few, seed=seed)
        np.testing.assert_array_equal(
            pack(block.weights(seed), (784, 8, 10)), pack(run.weights, (784, 8, 10))
        )
        own = history[history.seed == seed].drop(columns="seed").reset_index(drop=True)
        pd.testing.assert_frame_equal(own, run.history)
        assert list(probes) == ["seeds", *run.probes]
        for name in run.probes.keys() - {"epochs"}:
            assert probes[name].dtype == run.probes[name].dtype
            np.testing.assert_array_equal(probes[name][place], run.probes[name])
    np.testing.assert_array_equal(probes["parameters"][:, -1], block.parameters)


def test_block_without_probes_says_so(digits: Dataset, tmp_path: Path):
    train_block(NET, first(digits, 30), range(2), 1, tmp_path)
    assert {name: found.tolist() for name, found in read_probes(tmp_path).items()} == {"seeds": [0, 1]}


def test_diverged_seeds_have_nan_where_nothing_was_recorded(digits: Dataset, tmp_path: Path):
    runs = train_block(WILD, first(digits, 250), range(12), 1, tmp_path)
    diverged, probes = read_block(tmp_path).diverged_epoch, read_probes(tmp_path)
    assert len(set(diverged.tolist())) > 1
    assert probes["epochs"].tolist() == [0, 1, 2, 3]
    for name in ("gradient_norms", "gradient_norm", "image_losses", "parameters", "confidence"):
        for found, end, run in zip(probes[name], diverged, runs, strict=True):
            recorded = end or 4
            np.testing.assert_array_equal(found[:recorded], run.probes[name])
            assert np.isnan(found[recorded:]).all()
    for found, end in zip(probes["confusion"], diverged, strict=True):
        assert found.sum(axis=(1, 2)).tolist() == [20] * (end or 4) + [0] * (4 - (end or 4))


def test_seeds_that_all_diverge_before_the_first_probe_have_nan_alone(digits: Dataset, tmp_path: Path):
    net = WILD.model_copy(update={"learning_rate": 1e30, "activation": "linear", "probe_epochs": (3,)})
    train_block(net, first(digits, 30), range(2), 1, tmp_path)
    assert (read_block(tmp_path).diverged_epoch > 0).all()
    probes = read_probes(tmp_path)
    assert {name: found.shape for name, found in probes.items()} == {
        "seeds": (2,),
        "epochs": (1,),
        "gradient_norms": (2, 1, 2),
        "gradient_norm": (2, 1),
        "image_losses": (2, 1, 30),
        "parameters": (2, 1, 12_730),
        "confusion": (2, 1, 10, 10),
        "confidence": (2, 1),
    }
    assert np.isnan(probes["parameters"]).all()
    assert not probes["confusion"].any()


def test_block_is_the_same_file_for_any_number_of_threads(digits: Dataset, tmp_path: Path):
    net = probed(NET, *ALL)
    for threads in (1, 2):
        train_block(net, first(digits, 50), range(3), threads, tmp_path / str(threads))
    for name in ("weights.npz", "history.parquet"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def flip_a_bit(path: Path) -> None:
    """Of a number, so that only the archive's checksum tells."""
    content = bytearray(path.read_bytes())
    content[content.index(b"NUMPY") + 130] ^= 1  # a header takes 128 bytes
    path.write_bytes(bytes(content))


def lose_an_array(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, nothing=np.zeros(1))


def hide_an_object(path: Path) -> None:
    names = ("settings", "data", "layer_sizes", "parameters", "diverged_epoch")
    with path.open("wb") as file:
        np.savez(file, seeds=np.array([{}]), **dict.fromkeys(names, 0))


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
        lambda path: path.write_bytes(b"<!DOCTYPE html>"),
        flip_a_bit,
        lose_an_array,
        hide_an_object,
    ],
)
@pytest.mark.parametrize("read", [read_block, read_probes])
def test_damage_is_reported(
    read: Callable[[Path], Any],
    damage: Callable[[Path], None],
    digits: Dataset,
    tmp_path: Path,
):
    train_block(probed(NET, "weights"), first(digits, 30), range(2), 1, tmp_path)
    damage(tmp_path / "weights.npz")
    with pytest.raises(DownhillError) as caught:
        read(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / 'weights.npz'} is damaged (")
    assert str(caught.value).endswith("); delete it and run again")


@pytest.mark.parametrize("settings", ["", "[", "3"])
def test_settings_that_cannot_be_read_are_reported(settings: str, digits: Dataset, tmp_path: Path):
    train_block(NET, first(digits, 30), range(2), 1, tmp_path)
    with np.load(tmp_path / "weights.npz") as archive:
        arrays = dict(archive) | {"settings": np.array(settings)}
    write_arrays(tmp_path / "weights.npz", arrays)
    with pytest.raises(DownhillError, match=r"weights\.npz is damaged \(.*\); delete it and run again$"):
        read_block(tmp_path)


@pytest.mark.parametrize("read", [read_block, read_probes])
def test_missing_block_is_reported(read: Callable[[Path], Any], tmp_path: Path):
    with pytest.raises(DownhillError) as caught:
        read(tmp_path)
    assert (
        str(caught.value) == f"{tmp_path / 'weights.npz'} does not exist; run the stage that makes it first"
    )
