"""Exported networks of a study: their files, when they are written again, and single ones by hand."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest
from test_study import (  # noqa: F401
    EXPORTS,
    change,
    finished,
    project,
    rewritten,
    set_cell,
    snakemake,
    stages,
    state,
)

from downhill import Network, load_dataset, predict
from downhill.__main__ import main
from downhill.provenance.record import identity
from downhill.runs.block import read_block

Capture = pytest.CaptureFixture[str]


def answers(model: Path, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Outputs and answers that onnxruntime computes."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    outputs, answer = session.run(["outputs", "answer"], {"pixels": images.astype(np.float32)})
    return outputs, answer


def check_seed(model: Path, network: str, seed: int, results: Path) -> None:
    """Check a model on all test images of a study."""
    evaluation = results / "evaluation" / network
    index = json.loads((evaluation / "index.json").read_text())
    test = load_dataset(results.parent / index["data"]).test
    outputs, answer = answers(model, test.images)
    block = read_block(results / "runs" / network / f"seeds-{seed // 2 * 2}-{seed // 2 * 2 + 1}")
    expected = predict(block.weights(seed), test.images, Network.model_validate(index["settings"]))
    np.testing.assert_allclose(outputs, expected, rtol=0, atol=1e-5)
    np.testing.assert_array_equal(answer, np.load(evaluation / "predictions.npz")["predicted"][seed])


def test_first_seed_of_each_network_is_exported(finished: Path):
    results = finished / "results"
    table = pd.read_csv(results / "exports.csv")
    assert table.network.tolist() == ["plain", "soft"]  # in the order of the study; `wild` diverged
    assert table.seed.tolist() == [0, 0]
    assert table.layers.tolist() == ["784-16-10", "784-8-10"]
    scores = {
        name: pd.read_parquet(results / "evaluation" / name / "scores.parquet") for name in table.network
    }
    for row in table.itertuples():
        check_seed(results / row.onnx, row.network, 0, results)
        of_seed = scores[row.network].query("seed == 0 and image_set == 'test'")
        assert row.test_accuracy == of_seed.accuracy.item()
        about = {entry.key: entry.value for entry in onnx.load(results / row.onnx).metadata_props}
        assert json.loads(about["test_accuracy"]) == of_seed.accuracy.item()
        data = json.loads((results / "data" / "few" / "provenance.json").read_text())
        assert about["data_digest"] == identity(data)
        assert json.loads(about["data_recipe"])["source"] == "mnist"
        with np.load(results / row.npz, allow_pickle=False) as arrays:
            assert {name: str(arrays[name]) for name in about} == about


def test_deleted_export_is_written_again(project: Path):
    before = state(project)
    (project / "results" / "exports" / "soft" / "seed-0.npz").unlink()
    assert stages(snakemake(project)) == {"export": "1", "all": "1", "total": "2"}
    after = state(project)
    assert rewritten(before, after) == EXPORTS
    assert all(after[name][1] == before[name][1] for name in EXPORTS if "provenance" not in name)
    assert "Nothing to be done" in snakemake(project)


def test_setting_chooses_seeds_and_files_of_others_are_removed(project: Path):
    config, exports = project / "config" / "config.yaml", project / "results" / "exports"
    (exports / "soft" / "notes.txt").write_text("not an export")
    change(config, lambda text: text + "exports: all\n")
    assert "export: seeds: first → all\n" in snakemake(project)
    names = [f"seed-{seed}.{kind}" for seed in range(4) for kind in ("npz", "onnx")]
    assert sorted(path.name for path in (exports / "soft").iterdir()) == ["notes.txt", *names]
    for seed in range(4):
        check_seed(exports / "soft" / f"seed-{seed}.onnx", "soft", seed, project / "results")
    set_cell(project, "networks", "soft", "seeds", "3")
    snakemake(project)
    assert sorted(path.name for path in (exports / "soft").iterdir()) == ["notes.txt", *names[:-2]]
    change(config, lambda text: text.replace("exports: all", "exports: none"))
    before = state(project)
    assert "Nothing to be done" in snakemake(project)
    assert state(project) == before


def refused(words: str, capsys: Capture) -> str:
    assert main(words.split()) == 1
    (sentence,) = capsys.readouterr().err.splitlines()
    return sentence.removeprefix("error: ")


def test_any_seed_is_exported_by_hand(
    project: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.chdir(project)
    assert main(["export", "soft", "--seed", "3", "--output", "mine/soft.onnx"]) == 0
    check_seed(Path("mine/soft.onnx"), "soft", 3, project / "results")
    record = json.loads(Path("mine/soft/provenance.json").read_text())
    assert (record["stage"], record["name"]) == ("export", "soft")
    assert [entry["path"] for entry in record["inputs"]] == [
        *("../../results/evaluation/soft", "../../results/runs/soft/seeds-2-3", "../../results/data/few")
    ]
    # Without --seed it is the first one, and the same bytes as those of the workflow.
    for kind in ("onnx", "npz"):
        assert main(f"export soft --output soft.{kind}".split()) == 0
        exported = Path("results/exports/soft", f"seed-0.{kind}")
        assert Path(f"soft.{kind}").read_bytes() == exported.read_bytes()
    assert main(["provenance", "results/exports/soft/seed-0.onnx", "--check"]) == 0
    assert "export export\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            "sofd --output a.onnx",
            "this study has no network 'sofd' (see config/networks.tsv and the setting select); did you mean 'soft'?",
        ),
        ("soft --seed 4 --output a.onnx", "network 'soft' has no seed 4; its seeds are 0 to 3"),
        (
            "wild --seed 1 --output a.onnx",
            "network 'wild': the training of seed 1 diverged in epoch 4, so it has no weights to export; so did all "
            "others",
        ),
        (
            "wild --output a.npz",
            "network 'wild': the training of all of its seeds diverged, so there are no weights to export",
        ),
        (
            "soft --output a.h5",
            "cannot write a.h5: networks are exported as .onnx or .npz, or all of them with a table as .csv; name a "
            "file such as a.onnx",
        ),
        (
            "--output a.onnx",
            "cannot write a.onnx: it holds a single network; name the network, as in `downhill export lesson --output "
            "a.onnx`, or write a table such as exports.csv to export all of them",
        ),
        (
            "soft --seed all --output a.onnx",
            "cannot write a.onnx: it holds one seed, and network 'soft' has 4; name one of them with --seed, or write "
            "a table, such as exports.csv, with the files of all seeds in a folder next to it",
        ),
        (
            "soft --evaluations results/evaluation/plain --output a.onnx",
            "--evaluations: there is no network 'soft'; there are: plain",
        ),
    ],
)
def test_what_cannot_be_exported_is_reported(
    words: str,
    sentence: str,
    finished: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.chdir(finished)
    found = refused(f"export {words}", capsys)
    assert re.sub(r"in epoch \d", "in epoch 4", found) == sentence
    assert not list(finished.glob("a.*"))


def test_missing_results_are_reported(
    project: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.chdir(project)
    shutil.rmtree("results/runs/soft/seeds-2-3")
    assert main(["export", "soft", "--seed", "1", "--output", "a.onnx"]) == 0
    assert refused("export soft --seed 2 --output b.onnx", capsys).endswith(
        "results/runs/soft/seeds-2-3/weights.npz does not exist; run the stage that makes it first"
    )
    shutil.rmtree("results/evaluation/soft")
    assert refused("export soft --output b.onnx", capsys) == (
        "results/evaluation/soft/index.json does not exist; run the stage that makes it first"
    )
    with pytest.raises(SystemExit):
        main(["export", "soft", "--seed", "one", "--output", "b.onnx"])
    assert "'one' is not a seed; write a number such as 3, or first" in capsys.readouterr().err
    assert not list(Path().glob("b*"))
