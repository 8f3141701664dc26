"""Downloaded files and their labels: what is noticed, what is said, and what runs again."""

import hashlib
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from sklearn.datasets import load_digits
from test_other_data import write_idx
from test_study import NETWORK_TABLE, TABLES, lay_out, rewritten, snakemake, stages, state

from downhill.storage.atomic import read_json

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
    *(f"figures/bright-confusion-matrix{kind}" for kind in (".svg", ".png", "/provenance.json")),
    *TABLES,
}  # fmt: skip


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


def forced(printed: str) -> str:
    """The file that a run names for --forcerun."""
    (file,) = re.findall(r"--forcerun (\S+)", printed)
    return str(file)


def test_replaced_files_without_checksums_are_taken_with_the_command_that_each_run_names(study: Path):
    before = state(study)
    write_mirror(study / "digits", inverted=True)
    printed = snakemake(study)
    assert "Nothing to be done" in printed
    assert printed.count("Source 'small' has no sha256 for its files, so it goes unnoticed if they") == 1
    assert "unused" not in printed
    file = forced(printed)
    assert forced(snakemake(study, "--dry-run")) == file == f"resources/small/{IMAGES}"
    snakemake(study, "--forcerun", file)
    assert (study / file).read_bytes() == (study / "digits" / IMAGES).read_bytes()
    after = state(study)
    assert rewritten(before, after) == MADE_FROM_SMALL | MEASURED_ON_SMALL
    weights = "runs/small/seeds-0-9/weights.npz"
    assert before[weights][1] != after[weights][1]
    assert "Nothing to be done" in snakemake(study)


def test_right_checksum_reruns_nothing_and_only_missing_ones_are_mentioned(study: Path):
    files = checksums(study)
    write_sources(study, files={"train_images": files["train_images"]})
    printed = snakemake(study)
    assert "Nothing to be done" in printed
    assert "Source 'small' has no sha256 for train_labels, test_images, test_labels, so" in printed
    write_sources(study, files=files)
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
        f"that file and run Snakemake with --forcerun {file}"
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
        "measure": "1", "judge": "1", "draw": "1", "summarise": "1", "all": "1", "total": "5"
    }  # fmt: skip
    snakemake(study)
    assert rewritten(before, state(study)) == MEASURED_ON_SMALL
    evidence = read_json(study / "results" / "claims" / "bright.json")
    assert evidence["data"]["classes"] == ["zero", *"123456789"]
    assert "Nothing to be done" in snakemake(study)
