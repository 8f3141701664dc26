"""Downloaded files and their labels: what is noticed, what is said, and what runs again."""

import gzip
import hashlib
import os
import re
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from sklearn.datasets import load_digits
from test_study import NETWORK_TABLE, TABLES, lay_out, rewritten, snakemake, stages, state

from downhill.storage.json_files import read_json, write_json

NETWORKS = """\
network	dataset	seeds	hidden_layers	epochs
small	small-digits	2	8	2
ringed	rings	2	8	2
"""
CLAIMS = """\
claim	family	statement	source	statistic	networks	unit	band	figures
bright	network	One output is bright.	A colleague	exactly_one_bright	small	share	> 0.5	confusion_matrix
round	learning	It sees rings.	A colleague	test_accuracy	ringed	share	> 0.5	accuracy_distribution
"""
SOURCES: dict[str, dict[str, Any]] = {
    "small": {
        "title": "Small digits",
        "image_shape": [8, 8],
        "classes": list("0123456789"),
        "mirrors": ["digits"],
    },
    "unused": {"title": "Unused", "classes": ["a", "b"], "mirrors": ["nowhere"]},
    "rings": {
        "title": "Rings",
        "generate": {"kind": "rings", "radii": [1, 2], "sd": 0.1, "training": 60, "test": 40},
    },
}
DATASETS = {
    "small-digits": {"source": "small", "validation_images": 200},
    "unused": {"source": "unused"},
    "rings": {"source": "rings"},
}
IMAGES = "train-images-idx3-ubyte"
MADE_FROM_SMALL = {
    *(f"data/small-digits/{name}" for name in ("dataset.npz", "summary.json", "provenance.json")),
    *(f"runs/small/seeds-0-9/{name}" for name in ("weights.npz", "history.parquet", "provenance.json")),
    *(f"evaluation/small/{name}" for name in ("index.json", "scores.parquet", "history.parquet")),
    *(f"evaluation/small/{name}" for name in ("confusion.parquet", "predictions.npz", "provenance.json")),
    *NETWORK_TABLE,
}
MEASURED_ON_SMALL = {
    *(f"{folder}/bright{kind}" for folder in ("measurements", "claims") for kind in (".json", "/provenance.json")),
    *(f"figures/bright-confusion-matrix{kind}" for kind in (".svg", ".png", ".json", "/provenance.json")),
    *TABLES,
    *("exports.csv", "exports/provenance.json"),
    *(f"exports/{network}/seed-0.{kind}" for network in ("small", "ringed") for kind in ("onnx", "npz")),
}  # fmt: skip


def write_idx(path: Path, array: np.ndarray) -> None:
    """Write unsigned bytes in the IDX format: 0, 0, 8, dimensions; sizes; values."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    path.write_bytes(header + array.astype(np.uint8).tobytes())


def write_mirror(folder: Path, inverted: bool = False) -> None:
    digits = load_digits()
    images = np.round(digits.images * 255 / 16)
    for name, part in (("train", slice(0, 1400)), ("t10k", slice(1400, None))):
        write_idx(folder / f"{name}-images-idx3-ubyte", 255 - images[part] if inverted else images[part])
        write_idx(folder / f"{name}-labels-idx1-ubyte", digits.target[part])


def write_sources(project: Path, **small: Any) -> None:
    """Write the table of sources, with other values for the source `small`."""
    sources = SOURCES | {"small": SOURCES["small"] | small}
    text = yaml.safe_dump({"sources": sources, "datasets": DATASETS})
    (project / "config" / "datasets.yaml").write_text(text, encoding="utf-8")


def checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def checksums(project: Path) -> dict[str, dict[str, str]]:
    """The checksums of the files that the mirror has now, by role, as `files` of the source."""
    names = {"train": "train", "test": "t10k"}
    return {
        f"{part}_{kind}": {"sha256": checksum(project / "digits" / f"{name}-{kind}-{form}-ubyte")}
        for part, name in names.items()
        for kind, form in (("images", "idx3"), ("labels", "idx1"))
    }


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished study; its source `small` has no checksums."""
    project = lay_out(tmp_path_factory.mktemp("sources") / "project")
    (project / "digits").mkdir()
    write_mirror(project / "digits")
    (project / "config" / "config.yaml").write_text("statistics: {resamples: 500}\n", encoding="utf-8")
    (project / "config" / "networks.tsv").write_text(NETWORKS, encoding="utf-8")
    (project / "config" / "claims.tsv").write_text(CLAIMS, encoding="utf-8")
    write_sources(project)
    snakemake(project)
    return project


@pytest.fixture
def study(done: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(done, tmp_path / "study", symlinks=True))


def downloaded_again(printed: str) -> list[str]:
    """What a run says about files of sources that were replaced."""
    return re.findall(r"^Source 'small': (.*) changed since the download; whatever", printed, re.M)


def test_replaced_file_of_a_folder_without_checksum_is_noticed_and_what_depends_on_it_is_made_again(
    study: Path,
):
    before = state(study)
    assert "Source" not in snakemake(study)
    write_mirror(study / "digits", inverted=True)
    planned = snakemake(study, "--dry-run")
    changed = f"digits/{IMAGES} and digits/t10k-images-idx3-ubyte have".replace(" and", ",")
    assert downloaded_again(planned) == [changed]
    assert {"download": "1", "prepare": "1", "train": "1"}.items() <= stages(planned).items()
    assert state(study) == before
    assert downloaded_again(snakemake(study)) == [changed]
    for name in (IMAGES, "train-labels-idx1-ubyte"):
        assert (study / "resources" / "small" / name).read_bytes() == (study / "digits" / name).read_bytes()
    after = state(study)
    assert rewritten(before, after) == MADE_FROM_SMALL | MEASURED_ON_SMALL
    weights = "runs/small/seeds-0-9/weights.npz"
    assert before[weights][1] != after[weights][1]
    printed = snakemake(study)
    assert "Nothing to be done" in printed
    assert "Source" not in printed


def test_replaced_file_is_noticed_whatever_is_asked_for(study: Path):
    write_mirror(study / "digits", inverted=True)
    planned = snakemake(study, "--dry-run", "results/measurements/bright.json", "--rerun-triggers", "mtime")
    assert {"download": "1", "measure": "1"}.items() <= stages(planned).items()


def test_other_time_or_compression_of_the_same_content_runs_nothing_and_is_looked_at_once(study: Path):
    before, record = state(study), study / "resources" / "small" / "provenance.json"
    os.utime(study / "digits" / IMAGES)
    labels = study / "digits" / "train-labels-idx1-ubyte"
    labels.with_name(f"{labels.name}.gz").write_bytes(gzip.compress(labels.read_bytes()))
    labels.unlink()
    old = read_json(record)
    for entry in ("origins", "kept"):  # as before they were recorded
        old.pop(entry)
    write_json(record, old)
    printed = snakemake(study)
    assert "Nothing to be done" in printed
    assert "Source" not in printed
    assert state(study) == before
    new = read_json(record)
    assert new["origins"][labels.name]["path"] == f"digits/{labels.name}.gz"
    assert new["origins"][IMAGES]["modified_ns"] == (study / "digits" / IMAGES).stat().st_mtime_ns
    assert new.keys() == old.keys() | {"origins", "kept"}
    at = record.stat().st_mtime_ns
    assert "Nothing to be done" in snakemake(study)
    assert record.stat().st_mtime_ns == at


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (
            lambda path: path.write_bytes(path.read_bytes()[:-1]),
            "could not be downloaded from any of its 1 mirror",
        ),
        (Path.unlink, f"digits/{IMAGES} no longer exists"),
        (lambda path: write_idx(path, np.zeros((1399, 8, 8))), "has 1,400 labels, but .* has 1,399 images"),
    ],
    ids=["damaged", "missing", "other number"],
)
def test_files_are_kept_if_the_folder_has_no_valid_ones_any_more(
    study: Path, damage: Callable[[Path], Any], reason: str
):
    before = state(study)
    damage(study / "digits" / IMAGES)
    printed = snakemake(study)
    assert "Nothing to be done" in printed
    (line,) = re.findall("^Source .*", printed, re.M)
    assert re.match(f"Source 'small': using the files downloaded earlier, because .*{reason}", line)
    assert state(study) == before


def test_downloaded_file_that_was_changed_is_refused_until_it_is_deleted(study: Path):
    before, path = state(study), study / "resources" / "small" / IMAGES
    about, content = path.stat(), path.read_bytes()
    path.write_bytes(content[:-1] + b"\1")
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns - 10**9))  # older than what was made from it
    printed = " ".join(snakemake(study, ok=False).split())
    assert (
        f"resources/small/{IMAGES} has changed since it was downloaded; delete it and run again to" in printed
    )
    path.unlink()
    snakemake(study)
    assert path.read_bytes() == content
    assert rewritten(before, state(study)) <= MADE_FROM_SMALL | MEASURED_ON_SMALL


def test_cache_has_no_old_files_for_replaced_ones(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SNAKEMAKE_OUTPUT_CACHE", str(tmp_path))
    file = study / "resources" / "small" / IMAGES
    for inverted in (False, True, False):
        write_mirror(study / "digits", inverted)
        snakemake(study, "--cache", "--until", "train")
        assert file.read_bytes() == (study / "digits" / IMAGES).read_bytes()
    write_mirror(study / "digits", inverted=True)
    shutil.rmtree(study / "resources")
    shutil.rmtree(study / "results")
    snakemake(study, "--cache", "--until", "train")
    assert file.read_bytes() == (study / "digits" / IMAGES).read_bytes()


def test_right_checksum_reruns_nothing(study: Path):
    files = checksums(study)
    for given in ({"train_images": files["train_images"]}, files):
        write_sources(study, files=given)
        printed = snakemake(study)
        assert "Nothing to be done" in printed
        assert "sha256" not in printed


@pytest.mark.parametrize("whole", [False, True], ids=["the file", "its folder"])
def test_wrong_checksum_is_an_error_until_the_file_is_deleted_and_then_everything_is_made_again(
    study: Path, whole: bool
):
    before, old = state(study), checksum(study / "resources" / "small" / IMAGES)
    write_mirror(study / "digits", inverted=True)
    files = checksums(study)
    write_sources(study, files=files)
    printed = snakemake(study, ok=False)
    file = f"resources/small/{IMAGES}"
    assert (
        f"config/datasets.yaml, sources.small.files.train_images.sha256: {file} was downloaded with the SHA-256 "
        f"{old}, not {files['train_images']['sha256']}; correct the value, or, to download other files, delete "
        "that file and run again"
    ) in " ".join(printed.split())
    assert "rule" not in printed
    assert state(study) == before
    if whole:
        shutil.rmtree(study / "resources" / "small")
    else:
        (study / file).unlink()
    snakemake(study)
    assert (study / file).read_bytes() == (study / "digits" / IMAGES).read_bytes()
    assert rewritten(before, state(study)) == MADE_FROM_SMALL | MEASURED_ON_SMALL
    assert "Nothing to be done" in snakemake(study)


def test_sources_deleted_to_save_space_are_not_downloaded_again(study: Path):
    write_sources(study, files=checksums(study))
    shutil.rmtree(study / "resources" / "small")
    assert "Nothing to be done" in snakemake(study)


def test_title_reruns_nothing_and_name_of_a_class_measures_the_claims_on_that_data_alone(study: Path):
    before = state(study)
    write_sources(study, title="Digits of eight by eight", mirrors=["elsewhere", "digits"])
    assert "Nothing to be done" in snakemake(study)
    write_sources(study, classes=["zero", *"123456789"])
    assert stages(snakemake(study, "--dry-run")) == {
        "measure": "1", "judge": "1", "draw": "1", "summarise": "1", "publish": "1", "export": "1", "all": "1",
        "total": "7",
    }  # fmt: skip
    snakemake(study)
    assert rewritten(before, state(study)) == MEASURED_ON_SMALL
    evidence = read_json(study / "results" / "claims" / "bright.json")
    assert evidence["data"]["classes"] == ["zero", *"123456789"]
    assert "Nothing to be done" in snakemake(study)
