# ruff: noqa: E501  # tables
"""A study of other data: 8×8 digits as IDX files, with claims that are only rows of the tables."""

import re
import struct
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.datasets import load_digits
from test_study import lay_out, snakemake

from downhill.__main__ import main
from downhill.config import functions
from downhill.storage.file_names import RECORD
from downhill.storage.json_files import read_json

NETWORKS = """\
network	dataset	seeds	hidden_layers	epochs	activation	output	loss	initialization	learning_rate	snapshot_epochs
small	small-digits	4	16	20	relu	softmax	cross_entropy	he	0.1	history
rate	small-digits	4	16	20	relu	softmax	cross_entropy	he	0.001|0.01|0.1|0.3
fresh	small-digits	20	16	0	relu	softmax	cross_entropy	he	0.1
few-true	few-digits	4	32	200	relu	softmax	cross_entropy	he	0.1
"""
CLAIMS = """\
claim	family	statement	source	said	statistic	networks	experiments	options	unit	band	figures
accurate	learning	It reads small images.	A colleague	0.93	test_accuracy	small			share	> 0.9	accuracy_distribution,confident_mistakes
best	learning	One of the rates does well.	A colleague	0.9	accuracy_of_best_shape	rate-*			share	> 0.85	width_depth_map
flips	learning	A rate of a hundredth suffices.	A colleague		setting_of_crossing	rate-*		setting: learning_rate, threshold: 0.85	ratio	< 0.05	accuracy_by_setting
chance	learning	Untrained it guesses.	A colleague		untrained_accuracy	fresh			share	0.05 to 0.15	untrained_histogram
rises	learning	It improves.	A colleague		rise_with_epochs	small			correlation	> 0.5	learning_curves
gap	learning	It generalises.	A colleague		generalisation_gap	small			points	< 0.1	train_and_test
peak	published	It peaks early.	A colleague	0.95	best_epoch_accuracy	small			share	> 0.9	best_epochs
size	network	It is small.	A colleague	1210	parameter_count	small			count	= 1210	first_layer_weights
bright	network	One output is bright.	A colleague		exactly_one_bright	small			share	> 0.5	bright_outputs,confusion_matrix
bias	network	Biases matter.	A colleague		strength_and_tendency		curves		correlation	> -1; > -1	strength_and_tendency
memory	memorisation	Few images are memorised.	A colleague		gap_when_memorising	few-true			points	> 0.02	memorised
"""
EXPERIMENTS = (
    "curves: { function: network.weights_and_biases, networks: [small], options: { images: 100 } }\n"
)
# What the lessons say and use; none of it may appear in a study of other data.
FOREIGN = r"MNIST|(?<![\d.])9[68] %|95\.42|3Blue1Brown|Nielsen|lesson|the book|the video|28 ?[x×] ?28|13,002"


def write_idx(path: Path, array: np.ndarray) -> None:
    """Write unsigned bytes in the IDX format: 0, 0, 8, dimensions; sizes; values."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    path.write_bytes(header + array.astype(np.uint8).tobytes())


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The finished study."""
    project = lay_out(tmp_path_factory.mktemp("other") / "project")
    digits = load_digits()
    images, labels = np.round(digits.images * 255 / 16), digits.target
    folder = project / "digits"
    folder.mkdir()
    for name, part in (("train", slice(0, 1400)), ("t10k", slice(1400, None))):
        write_idx(folder / f"{name}-images-idx3-ubyte", images[part])
        write_idx(folder / f"{name}-labels-idx1-ubyte", labels[part])
    source = {
        "title": "Small digits",
        "image_shape": [8, 8],
        "classes": list("0123456789"),
        "mirrors": ["digits"],
    }
    recipe = {"source": "small", "validation_images": 200}
    tables = {
        "sources": {"small": source},
        "datasets": {"small-digits": recipe, "few-digits": recipe | {"training_images": 50}},
    }
    config = project / "config"
    for path in config.glob("*.*"):
        path.unlink()
    settings = {
        "title": "Small digits", "about": "Are small images *enough*, for $5 | `a`_?", "experiments": "config/experiments.yaml",
        "statistics": {"resamples": 500},
    }  # fmt: skip
    (config / "config.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    (config / "datasets.yaml").write_text(yaml.safe_dump(tables), encoding="utf-8")
    (config / "experiments.yaml").write_text(EXPERIMENTS, encoding="utf-8")
    (config / "networks.tsv").write_text(NETWORKS, encoding="utf-8")
    (config / "claims.tsv").write_text(CLAIMS, encoding="utf-8")
    snakemake(project)
    snakemake(project, "--report", "report.html")
    return project


def test_every_claim_is_measured_and_drawn(study: Path):
    table = pd.read_csv(study / "results" / "claims.csv").set_index("claim")
    assert table.index.nunique() == len(CLAIMS.splitlines()) - 1
    assert set(table.verdict) <= {"supported", "refuted", "undecided"}
    assert table.verdict["size"] == "supported"  # (64 + 1) · 16 + (16 + 1) · 10 = 1,210
    figures = [name for cell in table.figures for name in cell.split(", ")]
    assert all((study / "results" / "figures" / f"{name}.svg").is_file() for name in figures)


def test_crossing_of_a_sweep_has_an_interval(study: Path):
    table = pd.read_csv(study / "results" / "claims.csv").set_index("claim")
    row = table.loc["flips"]
    assert row.networks == "rate-0.001, rate-0.01, rate-0.1, rate-0.3"
    assert 0.001 < row.lower <= row.value <= row.upper < 0.3
    means = [
        scores[scores.image_set == "test"].accuracy.mean()
        for rate in ("0.001", "0.01", "0.1", "0.3")
        for scores in [pd.read_parquet(study / "results" / "evaluation" / f"rate-{rate}" / "scores.parquet")]
    ]
    place = next(i for i in range(3) if (means[i] - 0.85) * (means[i + 1] - 0.85) < 0)
    logs = np.log([0.001, 0.01, 0.1, 0.3])
    share = (0.85 - means[place]) / (means[place + 1] - means[place])
    assert row.value == pytest.approx(np.exp(logs[place] + share * (logs[place + 1] - logs[place])))


def test_no_output_mentions_the_lessons(
    study: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(study)
    assert main(["show"]) == 0
    texts = {"show": capsys.readouterr().out}
    results = study / "results"
    for name in ("claims.csv", "claims.md", "claims.html"):
        texts[name] = (results / name).read_text(encoding="utf-8")
    for path in [*results.rglob("*.json")]:
        if path.name != "provenance.json":
            texts[path.name] = path.read_text(encoding="utf-8")
    for path in results.rglob("*.svg"):  # its title and description; what is drawn is checked below
        found = re.findall(
            r"<dc:(?:title|description)>(.*?)</dc:", path.read_text(encoding="utf-8"), re.DOTALL
        )
        texts[path.name] = " ".join(found)
    for path in (results / "logs").rglob("*.log"):
        texts[path.name] = path.read_text(encoding="utf-8")
    report = (study / "report.html").read_text(encoding="utf-8")
    texts["report"] = "\n".join(line for line in report.splitlines() if len(line) < 2000)
    for name, text in texts.items():
        assert not re.findall(FOREIGN, text), name
    assert "Small digits: the claims and their verdicts" in texts["claims.md"]
    assert "<p>Are small images *enough*, for $5 | `a`_?</p>" in report  # text, not markup


def test_no_figure_mentions_the_lessons(study: Path):
    """Texts of the figures, before they are converted to outlines."""
    for path in set((study / "results" / "claims").glob("*.json")) - {study / "results" / "claims" / RECORD}:
        evidence = read_json(path)
        for name in evidence["figures"]:
            figure = functions.load("figures", evidence["family"], name)(evidence)
            drawn = [
                text.get_text() for text in figure.findobj(match=lambda artist: hasattr(artist, "get_text"))
            ]
            assert drawn
            assert not [text for text in drawn if re.search(FOREIGN, text)], (path.stem, name)
