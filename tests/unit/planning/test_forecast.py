import re
from dataclasses import replace
from pathlib import Path

import pytest

from downhill.__main__ import main
from downhill.config import Study
from downhill.planning import cost
from downhill.planning.forecast import CLUSTER, HERE, MOST_BLOCKS, Forecaster, duration

REPOSITORY = Path(__file__).parents[3]
NETWORKS = """\
network\tdataset\tseeds\tseeds_per_block\thidden_layers\tepochs
small\tmnist\t1000\t\t16\t10
large\tmnist\t{seeds}\t\t128\t30
"""
CLAIM = (
    "claim\tfamily\tstatement\tsource\tstatistic\tnetworks\tunit\tband\tfigures\n"
    "c\tlearning\tIt learns.\tnobody\ttest_accuracy\tsmall\tshare\t> 0.5\taccuracy_distribution\n"
)


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    """Networks of 1,000 and 500 seeds, in blocks of 50."""
    return laid_out(tmp_path, monkeypatch, seeds=500)


def laid_out(folder: Path, monkeypatch: pytest.MonkeyPatch, seeds: int) -> Study:
    monkeypatch.chdir(folder)
    (folder / "networks.tsv").write_text(NETWORKS.format(seeds=seeds))
    (folder / "claims.tsv").write_text(CLAIM)
    (folder / "config.yaml").write_text(
        f"datasets: {REPOSITORY / 'config' / 'datasets.yaml'}\nnetworks: networks.tsv\nclaims: claims.tsv\n"
        "training: {seeds_per_block: 50}\n"
    )
    return Study.load("config.yaml")


def test_jobs_are_those_of_the_study_and_cost_what_the_model_says(study: Study):
    jobs = Forecaster(study, replace(HERE, start_up=0, pace=1)).jobs(cores=4)
    # The source, the data set, the compiler, blocks, evaluations, the claim, its figure, two tables, page, exports.
    assert len(jobs) == 1 + 1 + 1 + 30 + 2 + 2 + 1 + 4
    download, prepare, compiler, blocks = jobs[0], jobs[1], jobs[2], jobs[3:33]
    assert (download.needs, prepare.needs, compiler.needs) == ((), (0,), ())
    assert {job.needs for job in blocks} == {(2, 1)}
    for name, job in (("small", blocks[0]), ("large", blocks[-1])):
        assert job.seconds == pytest.approx(cost.seconds(cost.work_of_block(study, name, 50, threads=1)))
    forecaster = Forecaster(study, replace(HERE, start_up=0, pace=1))
    assert forecaster.seconds("train", ("large", "0", "49")) == blocks[-1].seconds
    assert forecaster.seconds("download", ("mnist",)) == download.seconds
    small, large, measure, judge, draw, tabulate, summarise, publish, export = jobs[33:]
    assert small.needs == (1, *range(3, 23))  # its data set and all of its blocks
    assert large.needs == (1, *range(23, 33))
    assert measure.needs == (33,)
    assert (judge.needs, draw.needs, tabulate.needs) == ((35,), (36,), (33, 34))
    assert summarise.needs == (38, 36)
    assert publish.needs == (38, 36, 37)
    assert export.needs == (33, 34, 1, *range(3, 33))


EXPERIMENT = """\
each: {function: network.weights_and_biases, networks: '*', seeds: 70, seeds_per_job: 40, seconds_per_seed: 9}
together: {function: network.weights_and_biases, networks: '*', together: true, seeds: 10, datasets: [mnist-14x14]}
"""


def test_experiments_need_the_blocks_of_their_seeds(study: Study):
    Path("experiments.yaml").write_text(EXPERIMENT)
    with Path("config.yaml").open("a") as file:
        file.write("experiments: experiments.yaml\n")
    study = Study.load("config.yaml")
    forecaster = Forecaster(study, replace(HERE, start_up=0, pace=2))
    jobs = forecaster.jobs(cores=4)
    places = {job.needs: job for job in jobs}
    # Source, two data sets, compiler, then 20 and 10 blocks of 50 seeds from the fifth place on, two evaluations.
    small, large = range(4, 24), range(24, 34)
    start = cost.CONSTANTS.start
    for blocks in (small, large):
        assert places[3, 1, blocks[0]].seconds == pytest.approx(2 * (start + 40 * 9))  # seeds 0 to 39
        assert places[3, 1, blocks[0], blocks[1]].seconds == pytest.approx(2 * (start + 30 * 9))  # 40 to 69
    assert places[3, 1, small[0], 1, large[0], 2].seconds == pytest.approx(2 * (start + 10))
    assert forecaster.work - Forecaster(
        study.model_copy(update={"experiments": {}}), forecaster.overheads
    ).work == pytest.approx(2 * (2 * 70 * 9 + 10))


def test_more_cores_take_less_time_with_lower_efficiency(study: Study):
    forecaster = Forecaster(study)
    found = [forecaster.forecast(cores) for cores in (1, 4, 16, 64)]
    assert [each.wall for each in found] == sorted((each.wall for each in found), reverse=True)
    assert [each.efficiency for each in found] == sorted((each.efficiency for each in found), reverse=True)
    assert 0.9 < found[0].efficiency < 1
    assert found[-1].efficiency < 0.5  # 30 blocks cannot keep 64 cores busy


def test_filling_up_blocks_counts_as_work_that_was_not_requested(study: Study):
    forecaster = Forecaster(study)
    assert forecaster.forecast(1, block=1000).efficiency < 0.8 * forecaster.forecast(1, block=100).efficiency


def test_many_cores_favour_small_blocks_and_slow_starts_large_ones(study: Study):
    few, many = (Forecaster(study).suitable(cores) for cores in (1, 256))
    assert many.block < few.block
    slow = Forecaster(study, replace(CLUSTER, start_up=300)).suitable(256)
    assert slow.block > many.block


def test_no_more_blocks_are_suggested_than_snakemake_can_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    forecaster = Forecaster(laid_out(tmp_path, monkeypatch, seeds=200_000))
    found = forecaster.suitable(10_000)
    assert found.block == 50
    assert forecaster.count_blocks(20) > MOST_BLOCKS
    assert Forecaster(laid_out(tmp_path, monkeypatch, seeds=20_000_000)).suitable(10_000) is None


def test_threads_do_the_work_of_as_many_cores(study: Study):
    training = study.settings.training.model_copy(update={"threads": 2})
    threaded = study.model_copy(update={"settings": study.settings.model_copy(update={"training": training})})
    one, two = (Forecaster(each).forecast(16).wall for each in (study, threaded))
    assert 0.8 * one < two < 1.3 * one


def test_a_limit_of_jobs_leaves_cores_idle(study: Study):
    assert Forecaster(study, most=4).forecast(16).wall > 2 * Forecaster(study).forecast(16).wall


def test_the_command_prints_a_line_for_each_number_of_cores(study: Study, capsys: pytest.CaptureFixture[str]):
    assert main(["forecast", "--config", "config.yaml", "--cores", "1", "10000", "--cluster"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(
        r"2 networks, 1,500 trainings in 30 blocks; [\d.]+ (min|h) of work on one core", lines[0]
    )
    assert [line.split()[0] for line in lines[-2:]] == ["1", "10000"]


@pytest.mark.parametrize(
    ("option", "value", "problem"),
    [
        ("--pace", "0", "0 is not possible; give a number above 0"),
        ("--pace", "-1", "-1 is not possible; give a number above 0"),
        ("--pace", "inf", "inf is not possible; give a number above 0"),
        ("--start-up", "-1", "-1 is not possible; give a number of 0 or more"),
        ("--notice", "nan", "nan is not possible; give a number of 0 or more"),
    ],
)
def test_impossible_overheads_are_refused(
    option: str, value: str, problem: str, study: Study, capsys: pytest.CaptureFixture[str]
):
    assert main(["forecast", "--config", "config.yaml", f"{option}={value}"]) == 1
    assert capsys.readouterr().err == f"error: {option}: {problem}\n"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        *((0, "0 ms"), (4e-6, "0.004 ms"), (0.0123, "12 ms"), (0.0999, "0.1 s"), (0.443, "0.44 s")),
        *((9.96, "10 s"), (59.6, "60 s"), (130, "2.2 min"), (9000, "2.5 h"), (864_000, "10.0 days")),
        (1.2e9, "13,888.9 days"),
    ],
)
def test_durations_are_given_in_the_most_readable_unit(seconds: float, text: str):
    assert duration(seconds) == text
