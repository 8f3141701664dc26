"""`make` and `downhill show`: which study they show, where its report goes, and odd machines."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from test_study import CLAIMS, NETWORKS, lay_out_study, write_table

from downhill.storage.locks import LOCKS

REPOSITORY = Path(__file__).parents[2]


def lay_out(project: Path) -> Path:
    """A study of one network and two claims, with two overlays, and an environment that is installed already."""
    config = lay_out_study(project) / "config"
    write_table(config / "networks.tsv", pd.DataFrame(NETWORKS)[["plain"]].T.assign(dataset="few"))
    claims = pd.DataFrame(CLAIMS)[["count", "memory"]].T.assign(source="L1")
    write_table(config / "claims.tsv", claims)
    for name in ("out", "other"):
        overlay = {"results": name, "select": {"claims": ["count" if name == "out" else "memory"]}}
        (project / f"{name}.yaml").write_text(yaml.safe_dump(overlay))
    for name in ("Makefile", "pyproject.toml", "requirements.txt"):
        shutil.copy2(REPOSITORY / name, project)
    scripts = project / ".venv" / "bin"
    scripts.mkdir(parents=True)
    for name, module in (("python", ""), ("snakemake", "-m snakemake"), ("downhill", "-m downhill")):
        (scripts / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n')
        (scripts / name).chmod(0o755)
    (project / ".venv" / "installed").write_text(f"{project}\n")
    return project


def make(project: Path, *words: str, **env: str) -> str:
    """Run make in a project; returns what it printed."""
    done = subprocess.run(
        ["make", "CORES=2", *words],
        cwd=project,
        env={key: value for key, value in os.environ.items() if not key.startswith("MAKE")} | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def results(folder: Path) -> dict[str, bytes]:
    """All results, by name: not the records, the logs and the lock files."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name != "provenance.json"]
    names = {path.relative_to(folder): path for path in paths}
    return {
        str(name): path.read_bytes()
        for name, path in names.items()
        if not {LOCKS, "logs"} & set(name.parts) and name.name != "report.html"
    }


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Projects of two runs: `plain`, and one on an odd machine."""
    folder = tmp_path_factory.mktemp("make")
    make(lay_out(folder / "plain"), "ARGS=--configfile out.yaml")
    odd = folder / "für uns" / "das Projekt"
    odd.parent.mkdir()
    mask = os.umask(0o077)
    try:
        make(
            lay_out(odd),
            "ARGS=--configfile out.yaml",
            HOME="/dev/null/home",
            XDG_CACHE_HOME="",
            XDG_CONFIG_HOME="",
            LANG="C",
            LC_ALL="",
        )
    finally:
        os.umask(mask)
    return folder


def test_odd_machine_makes_the_same_bytes(finished: Path):
    """Without a home folder that can be written to, with umask 077, LANG=C, and a space and an umlaut in the path."""
    plain, odd = (results(finished / name / "out") for name in ("plain", "für uns/das Projekt"))
    assert plain.keys() == odd.keys()
    assert [name for name in plain if plain[name] != odd[name]] == []
    assert "claims.csv" in plain
    logs = [path.read_text(encoding="utf-8") for path in (finished / "für uns").rglob("*.log")]
    assert logs
    assert not [log for log in logs if "Traceback" in log or "WARNING" in log]


@pytest.fixture
def project(finished: Path, tmp_path: Path) -> Path:
    """A copy of the plain project, whose study in the folder `out` is finished."""
    copy = tmp_path / "project"
    shutil.copytree(finished / "plain", copy, symlinks=True)
    (copy / ".venv" / "installed").write_text(f"{copy}\n")
    return copy


def test_the_study_that_was_run_is_shown(project: Path):
    """Also when there is nothing to be done, and if another one was run in the meantime."""
    make(project, "ARGS=--configfile other.yaml")
    again = make(project, "ARGS=--configfile out.yaml")
    assert "Nothing to be done" in again
    assert "out/claims.md" in again
    assert re.search(r"✔ supported +✱ +count", again)
    assert "memory" not in again.rpartition("Nothing to be done")[2]
    shown = subprocess.run(
        [sys.executable, "-m", "downhill", "show"], cwd=project, capture_output=True, text=True
    )
    assert "out/claims.md" in shown.stdout


def test_report_is_written_into_the_results_of_its_study(project: Path):
    printed = make(project, "report", "ARGS=--configfile out.yaml")
    assert printed.endswith("Open out/report.html in a browser.\n")
    assert CLAIMS["count"]["statement"] in (project / "out" / "report.html").read_text(encoding="utf-8")
    assert not (project / "results").exists()


@pytest.mark.parametrize(("target", "options"), [("study", "--dry-run"), ("report", "-nq")])
def test_dry_run_shows_nothing_and_succeeds(target: str, options: str, project: Path):
    printed = make(project, target, f"ARGS={options} --configfile other.yaml")
    assert "Claims and verdicts" not in printed
    assert not (project / "other").exists()


def test_run_of_a_single_file_shows_nothing_and_succeeds(project: Path):
    printed = make(project, "ARGS=--configfile other.yaml -- other/data/few/dataset.npz")
    assert (project / "other" / "data" / "few" / "dataset.npz").exists()
    assert "Claims and verdicts" not in printed
