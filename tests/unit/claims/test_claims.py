"""From trained seeds to verdicts: evaluations and statistics against plain NumPy, evidence, damage, digests."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from downhill.claims.evidence import measure
from scipy import stats

from downhill import reference
from downhill.__main__ import main
from downhill.config.claim import Claim
from downhill.config.network import Network
from downhill.config.settings import Statistics
from downhill.datasets import Dataset, load_dataset
from downhill.datasets.dataset import Images
from downhill.datasets.prepare import with_shuffled_labels
from downhill.datasets.store import save_dataset
from downhill.report.tables import summarise
from downhill.runs.evaluate import evaluate_network
from downhill.runs.evaluation import EvaluatedNetwork
from downhill.runs.train import train_block
from downhill.storage.atomic import read_json

PACKAGE = Path(__file__).parents[3] / "workflow" / "downhill"
QUICK = Statistics(resamples=200)
SETS = {"train": 300, "validation": 100, "test": 200}
RECIPE = {"source": "mnist", "validation_images": 100, "training_images": 300}

NETWORKS = {
    "sigmoid": (Network(hidden_layers=(16,), epochs=3), range(5)),
    "softmax": (
        Network(
            hidden_layers=(12, 8),
            activation="relu",
            output="softmax",
            loss="cross_entropy",
            initialization="lecun",
            optimizer="momentum",
            learning_rate=0.05,
            momentum=0.9,
            epochs=4,
            history_every=2,
        ),
        range(3),
    ),
    "untrained": (Network(hidden_layers=(16,), epochs=0), range(6)),
    "shuffled": (Network(hidden_layers=(16,), epochs=3), range(4)),
    "bare": (Network(hidden_layers=(), epochs=1), range(2)),
    # Far too long steps: some seeds overflow, in others all hidden units die first.
    "some-diverge": (
        Network(
            hidden_layers=(16,),
            activation="relu",
            output="linear",
            initialization="lecun",
            learning_rate=4,
            epochs=2,
        ),
        range(8),
    ),
    "all-diverge": (Network(hidden_layers=(), output="linear", learning_rate=50, epochs=3), range(2)),
}


@dataclass(frozen=True)
class Runs:
    """Folders of a trained network, and what they were made of."""

    folder: Path
    net: Network
    seeds: range
    data: Dataset

    @property
    def blocks(self) -> list[Path]:
        return sorted(self.folder.glob("seeds-*"))

    @property
    def evaluation(self) -> EvaluatedNetwork:
        return EvaluatedNetwork(self.folder / "evaluation")

    def weights(self, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """[(W, b), …] cut by hand from the block that holds the seed."""
        for block in self.blocks:
            with np.load(block / "weights.npz") as arrays:
                if seed in arrays["seeds"]:
                    vector = arrays["parameters"][arrays["seeds"].tolist().index(seed)]
                    sizes = arrays["layer_sizes"].tolist()
        weights = []
        for n_in, n_out in pairwise(sizes):
            W, b, vector = np.split(vector, [n_in * n_out, (n_in + 1) * n_out])[0:3]
            weights.append((W.reshape(n_in, n_out), b))
        assert len(vector) == 0
        return weights

    def outputs(self, seed: int, image_set: str) -> tuple[np.ndarray, np.ndarray]:
        """Outputs and costs in float64."""
        part = getattr(self.data, image_set)
        activations, z = reference.forward(self.weights(seed), part.images, self.net)
        return activations[-1], reference.losses(z, part.labels, self.net)

    def accuracy(self, image_set: str) -> np.ndarray:
        """Accuracies of all seeds (k,)."""
        labels = getattr(self.data, image_set).labels
        seeds = self.evaluation.seeds
        return np.array([(self.outputs(seed, image_set)[0].argmax(1) == labels).mean() for seed in seeds])


def trained(name: str, folder: Path, data_folder: Path, size: int = 2) -> Runs:
    """Train a network's seeds in blocks of `size`, the last one filled up, and evaluate them."""
    net, seeds = NETWORKS[name]
    data = load_dataset(data_folder)
    blocks = []
    for first in range(0, len(seeds), size):
        blocks.append(folder / f"seeds-{first:02}")
        train_block(net, data, range(first, first + size), 1, blocks[-1])
    evaluate_network(name, net, data_folder, blocks, seeds, folder / "evaluation")
    return Runs(folder, net, seeds, data)


@pytest.fixture(scope="session")
def data_folders(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """300 training, 100 validation and 200 test digits, with true and with shuffled labels."""
    folder = tmp_path_factory.mktemp("data")
    train = digits.train.take(slice(300))
    for name, share in (("true", 0.0), ("shuffled", 1.0)):
        data = Dataset(
            with_shuffled_labels(train, share, 0),
            digits.train.take(slice(300, 400)),
            digits.test,
            digits.classes,
        )
        save_dataset(data, folder / name, recipe=RECIPE | {"shuffle_labels": share})
    return {name: folder / name for name in ("true", "shuffled")}


@pytest.fixture(scope="session")
def runs(data_folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Runs]:
    folder = tmp_path_factory.mktemp("runs")
    return {
        name: trained(name, folder / name, data_folders["shuffled" if name == "shuffled" else "true"])
        for name in NETWORKS
    }


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


def test_index_tells_where_everything_came_from(runs: dict[str, Runs], data_folders: dict[str, Path]):
    run = runs["sigmoid"]
    assert run.evaluation.index == {
        "network": "sigmoid",
        "settings": run.net.model_dump(mode="json"),
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
def test_evaluation_does_not_depend_on_how_seeds_are_cut(
    name: str, size: int, runs: dict[str, Runs], data_folders: dict[str, Path], tmp_path: Path
):
    other = trained(name, tmp_path, data_folders["true"], size)
    assert len(other.blocks) != len(runs[name].blocks)
    for file in ("scores.parquet", "history.parquet", "confusion.parquet", "predictions.npz"):
        found, expected = (one.folder / "evaluation" / file for one in (other, runs[name]))
        assert found.read_bytes() == expected.read_bytes()
    assert other.evaluation.index["diverged"] == runs[name].evaluation.index["diverged"]


def test_order_of_blocks_and_further_seeds_do_not_count(
    runs: dict[str, Runs], data_folders: dict[str, Path], tmp_path: Path
):
    run = runs["sigmoid"]
    evaluate_network("sigmoid", run.net, data_folders["true"], run.blocks[::-1], range(2), tmp_path)
    scores = pd.read_parquet(tmp_path / "scores.parquet")
    expected = run.evaluation.table("scores")
    pd.testing.assert_frame_equal(scores, expected[expected.seed < 2].reset_index(drop=True))
    assert sorted(pd.read_parquet(tmp_path / "history.parquet").seed.unique()) == [0, 1]


# --- Claims ----------------------------------------------------------------------------------------------------


def claim_of(family: str, statistic: str, band: str, *networks: str, unit: str = "share") -> Claim:
    figures = {"network": "first_layer_weights", "learning": "learning_curves", "memorisation": "memorised"}
    return Claim(
        claim=statistic.replace("_", "-"),
        family=family,
        statement="It is so.",
        source="L1",
        statistic=statistic,
        networks=networks,
        unit=unit,
        band=band,
        figures=(figures[family],),
    )


@pytest.fixture
def evidence_for(runs: dict[str, Runs], tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Measure a claim, and read the file that was written."""

    def evidence(claim: Claim) -> dict[str, Any]:
        path = tmp_path / f"{claim.claim}.json"
        measure(claim, [runs[name].evaluation for name in claim.networks], QUICK, path)
        found: dict[str, Any] = read_json(path)
        return found

    return evidence


def rises(run: Runs) -> np.ndarray:
    shares = []
    for seed in run.seeds:
        a, rising = reference.scaled(run.data.test.images), []
        for W, b in run.weights(seed)[:-1]:
            z = a @ W.astype(float) + b
            means = np.array(
                [reference.activate(run.net.activation, z + shift).mean(0) for shift in (-4, 0, 4)]
            )
            rising += (np.diff(means, axis=0) > 0).all(axis=0).tolist()
            a = reference.activate(run.net.activation, z)
        shares.append(np.mean(rising))
    return np.array(shares)


def one_bright(run: Runs) -> np.ndarray:
    return np.array([((run.outputs(seed, "test")[0] > 0.5).sum(1) == 1).mean() for seed in run.seeds])


def correlations(run: Runs) -> np.ndarray:
    history = pd.concat([pd.read_parquet(block / "history.parquet") for block in run.blocks])
    return np.array(
        [
            stats.spearmanr(rows.epoch, rows.test_accuracy).statistic
            for seed, rows in history.groupby("seed")
            if seed in run.seeds
        ]
    )


def best_epochs(run: Runs) -> np.ndarray:
    history = pd.concat([pd.read_parquet(block / "history.parquet") for block in run.blocks])
    return history[history.seed.isin(run.seeds)].groupby("seed").test_accuracy.max().to_numpy()


def gap(run: Runs) -> np.ndarray:
    return run.accuracy("train") - run.accuracy("test")


# Family, statistic, networks, and the same numbers, one a seed, without the package's own tables.
STATISTICS: list[tuple[str, str, tuple[str, ...], Callable[..., np.ndarray]]] = [
    ("network", "parameter_count", ("sigmoid",), lambda run: np.array([785 * 16 + 17 * 10])),
    ("network", "parameter_count", ("softmax",), lambda run: np.array([785 * 12 + 13 * 8 + 9 * 10])),
    ("network", "exactly_one_bright", ("sigmoid",), one_bright),
    ("network", "rising_with_bias", ("sigmoid",), rises),
    ("learning", "untrained_accuracy", ("untrained",), lambda run: run.accuracy("test")),
    ("learning", "rise_with_epochs", ("sigmoid",), correlations),
    ("learning", "test_accuracy", ("softmax",), lambda run: run.accuracy("test")),
    ("learning", "generalisation_gap", ("softmax",), gap),
    ("learning", "best_epoch_accuracy", ("softmax",), best_epochs),
    (
        "learning",
        "accuracy_of_best_shape",
        ("sigmoid", "softmax"),
        lambda *pair: max(pair, key=lambda run: run.accuracy("validation").mean()).accuracy("test"),
    ),
    ("memorisation", "gap_when_memorising", ("softmax",), gap),
    ("memorisation", "test_accuracy_after_shuffling", ("shuffled",), lambda run: run.accuracy("test")),
    (
        "memorisation",
        "both_fitted",
        ("sigmoid", "shuffled"),
        lambda one, other: np.minimum(one.accuracy("train")[:4], other.accuracy("train")),
    ),
]


@pytest.mark.parametrize(("family", "statistic", "networks", "by_hand"), STATISTICS)
def test_statistic_is_what_it_says(family, statistic, networks, by_hand, runs, evidence_for):
    found = evidence_for(claim_of(family, statistic, "-9 to 99999", *networks))
    values = by_hand(*(runs[name] for name in networks))
    summary = np.median if statistic == "untrained_accuracy" else np.mean
    assert found["value"] == pytest.approx(summary(values), abs=1e-9)
    assert found["n"] == len(values)
    assert found["verdict"] == "supported"
    if not found["exact"]:
        assert found["lower"] <= found["value"] <= found["upper"]
        assert values.min() - 1e-9 <= found["lower"]
        assert found["upper"] <= values.max() + 1e-9
        few = f"; with {len(values)} seeds the interval is likely too narrow"
        assert found["why"] == "the interval lies wholly inside the band" + few


def test_every_statistic_of_the_shipped_claims_is_measured_here():
    table = pd.read_csv(PACKAGE.parents[1] / "config" / "claims.tsv", sep="\t")
    assert set(zip(table.family, table.statistic, strict=True)) <= {case[:2] for case in STATISTICS}


def test_evidence_tells_claim_result_and_runs(runs, evidence_for):
    claim = claim_of("learning", "test_accuracy", "> 0.99", "sigmoid")
    found = evidence_for(claim)
    assert {name: found[name] for name in Claim.model_fields} == claim.model_dump(mode="json")
    assert found["measures"] == "Mean test accuracy at the end of training"
    assert found["confidence_level"] == 0.95
    assert found["verdict"] == "refuted"
    few = "; with 5 seeds the interval is likely too narrow"
    assert found["why"] == "the interval lies wholly outside the band" + few
    assert found["n"] == 5
    assert found["exact"] is False
    assert found["note"].startswith("single seeds reach ")
    assert found["runs"] == [runs["sigmoid"].evaluation.index]
    np.testing.assert_allclose(found["data"]["accuracy"], runs["sigmoid"].accuracy("test"))


def test_verdict_astride_says_how_many_seeds_would_decide(runs, evidence_for):
    accuracy = runs["sigmoid"].accuracy("test")
    found = evidence_for(claim_of("learning", "test_accuracy", f"> {accuracy.mean() - 1e-3}", "sigmoid"))
    assert found["verdict"] == "undecided"
    assert found["why"].startswith("the interval lies astride the band's edge; about ")
    assert found["why"].endswith(" seeds would decide it")


def test_exact_statistic_has_no_interval(evidence_for):
    found = evidence_for(claim_of("network", "parameter_count", "= 12730", "sigmoid", unit="count"))
    assert (found["value"], found["n"], found["exact"], found["verdict"]) == (12730, 1, True, "supported")
    assert (found["lower"], found["upper"], found["why"]) == (None, None, "exact: no interval needed")


def test_one_seed_gives_a_value_and_no_verdict(
    runs: dict[str, Runs], data_folders: dict[str, Path], tmp_path: Path
):
    run = runs["sigmoid"]
    evaluate_network("alone", run.net, data_folders["true"], run.blocks, range(1), tmp_path / "alone")
    claim = claim_of("learning", "test_accuracy", "> 0.99", "alone")
    found = measure(claim, [EvaluatedNetwork(tmp_path / "alone")], QUICK, tmp_path / "evidence.json")
    assert found["value"] == pytest.approx(run.accuracy("test")[0])
    assert (found["n"], found["lower"], found["verdict"]) == (1, None, "undecided")
    assert found["why"] == "one seed alone has no interval; train at least two"


def test_diverged_seeds_are_left_out_and_reported(runs: dict[str, Runs], evidence_for):
    run = runs["some-diverge"]
    epochs = {}
    for block in run.blocks:
        with np.load(block / "weights.npz") as arrays:
            epochs |= dict(zip(arrays["seeds"].tolist(), arrays["diverged_epoch"].tolist(), strict=True))
    diverged = {str(seed): epoch for seed, epoch in epochs.items() if epoch > 0}
    assert 0 < len(diverged) < 8  # else this test shows nothing: choose other steps
    finite = [all(np.isfinite(W).all() for W, _ in run.weights(seed)) for seed in run.seeds]
    assert [epochs[seed] == 0 for seed in run.seeds] == finite
    evaluation = run.evaluation
    assert evaluation.index["diverged"] == diverged
    assert evaluation.seeds == [seed for seed in run.seeds if finite[seed]]
    for table in ("scores", "history", "confusion"):
        assert sorted(evaluation.table(table).seed.unique()) == evaluation.seeds
    assert len(evaluation.predictions["predicted"]) == len(evaluation.seeds)
    found = evidence_for(claim_of("learning", "test_accuracy", "0 to 1", "some-diverge"))
    assert found["n"] == sum(finite)
    assert found["value"] == pytest.approx(run.accuracy("test").mean())
    assert found["runs"][0]["diverged"] == diverged
    assert found["verdict"] == "supported"


def test_claim_on_nothing_but_diverged_seeds_is_not_measured(runs: dict[str, Runs], evidence_for):
    assert runs["all-diverge"].evaluation.seeds == []
    found = evidence_for(claim_of("learning", "test_accuracy", "> 0.9", "sigmoid", "all-diverge"))
    assert found["verdict"] == "not measured"
    assert found["why"] == "every seed of network 'all-diverge' diverged"
    assert (found["value"], found["lower"], found["upper"], found["n"]) == (None, None, None, 0)
    assert found["runs"][1]["diverged"] == {"0": 1, "1": 1}


@pytest.mark.parametrize(
    ("family", "statistic", "network", "why"),
    [
        ("learning", "rise_with_epochs", "bare", "a correlation needs at least two epochs"),
        ("network", "rising_with_bias", "bare", "a network without hidden layers has no hidden units"),
        ("memorisation", "both_fitted", "sigmoid", "no network is trained on both true and shuffled labels"),
        (
            "learning",
            "test_accuracy",
            "sigmoid,bare",
            "the statistic is measured on one network, and the row names 2",
        ),
    ],
)
def test_statistic_that_cannot_be_measured_says_why(family, statistic, network, why, evidence_for):
    found = evidence_for(claim_of(family, statistic, "> 0", *network.split(",")))
    assert found["verdict"] == "not measured"
    assert found["why"].startswith(why)


def test_measuring_twice_gives_the_same_bytes(runs: dict[str, Runs], tmp_path: Path):
    claim = claim_of("learning", "test_accuracy", "> 0.9", "sigmoid")
    for name in ("first", "second"):
        measure(claim, [runs["sigmoid"].evaluation], QUICK, tmp_path / name)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()
    json.loads((tmp_path / "first").read_text(), parse_constant=pytest.fail)  # no NaN, which is not JSON


# --- Report ----------------------------------------------------------------------------------------------------


def test_table_has_a_row_for_each_claim_in_order(evidence_for, tmp_path: Path):
    claims = [
        claim_of("network", "parameter_count", "= 12730", "sigmoid", unit="count"),
        claim_of("learning", "test_accuracy", "> 0.99", "some-diverge"),
        claim_of("learning", "generalisation_gap", "< 0.03", "all-diverge", unit="points"),
        claim_of("memorisation", "gap_when_memorising", "-1 to 1", "softmax", unit="points"),
    ]
    evidence = [evidence_for(claim) for claim in claims]
    files = [tmp_path / f"{claim.claim}.json" for claim in claims]
    page, html = tmp_path / "page" / "claims.md", tmp_path / "claims.html"
    summarise(files, csv=tmp_path / "claims.csv", markdown=page, html=html, figures=tmp_path / "figures")
    table = pd.read_csv(tmp_path / "claims.csv")
    assert table.claim.tolist() == [claim.claim for claim in claims]
    assert table.verdict.tolist() == ["supported", "refuted", "not measured", "supported"]
    for key in ("value", "lower", "upper", "n"):
        expected = [np.nan if one[key] is None else one[key] for one in evidence]
        np.testing.assert_array_equal(table[key].to_numpy(float), expected)
    assert table.figures.tolist()[0] == "parameter-count-first-layer-weights"

    page = page.read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and "](#" in line]
    for row, claim, one in zip(rows, claims, evidence, strict=True):
        assert f"[{claim.claim}](#{claim.claim})" in row
        assert f"## {claim.claim}\n" in page
        assert f"| {one['n']} | " in row
    bands = ["exactly 12,730", "above 99 %", "below 3 points", "-100 points to 100 points"]
    assert [row.rsplit(" | ", 1)[1].removesuffix(" |") for row in rows] == bands
    assert "2 supported, 1 refuted, 1 not measured." in page
    assert "| ✔ supported | [parameter-count]" in rows[0]
    assert "| 12,730 | exact | 1 |" in rows[0]
    diverged = len(evidence[1]["runs"][0]["diverged"])
    assert f"`some-diverge` (seeds 0 to 7, {diverged} diverged)" in page
    assert "(../figures/parameter-count-first-layer-weights.svg)" in page
    assert f"{100 * evidence[3]['value']:.2f} points" in rows[3]
    for claim in claims:
        assert f"<td>{claim.claim}</td>" in html.read_text(encoding="utf-8")


# --- Damage ----------------------------------------------------------------------------------------------------


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def scribble(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[: len(content) // 2] = b"?" * (len(content) // 2)
    path.write_bytes(bytes(content))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def replace(path: Path) -> None:
    path.write_bytes(b"<!DOCTYPE html>")


DAMAGES = [Path.unlink, truncate, scribble, empty, replace]
FILES = [
    *("seeds-00/weights.npz", "seeds-02/history.parquet", "data/dataset.npz"),
    *("evaluation/predictions.npz", "evaluation/scores.parquet", "evaluation/confusion.parquet"),
    *("evaluation/index.json",),
]


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # NumPy leaves damaged files open
@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("file", FILES)
def test_damage_is_told_without_a_stack_trace(
    file: str,
    damage: Callable[[Path], None],
    runs: dict[str, Runs],
    data_folders: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
):
    shutil.copytree(runs["sigmoid"].folder, tmp_path, dirs_exist_ok=True)
    shutil.copytree(data_folders["true"], tmp_path / "data")
    damage(tmp_path / file)
    if file.startswith("evaluation"):
        name = "exactly_one_bright"
        claim = claim_of("network", name, "> 0.9", "sigmoid") if "scores" not in file else None
        claim = claim or claim_of("learning", "generalisation_gap", "< 0.1", "sigmoid")
        words = ["measure", claim.claim, "--settings", claim.model_dump_json(), "--evaluations"]
        words += [str(tmp_path / "evaluation"), "--output", str(tmp_path / "new" / "evidence.json")]
    else:
        blocks = sorted(str(path) for path in tmp_path.glob("seeds-*"))
        words = [
            "evaluate",
            "sigmoid",
            "--settings",
            NETWORKS["sigmoid"][0].model_dump_json(),
            "--seeds",
            "0-4",
        ]
        words += ["--data", str(tmp_path / "data"), "--blocks", *blocks, "--output", str(tmp_path / "new")]
    assert main(words) == 1
    message = capsys.readouterr().err.strip()
    assert message.startswith("error: ")
    assert len(message.splitlines()) == 1
    if file == "data/dataset.npz" and damage is Path.unlink:
        assert f"{tmp_path / 'data'} holds no data set" in message
    else:
        assert str(tmp_path / file) in message
        assert (
            "does not exist; " in message if damage is Path.unlink else "delete it and run again" in message
        )
    assert not (tmp_path / "new" / "index.json").exists()
    assert not (tmp_path / "new" / "evidence.json").exists()


def test_seed_that_no_block_holds_is_named(
    runs: dict[str, Runs], data_folders: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    run = runs["sigmoid"]
    words = ["evaluate", "sigmoid", "--settings", run.net.model_dump_json(), "--seeds", "0-4", "--data"]
    words += [str(data_folders["true"]), "--blocks", str(run.blocks[0]), "--output", str(tmp_path / "new")]
    assert main(words) == 1
    expected = "error: network 'sigmoid': the blocks hold no seed 2; train the block that does\n"
    assert capsys.readouterr().err == expected
    assert not (tmp_path / "new").exists()


def test_blocks_of_other_settings_are_refused(
    runs: dict[str, Runs], data_folders: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """As a job would leave them that began before the settings were changed, and ended last."""
    run = runs["sigmoid"]
    other = run.net.model_copy(update={"hidden_layers": (30,), "epochs": 4})
    words = ["evaluate", "sigmoid", "--settings", other.model_dump_json(), "--seeds", "0-1", "--data"]
    words += [
        str(data_folders["true"]),
        "--blocks",
        *map(str, run.blocks[:2]),
        "--output",
        str(tmp_path / "new"),
    ]
    assert main(words) == 1
    assert capsys.readouterr().err == (
        f"error: {run.blocks[0]}, {run.blocks[1]}: trained otherwise than 'sigmoid' is to be (epochs 3, not 4; "
        "hidden_layers [16], not [30]); give the blocks, settings and data that belong together, or, if a job "
        "left over from before a change wrote these blocks, delete them and run again\n"
    )
    assert not (tmp_path / "new").exists()


def shuffled(data: Dataset) -> Dataset:
    return Dataset(with_shuffled_labels(data.train, 1, seed=1), data.validation, data.test, data.classes)


def halved(data: Dataset) -> Dataset:
    parts = {name: Images(part.images[:, ::2, ::2], part.labels) for name, part in data.parts().items()}
    return Dataset(**parts, classes=data.classes)


@pytest.mark.parametrize("change", [shuffled, halved])
def test_blocks_of_other_data_are_refused(
    change: Callable[[Dataset], Dataset],
    runs: dict[str, Runs],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
):
    run = runs["sigmoid"]
    save_dataset(change(run.data), tmp_path / "other")
    words = ["evaluate", "sigmoid", "--settings", run.net.model_dump_json(), "--seeds", "0-1", "--data"]
    words += [str(tmp_path / "other"), "--blocks", str(run.blocks[0]), "--output", str(tmp_path / "new")]
    assert main(words) == 1
    assert (
        f"{run.blocks[0]}: trained otherwise than 'sigmoid' is to be (other data)" in capsys.readouterr().err
    )
    assert not (tmp_path / "new").exists()


def test_histories_are_gathered_as_if_at_once(
    runs: dict[str, Runs], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Whatever the blocks, the same bytes, in row groups of their own size."""
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
