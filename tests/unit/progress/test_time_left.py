import pytest

from downhill.progress.time_left import PlannedJob, TimeLeft

# Two blocks of ten seconds on two cores, then a figure for both: 1 and 2 at a time, 3 after them.
BLOCKS = {
    1: PlannedJob("train", 10.0),
    2: PlannedJob("train", 10.0),
    3: PlannedJob("draw", 4.0, needs=(1, 2), modelled=False),
}


def test_at_first_it_is_the_forecast():
    assert TimeLeft(BLOCKS, cores=2).seconds(0.0) == pytest.approx(14.0)
    assert TimeLeft(BLOCKS, cores=1).seconds(0.0) == pytest.approx(24.0)
    assert TimeLeft(BLOCKS, cores=2, most=1).seconds(0.0) == pytest.approx(24.0)


def test_running_jobs_need_only_the_rest_of_their_time():
    left = TimeLeft(BLOCKS, cores=2)
    left.start(1, now=100.0)
    left.start(2, now=103.0)
    assert left.seconds(104.0) == pytest.approx((10 - 1) + 4)


def test_waiting_job_needs_no_job_that_has_ended():
    left = TimeLeft(BLOCKS, cores=2)
    for block in (1, 2):
        left.start(block, now=0.0)
        left.end(block, now=10.0)
    assert left.seconds(10.0) == pytest.approx(4.0)
    left.start(3, now=10.0)
    left.end(3, now=14.0)
    assert left.seconds(14.0) == 0.0


def hundred(seconds: float = 60.0) -> TimeLeft:
    return TimeLeft({key: PlannedJob("train", seconds) for key in range(100)}, cores=1)


@pytest.mark.parametrize("pace", [0.25, 1.0, 4.0])
def test_measured_times_correct_those_that_are_expected(pace: float):
    """After five of a hundred jobs, the prior of a few seconds hardly counts."""
    left, now = hundred(), 0.0
    for key in range(5):
        left.start(key, now)
        now += 60 * pace
        left.end(key, now)
    assert left.seconds(now) == pytest.approx(95 * 60 * pace, rel=0.06)


def test_one_short_job_says_little():
    left = TimeLeft({1: PlannedJob("train", 0.1), 2: PlannedJob("train", 100.0)}, cores=1)
    left.start(1, now=0.0)
    left.end(1, now=1.0)  # ten times as long as expected
    assert left.seconds(1.0) < 150


def test_job_that_takes_longer_than_expected_changes_the_estimate_before_it_ends():
    left = hundred()
    left.start(0, now=0.0)
    estimates = [now + left.seconds(now) for now in (0.0, 30.0, 60.0, 120.0, 240.0)]
    assert estimates[:2] == pytest.approx([6000.0, 6000.0])
    assert estimates == sorted(estimates)
    assert estimates[-1] > 3 * 6000  # at four times the expected time, nearly all of it counts


def test_kinds_have_their_own_pace_and_the_cost_model_a_common_one():
    jobs = {
        1: PlannedJob("train", 100.0),
        2: PlannedJob("evaluate", 100.0),
        3: PlannedJob("draw", 100.0, modelled=False),
    }
    left = TimeLeft(jobs, cores=1)
    left.start(1, now=0.0)
    left.end(1, now=200.0)
    # What training has shown, `evaluate` may share; how long drawing takes, the cost model does not say.
    assert left.seconds(200.0) == pytest.approx(2 * 100 + 100, rel=0.05)
    left.start(2, now=200.0)
    left.end(2, now=250.0)
    assert left.seconds(250.0) == pytest.approx(100.0)


def test_nothing_waits_for_what_cannot_run():
    left = TimeLeft(BLOCKS, cores=2)
    left.start(1, now=0.0)
    left.start(2, now=0.0)
    left.fail(1)
    assert left.dependents(1) == {3}
    assert left.seconds(4.0) == pytest.approx(6.0)  # only the other block
    left.start(1, now=4.0)  # tried again
    assert left.seconds(4.0) == pytest.approx(10.0 + 4.0)


def test_jobs_that_are_not_planned_do_no_harm():
    left = TimeLeft(BLOCKS, cores=2)
    left.start(99, now=0.0)
    left.end(99, now=1.0)
    left.fail(98)
    assert left.seconds(1.0) == pytest.approx(14.0)
    assert TimeLeft({}, cores=1).seconds(0.0) == 0.0
