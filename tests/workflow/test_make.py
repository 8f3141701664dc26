"""`make` and `downhill show`: which study they show, where its report goes, and odd machines."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import distribution
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
    claims = pd.DataFrame(CLAIMS)[["count", "memory"]].T.assign(source="L1 – “お”, Größe")
    write_table(config / "claims.tsv", claims)
    for name in ("out", "other"):
        overlay = {"results": name, "select": {"claims": ["count" if name == "out" else "memory"]}}
        overlay["title"] = "Größe − “お” ≥ 5"
        (project / f"{name}.yaml").write_text(yaml.safe_dump(overlay))
    tables = yaml.safe_load((config / "datasets.yaml").read_text())
    tables["sources"]["mnist"]["classes"] = ["お", "é", "− “2”", *"3456789"]
    (config / "datasets.yaml").write_text(yaml.safe_dump(tables))
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


def test_help_is_aligned():
    """All targets, also those with the longest names."""
    lines = [line for line in make(REPOSITORY, "help").splitlines() if line.startswith("  make ")]
    assert len(lines) > 10
    found = [re.fullmatch(r"(  make \S+ +)\S.*", line) for line in lines]
    assert len({len(one[1]) if one else 0 for one in found}) == 1


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
    lay_out(odd)
    for name in ("secrets", "random", "numbers", "types", "numpy", "pandas", "matplotlib", "platform"):
        (odd / f"{name}.py").write_text("raise RuntimeError('the module of a user was imported')")
    mask = os.umask(0o077)
    try:
        make(
            odd,
            "ARGS=--configfile out.yaml",
            HOME="/dev/null/home",
            XDG_CACHE_HOME="",
            XDG_CONFIG_HOME="",
            LANG="",
            LC_ALL="C",
            PYTHONUTF8="0",
            PYTHONCOERCECLOCALE="0",
            MPLBACKEND="module://matplotlib_inline.backend_inline",
            PYTHONOPTIMIZE="2",
            PYTHONDONTWRITEBYTECODE="1",
        )
    finally:
        os.umask(mask)
    return folder


def test_odd_machine_makes_the_same_bytes(finished: Path):
    """Without a home folder that can be written to, with umask 077, in ASCII, with a space and an umlaut in the path.

    In addition, files next to the Snakefile have the names of modules, and variables for other programs are set.
    """
    plain, odd = (results(finished / name / "out") for name in ("plain", "für uns/das Projekt"))
    assert plain.keys() == odd.keys()
    assert [name for name in plain if plain[name] != odd[name]] == []
    assert "claims.csv" in plain
    logs = [path.read_text(encoding="utf-8") for path in (finished / "für uns").rglob("*.log")]
    assert logs
    assert not [log for log in logs if "Traceback" in log or "WARNING" in log]


@pytest.mark.parametrize("name", ["PYTHONPATH", "PYTHONHOME", "PYTHONOPTIMIZE", "PYTHONDONTWRITEBYTECODE"])
def test_variables_for_other_projects_do_not_reach_what_make_runs(name: str):
    """Without bytecode, for example, each of several hundred jobs would compile the package again."""
    words = ["make", "--no-print-directory", "--eval", "variables: ; @env", "variables"]
    found = subprocess.run(
        words, cwd=REPOSITORY, env=os.environ | {name: "1", "KEPT": "1"}, capture_output=True, text=True
    )
    assert found.returncode == 0, found.stderr
    assert "KEPT=1" in found.stdout.splitlines()
    assert f"{name}=1" not in found.stdout.splitlines()


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


def test_page_of_the_results_is_left_alone(project: Path):
    """By a study with another folder of results, and by `make clean`, also if `results` is a link to another disk."""
    (project / "results").mkdir()
    shutil.copy2(REPOSITORY / "results" / "README.md", project / "results")
    content = (project / "results" / "README.md").read_bytes()
    make(project, "ARGS=--configfile other.yaml")
    assert [path.name for path in (project / "results").iterdir()] == ["README.md"]
    make(project, "ARGS=--configfile other.yaml --config results=results/quick")
    (project / "results" / "claims.csv").touch()
    (project / "benchmarks").mkdir()
    (project / "tests").mkdir()
    (project / "examples" / "mine" / "results").mkdir(parents=True)
    (project / "examples" / "mine" / "Snakefile").touch()
    make(project, "clean")
    make(project, "clean")
    assert [path.name for path in (project / "examples" / "mine").iterdir()] == ["Snakefile"]
    assert [path.name for path in (project / "results").iterdir()] == ["README.md"]
    assert (project / "results" / "README.md").read_bytes() == content
    (project / "results").rename(project / "disk")
    (project / "results").symlink_to(project / "disk")
    make(project, "clean")
    assert not (project / "results").is_symlink()
    assert (project / "disk" / "README.md").read_bytes() == content


@pytest.mark.parametrize(("target", "options"), [("study", "--dry-run"), ("report", "-nq")])
def test_dry_run_shows_nothing_and_succeeds(target: str, options: str, project: Path):
    printed = make(project, target, f"ARGS={options} --configfile other.yaml")
    assert "Claims and verdicts" not in printed
    assert not (project / "other").exists()


def test_run_of_a_single_file_shows_nothing_and_succeeds(project: Path):
    printed = make(project, "ARGS=--configfile other.yaml -- other/data/few/dataset.npz")
    assert (project / "other" / "data" / "few" / "dataset.npz").exists()
    assert "Claims and verdicts" not in printed


def wheel_of(package: str, folder: Path) -> Path:
    """A wheel of an installed package, so that nothing is downloaded."""
    found = distribution(package)
    wheel = folder / f"{package}-{found.version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for file in found.files or ():
            if ".." not in file.parts and "__pycache__" not in file.parts:
                archive.write(file.locate(), str(file))
    return wheel


PIP_CONF = """
[global]
user = true

[install]
target = {folder}/target
no-deps = true
require-hashes = true
constraint = {folder}/constraint.txt
"""


@pytest.mark.parametrize("place", ["variables", "file of the user", "PIP_CONFIG_FILE"])
def test_environment_is_isolated_from_settings_for_other_projects(place: str, tmp_path: Path):
    """Except for what pip needs to find packages: here, only a folder."""
    wheel = wheel_of("setuptools", tmp_path)
    version = wheel.name.split("-")[1]
    project = tmp_path / "project"
    (project / "small").mkdir(parents=True)
    (project / "small" / "__init__.py").touch()
    (project / "secrets.py").write_text("raise RuntimeError('the module of a user was imported')")
    shutil.copy2(REPOSITORY / "Makefile", project)
    (project / "pyproject.toml").write_text(
        "[build-system]\nrequires = ['setuptools']\nbuild-backend = 'setuptools.build_meta'\n"
        "[project]\nname = 'small'\nversion = '1'\n[tool.setuptools]\npackages = ['small']\n"
    )
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (project / "requirements.txt").write_text(
        f"setuptools=={version} \\\n    --hash=sha256:{digest}\n    # via small\n"
    )
    (tmp_path / "constraint.txt").write_text("setuptools<2\n")
    settings = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}
    if place != "variables":
        (tmp_path / "pip").mkdir()
        of_user = place == "file of the user"
        content = PIP_CONF.format(folder=tmp_path) if of_user else "[install]\nuser = true\n"
        (tmp_path / "pip" / "pip.conf").write_text(content)
        variable, path = ("XDG_CONFIG_HOME", "") if of_user else ("PIP_CONFIG_FILE", "pip/pip.conf")
        settings |= {variable: str(tmp_path / path)}
    else:
        settings |= {
            "PIP_USER": "1",
            "PIP_TARGET": str(tmp_path / "target"),
            "PIP_REQUIRE_HASHES": "1",
            "PIP_CONSTRAINT": str(tmp_path / "constraint.txt"),
            "PYTHONUSERBASE": str(tmp_path / "target"),
        }
    make(project, ".venv/installed", PYTHONPATH=str(project), PYTHONOPTIMIZE="2", **settings)
    code = "import setuptools, small; print(setuptools.__file__)"
    words = [str(project / ".venv" / "bin" / "python"), "-I", "-c", code]
    found = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert Path(found).is_relative_to(project / ".venv")
    assert not (tmp_path / "target").exists()
