"""Results that are not what the study asks for are never used, with Snakemake's records or without them."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from test_study import (
    EXPORTS,
    NETWORK_TABLE,
    TABLES,
    block_files,
    change,
    claim_files,
    evaluation_files,
    finished,  # noqa: F401
    own_package,
    project,  # noqa: F401
    rewritten,
    set_cell,
    snakemake,
    stages,
    state,
)

from downhill.__main__ import main
from downhill.config.study import Study
from downhill.orchestration.stages import STAGES
from downhill.provenance.record import read_record
from downhill.storage.file_names import RECORD
from downhill.storage.json_files import read_json, write_json

REFUSED = "Some results are not what the study asks for now, and Snakemake would keep them"
SOFT = block_files("soft") | evaluation_files("soft") | claim_files("rise") | TABLES | NETWORK_TABLE | EXPORTS


def without_records(project: Path) -> Path:
    """Remove Snakemake's records, as in a copy of the results alone."""
    shutil.rmtree(project / ".snakemake")
    return project


def follow_advice(project: Path, printed: str) -> None:
    """Run the command that a message advises."""
    command = re.search(r"To delete them: (rm -r .*)$", printed, flags=re.MULTILINE)
    subprocess.run(shlex.split(command[1]), cwd=project, check=True)


def test_records_hold_what_the_table_asks(finished: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(finished)
    study = Study.load("config/config.yaml")
    compared = []
    for name, stage in STAGES.items():
        for key in stage.jobs(study) if stage.outputs else ():
            record = read_record(
                Path(next(file for file in stage.files(study, key) if file.endswith(RECORD)))
            )
            asked = stage.asks(study, key)
            assert stage.changes(record, asked) == []
            assert record["asked"] == asked.digest()
            assert asked.settings is None or record["settings"] == asked.settings
            compared.append(name)
    assert set(compared) == STAGES.keys() - {"compile", "experiment", "compare", "assemble"}


def test_copy_without_snakemakes_records_is_used_if_nothing_differs(project: Path):
    before = state(without_records(project))
    assert "Nothing to be done" in snakemake(project)
    assert state(project) == before


def test_other_settings_are_refused_without_snakemakes_records(project: Path):
    before = state(without_records(project))
    set_cell(project, "networks", "soft", "learning_rate", "0.06")
    wrong_records = ", because its own records of them are missing or wrong"
    for options, why in (
        (["--touch"], " (--touch, --rerun-triggers)"),
        (["--dry-run"], wrong_records),
        ([], wrong_records),
        (["results/claims.csv"], wrong_records),
    ):
        printed = snakemake(project, *options, ok=False)
        assert f"\n{REFUSED}{why}:\n" in printed
        assert "\n  results/runs/soft/seeds-0-1/weights.npz: learning_rate: 0.05 → 0.06\n" in printed
        assert "\n  results/evaluation/soft/index.json: learning_rate: 0.05 → 0.06\n" in printed
        assert "Job stats" not in printed
        assert "Traceback" not in printed
    assert state(project) == before
    follow_advice(project, printed)
    assert stages(snakemake(project))["train"] == "2"
    after = state(project)
    assert {name for name in after if after[name] != before[name]} == SOFT
    assert "Nothing to be done" in snakemake(project)


def test_settings_that_change_after_results_were_touched_make_them_again(project: Path):
    shutil.copytree(
        project / "resources" / "mnist", project / "copy"
    )  # which are links to those of other tests
    shutil.rmtree(project / "resources" / "mnist")
    (project / "copy").rename(project / "resources" / "mnist")
    snakemake(without_records(project), "--touch", "--forceall")
    set_cell(project, "networks", "soft", "learning_rate", "0.06")
    before = state(project)
    snakemake(project)
    assert rewritten(before, state(project)) == SOFT


def test_another_data_set_is_refused_without_snakemakes_records(project: Path):
    """Even if its classes have the same names, and it is there already."""
    file = project / "config" / "datasets.yaml"
    tables = yaml.safe_load(file.read_text(encoding="utf-8"))
    tables["datasets"]["others"] = tables["datasets"]["few"] | {"seed": 7}
    file.write_text(yaml.safe_dump(tables), encoding="utf-8")
    before = state(without_records(project))
    set_cell(project, "networks", "soft", "dataset", "others")
    printed = snakemake(project, ok=False)
    assert "\n  results/runs/soft/seeds-0-1/weights.npz: dataset: few → others\n" in printed
    assert state(project) == before


@pytest.mark.parametrize(
    "options",
    [["--touch"], ["--rerun-triggers", "mtime"], ["results/claims.csv", "--rerun-triggers", "mtime"]],
)
def test_snakemake_cannot_be_made_to_keep_other_settings(options: list[str], project: Path):
    before = state(project)
    set_cell(project, "networks", "soft", "learning_rate", "0.06")
    assert f"{REFUSED} (--touch, --rerun-triggers):\n" in snakemake(project, *options, ok=False)
    assert state(project) == before
    assert stages(snakemake(project, "--dry-run"))["train"] == "2"


def test_results_are_refused_if_snakemakes_records_are_wrong(project: Path):
    """As if a job with other settings, left over from a killed Snakemake, had ended last."""
    for block in ("seeds-0-1", "seeds-2-3"):
        record = project / "results" / "runs" / "soft" / block / RECORD
        content = read_json(record)
        content["settings"]["learning_rate"] = 0.04
        write_json(record, content)
    printed = snakemake(project, ok=False)
    for block in ("seeds-0-1", "seeds-2-3"):
        assert f"\n  results/runs/soft/{block}/weights.npz: learning_rate: 0.04 → 0.05\n" in printed
    follow_advice(project, printed)
    assert not (project / "results" / "runs" / "soft" / "seeds-2-3").exists()
    assert "Nothing to be done" in snakemake(project)  # the evaluation does not need them any more


def test_results_of_other_code_are_refused_without_snakemakes_records(project: Path):
    change(own_package(project) / "engine" / "kernels.py", lambda text: text + "\n_EDITED = True\n")
    printed = snakemake(without_records(project), ok=False)
    assert "\n  results/runs/plain/seeds-0-1/weights.npz: code: engine.kernels changed\n" in printed
    assert "results/data" not in printed


def test_replaced_inputs_are_refused_without_snakemakes_records(project: Path):
    runs = without_records(project) / "results" / "runs" / "soft"
    before = (runs / "seeds-0-1" / "weights.npz").stat()
    record = read_json(runs / "seeds-0-1" / RECORD)
    record["outputs"]["weights.npz"]["sha256"] = "0" * 64
    write_json(runs / "seeds-0-1" / RECORD, record)
    assert (runs / "seeds-0-1" / "weights.npz").stat() == before
    printed = snakemake(project, ok=False)
    assert (
        "\n  results/evaluation/soft/index.json: results/runs/soft/seeds-0-1 has been replaced since\n"
        in printed
    )


def test_reasons_name_the_keys_that_changed_once_and_in_short(project: Path):
    set_cell(project, "networks", "soft", "learning_rate", "0.06")
    set_cell(project, "claims", "memory", "band", "-0.5 to 1")
    printed = snakemake(project, "--dry-run")
    notice = printed.partition("Changed since the results were made:\n")[2].partition("\nAssuming")[0]
    assert notice.splitlines() == [
        "  train soft: learning_rate: 0.05 → 0.06",
        "  evaluate soft: learning_rate: 0.05 → 0.06",
        "  judge memory: band: -1 to 1 → -0.5 to 1",
    ]
    assert printed.index(notice) < printed.index("Job stats")
    reasons = re.findall(r"reason: (Params have changed .*)", printed)
    assert len(reasons) == 3  # of those that do not follow from others
    assert all(len(reason) < 200 for reason in reasons)
    assert re.search(r"before: 'settings [0-9a-f]{12}' now: 'settings [0-9a-f]{12}'", reasons[0])
    snakemake(project)
    assert "Changed" not in snakemake(project)


def test_reasons_name_the_modules_that_changed(project: Path):
    change(own_package(project) / "claims" / "measurement.py", lambda text: text + "\n_EDITED = True\n")
    printed = snakemake(project, "--dry-run", "--quiet", "rules")
    assert "\n  measure count, memory, rise, wildness: code: claims.measurement changed\n" in printed


def test_stages_by_hand_refuse_what_is_not_asked_for(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(project)
    measure = ["measure", "rise", "--output", "measurement.json", "--evaluations"]
    judge = ["judge", "rise", "--output", "evidence.json", "--measurement", "results/measurements/rise.json"]
    draw = ["draw", "learning_curves", "--output", "f.svg", "--evidence", "results/claims/rise.json"]
    settings = ["--settings", '{"family": "learning", "statistic": "rise_with_epochs", "networks": ["soft"]}']
    sentence = "results/evaluation/plain (it is the result of evaluate plain, not of evaluate soft): "
    refused = {(*measure, "results/evaluation/plain"): sentence}
    sentence = "claim 'rise' is measured on the networks soft, but is given the results of plain; "
    refused[(*measure, "results/evaluation/plain", *settings)] = sentence
    for words in refused:
        assert main(list(words)) == 1
        assert capsys.readouterr().err.startswith(f"error: {refused[words]}")
    for words in (judge, draw, [*measure, "results/evaluation/soft"]):
        assert main(words) == 0
    set_cell(project, "networks", "soft", "learning_rate", "0.06")
    capsys.readouterr()
    assert main([*measure, "results/evaluation/soft"]) == 1
    assert "error: results/evaluation/soft (learning_rate: 0.05 → 0.06): not what" in capsys.readouterr().err
    for path, other in (("measurements/rise", "seed"), ("claims/rise", "claim")):
        record = Path("results", path, RECORD)
        content = read_json(record)
        content["code"]["digest"], content["code"]["parts"]["claims.inference"] = "of before", other
        write_json(record, content)
    for words, path in ((judge, "measurements/rise"), (draw, "claims/rise")):
        assert main(words) == 1
        said = capsys.readouterr().err
        assert said.startswith(
            f"error: results/{path}.json (code: claims.inference changed): not what the stage "
        )
