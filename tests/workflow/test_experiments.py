"""The experiment, claim and figure that CONTRIBUTING.md shows, added to a study exactly as it says."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from test_study import set_cell, snakemake, stages, state

from downhill import load_dataset
from downhill.__main__ import main
from downhill.experiments.results import read_results
from downhill.storage.json_files import read_json
from downhill.storage.npz import read_arrays
from tests.contributing import follow, lay_out_plain
from tests.faults.small import started as started_snakemake
from tests.faults.small import wait_for

# One worker makes the studies that these tests share.
pytestmark = pytest.mark.xdist_group("experiments")

REPOSITORY = Path(__file__).parents[2]


def set_entry(project: Path, **values: object) -> None:
    path = project / "config" / "experiments.yaml"
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    entries["noise-answers"] |= values
    path.write_text(yaml.safe_dump(entries), encoding="utf-8")


def arrays(project: Path) -> dict[str, np.ndarray]:
    file = project / "results" / "experiments" / "noise-answers" / "lesson" / "seeds-0-5.npz"
    return read_results([file])["noise-answers"].only()


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The study after a first run and a second one with the experiment, and what the second one printed."""
    project = lay_out_plain(tmp_path_factory.mktemp("followed") / "project")
    snakemake(project)
    follow(project)
    return project, snakemake(project)


@pytest.fixture
def at_project(followed: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(followed[0])
    return followed[0]


def test_only_the_new_experiment_and_claim_run(followed: tuple[Path, str]):
    project, printed = followed
    ran = stages(printed)
    assert {name: ran.get(name) for name in ("experiment", "measure", "judge", "draw", "summarise")} == {
        "experiment": "1", "measure": "1", "judge": "1", "draw": "1", "summarise": "1"
    }  # fmt: skip
    assert not {"train", "evaluate", "prepare"} & ran.keys()
    evidence = read_json(project / "results" / "claims" / "sure-of-noise.json")
    largest = arrays(project)["largest"]
    assert largest.shape == (6, 1000)
    assert evidence["value"] == pytest.approx((largest > 0.9).mean())
    assert evidence["data"]["confident"]["values"] == pytest.approx((largest > 0.9).mean(axis=1))
    table = pd.read_csv(project / "results" / "claims.csv").set_index("claim")
    assert table.n["sure-of-noise"] == 6
    assert (project / "results" / "figures" / "sure-of-noise-confidence-by-seed.svg").is_file()
    again = snakemake(project)
    assert "Nothing to be done" in again
    assert "Changed since" not in again  # the records hold what is asked of an experiment


def test_code_of_the_page_on_reading_results_runs(followed: tuple[Path, str]):
    """All blocks of the page one after the other, on a study with a network `lesson` and an experiment."""
    page = (REPOSITORY / "docs" / "reading-results.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 8
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(blocks)],
        cwd=followed[0],
        env=os.environ | {"PYTHONPATH": str(followed[0] / "workflow")},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    scores = pd.read_parquet(followed[0] / "results" / "evaluation" / "lesson" / "scores.parquet")
    accuracy = scores[(scores.seed == 0) & (scores.image_set == "test")].accuracy.item()
    assert f"[(784, 16), (16, 10)]\n{accuracy}\n" in done.stdout
    index = read_json(followed[0] / "results" / "evaluation" / "lesson" / "index.json")
    test = load_dataset(followed[0] / index["data"]).test
    predicted = np.load(followed[0] / "results" / "evaluation" / "lesson" / "predictions.npz")["predicted"]
    assert f"answers {predicted[0][:5]} labels {test.labels[:5]}\n" in done.stdout
    assert "'hidden_1_weights': (784, 16)" in done.stdout
    assert "noise-answers lesson {" in done.stdout


@pytest.fixture
def copied(followed: tuple[Path, str], tmp_path: Path) -> Path:
    """A copy of the finished study that a test may change."""
    return Path(shutil.copytree(followed[0], tmp_path / "project", symlinks=True))


def test_option_of_the_experiment_reruns_its_jobs_and_those_that_depend_on_them(copied: Path):
    set_entry(copied, options={"images": 500})
    assert "  experiment noise-answers/lesson: options.images: 1000 → 500\n" in snakemake(copied, "--dry-run")
    planned = stages(snakemake(copied, "--dry-run"))
    assert planned == {
        "experiment": "1", "measure": "1", "judge": "1", "draw": "1", "summarise": "1", "publish": "1", "all": "1",
        "total": "7",
    }  # fmt: skip


def test_more_seeds_only_add_files_and_jobs_change_no_byte(copied: Path):
    set_entry(copied, seeds_per_job=3)
    snakemake(copied)
    before = state(copied)
    set_cell(copied, "networks", "lesson", "seeds", "9")
    snakemake(copied, "--until", "experiment")
    after = state(copied)
    assert {name for name in after if after[name] != before.get(name)} == {
        *(f"runs/lesson/seeds-6-8/{name}" for name in ("weights.npz", "history.parquet", "provenance.json")),
        "experiments/noise-answers/lesson/seeds-6-8.npz",
        "experiments/noise-answers/lesson/seeds-6-8/provenance.json",
    }
    folder = copied / "results" / "experiments" / "noise-answers" / "lesson"
    whole = read_arrays(folder / "seeds-0-5.npz", prefix="")
    parts = [read_arrays(folder / f"seeds-{first}-{first + 2}.npz", prefix="") for first in (0, 3)]
    for name in ("seeds", "results/largest"):
        assert np.concatenate([part[name] for part in parts]).tobytes() == whole[name].tobytes()


def test_check_forecast_and_provenance_know_it(at_project: Path, capsys: pytest.CaptureFixture[str]):
    def downhill(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "downhill", *words],
            env=os.environ | {"PYTHONPATH": str(at_project / "workflow")},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    checked, forecast = downhill("check"), downhill("forecast", "--cores", "1")
    entry = r"^noise-answers +pixels\.largest_outputs +6 seeds in +1 job, about 0\.1 s per seed$"
    assert re.search(entry, checked, flags=re.MULTILINE)
    assert "1 experiment, 2 claims" in checked
    assert "1 network, 6 trainings" in forecast
    assert main(["provenance", "results/claims/sure-of-noise.json", "--check"]) == 0
    page = capsys.readouterr().out
    assert "experiment noise-answers, seeds 0 to 5" in page
    assert "code of experiments.run, experiments.pixels:largest_outputs: " in page
    assert "train lesson, seeds 0 to 2" in page
    assert "download mnist" in page


def test_second_checkout_takes_it_from_the_cache(
    followed: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "cache").mkdir()
    monkeypatch.setenv("SNAKEMAKE_OUTPUT_CACHE", str(tmp_path / "cache"))
    found = []
    for name in ("first", "second"):
        project = lay_out_plain(tmp_path / name)
        follow(project)
        snakemake(project, "--cache", "--until", "experiment")
        logs = (project / "results" / "logs" / "experiment").rglob("*.log")
        found.append((arrays(project), [log for log in logs if log.stat().st_size]))
    assert found[0][1]
    assert not found[1][1]  # it has written no log, since it did not run
    for one in (found[1][0], arrays(followed[0])):
        assert all(one[key].tobytes() == values.tobytes() for key, values in found[0][0].items())


def test_experiment_survives_a_kill(
    followed: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    project = lay_out_plain(tmp_path / "project")
    follow(project)
    path = project / "workflow" / "downhill" / "experiments" / "pixels.py"
    slow = path.read_text(encoding="utf-8").replace(
        "    network = inputs.network\n",
        "    import time\n\n    time.sleep(0.5)\n    network = inputs.network\n",
    )
    path.write_text(slow, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(project / "workflow"))
    logs = project / "results" / "logs" / "experiment"
    with started_snakemake(project) as head:
        wait_for(lambda: any(logs.rglob("*.log")), "the experiment's job")
        time.sleep(1)
        head.process.kill()
        head.process.wait()
        snakemake(project)
    made = arrays(project)
    assert all(made[key].tobytes() == values.tobytes() for key, values in arrays(followed[0]).items())
    assert "Nothing to be done" in snakemake(project)


def test_networks_and_data_sets_are_used_in_the_order_of_the_entry(tmp_path: Path):
    """This includes the rules that depend on the result, which would otherwise reject it for having other settings."""
    project = lay_out_plain(tmp_path / "project")
    with (project / "config" / "networks.tsv").open("a", encoding="utf-8") as table:
        table.write("b\tfew\t2\t2\t8\t1\na\tfew\t2\t2\t4\t1\n")
    entry = {"function": "noise.answers", "networks": ["b", "a"], "together": True, "datasets": ["few"]}
    (project / "config" / "experiments.yaml").write_text(yaml.safe_dump({"both": entry}), encoding="utf-8")
    file = "results/experiments/both/seeds-0-1.npz"
    snakemake(project, file)
    assert read_results([project / file])["both"].only()["networks"][0].tolist() == ["b", "a"]
    record = read_json(project / "results" / "experiments" / "both" / "seeds-0-1" / "provenance.json")
    assert record["settings"]["networks"] == ["b", "a"]
    assert "Nothing to be done" in snakemake(project, file)
