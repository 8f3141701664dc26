"""The command line: help, errors in one sentence, and the whole chain by hand."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy import stats

from downhill import Network, reference
from downhill.__main__ import main
from downhill.datasets import load_dataset
from downhill.orchestration.stages import STAGES as STAGE_TABLE
from downhill.runs.block import read_block
from downhill.storage.json_files import read_json
from downhill.storage.locks import LOCKS

REPOSITORY = Path(__file__).parents[3]
BUNDLED = REPOSITORY / "resources" / "bundled" / "mnist"
STAGES = [
    *(
        "download",
        "prepare",
        "compile",
        "train",
        "evaluate",
        "experiment",
        "measure",
        "judge",
        "draw",
        "compare",
    ),
    *("tabulate", "summarise", "publish", "assemble", "export"),
    *("convert", "show", "provenance", "check", "forecast", "schema"),
]

NETWORKS = """\
network	dataset	seeds	hidden_layers	epochs
small	few	4	16	2
"""
CLAIMS = """\
claim	family	statement	source	statistic	networks	experiments	unit	band	figures
accurate	learning	Most are right.	L1	test_accuracy	small		share	> 0.05	accuracy_distribution
strong	network	They matter.	L1	strength_and_tendency		weights-and-biases	correlation	> -1; > -1
"""
CONFIG = "training: {seeds_per_block: 2}\nexperiments: config/experiments.yaml\n"
EXPERIMENTS = (
    "weights-and-biases: {function: network.weights_and_biases, networks: [small], seeds_per_job: 3}\n"
)

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small study's configuration in the current folder."""
    monkeypatch.chdir(tmp_path)
    mnist = yaml.safe_load((REPOSITORY / "config" / "datasets.yaml").read_text())["sources"]["mnist"]
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.yaml").write_text(CONFIG)
    (tmp_path / "config" / "experiments.yaml").write_text(EXPERIMENTS)
    (tmp_path / "config" / "networks.tsv").write_text(NETWORKS)
    (tmp_path / "config" / "claims.tsv").write_text(CLAIMS)
    (tmp_path / "config" / "datasets.yaml").write_text(
        yaml.safe_dump(
            {
                "sources": {"mnist": mnist | {"mirrors": [str(BUNDLED)]}},
                "datasets": {"few": {"source": "mnist", "validation_images": 50, "training_images": 200}},
            }
        )
    )
    return tmp_path


def run(words: str) -> None:
    assert main(words.split()) == 0


def refused(words: list[str], capsys: Capture) -> str:
    """The one sentence on standard error."""
    assert main(words) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.endswith("\n")
    assert len(err.splitlines()) == 1
    return err.removeprefix("error: ").rstrip("\n")


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_has_help_with_examples(stage: str, capsys: Capture):
    with pytest.raises(SystemExit) as ended:
        main([stage, "--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert text.startswith(f"usage: downhill {stage} ")
    examples = text.partition("examples:\n")[2].splitlines()
    assert examples
    assert all(line.startswith(f"  downhill {stage}") for line in examples)


def test_help_lists_every_stage_in_the_order_of_the_data(capsys: Capture):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert re.findall(r"^    (\w+)", text.partition("COMMAND\n")[2], flags=re.MULTILINE) == STAGES
    assert list(STAGE_TABLE) == STAGES[: len(STAGE_TABLE)]


@pytest.mark.parametrize("stage", STAGES)
def test_examples_are_understood(stage: str, capsys: Capture, study: Path):
    """The files of an example may be missing here, but never an argument."""
    with pytest.raises(SystemExit):
        main([stage, "--help"])
    for example in capsys.readouterr().out.partition("examples:\n")[2].splitlines():
        try:
            main(shlex.split(example)[1:])
        except SystemExit as ended:
            pytest.fail(f"{example}: {capsys.readouterr().err} ({ended.code})")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "the following arguments are required: COMMAND"),
        ("chekc", "there is no COMMAND 'chekc'; did you mean 'check'?"),
        ("trian lesson --seeds 0", "there is no COMMAND 'trian'; did you mean 'train'?"),
        ("check --confgi a.yaml", "check has no option '--confgi'; did you mean '--config'?"),
        ("check all", "check does not take the argument 'all'"),
    ],
)
def test_commands_and_options_that_do_not_exist_are_refused(words: str, sentence: str, capsys: Capture):
    with pytest.raises(SystemExit) as ended:
        main(words.split())
    assert ended.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"downhill: error: {sentence}"


def test_name_that_the_setting_select_leaves_out(study: Path, capsys: Capture):
    (study / "config" / "config.yaml").write_text(CONFIG + "select: {claims: [accurate]}\n")
    words = "experiment weights-and-biases --network small --seeds 0 --output o.npz"
    assert refused(words.split(), capsys).startswith(
        "config/experiments.yaml: there is no experiment 'weights-and-biases', or `select` leaves it out; "
    )


TRAIN = ["train", "small", "--data", "data", "--output", "output"]


@pytest.mark.parametrize(
    ("seeds", "sentence"),
    [
        (
            "9223372036854775808",
            "the seed 9223372036854775808 is too large; the largest is 9223372036854775807",
        ),
        (
            "5-99999999999999999999",
            "the seed 99999999999999999999 is too large; the largest is 9223372036854775807",
        ),
        ("0-100000000", "'0-100000000' covers 100,000,001 seeds; give at most 100,000,000 at a time"),
    ],
)
def test_seeds_that_tables_cannot_hold_are_refused(seeds: str, sentence: str, capsys: Capture):
    with pytest.raises(SystemExit):
        main([*TRAIN, f"--seeds={seeds}"])
    assert capsys.readouterr().err.endswith(f"argument --seeds: {sentence}\n")


def test_the_largest_seed_is_trained_and_stored(study: Path):
    seed = "9223372036854775807"
    run("download mnist --output resources/mnist")
    run("prepare few --output data")
    run(f"train small --data data --seeds {seed} --output made")
    with np.load(study / "made" / "weights.npz") as block:
        assert block["seeds"].tolist() == [int(seed)]


@pytest.mark.parametrize("seeds", ["three", "3-1", "-1", "0-", "0-x", "", "1.5", "0,1", "²", "1-²"])
def test_bad_seeds_are_refused(seeds: str, capsys: Capture):
    with pytest.raises(SystemExit) as ended:
        main([*TRAIN, f"--seeds={seeds}"])
    assert ended.value.code == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert f"'{seeds}' is not a range of seeds; write 3, or 0-3 for the first four" in last


@pytest.mark.parametrize("threads", ["0", "-1", "two", "1.5", "²"])
def test_bad_threads_are_refused(threads: str, capsys: Capture):
    with pytest.raises(SystemExit) as ended:
        main([*TRAIN, "--seeds=0", f"--threads={threads}"])
    assert ended.value.code == 2
    assert f"'{threads}' is not a whole number above 0" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            "train smal --data d --seeds 0 --output o",
            "config/networks.tsv: there is no network 'smal'; did you mean 'small'?",
        ),
        ("train x9 --data d --seeds 0 --output o", "config/networks.tsv: there is no network 'x9'; there are: small"),
        ("download mnits --output o", "config/datasets.yaml: there is no source 'mnits'; did you mean 'mnist'?"),
        ("prepare fev --output o", "config/datasets.yaml: there is no data set 'fev'; did you mean 'few'?"),
        (
            "measure acurate --evaluations e --output o.json",
            "config/claims.tsv: there is no claim 'acurate'; did you mean 'accurate'?",
        ),
        (
            "judge acurate --measurement m --output o.json",
            "config/claims.tsv: there is no claim 'acurate'; did you mean 'accurate'?",
        ),
        (
            "judge accurate --measurement nowhere.json --output o.json",
            "nowhere.json does not exist; run the stage that makes it first",
        ),
        (
            "measure strong --experiments nowhere.npz --output o.json",
            "nowhere.npz does not exist; run the stage that makes it first",
        ),
        (
            "experiment weights-and-bias --seeds 0 --output o.npz",
            "config/experiments.yaml: there is no experiment 'weights-and-bias'; did you mean 'weights-and-biases'?",
        ),
        (
            "experiment weights-and-biases --seeds 0 --output o.npz",
            "experiment 'weights-and-biases' runs once for each of its networks; name one with --network: small",
        ),
        (
            "experiment weights-and-biases --network smal --seeds 0 --output o.npz",
            "experiment 'weights-and-biases' runs once for each of its networks; 'smal' is not one of them: small",
        ),
        (
            "experiment weights-and-biases --network small --seeds 0 --output o.npz",
            "results/runs/small/seeds-0-1/weights.npz does not exist; run the stage that makes it first",
        ),
        ("check --config nowhere.yaml", "nowhere.yaml: cannot be read: No such file or directory; give the path of"),
        ("train small --data nowhere --seeds 0 --output o", "nowhere is not a folder; name one with a dataset.npz"),
        ("train small --data config --seeds 0 --output o", "config holds no data set: neither dataset.npz nor train-"),
        (
            "evaluate small --data nowhere --seeds 0 --blocks b --output o",
            "nowhere is not a folder; name one with a dataset.npz or with four IDX files",
        ),
        (
            "measure accurate --evaluations nowhere --output o.json",
            "nowhere/index.json does not exist; run the stage that makes it first",
        ),
        ("draw memorised --evidence nowhere.json --output o.svg", "nowhere.json does not exist; run the stage that "),
        (
            "summarise --evidence nowhere.json --networks n.csv --csv a.csv --markdown b.md --html c.html",
            "nowhere.json does not exist; run the stage that makes it first",
        ),
        ("show --results nowhere", "nowhere/claims.csv does not exist; run `make`, or `snakemake`, first"),
        ("provenance nowhere", "nowhere does not exist; name a result, such as results/claims.csv"),
        ("provenance config", "config is not the result of a stage: no provenance.json records how it was made; "),
        ("check --config config/networks.tsv", "config/networks.tsv, line 1: is not YAML: "),
        ("prepare few --source-folder nowhere --output o", "nowhere"),
    ],
)  # fmt: skip
def test_what_is_missing_is_reported_in_one_sentence(words: str, sentence: str, study: Path, capsys: Capture):
    before = sorted(study.rglob("*"))
    assert refused(words.split(), capsys).startswith(sentence)
    assert sorted(path for path in study.rglob("*") if LOCKS not in path.parts) == before


NOT_JSON = "(Expecting value: line 1 column 1 (char 0))"
NOT_MADE = "and no provenance.json says that a stage made it; name another file"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            "train small --data d --seeds 0 --output notes.md",
            "cannot write to the folder notes.md: notes.md is a file; name a folder",
        ),
        (
            "train small --data d --seeds 0 --output notes.md/a",
            "cannot write to the folder notes.md/a: notes.md is a file; name a folder",
        ),
        (
            "judge accurate --measurement m.json --output mine.json",
            "cannot write mine.json: it is a folder; name a file",
        ),
        (
            "judge accurate --measurement m.json --output o",
            "cannot write o: the name needs a suffix; write for instance o.json",
        ),
        (
            "schema --output notes.md",
            "cannot write notes.md/config.schema.json: notes.md is a file; name a folder",
        ),
        (
            "judge accurate --measurement config --output o.json",
            "config cannot be read: it is a folder; name a file",
        ),
        (
            "measure accurate --evaluations notes.md --output o.json",
            "notes.md/index.json cannot be read: notes.md is a file; name a folder",
        ),
        (
            "draw memorised --evidence notes.md --output a.doc",
            "cannot write a.doc: figures are written as .svg, .png, .pdf, .json; name a file such as a.svg",
        ),
        (
            "draw memorised --evidence notes.md --output a.svg",
            f"notes.md is not the evidence of a claim {NOT_JSON}, {NOT_MADE}",
        ),
        (
            "draw memorised --evidence mine.json/c.json --output a.svg",
            f"mine.json/c.json is not the evidence of a claim, {NOT_MADE}",
        ),
        (
            "summarise --evidence notes.md --networks n.csv --csv a.csv --markdown b.md --html c.html",
            f"notes.md is not the evidence of a claim {NOT_JSON}, {NOT_MADE}",
        ),
        (
            "judge accurate --measurement notes.md --output o.json",
            "notes.md is not a measurement of the statistic 'test_accuracy' of family 'learning' "
            f"{NOT_JSON}, {NOT_MADE}",
        ),
        (
            "measure strong --experiments notes.md --output o.json",
            f"notes.md is not results of an experiment (it is not an archive of arrays), {NOT_MADE}",
        ),
    ],
)
def test_what_belongs_to_the_user_is_neither_overwritten_nor_to_be_deleted(
    words: str, sentence: str, study: Path, capsys: Capture
):
    (study / "notes.md").write_text("# Notes\n")
    (study / "mine.json").mkdir()
    (study / "mine.json" / "c.json").write_text("[]")
    before = sorted(study.rglob("*"))
    assert refused(words.split(), capsys) == sentence
    assert sorted(path for path in study.rglob("*") if LOCKS not in path.parts) == before


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            "{epochs: 5}",
            "--settings: is not JSON (Expecting property name enclosed in double quotes: line 1 column 2",
        ),
        ("", None),
        ('{"epoch": 5}', "--settings: unknown key 'epoch'; did you mean 'epochs'?"),
        ('{"epochs": -5}', "--settings, epochs: -5 should be greater than or equal to 0"),
        (
            '{"activation": "sigmod"}',
            "--settings, activation: 'sigmod' is not one of sigmoid, tanh, relu, leaky_relu, linear, step",
        ),
        ("[1]", "--settings: should be a mapping of `key: value` lines"),
    ],
)
def test_bad_settings_are_reported_in_one_sentence(
    settings: str, sentence: str | None, study: Path, capsys: Capture
):
    words = ["train", "small", "--data", "nowhere", "--seeds", "0", "--output", "o", "--settings", settings]
    found = refused(words, capsys)
    if sentence is None:  # as if not given
        assert found.startswith("nowhere is not a folder")
    else:
        assert found.startswith(sentence)


def test_folder_that_cannot_be_written_to_is_reported(study: Path, capsys: Capture):
    (study / "file").write_text("")
    words = ["download", "mnist", "--output", "file/folder"]
    assert refused(words, capsys) == "cannot write to the folder file/folder: file is a file; name a folder"


def test_process_ends_with_1_and_no_stack_trace(study: Path):
    done = subprocess.run(
        [sys.executable, "-m", "downhill", "show", "--results", "nowhere"], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == "error: nowhere/claims.csv does not exist; run `make`, or `snakemake`, first\n"


def test_output_that_cannot_be_written_is_reported(study: Path):
    with Path("/dev/full").open("w") as full:
        words = [sys.executable, "-m", "downhill", "check"]
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr == "error: the output cannot be written: No space left on device; write it elsewhere\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            "train small --data d --seeds 0 --output=",
            "argument --output: the path is empty; name a file or a folder",
        ),
        ("draw a --evidence e --output=", "argument --output: the path is empty; name a file or a folder"),
        (
            "train small --data d --seeds 0-9223372036854775807 --output o",
            "give at most 100,000,000 at a time",
        ),
    ],
)
def test_arguments_that_make_no_sense_are_refused(words: str, sentence: str, capsys: Capture):
    with pytest.raises(SystemExit):
        main(words.split())
    assert capsys.readouterr().err.endswith(f"{sentence}\n")


def test_key_that_appears_twice_in_json_is_refused(study: Path, capsys: Capture):
    words = ["train", "small", "--data", "d", "--seeds", "0", "--output", "o", "--settings"]
    message = refused([*words, '{"epochs": 5, "epochs": 6}'], capsys)
    assert message.startswith(
        "--settings: is not JSON (the key 'epochs' appears twice; remove or rename one)"
    )


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("x", "--contradictions: is not JSON (Expecting value: line 1 column 1 (char 0)); "),
        ("{}", "--contradictions: should be a list, such as [a, b]"),
        ('[{"contradiction": "a"}]', "--contradictions: '0.title' is missing; add it"),
    ],
)
def test_contradictions_that_are_none_are_refused(given: str, sentence: str, study: Path, capsys: Capture):
    words = "summarise --evidence e.json --networks n.csv --csv a.csv --markdown a.md --html a.html --contradictions"
    assert refused([*words.split(), given], capsys).startswith(sentence)


def test_the_three_tables_are_three_files(study: Path, capsys: Capture):
    words = "summarise --evidence e.json --networks n.csv --csv a.x --markdown a.x --html b.x"
    message = refused(words.split(), capsys)
    assert message == "--csv, --markdown and --html must be three different files"


def test_another_program_that_imports_the_package_finds_its_own_modules(study: Path):
    """Only `python -m downhill` ignores the working directory."""
    (study / "tool").mkdir()
    (study / "tool" / "__init__.py").write_text("import downhill\n")
    (study / "tool" / "__main__.py").write_text("import helper; print(helper.WORD)\n")
    (study / "helper.py").write_text("WORD = 'found'\n")
    done = subprocess.run([sys.executable, "-m", "tool"], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("found\n", "")


def test_reader_that_exits_early_causes_no_error(study: Path):
    """As in `downhill check | head -1`."""
    (study / "config" / "networks.tsv").write_text(
        NETWORKS + "".join(f"other-{number}\tfew\t1\t16\t1\n" for number in range(5000))
    )
    with subprocess.Popen(
        [sys.executable, "-m", "downhill", "check"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline().split()[:8] == [
            "small",
            "few",
            "16",
            "4",
            "seeds",
            "in",
            "2",
            "jobs,",
        ]
        process.stdout.close()
        assert process.wait() == 0
        assert process.stderr.read() == ""


def test_check_prints_what_would_be_trained(study: Path, capsys: Capture):
    run("check")
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "1 network, 4 trainings, 1 experiment, 2 claims"
    assert lines[1].split()[:7] == [
        "weights-and-biases",
        "network.weights_and_biases",
        "4",
        "seeds",
        "in",
        "2",
        "jobs,",
    ]
    (study / "config" / "claims.tsv").write_text(CLAIMS.replace("test_accuracy", "test_acuracy"))
    assert "did you mean 'test_accuracy'?" in refused(["check"], capsys)


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--settings", "{", "--settings: is not JSON ("),
        (
            "--settings",
            '{"function": "network.weights_and_bias"}',
            "experiment 'weights-and-biases': 'weights_and_bias' is not in ",
        ),
        (
            "--settings",
            '{"function": "network.weights_and_biases", "options": {"image": 3}}',
            "experiment 'weights-and-biases', options: 'weights_and_biases' has no option 'image'; did you mean "
            "'images'?",
        ),
        ("--inputs", "[", "--inputs: is not JSON ("),
        ("--inputs", '{"network": {}}', "--inputs: unknown key 'network'; did you mean 'networks'?"),
        (
            "--inputs",
            '{"networks": {"small": {"data": "d", "blocks": []}}}',
            "--inputs: 'networks.small.settings' is ",
        ),
    ],
)
def test_bad_settings_of_an_experiment_are_reported(
    option: str, value: str, sentence: str, study: Path, capsys: Capture
):
    words = [
        "experiment",
        "weights-and-biases",
        "--network",
        "small",
        "--seeds",
        "0",
        "--output",
        "o.npz",
        option,
        value,
    ]
    assert refused(words, capsys).startswith(sentence)


def test_schema_is_written(tmp_path: Path, capsys: Capture):
    missing = ["schema", "--output", str(tmp_path), "--reference", "nowhere.md"]
    assert refused(missing, capsys) == "nowhere.md: cannot be read: No such file or directory"
    run(f"schema --output {tmp_path}")
    shipped = REPOSITORY / "config" / "schema"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in shipped.iterdir())


CHAIN = (
    "download mnist --output resources/mnist",
    "prepare few --output results/data/few",
    "compile",
    "train small --data results/data/few --seeds 0-1 --output results/runs/small/seeds-0-1",
    "train small --data results/data/few --seeds 2-3 --threads 2 --output results/runs/small/seeds-2-3",
    "evaluate small --data results/data/few --seeds 0-3 --output results/evaluation/small "
    "--blocks results/runs/small/seeds-0-1 results/runs/small/seeds-2-3",
    "experiment weights-and-biases --network small --seeds 0-2 "
    "--output results/experiments/weights-and-biases/small/seeds-0-2.npz",
    "experiment weights-and-biases --network small --seeds 3-3 "
    "--output results/experiments/weights-and-biases/small/seeds-3-3.npz",
    "measure accurate --evaluations results/evaluation/small --output results/measurements/accurate.json",
    "measure strong --experiments results/experiments/weights-and-biases/small/seeds-3-3.npz "
    "results/experiments/weights-and-biases/small/seeds-0-2.npz --output results/measurements/strong.json",
    "judge accurate --measurement results/measurements/accurate.json --output results/claims/accurate.json",
    "judge strong --measurement results/measurements/strong.json --output results/claims/strong.json",
    "draw accuracy_distribution --evidence results/claims/accurate.json "
    "--output results/figures/accuracy.svg results/figures/accuracy.png",
    "tabulate --evaluations results/evaluation/small --output results/networks.csv",
    "summarise --evidence results/claims/accurate.json results/claims/strong.json --networks results/networks.csv "
    "--csv results/claims.csv --markdown results/claims.md --html results/claims.html",
)


def tendency(block: Path, seed: int) -> float:
    """Rank correlation of bias and mean activation over the first 1,000 test images, of the hidden units."""
    (W, b), _ = read_block(block).weights(seed)
    z = reference.scaled(load_dataset(BUNDLED).test.images[:1000]) @ W.astype(float) + b
    return float(stats.spearmanr(b, reference.activate(Network().activation, z).mean(0)).statistic)


def test_the_whole_chain_by_hand(study: Path, capsys: Capture):
    for words in CHAIN:
        run(words)
    capsys.readouterr()
    data = load_dataset(study / "results" / "data" / "few")
    assert [len(part) for part in data.parts().values()] == [200, 50, 10_000]
    summary = read_json(study / "results" / "data" / "few" / "summary.json")
    assert summary["recipe"]["training_images"] == 200
    for block, seeds in (("seeds-0-1", [0, 1]), ("seeds-2-3", [2, 3])):
        with np.load(study / "results" / "runs" / "small" / block / "weights.npz") as arrays:
            assert arrays["seeds"].tolist() == seeds
            assert arrays["parameters"].shape == (2, 785 * 16 + 17 * 10)
        provenance = read_json(study / "results" / "runs" / "small" / block / "provenance.json")
        assert list(provenance["seconds"]) == [str(seed) for seed in seeds]
        assert all(len(epochs) == 2 for epochs in provenance["seconds"].values())
        assert provenance["threads"] == (1 if seeds[0] == 0 else 2)
    for result, modules, inputs in (
        (
            "experiments/weights-and-biases/small/seeds-0-2",
            ["experiments.run", "experiments.network:weights_and_biases"],
            3,
        ),
        ("measurements/accurate", ["claims.measure", "claims.learning:test_accuracy"], 1),
        ("measurements/strong", ["claims.measure", "claims.network:strength_and_tendency"], 2),
        ("claims/strong", ["claims.judge", "config.band", "config.units"], 1),
        ("figures/accuracy", ["figures.pages", "config.band", "figures.learning:accuracy_distribution"], 1),
    ):
        record = read_json(study / "results" / result / "provenance.json")
        assert record["code"]["modules"] == modules
        assert len(record["inputs"]) == inputs
    scores = pd.read_parquet(study / "results" / "evaluation" / "small" / "scores.parquet")
    evidence = read_json(study / "results" / "claims" / "accurate.json")
    assert evidence["verdict"] == "supported"
    assert evidence["n"] == 4
    assert evidence["value"] == pytest.approx(scores[scores.image_set == "test"].accuracy.mean())
    assert (study / "results" / "figures" / "accuracy.png").read_bytes().startswith(b"\x89PNG")
    assert ElementTree.parse(study / "results" / "figures" / "accuracy.svg").getroot().tag.endswith("svg")
    assert pd.read_csv(study / "results" / "claims.csv").claim.tolist() == ["accurate", "strong", "strong"]
    strong = read_json(study / "results" / "claims" / "strong.json")
    by_seed = [
        tendency(study / "results" / "runs" / "small" / f"seeds-{block}", seed)
        for block, seed in (("0-1", 0), ("0-1", 1), ("2-3", 2), ("2-3", 3))
    ]
    _, part = strong["parts"]
    assert (part["value"], part["n"]) == (pytest.approx(np.mean(by_seed)), 4)
    assert strong["inputs"] == {"weights-and-biases": {"small": {"seeds": 4, "diverged": []}}}
    networks = pd.read_csv(study / "results" / "networks.csv")
    assert (networks.network[0], networks.n[0]) == ("small", 4)
    assert networks.test[0] == pytest.approx(evidence["value"])
    assert "## accurate" in (study / "results" / "claims.md").read_text(encoding="utf-8")

    run("show")
    shown = capsys.readouterr().out
    assert shown.splitlines()[0].split()[:4] == ["✔", "supported", "✱", "accurate"]
    assert f"{100 * evidence['value']:.2f} %" in shown
    assert "n = 4" in shown
    assert "results/claims.md" in shown
    assert "results/figures/ (1, each as SVG and PNG, and as tables in JSON)" in shown
    (
        study / "results" / "figures" / ".writing-abcdefgh-accuracy.svg"
    ).touch()  # left by a killed job, not a figure
    run("show")
    assert capsys.readouterr().out == shown
    run(CHAIN[-3])  # drawing it again removes it
    table = (study / "results" / "claims.csv").read_text(encoding="utf-8")
    for end in (0, 30, len(table) // 2, len(table) - 40):
        (study / "results" / "claims.csv").write_text(table[:end], encoding="utf-8")
        said = refused(["show"], capsys)
        assert re.fullmatch(r"results/claims.csv is damaged( \(.*\))?; delete it and run again", said)

    # Half of it again, in another folder: a stage run by hand makes the same bytes.
    run("train small --data results/data/few --seeds 0-1 --threads 2 --output again")
    for name in ("weights.npz", "history.parquet"):
        first = study / "results" / "runs" / "small" / "seeds-0-1" / name
        assert (study / "again" / name).read_bytes() == first.read_bytes()
    assert not list(study.rglob(".writing-*"))


def test_drawing_from_a_file_that_is_not_evidence_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "other.json").write_text("{}")
    words = ["draw", "learning_curves", "--evidence", str(tmp_path / "other.json")]
    assert main([*words, "--output", str(tmp_path / "figure.svg")]) == 1
    assert "is not the evidence of a claim" in capsys.readouterr().err
    assert not (tmp_path / "figure.svg").exists()


def test_generated_data_is_prepared_from_its_seed_alone(study: Path, capsys: Capture):
    generate = {"kind": "rings", "radii": [1, 2], "sd": 0.1, "training": 30, "test": 20}
    (study / "config" / "datasets.yaml").write_text(
        yaml.safe_dump(
            {
                "sources": {"rings": {"title": "Rings", "generate": generate}},
                "datasets": {"few": {"source": "rings", "seed": 3}},
            }
        )
    )
    run("prepare few --output data")
    record = read_json(study / "data" / "provenance.json")
    assert record["contents"] == {"generate": generate}
    assert record["settings"]["validation_images"] == 0
    assert record["inputs"] == []
    assert sorted(path.name for path in study.iterdir()) == [".locks", "config", "data"]
    given = [
        *("--settings", '{"source": "rings", "seed": 3}'),
        *("--source", json.dumps({"title": "Other rings", "generate": generate})),
    ]
    assert main(["prepare", "anything", *given, "--output", "again"]) == 0
    for name in ("dataset.npz", "summary.json"):
        assert (study / "data" / name).read_bytes() == (study / "again" / name).read_bytes()
    run("check")
    capsys.readouterr()
    run("provenance data")
    shown = capsys.readouterr().out
    assert "generate.kind rings, generate.radii 1, 2, generate.sd 0.1" in shown
    assert refused(["download", "rings", "--output", "o"], capsys) == (
        "config/datasets.yaml: source 'rings' is generated and needs no download; "
        "run `downhill prepare` for a data set that is made from it"
    )
    assert refused(["prepare", "few", "--source-folder", "config", "--output", "o"], capsys) == (
        "source 'rings' is generated and has no files; leave out the folder config"
    )


@pytest.mark.parametrize("name", ["secrets", "random", "numpy", "numbers", "pydantic"])
def test_files_of_the_user_do_not_replace_modules(name: str, tmp_path: Path):
    (tmp_path / f"{name}.py").write_text("raise RuntimeError('the module of a user was imported')")
    words = [sys.executable, "-m", "downhill", "compile"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_help_is_there_without_docstrings():
    words = [sys.executable, "-OO", "-m", "downhill", "--help"]
    assert "forecast" in subprocess.run(words, capture_output=True, text=True, check=True).stdout


BLAS_THREADS = """
import downhill.__main__
import numpy, scipy.linalg
from threadpoolctl import threadpool_info
print({library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"})
"""


def test_all_stages_have_one_thread_of_blas():
    """Also those that are started as `downhill`: no bytes of a result may depend on the number of cores."""
    printed = subprocess.run(
        [sys.executable, "-c", BLAS_THREADS],
        env=os.environ | {"OPENBLAS_NUM_THREADS": "2"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert printed == "{1}\n"
