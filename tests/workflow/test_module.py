"""Another workflow that uses Downhill's rules: the example, run unchanged."""

import gzip
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml
from test_study import REPOSITORY, change, lay_out_study, snakemake, stages

from downhill.engine.train import ready
from downhill.orchestration.stages import STAGES


def test_example_runs_with_its_own_study_and_nothing_is_left_to_do(tmp_path: Path):
    ready()
    for name in ("workflow/Snakefile", "workflow/rules", "workflow/report", "examples"):
        source, target = REPOSITORY / name, tmp_path / "downhill" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy2(source, target)
    (tmp_path / "downhill" / "resources").mkdir()
    (tmp_path / "downhill" / "resources" / "bundled").symlink_to(REPOSITORY / "resources" / "bundled")
    project = tmp_path / "downhill" / "examples" / "module"
    before = {path for path in (tmp_path / "downhill").rglob("*") if project not in path.parents}

    snakemake(project)
    claims = pd.read_csv(project / "digits" / "results" / "claims.csv").set_index("claim")
    assert claims.index.tolist() == ["four-will-do", "sixteen-will-do"]
    assert claims.verdict["sixteen-will-do"] == "supported"
    answer = claims.index[claims.verdict == "supported"][0]
    assert (project / "answer.txt").read_text() == f"{answer}\n"
    assert (project / "digits" / "resources" / "mnist" / "train-images-idx3-ubyte").is_file()
    # Everything else is below the prefix, and nothing in Downhill's own folder.
    names = {path.name for path in project.iterdir()}
    assert names == {
        *("Snakefile", "README.md", "config", ".gitignore"),
        *("digits", "logs", "answer.txt", ".snakemake"),
    }
    assert before == {path for path in (tmp_path / "downhill").rglob("*") if project not in path.parents}
    assert (
        project / "digits" / "results" / "experiments" / "weights-and-biases" / "sixteen" / "seeds-0-3.npz"
    ).is_file()
    assert "Nothing to be done" in snakemake(project)
    # One more network adds only its own jobs and those that depend on them.
    with (project / "config" / "networks.tsv").open("a") as table:
        table.write("eight\tfew-10x10\t2\t8\t5\n")
    planned = stages(snakemake(project, "--dry-run"))
    assert planned["downhill_train"] == planned["downhill_evaluate"] == "1"
    assert planned.keys() == {
        "downhill_train",
        "downhill_evaluate",
        "downhill_tabulate",
        "downhill_summarise",
        "downhill_publish",
        "downhill_export",
        "smallest_that_works",
        "total",
    }


def test_replaced_files_of_a_source_are_noticed_in_a_module(tmp_path: Path):
    project = tmp_path / "project"
    shutil.copytree(REPOSITORY / "examples" / "module", project)
    change(project / "Snakefile", lambda text: text.replace("../../workflow", str(REPOSITORY / "workflow")))
    (project / "own").mkdir()
    for file in (REPOSITORY / "resources" / "bundled" / "mnist").glob("*.gz"):
        shutil.copy2(file, project / "own")
    source = {"title": "Mine", "classes": list("0123456789"), "mirrors": ["own"]}

    def with_own_source(text: str) -> str:
        tables = yaml.safe_load(text)
        return yaml.safe_dump(tables | {"sources": {"mnist": source}})

    change(project / "config" / "datasets.yaml", with_own_source)
    data = ["digits/results/data/few-10x10/dataset.npz"]
    snakemake(project, *data)
    assert "Nothing to be done" in snakemake(project, *data)
    labels = project / "own" / "t10k-labels-idx1-ubyte.gz"
    content = gzip.decompress(labels.read_bytes())
    labels.write_bytes(gzip.compress(content[:-1] + b"\0"))
    printed = snakemake(project, *data)
    assert "Source 'mnist': own/t10k-labels-idx1-ubyte.gz has changed since the download; " in printed
    assert stages(printed) == {"downhill_download": "1", "downhill_prepare": "1", "total": "2"}
    assert "Nothing to be done" in snakemake(project, *data)
    (project / "digits" / "resources" / "mnist" / "train-labels-idx1-ubyte").unlink()
    assert stages(snakemake(project, "--dry-run", *data)).keys() >= {"downhill_download", "downhill_prepare"}


DEPLOYED = """\
configfile: "config/config.yaml"


module downhill:
    snakefile:
        "{snakefile}"
    config:
        config


use rule * from downhill
"""


def test_workflow_that_snakedeploy_writes_plans_the_whole_study(tmp_path: Path):
    """It copies `config` and `profiles`, and writes this Snakefile, here with a path instead of a tag on GitHub."""
    for name in ("config", "profiles"):
        shutil.copytree(REPOSITORY / name, tmp_path / name)
    (tmp_path / "workflow").mkdir()
    deployed = DEPLOYED.format(snakefile=REPOSITORY / "workflow" / "Snakefile")
    (tmp_path / "workflow" / "Snakefile").write_text(deployed)
    planned = stages(snakemake(tmp_path, "--configfile", "config/quick.yaml", "--dry-run"))
    # No claim of the shipped study is about a published single run.
    assert planned.keys() == {*STAGES, "all", "total"} - {"compare"}
    assert planned["measure"] == "5"


@pytest.mark.parametrize("snakefile", ["Snakefile", "workflow/Snakefile"])
def test_either_snakefile_can_be_run_and_imported(snakefile: str, tmp_path: Path):
    """The importing workflow may choose its own default rule; else it makes the whole study."""
    project = lay_out_study(tmp_path / "project")
    assert stages(snakemake(project, "--dry-run", "--snakefile", snakefile))["all"] == "1"
    (project / "importing").mkdir()
    (project / "importing" / "config").symlink_to("../config")
    importing = project / "importing" / "Snakefile"
    importing.write_text(
        'configfile: "../config/config.yaml"\n\n'
        "module downhill:\n"
        f'    snakefile: "../{snakefile}"\n'
        "    config: config\n"
        '    prefix: "study"\n\n'
        "use rule * from downhill as downhill_*\n\n"
        "rule own:\n"
        "    input: rules.downhill_tabulate.output.networks\n"
        '    output: "own.txt"\n'
        '    shell: "touch {output}"\n'
    )
    assert stages(snakemake(importing.parent, "--dry-run"))["downhill_all"] == "1"
    change(importing, lambda text: text.replace("rule own:\n", "rule own:\n    default_target: True\n"))
    planned = stages(snakemake(importing.parent, "--dry-run"))
    assert planned["own"] == "1"
    assert "downhill_measure" not in planned
