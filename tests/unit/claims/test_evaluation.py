"""Evaluations of trained seeds, compared with plain NumPy."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from downhill.config.canonical import settings_of
from downhill.errors import DownhillError
from downhill.runs.evaluate import evaluate_network
from downhill.runs.history import gather_histories

from .trained_networks import NETWORKS, Runs, trained

SETS = {"train": 300, "validation": 100, "test": 200}
MEASURED = ["sigmoid", "softmax", "shuffled", "bare"]


@pytest.mark.parametrize("name", MEASURED)
def test_scores_are_those_of_the_reference(name: str, runs: dict[str, Runs]):
    run = runs[name]
    scores = pd.read_parquet(run.folder / "evaluation" / "scores.parquet").set_index(["image_set", "seed"])
    assert len(scores) == 3 * len(run.seeds)
    for image_set, images in SETS.items():
        labels = getattr(run.data, image_set).labels
        for seed in run.seeds:
            outputs, losses = run.outputs(seed, image_set)
            found = scores.loc[image_set, seed]
            assert found.images == images == len(labels)
            assert found.accuracy == pytest.approx((outputs.argmax(1) == labels).mean(), abs=1e-12)
            assert found.loss == pytest.approx(losses.mean(), rel=1e-4)
            assert found.confidence == pytest.approx(outputs.max(1).mean(), rel=1e-4)


@pytest.mark.parametrize("name", MEASURED)
def test_predictions_and_confusion_are_those_of_the_reference(name: str, runs: dict[str, Runs]):
    run = runs[name]
    labels = run.data.test.labels
    with np.load(run.folder / "evaluation" / "predictions.npz") as arrays:
        found = dict(arrays)
    confusion = pd.read_parquet(run.folder / "evaluation" / "confusion.parquet")
    assert found["seeds"].tolist() == list(run.seeds)
    np.testing.assert_array_equal(found["labels"], labels)
    for place, seed in enumerate(run.seeds):
        outputs, _ = run.outputs(seed, "test")
        np.testing.assert_array_equal(found["predicted"][place], outputs.argmax(1))
        np.testing.assert_allclose(found["confidence"][place], outputs.max(1), atol=1e-5)
        sure = (np.abs(outputs - 0.5) > 1e-5).all(axis=1)
        assert sure.mean() > 0.95
        np.testing.assert_array_equal(found["above_half"][place][sure], (outputs > 0.5).sum(1)[sure])
        counts = confusion[confusion.seed == seed].set_index(["label", "predicted"]).images
        assert len(counts) == 100
        for (label, predicted), images in counts.items():
            assert images == ((labels == label) & (outputs.argmax(1) == predicted)).sum()


@pytest.mark.parametrize("name", MEASURED)
def test_history_ends_where_the_evaluation_begins(name: str, runs: dict[str, Runs]):
    evaluation = runs[name].evaluation
    history = evaluation.table("history")
    net, seeds = NETWORKS[name]
    assert sorted(history.seed.unique()) == list(seeds)
    epochs = sorted({epoch for epoch in range(1, net.epochs + 1) if epoch % net.history_every == 0})
    assert history.groupby("seed").epoch.apply(list).tolist() == [epochs] * len(seeds)
    last = history[history.epoch == net.epochs].set_index("seed")
    for image_set in ("train", "test"):
        scores = evaluation.scores(image_set)
        assert last[f"{image_set}_accuracy"].tolist() == scores.accuracy.tolist()
        np.testing.assert_allclose(last[f"{image_set}_loss"], scores.loss, rtol=1e-6)


def test_index_records_where_everything_came_from(runs: dict[str, Runs], data_folders: dict[str, Path]):
    run = runs["sigmoid"]
    assert run.evaluation.index == {
        "network": "sigmoid",
        "settings": settings_of(run.net),
        "layer_sizes": [784, 16, 10],
        "seeds": [0, 4],
        "diverged": {},
        "data": data_folders["true"].as_posix(),
        "blocks": [block.as_posix() for block in run.blocks],
    }
    assert run.evaluation.net == run.net
    for seed in run.seeds:
        for (W, b), (own_W, own_b) in zip(run.evaluation.weights(seed), run.weights(seed), strict=True):
            np.testing.assert_array_equal(W, own_W)
            np.testing.assert_array_equal(b, own_b)


@pytest.mark.parametrize("name", ["sigmoid", "some-diverge"])
@pytest.mark.parametrize("size", [1, 3, 8])
def test_evaluation_does_not_depend_on_how_seeds_are_divided(
    name: str, size: int, runs: dict[str, Runs], data_folders: dict[str, Path], tmp_path: Path
):
    other = trained(name, tmp_path, data_folders["true"], size)
    assert len(other.blocks) != len(runs[name].blocks)
    for file in ("scores.parquet", "history.parquet", "confusion.parquet", "predictions.npz"):
        found, expected = (one.folder / "evaluation" / file for one in (other, runs[name]))
        assert found.read_bytes() == expected.read_bytes()
    assert other.evaluation.index["diverged"] == runs[name].evaluation.index["diverged"]


def test_order_of_blocks_and_further_seeds_do_not_matter(
    runs: dict[str, Runs], data_folders: dict[str, Path], tmp_path: Path
):
    run = runs["sigmoid"]
    evaluate_network("sigmoid", run.net, data_folders["true"], run.blocks[::-1], range(2), tmp_path)
    scores = pd.read_parquet(tmp_path / "scores.parquet")
    expected = run.evaluation.table("scores")
    pd.testing.assert_frame_equal(scores, expected[expected.seed < 2].reset_index(drop=True))
    assert sorted(pd.read_parquet(tmp_path / "history.parquet").seed.unique()) == [0, 1]


def test_histories_are_gathered_as_if_at_once(
    runs: dict[str, Runs], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The bytes and the sizes of row groups do not depend on how seeds are divided into blocks."""
    from downhill.runs import history

    blocks, seeds = runs["sigmoid"].blocks, runs["sigmoid"].seeds
    at_once = pd.concat([pd.read_parquet(block / "history.parquet") for block in blocks], ignore_index=True)
    at_once = at_once[at_once.seed.isin(seeds)]
    for rows in (7, 1 << 20):
        at_once.to_parquet(tmp_path / "expected.parquet", index=False, row_group_size=rows)
        monkeypatch.setattr(history, "_ROWS", rows)
        history.gather_histories(blocks, seeds, tmp_path / "found.parquet")
        assert (tmp_path / "found.parquet").read_bytes() == (tmp_path / "expected.parquet").read_bytes()
    assert len(at_once) > 7


def test_history_of_an_earlier_version_is_refused(runs: dict[str, Runs], tmp_path: Path):
    old = pd.read_parquet(runs["sigmoid"].blocks[0] / "history.parquet")
    old.drop(columns=["validation_loss", "validation_accuracy"]).to_parquet(
        tmp_path / "history.parquet", index=False
    )
    message = rf"^{tmp_path}/history.parquet has the columns seed, .*; delete {tmp_path} and run again$"
    with pytest.raises(DownhillError, match=message):
        gather_histories([tmp_path], range(2), tmp_path / "found.parquet")
    assert not (tmp_path / "found.parquet").exists()
