"""Snakemake's cache between workflows: two checkouts share one, and only what is the same is taken from it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from test_study import (
    block_files,
    change,
    finished,  # noqa: F401
    lay_out_study,
    own_package,
    set_cell,
    snakemake,
    state,
)

TRAINED = ("plain/seeds-0-1", "soft/seeds-0-1", "soft/seeds-2-3", "wild/seeds-0-1")
ALL = {"mnist", "few", *TRAINED}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that a first checkout has filled."""
    base = tmp_path_factory.mktemp("shared")
    (base / "cache").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SNAKEMAKE_OUTPUT_CACHE", str(base / "cache"))
        snakemake(lay_out_study(base / "first"), "--cache", "--until", "train")
    return base


@pytest.fixture
def second(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A second checkout of the same study, with the same cache."""
    monkeypatch.setenv("SNAKEMAKE_OUTPUT_CACHE", str(folder / "cache"))
    return lay_out_study(tmp_path / "second")


def planned(project: Path) -> tuple[set[str], set[str]]:
    """What a dry run would take from the cache, and what it would make: sources, data sets, blocks."""
    printed = snakemake(project, "--cache", "--until", "train", "--dry-run")
    found: dict[str, set[str]] = {"obtained from": set(), "written to": set()}
    for path, what in re.findall(r"^Output file (\S+) will be (.+) global", printed, flags=re.MULTILINE):
        found[what].add(re.sub("^(resources|results/data|results/runs)/", "", str(Path(path).parent)))
    return found["obtained from"], found["written to"]


def test_second_checkout_trains_nothing_and_has_the_same_bytes(folder: Path, second: Path, finished: Path):
    snakemake(second, "--cache", "--until", "train")
    logs = second / "results" / "logs"
    written = [path.name for path in logs.rglob("*.log") if path.stat().st_size]
    assert written == ["compile.log"]  # stages that did not run have written no log
    results = state(second)
    blocks = {name for network in ("plain", "soft", "wild") for name in block_files(network)}
    data = {"data/few/dataset.npz", "data/few/summary.json", "data/few/provenance.json"}
    assert results.keys() == blocks | data
    without_cache, first = state(finished), state(folder / "first")
    for name, (_, digest) in results.items():
        assert digest == first[name][1]  # a record says where the bytes were made, here in the first checkout
        if not name.endswith("provenance.json"):
            assert digest == without_cache[name][1]
    assert not re.search("^(local)?rule ", snakemake(second, "--cache", "--until", "train"), re.MULTILINE)


def test_entries_of_different_jobs_are_different(folder: Path):
    """Wildcards are not in the cache's keys: without parameters, six blocks of a row would be one entry."""
    entries = {re.split("[_.]", path.name)[0] for path in (folder / "cache").iterdir()}
    assert len(entries) == len(ALL)
    weights = [path.read_bytes() for path in (folder / "cache").glob("*_weights.npz")]
    assert len(set(weights)) == len(TRAINED)


def no_change(project: Path) -> None:
    """The same study in another folder."""


def another_rate(project: Path) -> None:
    set_cell(project, "networks", "soft", "learning_rate", "0.06")


def more_seeds(project: Path) -> None:
    set_cell(project, "networks", "soft", "seeds", "5")


def other_blocks(project: Path) -> None:
    change(
        project / "config" / "config.yaml",
        lambda text: text.replace("seeds_per_block: 2", "seeds_per_block: 4"),
    )


def another_recipe(project: Path) -> None:
    path = project / "config" / "datasets.yaml"
    tables = yaml.safe_load(path.read_text())
    tables["datasets"]["few"]["shuffle_labels"] = 1.0
    path.write_text(yaml.safe_dump(tables))


def another_engine(project: Path) -> None:
    change(own_package(project) / "engine" / "train.py", lambda text: text + "\n\nCHANGED = True\n")


def other_preparation(project: Path) -> None:
    change(own_package(project) / "datasets" / "resize.py", lambda text: text + "\n\nCHANGED = True\n")


def no_checksum(project: Path) -> None:
    """Then a folder of the same name may contain other digits."""
    path = project / "config" / "datasets.yaml"
    tables = yaml.safe_load(path.read_text())
    del tables["sources"]["mnist"]["files"]["test_labels"]["sha256"]
    path.write_text(yaml.safe_dump(tables))


def other_labels(project: Path) -> None:
    path = project / "config" / "datasets.yaml"
    tables = yaml.safe_load(path.read_text())
    tables["sources"]["mnist"] |= {"title": "Digits", "classes": ["zero", *"123456789"]}
    path.write_text(yaml.safe_dump(tables))


NEW = {
    no_change: set(),
    other_labels: set(),
    another_rate: {"soft/seeds-0-1", "soft/seeds-2-3"},
    more_seeds: {"soft/seeds-4-5"},
    other_blocks: {f"{network}/seeds-0-3" for network in ("plain", "soft", "wild")},
    another_recipe: ALL - {"mnist"},
    another_engine: set(TRAINED),
    other_preparation: ALL - {"mnist"},
    no_checksum: ALL,
}


@pytest.mark.parametrize("make", NEW)
def test_only_what_is_the_same_comes_from_the_cache(make: Callable[[Path], None], second: Path):
    make(second)
    taken, made = planned(second)
    assert made == NEW[make]
    assert taken == ({"mnist", "few"} if make is other_blocks else ALL - made)


def test_renamed_network_is_not_taken_from_the_cache(second: Path):
    """Its blocks would have the old name in their records, so the rules that depend on them would reject them."""
    for table in ("networks", "claims"):
        path = second / "config" / f"{table}.tsv"
        path.write_text(path.read_text().replace("plain", "simple"))
    taken, made = planned(second)
    assert made == {"simple/seeds-0-1"}
    assert taken == ALL - {"plain/seeds-0-1"}


@pytest.mark.parametrize(
    ("variable", "value"),
    [("OPENBLAS_CORETYPE", "Nehalem"), ("NUMBA_CPU_NAME", "generic"), ("NUMBA_CPU_FEATURES", "")],
)
def test_results_computed_in_another_way_are_not_taken_from_the_cache(
    variable: str, value: str, second: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(variable, value)
    assert planned(second) == ({"mnist"}, ALL - {"mnist"})


def test_cache_is_not_mentioned_if_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SNAKEMAKE_OUTPUT_CACHE", raising=False)
    assert "cach" not in snakemake(lay_out_study(tmp_path / "alone"), "--dry-run")
