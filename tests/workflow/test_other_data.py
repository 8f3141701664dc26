# ruff: noqa: E501  # tables
"""A study of other data by rows of the tables alone: the example of 8×8 digits, run unchanged and with further claims."""

import os
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from test_study import REPOSITORY, change, lay_out, snakemake

from downhill.__main__ import main
from downhill.config import functions
from downhill.storage.file_names import RECORD
from downhill.storage.json_files import read_json

# One worker makes the studies that these tests share.
pytestmark = pytest.mark.xdist_group("other_data")

FURTHER_CLAIMS = """\
best	learning	One of the rates does well.	A colleague	0.9	accuracy_of_best_shape	rate-*			share	> 0.85	width_depth_map
rises	learning	It improves.	A colleague		rise_with_epochs	sixteen			correlation	> 0.5	learning_curves
peak	published	It peaks early.	A colleague	0.95	best_epoch_accuracy	sixteen			share	> 0.9	best_epochs
bright	network	One output is bright.	A colleague		exactly_one_bright	sixteen			share	> 0.5	bright_outputs,confusion_matrix
bias	network	Biases matter.	A colleague		strength_and_tendency		curves		correlation	> -1; > -1	strength_and_tendency
memory	memorisation	Few images are memorised.	A colleague		gap_when_memorising	few-true-64			points	> 0.02	memorised
straight	memorisation	The cost falls in a line.	A colleague		straightness_of_descent	few-true-64,few-shuffled-64	starts		number; share	> 0.9; > 0.5	curves_by_labels,straightness_by_share
random	inside	Weights look random.	A colleague		neighbours_alike		neighbours		share	< 0.05	weight_maps
"""
FURTHER_EXPERIMENTS = """\
curves: { function: network.weights_and_biases, networks: [sixteen], options: { images: 100 } }
starts: { function: memorisation.score_at_start, networks: [few-true-64, few-shuffled-64] }
neighbours: { function: inside.neighbouring_weights, networks: [sixteen], seeds: 2, options: { permutations: 99 } }
"""
ABOUT = "Are small images *enough*, for $5 | `a`_?"
# What the lessons say and use; none of it may appear in a study of other data.
FOREIGN = (
    r"MNIST|(?<![\d.])9[68] %|95\.42|3Blue1Brown|Nielsen|lesson|the book|[Tt]he video|28 ?[x×] ?28|13,002"
)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, finished."""
    project = lay_out(tmp_path_factory.mktemp("other") / "project")
    folder = project / "examples" / "own-data"
    ignored = shutil.ignore_patterns("results", "resources", ".snakemake")
    shutil.copytree(REPOSITORY / "examples" / "own-data", folder, ignore=ignored)
    others = outside(folder)
    run(folder)
    assert outside(folder) == others
    return folder


@pytest.fixture(scope="module")
def study(example: Path) -> Path:
    """The example with further claims, and a report; it is finished, too."""
    folder = Path(shutil.copytree(example, example.parent / "extended", symlinks=True))
    config = folder / "config"
    change(config / "claims.tsv", lambda text: text + FURTHER_CLAIMS)
    change(config / "experiments.yaml", lambda text: text + FURTHER_EXPERIMENTS)
    change(config / "config.yaml", lambda text: yaml.safe_dump(yaml.safe_load(text) | {"about": ABOUT}))
    run(folder)
    run(folder, "--report", "report.html")
    return folder


def test_example_gives_every_claim_a_verdict_and_leaves_nothing_to_do(example: Path):
    names = [line.split("\t")[0] for line in lines_of(example / "config" / "claims.tsv")]
    table = pd.read_csv(example / "results" / "claims.csv").set_index("claim")
    assert table.index.tolist() == names
    assert set(table.verdict) <= {"supported", "refuted", "undecided"}
    summary = read_json(example / "results" / "data" / "small-digits" / "summary.json")
    assert [summary[f"n_{part}"] for part in ("train", "validation", "test")] == [1100, 187, 510]
    assert (summary["height"], summary["width"]) == (8, 8)
    assert "Nothing to be done" in run(example)


def test_a_snakefile_named_by_a_relative_path_is_not_taken_for_a_module(example: Path):
    """Only a study of its own is noted, for `downhill show`."""
    notes = example / ".snakemake" / "downhill-studies.json"
    notes.unlink()
    snakefile = example.parents[1] / "Snakefile"
    snakemake(example, "--snakefile", os.path.relpath(snakefile, example), "--dry-run")
    noted = read_json(notes)
    assert [one["results"] for one in noted] == ["results"]


def test_readme_of_the_example_gives_its_verdicts(example: Path):
    """Those that another processor, which rounds differently, is not expected to change."""
    table = pd.read_csv(example / "results" / "claims.csv").set_index("claim")
    written = dict(
        re.findall(
            r"^\| `([a-z-]+)` \|.*\| (\w+) \|$",
            (example / "README.md").read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    )
    assert list(written) == table.index.tolist()
    firm = table.verdict[table.holds_at_99_9]
    assert len(firm) > 5
    assert {name: written[name] for name in firm.index} == firm.to_dict()


def test_every_claim_is_measured_and_drawn(study: Path):
    table = pd.read_csv(study / "results" / "claims.csv").set_index("claim")
    assert table.index.nunique() == len(lines_of(study / "config" / "claims.tsv"))
    assert set(table.verdict) <= {"supported", "refuted", "undecided"}
    assert table.value["weights-and-biases"] == (64 + 1) * 16 + (16 + 1) * 10
    figures = [name for cell in table.figures for name in cell.split(", ")]
    assert all((study / "results" / "figures" / f"{name}.svg").is_file() for name in figures)


def test_crossing_of_a_sweep_has_an_interval(study: Path):
    table = pd.read_csv(study / "results" / "claims.csv").set_index("claim")
    row = table.loc["hundredth-suffices"]
    assert row.networks == "rate-0.001, rate-0.003, rate-0.01, rate-0.03, sixteen"
    assert 0.001 < row.lower <= row.value <= row.upper < 0.1
    means = [
        scores[scores.image_set == "test"].accuracy.mean()
        for name in row.networks.split(", ")
        for scores in [pd.read_parquet(study / "results" / "evaluation" / name / "scores.parquet")]
    ]
    place = next(i for i in range(4) if (means[i] - 0.85) * (means[i + 1] - 0.85) < 0)
    logs = np.log([0.001, 0.003, 0.01, 0.03, 0.1])
    share = (0.85 - means[place]) / (means[place + 1] - means[place])
    assert row.value == pytest.approx(np.exp(logs[place] + share * (logs[place + 1] - logs[place])))


def test_no_output_mentions_the_lessons(
    study: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(study)
    assert main(["show"]) == 0
    texts = {"show": capsys.readouterr().out}
    results = study / "results"
    for name in ("claims.csv", "claims.md", "claims.html", "index.html"):
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


def run(folder: Path, *options: str) -> str:
    """Run the study in a folder of `examples`, as its README says; returns what Snakemake printed."""
    return snakemake(folder.parents[1], "--directory", f"examples/{folder.name}", *options)


def lines_of(table: Path) -> list[str]:
    """The rows of a table, without its head and comments."""
    lines = table.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")][1:]


def outside(folder: Path) -> set[Path]:
    """What there is in the project besides the content of this folder of `examples`, and Snakemake's own files."""
    project = folder.parents[1]
    return {
        path for path in project.rglob("*") if not {folder, project / ".snakemake"} & {path, *path.parents}
    }
