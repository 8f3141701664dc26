"""Missing, damaged and mismatched files: each is reported in one sentence, without a stack trace."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from downhill.__main__ import main
from downhill.datasets import Dataset
from downhill.datasets.dataset import Images
from downhill.datasets.prepare import with_shuffled_labels
from downhill.datasets.store import save_dataset
from downhill.errors import DownhillError
from downhill.report.networks import tabulate
from downhill.runs.block import read_block
from downhill.runs.trained import TrainedNetwork, differences
from tests.records import recorded

from .trained_networks import NETWORKS, QUICK, Runs, claim_of


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def scribble(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[: len(content) // 2] = b"?" * (len(content) // 2)
    path.write_bytes(bytes(content))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def substitute(path: Path) -> None:
    path.write_bytes(b"<!DOCTYPE html>")


DAMAGES = [Path.unlink, truncate, scribble, empty, substitute]
FILES = [
    *("seeds-00/weights.npz", "seeds-02/history.parquet", "data/dataset.npz"),
    *("evaluation/predictions.npz", "evaluation/scores.parquet", "evaluation/confusion.parquet"),
    *("evaluation/index.json",),
]


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # NumPy leaves damaged files open
@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("file", FILES)
def test_damage_is_reported_without_a_stack_trace(
    file: str,
    damage: Callable[[Path], None],
    runs: dict[str, Runs],
    data_folders: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
):
    shutil.copytree(runs["sigmoid"].folder, tmp_path, dirs_exist_ok=True)
    shutil.copytree(data_folders["true"], tmp_path / "data")
    for folder in (*tmp_path.glob("seeds-*"), tmp_path / "evaluation", tmp_path / "data"):
        recorded(folder)
    damage(tmp_path / file)
    if file.startswith("evaluation"):
        name = "exactly_one_bright"
        claim = claim_of("network", name, "> 0.9", "sigmoid") if "scores" not in file else None
        claim = claim or claim_of("learning", "generalisation_gap", "< 0.1", "sigmoid")
        words = ["measure", claim.claim, "--settings", claim.measured().model_dump_json(), "--evaluations"]
        words += [str(tmp_path / "evaluation"), "--output", str(tmp_path / "new" / "measurement.json")]
    else:
        blocks = sorted(str(path) for path in tmp_path.glob("seeds-*"))
        words = [
            "evaluate",
            "sigmoid",
            "--settings",
            NETWORKS["sigmoid"][0].model_dump_json(),
            "--seeds",
            "0-4",
        ]
        words += ["--data", str(tmp_path / "data"), "--blocks", *blocks, "--output", str(tmp_path / "new")]
    assert main(words) == 1
    message = capsys.readouterr().err.strip()
    assert message.startswith("error: ")
    assert len(message.splitlines()) == 1
    if file == "data/dataset.npz" and damage is Path.unlink:
        assert f"{tmp_path / 'data'} holds no data set" in message
    else:
        assert str(tmp_path / file) in message
        assert (
            "does not exist; " in message if damage is Path.unlink else "delete it and run again" in message
        )
    assert not (tmp_path / "new" / "index.json").exists()
    assert not (tmp_path / "new" / "measurement.json").exists()


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("stage", ["measure", "judge"])
def test_damage_of_an_experiment_and_a_measurement_is_reported(
    stage: str,
    damage: Callable[[Path], None],
    runs: dict[str, Runs],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
):
    claim = claim_of("network", "strength_and_tendency", "> -1; > -1", unit="correlation")
    experiment, measurement = tmp_path / "weights-and-biases.npz", tmp_path / "measurement.json"
    runs["sigmoid"].weights_and_biases(experiment)
    claim = claim.model_copy(update={"experiments": ("weights-and-biases",)})
    words = ["measure", "strong", "--settings", claim.measured().model_dump_json()]
    words += ["--statistics", QUICK.model_dump_json(), "--experiments", str(experiment)]
    assert main([*words, "--output", str(measurement)]) == 0
    damaged = experiment if stage == "measure" else measurement
    if stage == "judge":
        words = ["judge", "strong", "--settings", claim.model_dump_json(), "--measurement", str(measurement)]
    recorded(damaged)
    capsys.readouterr()
    damage(damaged)
    assert main([*words, "--output", str(tmp_path / "new" / "result.json")]) == 1
    message = capsys.readouterr().err.strip()
    assert message.startswith(f"error: {damaged} ")
    assert len(message.splitlines()) == 1
    remedy = "run the stage that makes it first" if damage is Path.unlink else "delete it and run again"
    assert message.endswith(remedy)
    assert not (tmp_path / "new" / "result.json").exists()


def test_measurement_of_another_statistic_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    claim = claim_of("learning", "test_accuracy", "> 0.9")
    for other in ({"family": "learning", "statistic": "generalisation_gap"},
                  {"family": "memorisation", "statistic": "test_accuracy"}, {}, []):  # fmt: skip
        (tmp_path / "measurement.json").write_text(json.dumps(other))
        words = ["judge", "accuracy", "--settings", claim.model_dump_json()]
        words += ["--measurement", str(tmp_path / "measurement.json"), "--output", str(tmp_path / "new.json")]
        assert main(words) == 1
        message = capsys.readouterr().err
        assert message.startswith(
            f"error: {tmp_path / 'measurement.json'} is not a measurement of the statistic 'test_accuracy' of family "
            "'learning'"
        )
        assert message.endswith(", and no provenance.json says that a stage made it; name another file\n")
        assert not (tmp_path / "new.json").exists()


def altered(value: Any) -> Iterator[Any]:
    """Versions of a JSON value in which one thing is missing, or is of another type."""
    for key in range(len(value)) if isinstance(value, list) else value:
        rest = dict(enumerate(value)) if isinstance(value, list) else value
        others = [other for other in (None, -3, "x", [], {}, True) if type(other) is not type(rest[key])]
        inner = altered(rest[key]) if isinstance(rest[key], dict | list) else ()
        for other in (*others, *inner):
            changed = {**rest, key: other}
            yield list(changed.values()) if isinstance(value, list) else changed
        if isinstance(value, dict):
            yield {name: one for name, one in value.items() if name != key}


@pytest.mark.parametrize("stage", ["judge", "summarise"])
def test_json_with_missing_or_wrong_values_never_causes_a_stack_trace(
    stage: str, runs: dict[str, Runs], evidence_for: Callable[..., Any], tmp_path: Path, capsys: Any
):
    """Whatever is missing or of another type is either not needed or reported."""
    claim = claim_of("learning", "test_accuracy", "> 0.99", "some-diverge")
    evidence = evidence_for(claim)
    tabulate([runs["some-diverge"].folder / "evaluation"], QUICK, tmp_path / "networks.csv")
    read = tmp_path / "read.json"
    words = ["summarise", "--evidence", str(read), "--networks", str(tmp_path / "networks.csv"), "--csv"]
    words += [
        str(tmp_path / "o.csv"),
        "--markdown",
        str(tmp_path / "o.md"),
        "--html",
        str(tmp_path / "o.html"),
    ]
    if stage == "judge":
        evidence["why_not"], evidence["experiments"] = None, {}
        words = ["judge", claim.claim, "--settings", claim.model_dump_json(), "--measurement", str(read)]
        words += ["--output", str(tmp_path / "o.json")]
    evidence["data"] = {}
    refused = 0
    for changed in altered(evidence):
        read.write_text(json.dumps(changed))
        if main(words) != 0:
            refused += 1
            message = capsys.readouterr().err
            assert message.startswith("error: "), changed
            assert len(message.splitlines()) == 1
    assert refused > 100


def test_seed_that_no_block_holds_is_named(
    runs: dict[str, Runs], data_folders: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    run = runs["sigmoid"]
    words = ["evaluate", "sigmoid", "--settings", run.net.model_dump_json(), "--seeds", "0-4", "--data"]
    words += [str(data_folders["true"]), "--blocks", str(run.blocks[0]), "--output", str(tmp_path / "new")]
    assert main(words) == 1
    expected = "error: network 'sigmoid': no block contains seed 2; train the block it belongs to\n"
    assert capsys.readouterr().err == expected
    assert not (tmp_path / "new").exists()


def test_blocks_of_other_settings_are_refused(
    runs: dict[str, Runs], data_folders: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """Such blocks are left by a job that started before the settings were changed, and finished last."""
    run = runs["sigmoid"]
    other = run.net.model_copy(update={"hidden_layers": (30,), "epochs": 4})
    words = ["evaluate", "sigmoid", "--settings", other.model_dump_json(), "--seeds", "0-1", "--data"]
    words += [
        str(data_folders["true"]),
        "--blocks",
        *map(str, run.blocks[:2]),
        "--output",
        str(tmp_path / "new"),
    ]
    assert main(words) == 1
    assert capsys.readouterr().err == (
        f"error: {run.blocks[0]}, {run.blocks[1]}: trained with settings other than those of 'sigmoid' (epochs 3, "
        "not 4; hidden_layers [16], not [30]); use blocks, settings and data that belong together, or, if a job "
        "left over from before a change wrote these blocks, delete them and run again\n"
    )
    assert not (tmp_path / "new").exists()


def shuffled(data: Dataset) -> Dataset:
    return Dataset(with_shuffled_labels(data.train, 1, seed=1), data.validation, data.test, data.classes)


def halved(data: Dataset) -> Dataset:
    parts = {name: Images(part.images[:, ::2, ::2], part.labels) for name, part in data.parts().items()}
    return Dataset(**parts, classes=data.classes)


@pytest.mark.parametrize("change", [shuffled, halved])
def test_blocks_of_other_data_are_refused(
    change: Callable[[Dataset], Dataset],
    runs: dict[str, Runs],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
):
    run = runs["sigmoid"]
    save_dataset(change(run.data), tmp_path / "other")
    words = ["evaluate", "sigmoid", "--settings", run.net.model_dump_json(), "--seeds", "0-1", "--data"]
    words += [str(tmp_path / "other"), "--blocks", str(run.blocks[0]), "--output", str(tmp_path / "new")]
    assert main(words) == 1
    assert (
        f"{run.blocks[0]}: trained with settings other than those of 'sigmoid' (other data)"
        in capsys.readouterr().err
    )
    assert not (tmp_path / "new").exists()


def test_an_experiment_refuses_blocks_of_other_settings(runs: dict[str, Runs]):
    run = runs["sigmoid"]
    other = run.net.model_copy(update={"learning_rate": 2.0})
    network = TrainedNetwork("sigmoid", other, run.data_folder, run.blocks)
    with pytest.raises(
        DownhillError, match=r"than those of 'sigmoid' \(learning_rate 3.0, not 2.0\); use blocks"
    ):
        network.weights(0)
    network = TrainedNetwork("sigmoid", run.net, run.data_folder, run.blocks[:1])
    with pytest.raises(
        DownhillError, match=r"^network 'sigmoid': no block contains seed 2; train the block it "
    ):
        network.weights(2)


def test_neutral_defaults_make_no_difference(runs: dict[str, Runs]):
    """Blocks that record every setting, as in earlier versions, belong to the same network."""
    run = runs["sigmoid"]
    block = read_block(run.blocks[0])
    assert differences(block, run.net, run.data.checksum()) == []
    spelt_out = replace(block, settings=run.net.model_dump(mode="json"))
    assert differences(spelt_out, run.net, run.data.checksum()) == []
    strange = replace(block, settings=block.settings | {"colour": "blue"})
    assert differences(strange, run.net, 0) == ['colour "blue", not null', "other data"]
