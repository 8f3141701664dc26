"""The benchmarks: peers without extra dependencies agree with the reference, and the tables are correct."""

import importlib
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks import bounds, draw, measure, prepare, summarise
from benchmarks.agreement import PAIRS, complaints, mean_interval
from benchmarks.cases import CASES, N_INPUTS, RECIPES, SINGLE
from benchmarks.peers import ENGINE, LIMIT, PEERS, Peer, Task, contenders, scaled
from benchmarks.peers.c_loop import compiler
from downhill import Network, reference, train
from downhill.datasets import Dataset
from downhill.datasets.store import save_dataset
from downhill.engine.images import engine_images


@pytest.mark.parametrize("name", ["numpy_vectorised", "c_loop", "downhill_engine"])
@pytest.mark.parametrize("case", ["P1", "P2", "P3", "P8"])
def test_two_steps_are_those_of_the_reference(digits, case, name):
    if name == "c_loop" and shutil.which(compiler()[0]) is None:
        pytest.skip("no C compiler")
    case = replace(CASES[case], batch_size=min(CASES[case].batch_size, 32))
    images = (digits if case.data == "digits" else prepare.wide(64, 0)).train
    task = Task(case, images.take(slice(2 * case.batch_size)), shuffle=False)
    training = importlib.import_module(f"benchmarks.peers.{name}").prepare(task)
    assert training.epoch() > 0

    weights = task.initial_weights()
    for batch in (slice(case.batch_size), slice(case.batch_size, None)):
        part = task.images.take(batch)
        _, gradient = reference.loss_and_gradient(weights, part.images, part.labels, case.network(1))
        weights = [
            (W - case.learning_rate * gW, b - case.learning_rate * gb)
            for (W, b), (gW, gb) in zip(weights, gradient, strict=True)
        ]
    changes = zip(training.networks()[0], weights, task.initial_weights(), strict=True)
    for found, expected, before in changes:
        for mine, true, start in zip(found, expected, before, strict=True):
            np.testing.assert_allclose(mine - start, true - start, atol=1e-4 * np.abs(true - start).max())
    assert (
        np.float32(1e-30) * np.float32(1e-10) > 0
    )  # denormal numbers outside the peers are not flushed to zero


def test_an_epoch_takes_every_image_once_in_a_new_order(digits):
    task = Task(CASES["P1"], digits.train)
    random = np.random.default_rng(0)
    first, second = task.order(random), task.order(random)
    assert sorted(first) == sorted(second) == list(range(500))
    assert list(first) != list(second)
    assert len(Task(CASES["P1"], digits.train, share=0.1).order(random)) == 50


def test_operations_of_the_lessons_network():
    weights, behind_the_first = 784 * 16 + 16 * 16 + 16 * 10, 16 * 16 + 16 * 10
    assert CASES["P1"].operations(60_000) == 60_000 * (4 * weights + 2 * behind_the_first)


def test_wide_images_have_no_zeros_and_can_be_learned():
    data = prepare.wide(1024, 200)
    assert data.train.images.shape == (1024, 32, 96)
    assert data.n_inputs == N_INPUTS["wide"] == CASES["P8"].layer_sizes[0]
    assert np.all(data.train.images != 0)
    assert np.std(data.train.images) == pytest.approx(1, abs=0.01)
    assert sorted(set(data.test.labels)) == list(range(10))
    assert data.checksum() == prepare.wide(1024, 200).checksum()
    run = train(CASES["P8"].network(epochs=2), data, initial=CASES["P8"].initial_weights(0))
    assert run.history["test_accuracy"].iloc[-1] > 0.3  # of ten classes


def test_floats_are_not_scaled():
    images = np.full((2, 1, 3), 51)
    assert scaled(images.astype(np.uint8)).tolist() == [[np.float32(0.2)] * 3] * 2
    assert scaled(images.astype(np.float32)).tolist() == [[51] * 3] * 2


def test_recipes_are_networks_that_this_version_can_train():
    for recipe in RECIPES.values():
        assert Network(**recipe.fields).epochs > 0


def made(**peers):
    base = {"label": "", "remark": "", "failure": None, "epochs": 4, "accuracy": [0.9], "idle_seconds": 0.0}
    timing = {"case": "P1", "title": "", "threads": "one", "n_threads": 1}
    return timing | {"peers": {name: base | {"seconds": seconds} for name, seconds in peers.items()}}


def test_ratios_are_formed_round_by_round():
    timing = made(**{ENGINE: [1.0, 2.0, 4.0], "slow": [3.0, 4.0, 20.0], LIMIT: [0.5, 0.5, 0.5], "none": []})
    table = pd.DataFrame(summarise.rows(timing)).set_index("peer")
    slow = table.loc["slow"]
    assert slow[["ratio_lower", "ratio", "ratio_upper"]].tolist() == [2.5, 3, 4]  # of 3, 2 and 5
    assert slow["milliseconds"] == 4000
    assert slow["of_limit"] == 8  # of 6, 8 and 40
    assert table.loc[ENGINE, "ratio"] == 1
    assert np.isnan(table.loc["none", "ratio"])


def test_the_figure_has_a_panel_for_each_case(tmp_path, monkeypatch):
    peers = {ENGINE: [1.0, 2.0, 4.0], "numpy": [3.0, 4.0, 20.0], LIMIT: [0.5, 0.5, 0.5]}
    timings = [made(**peers) | {"case": case, "title": "a network"} for case in ("P1", "P6", "P8")]
    table = pd.DataFrame([row for timing in timings for row in summarise.rows(timing)])
    table.to_csv(tmp_path / "benchmark.csv", index=False)
    paths = [str(tmp_path / f"benchmark{suffix}") for suffix in (".svg", ".png")]
    monkeypatch.setattr("sys.argv", ["draw", str(tmp_path / "benchmark.csv"), "--output", *paths])
    draw.main()
    assert "right of 1, Downhill is faster" in (tmp_path / "benchmark.svg").read_text()
    assert (tmp_path / "benchmark.png").stat().st_size > 0
    panels = draw.ratios({"statement": "a", "about": "b", "table": table}).axes
    assert [ax.get_title() for ax in panels if ax.axison] == [
        f"{case}: a network" for case in table["case"].unique()
    ]


def test_bounds_are_given_for_every_loop(digits):
    rate = bounds.Rates(load=2.0, store=1.0, multiply=4.0)
    assert rate.seconds(loads=3, stores=1, products=4) == 1.5
    assert rate.seconds(loads=1, stores=2, products=4) == 2
    found = bounds.sparse_lines(engine_images(digits.train.images[:300]), rate)
    assert {name.split(",")[0] for name, *_ in found} >= {
        "collect a batch",
        "forward",
        "update by image",
        "sort",
    }
    assert all(bound > 0 for *_, bound in found)
    lines = {name: bound for name, _, bound in found}
    assert lines["forward, 112 units, batch 10"] == pytest.approx(
        1e9 * 8 / 2
    )  # 7 vectors of W, and the brightness
    assert lines["update by image, 112 units, batch 10"] == pytest.approx(1e9 * 7 / 1)
    assert "forward, 16 units" in bounds.table("loops", found)


def test_mean_interval_is_students():
    found = mean_interval([1.0, 2.0, 3.0])
    assert found["mean"] == 2
    assert found["upper"] - 2 == pytest.approx(4.302653 / np.sqrt(3), rel=1e-6)  # t of 2 degrees of freedom
    assert 2 - found["lower"] == pytest.approx(found["upper"] - 2)


@pytest.mark.parametrize(
    ("ours", "pytorch", "expected"), [(9e-5, 0, 0), (2e-4, 0, 2), (2e-4, 3e-5, 0), (np.nan, 0, 2)]
)
def test_weights_disagree_beyond_what_float32_explains(ours, pytorch, expected):
    distances = dict(zip(PAIRS, (ours, ours, pytorch), strict=True))
    steps = [
        {"pair": list(pair), "seed": 0, "layer": 1, "of_weights": distance, "of_change": distance}
        for pair, distance in distances.items()
    ]
    assert len(complaints({"case": "P1", "n_steps": 200, "steps": steps})) == expected


def test_every_case_has_downhill_and_a_limit_to_compare_with():
    for name in SINGLE:
        for threads in ("one", "all"):
            assert {ENGINE, LIMIT} <= set(contenders(CASES[name], threads))


def test_a_missing_peer_does_not_affect_the_others(digits, tmp_path, monkeypatch):
    few = Dataset(digits.train.take(slice(50)), digits.validation, digits.test, digits.classes)
    save_dataset(few, tmp_path / "data")
    chosen = {ENGINE: PEERS[ENGINE], "absent": Peer("absent", "absent")}
    monkeypatch.setattr(measure, "contenders", lambda case, threads: chosen)
    with (tmp_path / "log").open("w") as log:
        timing = measure.measure(CASES["P1"], "one", rounds=2, data=tmp_path / "data", log=log)
    absent, ours = timing["peers"]["absent"], timing["peers"][ENGINE]
    assert "No module named" in absent["failure"]
    assert absent["seconds"] == []
    assert ours["failure"] is None
    assert len(ours["seconds"]) == 2
    assert ours["epochs"] == 3  # one to warm up
    assert 0 <= ours["accuracy"][0] <= 1
