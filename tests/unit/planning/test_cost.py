import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from downhill.config import Study
from downhill.config.network import Network
from downhill.planning import cost
from downhill.planning.cost import Work

REPOSITORY = Path(__file__).parents[3]
LESSON = Work(Network(), (784, 16, 16, 10), images=60_000, tests=10_000, seeds=100)


def net(**settings: object) -> Network:
    return Network.model_validate(settings)


def test_sizes_follow_from_the_row_padded_as_the_engine_pads():
    assert LESSON.first_weights == 784 * 16
    assert LESSON.rest_weights == 16 * 16 + 16 * 16
    assert LESSON.parameters == 784 * 16 + 2 * 16 * 16 + 3 * 16
    assert LESSON.steps == 30 * 6_000
    assert replace(LESSON, threads=8).rounds == 13


@pytest.mark.parametrize(
    "more",
    [
        replace(LESSON, seeds=101),
        replace(LESSON, images=61_000),
        replace(LESSON, validation=5_000),
        replace(LESSON, layer_sizes=(784, 32, 16, 10)),
        replace(LESSON, layer_sizes=(784, 16, 16, 16, 10)),
        replace(LESSON, net=net(epochs=31)),
        replace(LESSON, net=net(optimizer="adam")),
        replace(LESSON, net=net(weight_decay=0.001)),
    ],
)
def test_more_work_takes_more_time(more: Work):
    assert cost.seconds(more) > cost.seconds(LESSON)


def test_threads_save_time_but_not_the_start():
    alone, together = cost.seconds(LESSON), cost.seconds(replace(LESSON, threads=4))
    assert alone / 4 < together < alone / 3


def test_wide_networks_and_snapshots_take_more_memory():
    wide = replace(LESSON, layer_sizes=(784, 512, 512, 10))
    kept = replace(LESSON, net=net(snapshot_epochs="history"))
    assert cost.megabytes(wide) > 1.5 * cost.megabytes(LESSON) - 200
    assert cost.megabytes(kept) > cost.megabytes(LESSON) + 100 * 31 * 13_002 * 4 / 1e6


def test_evaluating_ten_thousand_seeds_asks_for_little_more_than_it_took():
    work = Work(net(hidden_layers=(16,)), (784, 16, 10), images=1_000, tests=10_000, seeds=10_000)
    assert 992 < cost.evaluation_megabytes(work, block=500) < 1.5 * 992


def test_a_cluster_is_asked_for_more_than_is_expected_and_for_more_with_each_try():
    assert cost.minutes_to_ask(1, attempt=1) == cost.SHORTEST_MINUTES
    assert cost.minutes_to_ask(600, attempt=1) == 30
    assert cost.minutes_to_ask(600, attempt=3) == 90
    first, second = (cost.memory_to_ask(400, attempt) for attempt in (1, 2))
    assert first == 1000
    assert second == 2 * first


def test_work_is_that_of_the_study_with_its_limits(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(REPOSITORY)  # paths of the tables are relative to it
    files = ["config/config.yaml", "config/quick.yaml"]
    whole, quick = (
        cost.work_of_block(Study.load(*chosen), "lesson", 4, threads=2) for chosen in (files[:1], files)
    )
    assert (whole.images, whole.validation, whole.tests, whole.net.epochs) == (60_000, 0, 10_000, 30)
    assert (quick.images, quick.validation, quick.tests, quick.net.epochs) == (5_000, 0, 10_000, 2)
    assert whole.layer_sizes == (784, 16, 16, 10)


def test_history_and_evaluation_score_validation_images(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(REPOSITORY)
    study = Study.load("config/config.yaml")
    shape = cost.work_of_block(study, "shape-16", 4, threads=2)
    assert (shape.images, shape.validation, shape.tests) == (55_000, 5_000, 10_000)
    assert cost.terms(shape)["scored"] == shape.rounds * shape.rows * 70_000
    tests = replace(shape, net=shape.net.model_copy(update={"history_sets": ("test",)}))
    assert cost.terms(tests)["scored"] == shape.rounds * shape.rows * 10_000
    assert cost.seconds(tests) < cost.seconds(shape)
    assert cost.evaluation_seconds(tests) == cost.evaluation_seconds(shape)
    without = replace(shape, validation=0)
    forward = cost.CONSTANTS.scored + cost.CONSTANTS.forward * (shape.first_weights + shape.rest_weights)
    difference = cost.evaluation_seconds(shape) - cost.evaluation_seconds(without)
    assert difference == pytest.approx(4 * 5_000 * forward + cost.CONSTANTS.data * 5_000 * 784)


def test_work_with_subsets_is_that_of_their_images_and_memory_that_of_the_data_set(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.chdir(REPOSITORY)
    study = Study.load("config/config.yaml")
    row = study.networks["lesson"].model_copy(update={"subset_images": 2_000})
    study = study.model_copy(update={"networks": study.networks | {"lesson": row}})
    subset = cost.work_of_block(study, "lesson", 4, threads=2)
    assert (subset.images, subset.steps) == (2_000, 30 * 200)
    assert subset.data_bytes == 70_000 * 784
    assert subset.subset_bytes == 2 * 2_000 * 784
    whole = replace(subset, net=net(), images=60_000, loaded=None)
    assert cost.seconds(subset) < cost.seconds(whole)
    assert cost.terms(subset)["image"] == cost.terms(whole)["image"] / 30
    assert cost.megabytes(subset) > cost.megabytes(whole)


BLOCK = """
import json, sys
from pathlib import Path
from downhill.config.network import Network
from downhill.datasets import load_dataset
from downhill.runs.train import train_block
data = load_dataset(sys.argv[2], n_train=1000)
train_block(Network(**json.loads(sys.argv[1])), data, range(8), 2, Path(sys.argv[3]))
# Not `ru_maxrss`, which starts at the memory of the parent process.
(line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
print(int(line.split()[1]) / 1024)
"""


def test_a_block_stays_within_the_memory_asked_for(tmp_path: Path):
    settings = {"hidden_layers": [256, 256], "epochs": 1, "optimizer": "adam", "batch_size": 100}
    mnist = REPOSITORY / "resources" / "bundled" / "mnist"
    done = subprocess.run(
        [sys.executable, "-c", BLOCK, json.dumps(settings), str(mnist), str(tmp_path)],
        check=True,
        capture_output=True,
        text=True,
    )
    work = Work(net(**settings), (784, 256, 256, 10), 1_000, 10_000, seeds=8, threads=2)
    asked = cost.memory_to_ask(cost.megabytes(work), attempt=1) - cost.HARNESS_MB
    assert float(done.stdout) < asked
