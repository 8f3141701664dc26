"""The table of stages: the rules and commands agree with it, and missing results are found."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from downhill.cli.command import COMMANDS
from downhill.cli.parser import parser
from downhill.config.study import Study
from downhill.orchestration.artifacts import missing_outputs
from downhill.orchestration.expected import expected_inputs
from downhill.orchestration.stages import STAGES
from downhill.provenance.record import record_of
from downhill.storage.file_names import RECORD
from tests.single_runs import add_claim

REPOSITORY = Path(__file__).parents[3]
RULES = """
import json, re, sys
from pathlib import Path
from snakemake.api import SnakemakeApi
from snakemake.settings.types import ConfigSettings, OutputSettings, ResourceSettings

def plain(path):
    "A path without the constraints of its wildcards."
    return re.sub(r"{(\\w+),[^}]*}", r"{\\1}", str(path))

def compared(rule):
    "What Snakemake compares for the first job of a stage."
    from downhill.config.study import Study
    from downhill.orchestration.stages import STAGES
    if "asked" not in rule.params.keys():
        return None
    stage = STAGES[rule.name]
    key = next(iter(stage.jobs(Study.load("config/config.yaml"))))
    wildcards = dict(zip(stage.wildcards, key))
    return [rule.params[name](wildcards) for name in ("asked", "code")]

with SnakemakeApi(OutputSettings()) as api:
    found = api.workflow(
        resource_settings=ResourceSettings(cores=1),
        config_settings=ConfigSettings(),
        snakefile=Path("workflow/Snakefile"),
    )._workflow
    rules = {
        rule.name: {
            "outputs": dict(zip(rule.output.keys(), map(plain, rule.output))),
            "all": list(map(plain, rule.output)),
            "wildcards": sorted(rule.wildcard_names),
            "local": rule.name in found._localrules,
            "command": rule.shellcmd,
            "compared": compared(rule),
        }
        for rule in found.rules
    }
Path("rules.json").write_text(json.dumps(rules))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default study with one more claim, so that each stage has a job."""
    project = tmp_path_factory.mktemp("project") / "downhill"
    project.mkdir()
    for folder in ("workflow/rules", "workflow/report", "config"):
        shutil.copytree(REPOSITORY / folder, project / folder)
    shutil.copy2(REPOSITORY / "workflow" / "Snakefile", project / "workflow")
    add_claim(project / "config")
    return project


@pytest.fixture(scope="module")
def rules(project: Path) -> dict[str, Any]:
    """For each rule of the workflow, its outputs by name, wildcards and command, and whether it is local."""
    done = subprocess.run([sys.executable, "-c", RULES], cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads((project / "rules.json").read_text())
    return found


def test_there_is_a_rule_and_a_command_for_every_stage(rules: dict[str, Any]):
    assert list(rules) == [*STAGES, "all"]
    for name in STAGES:
        assert f"python -m downhill {name} " in rules[name]["command"]
        assert name in COMMANDS


def test_commands_that_are_not_stages_are_queries():
    assert set(COMMANDS) - set(STAGES) == {"convert", "show", "provenance", "check", "forecast", "schema"}


@pytest.mark.parametrize("name", STAGES)
def test_rule_makes_what_the_table_says(name: str, rules: dict[str, Any]):
    """The same files under the same names, with the same wildcards, and as a local job or not."""
    stage, rule = STAGES[name], rules[name]
    places = {"results": "results", "resources": "resources"}
    keys = {wildcard: f"{{{wildcard}}}" for wildcard in stage.wildcards}
    assert rule["outputs"] == {
        role: pattern.format(**places, **keys) for role, pattern in stage.outputs.items()
    }
    assert rule["wildcards"] == sorted(stage.wildcards)
    assert rule["local"] is stage.local
    if name == "compile":  # its mark is named after the code
        assert stage.outputs == {}
        (mark,) = rule["all"]
        assert mark.startswith("results/runs/compiled-")
    else:
        assert sorted(rule["all"]) == sorted(rule["outputs"].values())


@pytest.mark.parametrize("name", [name for name in STAGES if name not in ("download", "compile")])
def test_rule_compares_what_the_table_asks(
    name: str, project: Path, rules: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(project)
    study, stage = Study.load("config/config.yaml"), STAGES[name]
    assert rules[name]["compared"] == list(stage.compared(stage.asks(study, next(iter(stage.jobs(study))))))


@pytest.mark.parametrize("name", STAGES)
def test_records_are_where_they_are_searched_for(name: str):
    outputs = {role: Path(pattern) for role, pattern in STAGES[name].outputs.items()}
    record = outputs.pop("provenance", None)
    if not outputs:
        assert record is None
    elif STAGES[name].in_folder:
        assert {path.parent / RECORD for path in outputs.values()} == {record}
    else:
        assert record in {record_of(path) for path in outputs.values()}


@pytest.mark.parametrize("name", STAGES)
def test_command_takes_the_name_of_what_the_stage_works_on(name: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        parser().parse_args([name, "--help"])
    text = capsys.readouterr().out
    subject = STAGES[name].subject
    assert (f"name of the {subject}" in text) if subject else ("NAME  " not in text)


NETWORKS = """\
network\tdataset\tseeds\tseeds_per_block\tepochs
one\tfew\t5\t2\t1
other\tmany\t3\t\t1
"""
CLAIMS = """\
claim\tfamily\tstatement\tsource\tstatistic\tnetworks\texperiments\tunit\tband\tfigures
right\tlearning\tIt learns.\tnobody\ttest_accuracy\tone\t\tshare\t> 0.5\taccuracy_distribution,confident_mistakes
rising\tnetwork\tIt rises.\tnobody\tstrength_and_tendency\t\teach\tcorrelation\t> 0; > 0\t
single\tpublished\tIt peaks.\tnobody\tsingle_run\tother\t\tshare\tsingle run\t
"""
PLAYGROUND = """\
network\ttitle\tseeds
one\tThe first\t2
"""
EXPERIMENTS = {
    "each": {"function": "network.weights_and_biases", "networks": ["one"], "seeds": 3, "seeds_per_job": 2},
    "once": {
        "function": "network.weights_and_biases",
        "networks": ["*"],
        "together": True,
        "datasets": ["further"],
    },
}


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    """Two networks, two experiments and three claims."""
    monkeypatch.chdir(tmp_path)
    sources = yaml.safe_load((REPOSITORY / "config" / "datasets.yaml").read_text())["sources"]
    names = ("few", "many", "further", "unused")
    datasets = {"sources": sources, "datasets": {name: {"source": "mnist"} for name in names}}
    Path("datasets.yaml").write_text(yaml.safe_dump(datasets))
    Path("networks.tsv").write_text(NETWORKS)
    Path("claims.tsv").write_text(CLAIMS)
    Path("playground.tsv").write_text(PLAYGROUND)
    Path("experiments.yaml").write_text(yaml.safe_dump(EXPERIMENTS, sort_keys=False))
    Path("config.yaml").write_text(
        "results: made\nresources: sources\ndatasets: datasets.yaml\nnetworks: networks.tsv\nclaims: claims.tsv\n"
        "experiments: experiments.yaml\nplayground: playground.tsv\n"
    )
    return Study.load("config.yaml")


JOBS = {
    "download": {"mnist"},
    "prepare": {"few", "further", "many"},
    "compile": {""},
    "train": {"one 0 1", "one 2 3", "one 4 5", "other 0 9"},
    "evaluate": {"one", "other"},
    "experiment": {"each/one 0 1", "each/one 2 2", "once 0 2"},
    "measure": {"right", "rising", "single"},
    "judge": {"right", "rising", "single"},
    "draw": {"right-accuracy-distribution", "right-confident-mistakes"},
    "compare": {""},
    "tabulate": {""},
    "summarise": {""},
    "publish": {""},
    "export": {""},
    "assemble": {""},
}
NEEDS = {
    "prepare few": {"download mnist"},
    "train one 2 3": {"compile", "prepare few"},
    "evaluate one": {"prepare few", "train one 0 1", "train one 2 3", "train one 4 5"},
    "experiment each/one 2 2": {"compile", "prepare few", "train one 2 3"},
    "experiment once 0 2": {
        *(
            "compile",
            "prepare few",
            "train one 0 1",
            "train one 2 3",
            "prepare many",
            "train other 0 9",
            "prepare further",
        ),
    },
    "measure right": {"evaluate one"},
    "measure rising": {"experiment each/one 0 1", "experiment each/one 2 2"},
    "judge rising": {"measure rising"},
    "draw right-confident-mistakes": {"judge right"},
    "compare": {"judge single"},
    "tabulate": {"evaluate one", "evaluate other"},
    "summarise": {"tabulate", "judge right", "judge rising", "judge single"},
    "publish": {
        "tabulate",
        "judge right",
        "judge rising",
        "judge single",
        "compare",
        "draw right-accuracy-distribution",
        "draw right-confident-mistakes",
    },
    "export": {
        *("evaluate one", "evaluate other"),
        *("prepare few", "train one 0 1", "train one 2 3", "train one 4 5"),
        *("prepare many", "train other 0 9"),
    },
    "assemble": {"evaluate one"},
}


def test_jobs_of_a_study_and_what_they_need(study: Study):
    jobs = {name: {" ".join(key) for key in stage.jobs(study)} for name, stage in STAGES.items()}
    assert jobs == JOBS
    for job, needs in NEEDS.items():
        name, *key = job.split()
        found = STAGES[name].needs(study, tuple(key))
        assert {" ".join([stage, *keys]) for stage, keys in found} == needs


def test_every_job_needs_jobs_of_earlier_stages_that_exist(study: Study):
    done: set[tuple[str, tuple[str, ...]]] = set()
    for name, stage in STAGES.items():
        keys = list(stage.jobs(study))
        assert len(keys) == len(set(keys))
        for key in keys:
            assert set(stage.needs(study, key)) <= done
        done |= {(name, key) for key in keys}


def test_files_of_jobs_are_in_the_folders_of_the_study(study: Study):
    assert STAGES["experiment"].files(study, ("each/one", "0", "1")) == [
        "made/experiments/each/one/seeds-0-1.npz",
        "made/experiments/each/one/seeds-0-1/provenance.json",
    ]
    assert STAGES["download"].files(study, ("mnist",))[0] == "sources/mnist/train-images-idx3-ubyte"


def all_files(study: Study) -> list[Path]:
    jobs = [(stage, key) for stage in STAGES.values() for key in stage.jobs(study)]
    return [Path(file) for stage, key in jobs for file in stage.files(study, key)]


@pytest.fixture
def finished(study: Study) -> Study:
    """The study with all of its files, empty."""
    for file in all_files(study):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return study


def test_no_two_jobs_make_the_same_file(study: Study):
    files = all_files(study)
    of_stages = (5, 3 * 3, 4 * 3, 2 * 6, 3 * 2, 3 * 2, 3 * 2, 2 * 4, 6, 2, 4, 2, 2, 2)
    assert len(files) == len(set(files)) == sum(of_stages)


def test_nothing_is_missing_at_first_and_in_the_end(study: Study):
    assert missing_outputs(study) == []
    for file in all_files(study):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    assert missing_outputs(study) == []


@pytest.mark.parametrize(
    "file",
    [
        "sources/mnist/train-labels-idx1-ubyte",
        "made/data/few/summary.json",
        "made/runs/one/seeds-2-3/history.parquet",
        "made/evaluation/other/confusion.parquet",
        "made/experiments/each/one/seeds-2-2.npz",
        "made/experiments/once/seeds-0-2/provenance.json",
        "made/measurements/rising.json",
        "made/claims/right/provenance.json",
        "made/claims/rising.json",
        "made/figures/right-confident-mistakes.png",
        "made/published-runs.csv",
        "made/figures/published-runs.json",
        "made/published-runs/provenance.json",
        "made/claims.html",
    ],
)
def test_file_is_missing_if_others_of_its_job_exist(file: str, finished: Study):
    Path(file).unlink()
    assert missing_outputs(finished) == [file]


@pytest.mark.parametrize("name", [name for name in STAGES if name != "compile"])
def test_files_of_a_job_are_not_listed_if_all_are_missing(name: str, finished: Study):
    """Weights, for instance, may be deleted to save space."""
    stage = STAGES[name]
    for key in stage.jobs(finished):
        for file in stage.files(finished, key):
            Path(file).unlink()
    assert missing_outputs(finished) == []


def test_page_expects_figures_under_the_names_in_their_records(
    monkeypatch: pytest.MonkeyPatch,
):
    """The command `draw` is given a function, and its record has this name; figures have other names."""
    monkeypatch.chdir(REPOSITORY)
    study = Study.load("config/config.yaml")
    expected = expected_inputs(study, STAGES["publish"].needs(study, ()))
    drawn = {text.split()[1] for text in expected if text.startswith("draw ")}
    assert drawn == {function for claim in study.claims.values() for function in claim.figures}


def test_study_without_published_single_runs_has_no_job_for_them(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.chdir(REPOSITORY)
    study = Study.load("config/config.yaml")
    assert list(STAGES["compare"].jobs(study)) == []
    assert "compare" not in {stage for stage, _ in STAGES["publish"].needs(study, ())}
