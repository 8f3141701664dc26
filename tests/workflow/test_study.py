"""Real runs of the workflow: what a study makes, and what runs again after each kind of change.

All tests work on copies of one small study that was run once; copies keep times and Snakemake's records.
"""

import fcntl
import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import yaml

from downhill.engine.train import ready
from downhill.storage.json_files import read_json
from downhill.storage.locks import LOCKS

REPOSITORY = Path(__file__).parents[2]
PACKAGE = REPOSITORY / "workflow" / "downhill"

NETWORKS = {
    "plain": {"seeds": "2", "hidden_layers": "16", "epochs": "2"},
    "soft": {
        "seeds": "4",
        "hidden_layers": "8",
        "epochs": "3",
        "activation": "relu",
        "output": "softmax",
        "loss": "cross_entropy",
        "initialization": "lecun",
        "optimizer": "momentum",
        "learning_rate": "0.05",
        "momentum": "0.9",
        "batch_size": "20",
        "snapshot_epochs": "0,3",
        "shuffle_labels": "0.2",
        "subset_images": "400",  # more than the limit leaves
    },
    "wild": {  # its steps are twice as long as the longest that converge: after 80 of them the biases are infinite
        "seeds": "2",
        "hidden_layers": "16",
        "epochs": "5",
        "activation": "relu",
        "output": "linear",
        "initialization": "lecun",
        "learning_rate": "4",
    },
}

CLAIMS = {
    "count": {
        "family": "network",
        "statement": "It has that many weights and biases.",
        "statistic": "parameter_count",
        "networks": "plain",
        "unit": "count",
        "band": "= 12730",
        "figures": "first_layer_weights",
    },
    "memory": {
        "family": "memorisation",
        "statement": "It may learn by heart.",
        "statistic": "gap_when_memorising",
        "networks": "plain",
        "unit": "points",
        "band": "-1 to 1",
        "figures": "memorised",
    },
    "rise": {
        "family": "learning",
        "statement": "Accuracy rises with training.",
        "statistic": "rise_with_epochs",
        "networks": "soft",
        "unit": "correlation",
        "band": "< -0.9",  # it does not fall
        "figures": "learning_curves",
    },
    "wildness": {
        "family": "learning",
        "statement": "Steps of any size will do.",
        "statistic": "generalisation_gap",
        "networks": "wild",
        "unit": "points",
        "band": "< 0.03",
        "figures": "train_and_test",
    },
}

CONFIG = {
    "datasets": "config/datasets.yaml",
    "networks": "config/networks.tsv",
    "claims": "config/claims.tsv",
    "limits": {"training_images": 300},
    "training": {"seeds_per_block": 2},
    "statistics": {"resamples": 500},
}

FIGURES = {
    "count": "count-first-layer-weights",
    "memory": "memory-memorised",
    "rise": "rise-learning-curves",
    "wildness": "wildness-train-and-test",
}
BLOCKS = {"plain": ["0-1"], "soft": ["0-1", "2-3"], "wild": ["0-1"]}
BLOCK_FILES = ("weights.npz", "history.parquet", "provenance.json")
EVALUATION_FILES = (
    "index.json",
    "scores.parquet",
    "history.parquet",
    "confusion.parquet",
    "predictions.npz",
    "provenance.json",
)


def block_files(network: str, blocks: list[str] | None = None) -> set[str]:
    blocks = BLOCKS[network] if blocks is None else blocks
    return {f"runs/{network}/seeds-{block}/{name}" for block in blocks for name in BLOCK_FILES}


def evaluation_files(network: str) -> set[str]:
    return {f"evaluation/{network}/{name}" for name in EVALUATION_FILES}


def figure_files(*claims: str) -> set[str]:
    kinds = (".svg", ".png", ".json", "/provenance.json")
    return {f"figures/{FIGURES[claim]}{kind}" for claim in claims for kind in kinds}


def claim_files(*claims: str) -> set[str]:
    return measurement_files(*claims) | judged_files(*claims)


def measurement_files(*claims: str) -> set[str]:
    return {f"measurements/{claim}{kind}" for claim in claims for kind in (".json", "/provenance.json")}


def judged_files(*claims: str) -> set[str]:
    kinds = (".json", "/provenance.json")
    return {f"claims/{claim}{kind}" for claim in claims for kind in kinds} | figure_files(*claims)


PAGE = {"index.html", "index/provenance.json"}
EXPORTS = {
    *("exports.csv", "exports/provenance.json"),
    # All seeds of the network `wild` diverge.
    *(f"exports/{network}/seed-0.{kind}" for network in ("plain", "soft") for kind in ("onnx", "npz")),
}
TABLES = {"claims.csv", "claims.md", "claims.html", "claims/provenance.json"} | PAGE
NETWORK_TABLE = {"networks.csv", "networks/provenance.json"}
ALL_FILES = {
    *("data/few/dataset.npz", "data/few/summary.json", "data/few/provenance.json"),
    *(file for network in BLOCKS for file in block_files(network) | evaluation_files(network)),
    *(claim_files(*FIGURES) | TABLES | NETWORK_TABLE | EXPORTS),
}


def lay_out(project: Path) -> Path:
    """Copy the project without its package, which the jobs import, already compiled, from where it is installed."""
    ready()
    project.mkdir()
    for folder in ("workflow/rules", "workflow/report", "profiles", "config"):
        shutil.copytree(REPOSITORY / folder, project / folder)
    for file in ("Snakefile", "workflow/Snakefile"):
        shutil.copy2(REPOSITORY / file, project / file)
    (project / "resources").mkdir()
    (project / "resources" / "bundled").symlink_to(REPOSITORY / "resources" / "bundled")
    return project


def own_package(project: Path) -> Path:
    """Give the project its own copy of the package to edit, which takes precedence over the installed one."""
    ignored = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(PACKAGE, project / "workflow" / "downhill", ignore=ignored))


def write_table(path: Path, table: pd.DataFrame) -> None:
    table.to_csv(path, sep="\t", index_label={"networks": "network", "claims": "claim"}[path.stem])


def read_table(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", index_col=0, dtype=str, keep_default_na=False)


def set_cell(project: Path, table: str, row: str, column: str, value: str) -> None:
    path = project / "config" / f"{table}.tsv"
    content = read_table(path)
    if column in content:
        assert content.loc[row, column] != value
        content.loc[row, column] = value
    else:
        content = content.rename(index={row: value})
    write_table(path, content)


def lay_out_study(project: Path) -> Path:
    config = lay_out(project) / "config"
    sources = yaml.safe_load((config / "datasets.yaml").read_text())["sources"]
    recipes = {"few": {"source": "mnist", "validation_images": 100, "training_images": 1000}}
    (config / "datasets.yaml").write_text(
        yaml.safe_dump({"sources": {"mnist": sources["mnist"]}, "datasets": recipes})
    )
    (config / "config.yaml").write_text(yaml.safe_dump(CONFIG))
    write_table(config / "networks.tsv", pd.DataFrame(NETWORKS).T.assign(dataset="few"))
    write_table(config / "claims.tsv", pd.DataFrame(CLAIMS).T.assign(source="L1"))
    return project


def snakemake(project: Path, *options: str, ok: bool = True) -> str:
    """Run Snakemake in a project; returns what it printed."""
    package = (
        {"PYTHONPATH": str(project / "workflow")} if (project / "workflow" / "downhill").exists() else {}
    )
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2", *options],
        cwd=project,
        env=os.environ | package | {"NO_PROXY": "127.0.0.1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    assert (done.returncode == 0) is ok, done.stdout
    return done.stdout


def stages(printed: str) -> dict[str, str]:
    """Number of jobs of each stage, as printed by Snakemake."""
    return dict(re.findall(r"^(\w+) +(\d+)$", printed, flags=re.MULTILINE))


def state(project: Path) -> dict[str, tuple[int, str]]:
    """Time and digest of every result except logs, lock files and the mark that the engine is compiled."""
    results = project / "results"
    return {
        path.relative_to(results).as_posix(): (
            path.stat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in results.rglob("*")
        if path.is_file()
        and {"logs", LOCKS}.isdisjoint(path.relative_to(results).parts)
        and "compiled" not in path.name
    }


def rewritten(before: dict[str, tuple[int, str]], after: dict[str, tuple[int, str]]) -> set[str]:
    """Results that are new or were written again, even with the same bytes."""
    assert before.keys() <= after.keys()
    return {name for name, found in after.items() if before.get(name, (0, ""))[0] != found[0]}


def arrays(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as found:
        return dict(found)


def change(path: Path, new: Callable[[str], str]) -> None:
    text = path.read_text(encoding="utf-8")
    assert new(text) != text
    path.write_text(new(text), encoding="utf-8")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study after its first run; shared by all of pytest's workers, not to be changed."""
    base = tmp_path_factory.getbasetemp()
    folder = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    project = folder / "finished"
    with locked(folder / "finished.lock"):
        if not (folder / "finished.log").exists():
            printed = snakemake(lay_out_study(project))
            (folder / "finished.log").write_text(printed)
    return project


@pytest.fixture
def project(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished study that a test may change."""

    def copy(source: str, target: str) -> None:
        if "/resources/" in source:  # 55 MB that are never written to again
            os.link(source, target)
        else:
            shutil.copy2(source, target)

    return Path(shutil.copytree(finished, tmp_path / "project", symlinks=True, copy_function=copy))


def test_first_run_makes_everything_asked_for(finished: Path):
    assert state(finished).keys() == ALL_FILES
    assert sorted(path.name for path in (finished / "results" / "logs").iterdir()) == [
        *(
            "compile.log",
            "download",
            "draw",
            "evaluate",
            "export.log",
            "judge",
            "measure",
            "prepare",
            "publish.log",
            "summarise.log",
            "tabulate.log",
            "train",
        )
    ]


def test_every_claim_has_a_verdict_with_interval_and_n(finished: Path):
    table = pd.read_csv(finished / "results" / "claims.csv").set_index("claim")
    assert table.index.tolist() == list(FIGURES)
    assert table.verdict.to_dict() == {
        "count": "supported",  # (784 + 1) · 16 + (16 + 1) · 10 = 12,730
        "memory": "supported",
        "rise": "refuted",
        "wildness": "not measured",
    }
    assert table.n.to_dict() == {"count": 1, "memory": 2, "rise": 4, "wildness": 0}
    measured = table.loc[["memory", "rise"]]
    assert (measured.lower <= measured.value).all()
    assert (measured.value <= measured.upper).all()
    page = (finished / "results" / "claims.md").read_text(encoding="utf-8")
    for claim, figure in FIGURES.items():
        assert f"## {claim}\n" in page
        assert f"(figures/{figure}.svg)" in page
        assert (finished / "results" / "figures" / f"{figure}.svg").is_file()


def test_snapshots_are_stored_with_the_weights(finished: Path):
    runs = finished / "results" / "runs"
    plain = arrays(runs / "plain" / "seeds-0-1" / "weights.npz")
    assert not any(name.startswith("snapshots/") for name in plain)  # its row asks for none
    found = arrays(runs / "soft" / "seeds-2-3" / "weights.npz")
    assert found["seeds"].tolist() == [2, 3]
    assert found["snapshots/epochs"].tolist() == [0, 3]
    assert found["snapshots/parameters"].shape == (2, 2, 6370)
    assert found["snapshots/parameters"][:, 1].tobytes() == found["parameters"].tobytes()


def test_limit_of_training_images_caps_the_subset_of_each_seed(finished: Path):
    scores = pd.read_parquet(finished / "results" / "evaluation" / "soft" / "scores.parquet")
    assert scores[scores.image_set == "train"].images.tolist() == [300] * 4


@pytest.mark.parametrize("claim", FIGURES)
def test_figures_are_svg_png_and_tables_with_something_in_them(claim: str, finished: Path):
    svg, png, data = (f"figures/{FIGURES[claim]}.{kind}" for kind in ("svg", "png", "json"))
    root = ElementTree.parse(finished / "results" / svg).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(root.findall(".//{http://www.w3.org/2000/svg}path")) > 20
    content = (finished / "results" / png).read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(content) > 5000
    assert all(table["rows"] for table in read_json(finished / "results" / data)["tables"])


def test_diverged_network_is_reported_and_stops_nothing_else(finished: Path):
    results = finished / "results"
    block = arrays(results / "runs" / "wild" / "seeds-0-1" / "weights.npz")
    assert (block["diverged_epoch"] > 0).all()
    index = read_json(results / "evaluation" / "wild" / "index.json")
    assert index["diverged"] == {str(seed): epoch for seed, epoch in enumerate(block["diverged_epoch"])}
    evidence = read_json(results / "claims" / "wildness.json")
    assert evidence["verdict"] == "not measured"
    assert evidence["why"] == "every seed of network 'wild' diverged"
    assert "`wild` (seeds 0 to 1, 2 diverged)" in (results / "claims.md").read_text(encoding="utf-8")
    log = (results / "logs" / "train" / "wild" / "seeds-0-1.log").read_text(encoding="utf-8")
    assert re.search(r"wild, seed 1: diverged in epoch \d", log)
    for network in ("plain", "soft"):
        assert read_json(results / "evaluation" / network / "index.json")["diverged"] == {}


def leave_it(project: Path) -> None:
    """No change."""


def touch_configuration(project: Path) -> None:
    for path in (project / "config").rglob("*"):
        path.touch()


def remark_in_the_engine(project: Path) -> None:
    change(
        own_package(project) / "engine" / "kernels.py",
        lambda text: text.replace('"""', '"""In short: ', 1) + "\n\n# A remark.\n",
    )


def reorder_tables(project: Path) -> None:
    for table in ("networks", "claims"):
        path = project / "config" / f"{table}.tsv"
        write_table(path, read_table(path).iloc[:, ::-1])


def add_a_mirror(project: Path) -> None:
    path = project / "config" / "datasets.yaml"
    tables = yaml.safe_load(path.read_text(encoding="utf-8"))
    for source in tables["sources"].values():
        source["mirrors"].append("https://example.org/digits/")
    path.write_text(yaml.safe_dump(tables), encoding="utf-8")


def spell_results_differently(project: Path) -> None:
    change(project / "config" / "config.yaml", lambda text: text + "results: ./results//\n")


@pytest.mark.parametrize(
    "make",
    [
        leave_it,
        spell_results_differently,
        touch_configuration,
        remark_in_the_engine,
        reorder_tables,
        add_a_mirror,
    ],
)
def test_nothing_to_be_done(make: Callable[[Path], None], project: Path):
    make(project)
    before = state(project)
    printed = snakemake(project)
    assert "Nothing to be done" in printed
    assert "redundant" not in printed
    assert state(project) == before


def test_mistyped_file_is_reported_with_a_similar_name(project: Path):
    printed = snakemake(project, "results/evaluation/sift/index.json", ok=False)
    assert (
        "results/evaluation/sift/index.json: this study has no network 'sift'; did you mean 'soft'?"
        in printed
    )
    assert "Traceback" not in printed


def test_learning_rate_of_one_network_retrains_that_network_alone(project: Path):
    before = state(project)
    set_cell(project, "networks", "soft", "learning_rate", "0.06")
    printed = snakemake(project)
    assert "\n  train soft: learning_rate: 0.05 → 0.06\n" in printed
    after = state(project)
    expected = block_files("soft") | evaluation_files("soft") | claim_files("rise") | TABLES | NETWORK_TABLE
    assert rewritten(before, after) == expected | EXPORTS
    assert {name for name in EXPORTS if before[name][1] == after[name][1]} == {
        *("exports/plain/seed-0.onnx", "exports/plain/seed-0.npz")
    }
    for block in BLOCKS["soft"]:
        weights = f"runs/soft/seeds-{block}/weights.npz"
        assert before[weights][1] != after[weights][1]
    assert "Nothing to be done" in snakemake(project)


def test_more_seeds_train_only_the_new_blocks(project: Path):
    before = state(project)
    set_cell(project, "networks", "soft", "seeds", "5")
    snakemake(project)
    after = state(project)
    added = block_files("soft", ["4-5"])
    assert after.keys() - before.keys() == added
    tables = TABLES | NETWORK_TABLE | EXPORTS
    assert rewritten(before, after) == added | evaluation_files("soft") | claim_files("rise") | tables
    assert read_json(project / "results" / "claims" / "rise.json")["n"] == 5
    new = arrays(project / "results" / "runs" / "soft" / "seeds-4-5" / "weights.npz")
    assert new["seeds"].tolist() == [4, 5]  # the grid's last block is filled up


def test_colour_of_figures_draws_again_and_trains_nothing(project: Path):
    before = state(project)
    change(
        own_package(project) / "figures" / "style.py",
        lambda text: re.sub(r'"#[0-9a-f]{6}"', '"#123456"', text),
    )
    printed = snakemake(project)
    after = state(project)
    assert rewritten(before, after) == figure_files(*FIGURES) | PAGE
    assert all(before[name][1] != after[name][1] for name in figure_files(*FIGURES))
    assert "now: 'code of figures.pages, config.band, figures.learning:learning_curves: " in printed


def test_band_of_a_claim_judges_and_draws_that_claim_alone(project: Path):
    before = state(project)
    set_cell(project, "claims", "rise", "band", "> -0.9")
    snakemake(project)
    assert rewritten(before, state(project)) == judged_files("rise") | TABLES
    assert read_json(project / "results" / "claims" / "rise.json")["verdict"] == "supported"


def test_edit_of_the_engine_retrains_and_says_why(project: Path):
    before = state(project)
    change(own_package(project) / "engine" / "kernels.py", lambda text: text + "\n_EDITED = True\n")
    printed = snakemake(project, "--until", "train")
    after = state(project)
    assert "\n  train plain, soft, wild: code: engine.kernels changed\n" in printed
    trained = {file for network in BLOCKS for file in block_files(network)}
    assert rewritten(before, after) == trained
    weights = [name for name in trained if name.endswith("weights.npz")]
    assert [before[name][1] for name in weights] == [after[name][1] for name in weights]
    reasons = re.findall(r"rule train:.*?reason: ([^\n]*)", printed, flags=re.DOTALL)
    assert len(reasons) == len(weights)
    for reason in reasons:
        assert re.search(
            r"Params have changed .*before: .*'code of engine\.train: .* now: .*'code of", reason
        )
    assert stages(snakemake(project, "--dry-run")).keys() == {
        *(
            "evaluate",
            "measure",
            "judge",
            "draw",
            "tabulate",
            "summarise",
            "publish",
            "export",
            "all",
            "total",
        )
    }


def test_blocks_and_threads_change_no_byte(finished: Path, project: Path):
    one, other = finished / "results", project / "results"
    for folder in ("runs", "evaluation"):
        shutil.rmtree(other / folder)
    config = CONFIG | {"training": {"seeds_per_block": 3, "threads": 2}}
    (project / "config" / "config.yaml").write_text(yaml.safe_dump(config))
    snakemake(project, "results/exports.csv")
    assert sorted(path.name for path in (other / "runs" / "soft").iterdir()) == ["seeds-0-2", "seeds-3-5"]
    for file in EXPORTS - {"exports/provenance.json"}:
        assert (one / file).read_bytes() == (other / file).read_bytes()
    for network, row in NETWORKS.items():
        for name in set(EVALUATION_FILES) - {"index.json", "provenance.json"}:  # these two name the blocks
            file = Path("evaluation", network, name)
            assert (one / file).read_bytes() == (other / file).read_bytes()
        vectors, again = (
            {
                seed: vector.tobytes()
                for path in (folder / "runs" / network).glob("*/weights.npz")
                for seed, vector in zip(arrays(path)["seeds"], arrays(path)["parameters"], strict=True)
            }
            for folder in (one, other)
        )
        assert len(vectors) == int(row["seeds"])
        assert vectors == {seed: again[seed] for seed in vectors}


def test_cluster_jobs_import_no_user_files(project: Path):
    """Each of them starts with a Snakemake of its own, in the folder of the study."""
    for name in ("secrets", "random", "types", "numpy"):
        (project / f"{name}.py").write_text("raise RuntimeError('the module of a user was imported')")
    (project / "submit").write_text('#!/bin/sh\nbash "$1" > job.log 2>&1 &\necho $!\n')
    (project / "submit").chmod(0o755)
    (project / "results" / "data" / "few" / "summary.json").unlink()
    options = ["--jobs", "1", "--executor", "cluster-generic", "--cluster-generic-submit-cmd", "./submit"]
    printed = subprocess.run(
        [Path(sys.executable).with_name("snakemake"), "results/data/few/summary.json", *options],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    ).stdout
    assert (project / "results" / "data" / "few" / "summary.json").exists(), printed
    assert "the module of a user" not in (project / "job.log").read_text()


def remove_column(project: Path, table: str, column: str) -> None:
    path = project / "config" / f"{table}.tsv"
    write_table(path, read_table(path).drop(columns=column))


def write_key_twice(project: Path) -> None:
    change(project / "config" / "config.yaml", lambda text: text + "title: one\ntitle: two\n")


def misspell_key(project: Path) -> None:
    change(project / "config" / "config.yaml", lambda text: text.replace("limits:", "limit:"))


BAD: dict[str, tuple[Callable[[Path], None], str]] = {
    "unknown key": (misspell_key, "config/config.yaml: unknown key 'limit'; did you mean 'limits'?"),
    "key that is there twice": (
        write_key_twice,
        "config/config.yaml, line 11: is not YAML: the key 'title' appears twice; remove or rename one",
    ),
    "claim with the name of a record": (
        lambda project: set_cell(project, "claims", "wildness", "claim", "provenance"),
        "config/claims.tsv, claim 'provenance': the name is taken by the records of results; choose another one",
    ),
    "misspelt activation": (
        lambda project: set_cell(project, "networks", "soft", "activation", "relo"),
        "config/networks.tsv, line 3, network 'soft', activation: 'relo' is not one of "
        "sigmoid, tanh, relu, leaky_relu, linear, step (did you mean 'relu'?)",
    ),
    "negative rate": (
        lambda project: set_cell(project, "networks", "soft", "learning_rate", "-3"),
        "config/networks.tsv, line 3, network 'soft', learning_rate: '-3' should be greater than 0",
    ),
    "zero batch": (
        lambda project: set_cell(project, "networks", "soft", "batch_size", "0"),
        "config/networks.tsv, line 3, network 'soft', batch_size: '0' is not a batch size; "
        "write a whole number above 0, or full",
    ),
    "duplicate network": (
        lambda project: set_cell(project, "networks", "wild", "network", "plain"),
        "config/networks.tsv, line 4: the network 'plain' is already defined in line 2; rename one",
    ),
    "unknown dataset": (
        lambda project: set_cell(project, "networks", "soft", "dataset", "many"),
        "config/networks.tsv, network 'soft': there is no dataset 'many' in config/datasets.yaml; there are: few",
    ),
    "seeds not a number": (
        lambda project: set_cell(project, "networks", "soft", "seeds", "two"),
        "config/networks.tsv, line 3, network 'soft', seeds: 'two' should be a whole number",
    ),
    "missing column of networks": (
        lambda project: remove_column(project, "networks", "seeds"),
        "config/networks.tsv: the column 'seeds' is missing; add it (separated by tabs)",
    ),
    "missing column of claims": (
        lambda project: remove_column(project, "claims", "band"),
        "config/claims.tsv: the column 'band' is missing; add it (separated by tabs)",
    ),
    "claim that names no network": (
        lambda project: set_cell(project, "claims", "wildness", "networks", ""),
        "config/claims.tsv, claim 'wildness': it names neither networks nor experiments; "
        "add at least one of them",
    ),
    "claim that names an unknown network": (
        lambda project: set_cell(project, "claims", "wildness", "networks", "wilt"),
        "config/claims.tsv, claim 'wildness': there is no network 'wilt' in config/networks.tsv; "
        "did you mean 'wild'?",
    ),
    "unknown statistic": (
        lambda project: set_cell(project, "claims", "wildness", "statistic", "generalization_gap"),
        "config/claims.tsv, claim 'wildness', statistic: 'generalization_gap' is not in "
        "workflow/downhill/claims/learning.py; did you mean 'generalisation_gap'?",
    ),
}


@pytest.mark.parametrize("mistake", BAD)
def test_bad_configuration_ends_before_any_job(mistake: str, tmp_path: Path):
    project = lay_out_study(tmp_path / "project")
    make, sentence = BAD[mistake]
    make(project)
    printed = snakemake(project, ok=False)
    assert [line for line in printed.splitlines() if line.startswith(sentence)]
    assert "Traceback" not in printed
    assert "Job stats" not in printed
    assert not (project / "results").exists()
    assert [path.name for path in (project / "resources").iterdir()] == ["bundled"]


def test_dead_mirrors_are_all_named_and_leave_nothing_behind(tmp_path: Path):
    project = lay_out_study(tmp_path / "project")
    with socket.socket() as probe:  # an address where nothing listens once it is closed
        probe.bind(("127.0.0.1", 0))
        refusing = f"http://127.0.0.1:{probe.getsockname()[1]}/"
    (project / "config" / "empty").mkdir()
    mirrors = {
        "config/nowhere": "there is no such folder",
        "config/empty": "the folder does not have it",
        refusing: "refused the connection",
        "ftp://127.0.0.1/": "is neither a folder nor an http(s) address",
    }
    datasets = project / "config" / "datasets.yaml"
    values = yaml.safe_load(datasets.read_text())
    values["sources"]["mnist"]["mirrors"] = list(mirrors)
    datasets.write_text(yaml.safe_dump(values))
    printed = snakemake(project, "--until", "prepare", ok=False)
    log = (project / "results" / "logs" / "download" / "mnist.log").read_text(encoding="utf-8")
    for text in (log, printed):  # the profile shows the logs of failed jobs
        for mirror, reason in mirrors.items():
            assert f"{mirror}: {reason}" in text
        assert "error: train-images-idx3-ubyte of the source 'mnist' could not be downloaded from any" in text
        assert "under sources: mnist: mirrors." in text
        assert "Traceback" not in text
    files = [path for path in (project / "resources").rglob("*") if path.is_file()]
    assert [path for path in files if path.parent.name != LOCKS] == []
    assert not (project / "results" / "data").exists()


def test_report_holds_claims_and_figures(project: Path):
    before = state(project)
    snakemake(project, "--report", "report.html")
    page = (project / "report.html").read_text(encoding="utf-8")
    assert "a statistic that was fixed in advance is measured" in " ".join(page.split())
    for claim in CLAIMS.values():
        assert claim["statement"] in page
    for figure in FIGURES.values():
        assert figure in page
    families = list(dict.fromkeys(claim["family"] for claim in CLAIMS.values()))
    numbered = [f"{number:02} {family}" for number, family in enumerate(["all claims", *families])]
    assert re.findall(r'"(\d\d [a-z ]+)": \{', page) == numbered
    assert state(project) == before


@pytest.mark.parametrize("overlay", [None, "quick", "full"])
def test_shipped_configuration_plans_every_stage(overlay: str | None, tmp_path: Path):
    project = lay_out(tmp_path / "project")
    options = ["--configfile", f"config/{overlay}.yaml"] if overlay else []
    assert stages(snakemake(project, "--dry-run", *options)).keys() == {
        *("download", "prepare", "compile", "train", "evaluate", "measure", "judge", "draw", "summarise"),
        *("experiment", "tabulate", "publish", "assemble", "export", "all", "total"),
    }
    assert not (project / "results").exists()
