"""Blocks of trained seeds on disk: what they contain for each seed, and how damage is reported."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from downhill import DownhillError, Network, train
from downhill.config.canonical import settings_of
from downhill.datasets import Dataset
from downhill.datasets.store import save_dataset
from downhill.network.architecture import pack
from downhill.runs.block import read_block, read_snapshots
from downhill.runs.train import train_block
from downhill.runs.trained import TrainedNetwork
from downhill.storage.npz import write_arrays
from tests.records import recorded

NET = Network(hidden_layers=(8,), epochs=4, history_every=2)
# The steps are far too long: some of these seeds overflow, in different epochs.
WILD = Network(
    hidden_layers=(16,),
    activation="relu",
    output="linear",
    initialization="lecun",
    learning_rate=4,
    epochs=3,
    snapshot_epochs="history",
)


def first(data: Dataset, n: int) -> Dataset:
    return Dataset(data.train.take(slice(n)), data.validation, data.test.take(slice(20)), data.classes)


def keeping(net: Network, epochs: str | tuple[int, ...] = "history") -> Network:
    return net.model_copy(update={"snapshot_epochs": epochs})


def test_block_holds_weights_history_and_snapshots_of_each_seed(digits: Dataset, tmp_path: Path):
    few, net = first(digits, 50), keeping(NET)
    train_block(net, few, range(3, 6), 1, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["history.parquet", "weights.npz"]
    block, snapshots = read_block(tmp_path), read_snapshots(tmp_path)
    history = pd.read_parquet(tmp_path / "history.parquet")
    assert block.settings == settings_of(net)
    assert block.data == few.checksum()
    assert block.layer_sizes == snapshots.layer_sizes == (784, 8, 10)
    assert block.seeds.tolist() == snapshots.seeds.tolist() == [3, 4, 5]
    assert snapshots.epochs.tolist() == [0, 2, 4]
    assert (snapshots.epochs.dtype, snapshots.parameters.dtype) == (np.int64, np.float32)
    for seed in range(3, 6):
        run = train(net, few, seed=seed)
        np.testing.assert_array_equal(
            pack(block.weights(seed), (784, 8, 10)), pack(run.weights, (784, 8, 10))
        )
        own = history[history.seed == seed].drop(columns="seed").reset_index(drop=True)
        pd.testing.assert_frame_equal(own, run.history)
        for epoch, weights in run.snapshots.items():
            np.testing.assert_array_equal(
                pack(snapshots.weights(seed, epoch), (784, 8, 10)), pack(weights, (784, 8, 10))
            )
    np.testing.assert_array_equal(snapshots.parameters[:, -1], block.parameters)


def test_block_without_snapshots_has_no_arrays_of_them(digits: Dataset, tmp_path: Path):
    train_block(NET, first(digits, 30), range(2), 1, tmp_path)
    with np.load(tmp_path / "weights.npz") as archive:
        assert set(archive) == {"seeds", "settings", "data", "layer_sizes", "parameters", "diverged_epoch"}
    found = read_snapshots(tmp_path)
    assert (found.seeds.tolist(), found.epochs.tolist()) == ([0, 1], [])
    assert found.parameters.shape == (2, 0, 6370)


def test_diverged_seeds_have_nan_from_that_epoch_on(digits: Dataset, tmp_path: Path):
    runs = train_block(WILD, first(digits, 250), range(12), 1, tmp_path)
    diverged, snapshots = read_block(tmp_path).diverged_epoch, read_snapshots(tmp_path)
    assert len(set(diverged.tolist())) > 1
    assert snapshots.epochs.tolist() == [0, 1, 2, 3]
    for found, end, run in zip(snapshots.parameters, diverged, runs, strict=True):
        kept = end or 4
        for epoch in range(kept):
            np.testing.assert_array_equal(found[epoch], pack(run.snapshots[epoch], (784, 16, 10)))
        assert np.isnan(found[kept:]).all()


def test_seeds_that_all_diverge_before_the_first_snapshot_have_only_nan(digits: Dataset, tmp_path: Path):
    net = keeping(WILD.model_copy(update={"learning_rate": 1e30, "activation": "linear"}), (3,))
    train_block(net, first(digits, 30), range(2), 1, tmp_path)
    assert (read_block(tmp_path).diverged_epoch > 0).all()
    snapshots = read_snapshots(tmp_path)
    assert snapshots.epochs.tolist() == [3]
    assert snapshots.parameters.shape == (2, 1, 12_730)
    assert np.isnan(snapshots.parameters).all()


def test_block_is_the_same_file_for_any_number_of_threads(digits: Dataset, tmp_path: Path):
    net = keeping(NET)
    for threads in (1, 2):
        train_block(net, first(digits, 50), range(3), threads, tmp_path / str(threads))
    for name in ("weights.npz", "history.parquet"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def flip_a_bit(path: Path) -> None:
    """Of a number, so that only the archive's checksum shows the damage."""
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
@pytest.mark.parametrize("read", [read_block, read_snapshots])
def test_damage_is_reported(
    read: Callable[[Path], Any],
    damage: Callable[[Path], None],
    digits: Dataset,
    tmp_path: Path,
):
    train_block(keeping(NET), first(digits, 30), range(2), 1, tmp_path)
    recorded(tmp_path)
    damage(tmp_path / "weights.npz")
    with pytest.raises(DownhillError) as caught:
        read(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / 'weights.npz'} is damaged (")
    assert str(caught.value).endswith("); delete it and run again")


@pytest.mark.parametrize("settings", ["", "[", "3"])
def test_settings_that_cannot_be_read_are_reported(settings: str, digits: Dataset, tmp_path: Path):
    train_block(NET, first(digits, 30), range(2), 1, tmp_path)
    recorded(tmp_path)
    with np.load(tmp_path / "weights.npz") as archive:
        arrays = dict(archive) | {"settings": np.array(settings)}
    write_arrays(tmp_path / "weights.npz", arrays)
    with pytest.raises(DownhillError, match=r"weights\.npz is damaged \(.*\); delete it and run again$"):
        read_block(tmp_path)


@pytest.mark.parametrize("read", [read_block, read_snapshots])
def test_missing_block_is_reported(read: Callable[[Path], Any], tmp_path: Path):
    with pytest.raises(DownhillError) as caught:
        read(tmp_path)
    assert (
        str(caught.value) == f"{tmp_path / 'weights.npz'} does not exist; run the stage that makes it first"
    )


def test_trained_network_knows_its_weights_before_during_and_after_training(digits: Dataset, tmp_path: Path):
    few, net = first(digits, 50), keeping(NET, (0, 2))
    save_dataset(few, tmp_path / "data")
    blocks = [tmp_path / "seeds-0-1", tmp_path / "seeds-2-3"]
    for folder, seeds in zip(blocks, (range(2), range(2, 4)), strict=True):
        train_block(net, few, seeds, 1, folder)
    network, run = TrainedNetwork("small", net, tmp_path / "data", blocks), train(net, few, seed=3)
    for found, expected in (
        (network.start(3), run.snapshots[0]),
        (network.snapshot(3, 0), run.snapshots[0]),
        (network.snapshot(3, 2), run.snapshots[2]),
        (network.weights(3), run.weights),
    ):
        np.testing.assert_array_equal(pack(found, (784, 8, 10)), pack(expected, (784, 8, 10)))
    with pytest.raises(
        DownhillError, match="'small' keeps no weights after epoch 1; add 1 to its snapshot_epochs"
    ):
        network.snapshot(3, 1)
    with pytest.raises(DownhillError, match="no block contains seed 4"):
        network.snapshot(4, 0)
