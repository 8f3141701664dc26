import pytest
from hypothesis import given
from hypothesis import strategies as st

from downhill.planning.job_schedule import Job, wall_seconds

SECONDS = st.floats(min_value=0, max_value=1000)
CORES = st.integers(min_value=1, max_value=20)


@st.composite
def graphs(draw: st.DrawFn, most_cores: int = 1) -> list[Job]:
    """Jobs that depend on some of those before them."""
    jobs: list[Job] = []
    for place in range(draw(st.integers(min_value=1, max_value=15))):
        needs = draw(st.sets(st.integers(min_value=0, max_value=place - 1), max_size=3)) if place else ()
        jobs.append(Job(draw(SECONDS), draw(st.integers(1, most_cores)), tuple(needs)))
    return jobs


def work(jobs: list[Job], cores: int = 10**9) -> float:
    return sum(job.seconds * min(job.cores, cores) for job in jobs)


def longest_chain(jobs: list[Job]) -> float:
    ends: list[float] = []
    for job in jobs:
        ends.append(job.seconds + max((ends[need] for need in job.needs), default=0.0))
    return max(ends)


@given(graphs())
def test_one_core_does_one_job_after_another(jobs: list[Job]):
    assert wall_seconds(jobs, 1) == pytest.approx(work(jobs))


@given(graphs(most_cores=4), CORES)
def test_no_schedule_beats_its_longest_chain_or_its_work_over_all_cores(jobs: list[Job], cores: int):
    wall = wall_seconds(jobs, cores)
    assert wall >= longest_chain(jobs) * (1 - 1e-9)
    assert wall >= work(jobs, cores) / cores * (1 - 1e-9)


@given(graphs(), CORES)
def test_a_list_schedule_keeps_grahams_bound(jobs: list[Job], cores: int):
    bound = work(jobs) / cores + (1 - 1 / cores) * longest_chain(jobs)
    assert wall_seconds(jobs, cores) <= bound * (1 + 1e-9)


@given(graphs(most_cores=4))
def test_with_cores_for_all_only_the_longest_chain_counts(jobs: list[Job]):
    assert wall_seconds(jobs, 4 * len(jobs)) == pytest.approx(longest_chain(jobs))


@given(graphs(most_cores=4), CORES, st.integers(1, 5), st.floats(0, 10), st.floats(0, 10))
def test_overheads_and_a_limit_end_no_job_before_its_chain(
    jobs: list[Job], cores: int, most: int, dispatch: float, notice: float
):
    wall = wall_seconds(jobs, cores, most=most, dispatch=dispatch, notice=notice)
    assert wall >= len(jobs) * dispatch * (1 - 1e-9)  # they are started one after another
    assert wall >= (longest_chain(jobs) + notice) * (1 - 1e-9)


def test_a_job_starts_in_its_order_as_soon_as_there_is_a_core():
    assert wall_seconds([Job(3), Job(1), Job(1), Job(1)], 2) == 3
    assert wall_seconds([Job(1), Job(1), Job(1), Job(3)], 2) == 4


def test_a_wide_job_waits_and_narrow_ones_pass_it():
    assert wall_seconds([Job(2), Job(2, cores=2), Job(2)], 2) == 4
    assert wall_seconds([Job(2, cores=8)], 2) == 2  # takes all cores


def test_job_waits_until_the_end_of_what_it_needs_is_known():
    jobs = [Job(2), Job(3, needs=(0,))]
    assert wall_seconds(jobs, 2) == 5
    assert wall_seconds(jobs, 2, notice=10) == 25
    assert wall_seconds([Job(2), Job(3)], 1, notice=10) == 15  # cores are free before that
    assert wall_seconds([Job(2), Job(3)], 2, most=1, notice=10) == 25  # but its slot is not


def test_starting_jobs_one_after_another_bounds_what_many_cores_gain():
    assert wall_seconds([Job(5)] * 100, 100, dispatch=0.5) == pytest.approx(55)
