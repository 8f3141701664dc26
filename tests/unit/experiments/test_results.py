"""Results of experiments: read in any order, and reported if missing, damaged or inconsistent."""

from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from downhill.errors import DownhillError
from downhill.experiments.results import ExperimentResult, read_results, write_result
from tests.records import recorded

NONE = np.array([], np.int64)


def write(
    path: Path, seeds: list[int], diverged: list[int] = (), name: str = "toy", network: str = "one"
) -> Path:
    """Write the result of a job: ten times the seed, and a row of its own."""
    numbers = np.array(seeds, np.int64)
    arrays = {"ten": 10 * numbers, "rows": numbers[:, None] + np.zeros(3)} if seeds else {}
    write_result(path, name, network, numbers, np.array(diverged, np.int64), (), arrays)
    return path


def test_jobs_may_be_read_in_any_order(tmp_path: Path):
    files = [
        write(tmp_path / "a.npz", [0, 1]),
        write(tmp_path / "b.npz", [3], [2]),
        write(tmp_path / "c.npz", [], [4, 5]),
        write(tmp_path / "d.npz", [6, 7]),
    ]
    for some in permutations(files):
        result = read_results(some)["toy"]
        assert list(result.only()) == ["seeds", "diverged", "ten", "rows"]
        assert result.seeds().tolist() == [0, 1, 3, 6, 7]
        assert result.only()["diverged"].tolist() == [2, 4, 5]
        assert result.only()["ten"].tolist() == [0, 10, 30, 60, 70]
        assert result.only()["rows"][:, 2].tolist() == [0, 1, 3, 6, 7]
        assert result.summary() == {"one": {"seeds": 5, "diverged": [2, 4, 5]}}


def test_numbers_of_seeds_are_sorted_as_numbers(tmp_path: Path):
    files = [write(tmp_path / f"{seed}.npz", [seed]) for seed in (100, 20, 3)]
    assert read_results(files)["toy"].seeds().tolist() == [3, 20, 100]


def test_experiments_and_networks_are_kept_apart(tmp_path: Path):
    found = read_results(
        [
            write(tmp_path / "a.npz", [0], network="one"),
            write(tmp_path / "b.npz", [0, 1], network="other"),
            write(tmp_path / "c.npz", [5], name="game", network=""),
            write(tmp_path / "d.npz", [1], network="one"),
        ]
    )
    assert list(found) == ["toy", "game"]
    assert found["toy"].by_network["one"]["ten"].tolist() == [0, 10]
    assert found["toy"].by_network["other"]["seeds"].tolist() == [0, 1]
    assert found["game"].only()["ten"].tolist() == [50]
    with pytest.raises(DownhillError) as caught:
        found["toy"].only()
    assert str(caught.value) == "experiment 'toy' has results of 2 networks, but the statistic takes one"
    assert read_results([]) == {}


def test_experiment_in_which_every_seed_diverged(tmp_path: Path):
    files = [write(tmp_path / "a.npz", [], [0, 1]), write(tmp_path / "b.npz", [], [2])]
    result = read_results(files)["toy"]
    assert {name: values.tolist() for name, values in result.only().items()} == {
        "seeds": [],
        "diverged": [0, 1, 2],
    }
    assert isinstance(result, ExperimentResult)


OTHERS = [
    {"other": np.zeros(1)},
    {"ten": np.zeros(1)},
    {"ten": np.zeros(1), "rows": np.zeros((1, 4))},
    {"ten": np.zeros((1, 1)), "rows": np.zeros((1, 3))},
]


@pytest.mark.parametrize("arrays", OTHERS)
def test_jobs_with_other_arrays_are_refused(arrays: dict[str, np.ndarray], tmp_path: Path):
    """Such a job may be left over from before a change of the function."""
    write(tmp_path / "a.npz", [0])
    write_result(tmp_path / "b.npz", "toy", "one", np.array([1]), NONE, (), arrays)
    with pytest.raises(DownhillError) as caught:
        read_results([tmp_path / "a.npz", tmp_path / "b.npz"])
    assert str(caught.value) == (
        "the jobs of experiment 'toy' have computed different arrays; delete their results and run again"
    )


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def lose_the_seeds(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, experiment="toy", network="one", diverged=NONE)


@pytest.mark.parametrize(
    "damage",
    [truncate, lose_the_seeds, lambda path: path.write_bytes(b""), lambda path: path.write_text("<html>")],
)
def test_damaged_file_is_named(damage: Callable[[Path], None], tmp_path: Path):
    files = [write(tmp_path / "a.npz", [0]), recorded(write(tmp_path / "b.npz", [1]))]
    damage(files[1])
    with pytest.raises(DownhillError) as caught:
        read_results(files)
    assert str(caught.value).startswith(f"{files[1]} is damaged (")
    assert str(caught.value).endswith("); delete it and run again")
    assert "\n" not in str(caught.value)


def test_missing_file_is_named(tmp_path: Path):
    with pytest.raises(DownhillError) as caught:
        read_results([tmp_path / "a.npz"])
    assert str(caught.value) == f"{tmp_path / 'a.npz'} does not exist; run the stage that makes it first"
