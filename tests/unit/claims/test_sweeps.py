"""Where a mean crosses a threshold: by hand, by simulation, and as properties."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from downhill.claims.inference import bootstrap_intervals
from downhill.claims.parts import NotMeasuredError
from downhill.claims.sweeps import Crossing, crossing
from downhill.config.settings import Statistics

QUICK = Statistics(resamples=300)


@pytest.mark.parametrize(
    ("means", "expected"),
    [
        ([0.2, 0.6, 0.9], 1.75),  # three quarters of the way from 0.2 to 0.6
        ([0.9, 0.6, 0.2], 2.5),  # falls, at a quarter of the way from 2 to 4
        ([0.2, 0.5, 0.9], 2),  # meets it at a setting
        ([0.5, 0.6, 0.9], 1),
        ([0.2, 0.8, 0.2], 1.5),  # crosses it twice: the first counts
        ([0.2, 0.3, 0.4], math.nan),
        ([0.6, 0.7, 0.9], math.nan),
        ([0.5, 0.5, 0.5], math.nan),
    ],
)
def test_crossing_on_a_linear_scale(means: list[float], expected: float):
    found = crossing([1, 2, 4], means, 0.5)
    assert found.shape == ()
    assert float(found) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("means", "expected"),
    [
        ([0.4, 0.6, 0.9], math.sqrt(10)),  # half way from 1 to 10
        ([0.9, 0.6, 0.2], 10 * 10**0.25),
        ([0.2, 0.5, 0.9], 10),
        ([0.2, 0.3, 0.4], math.nan),
    ],
)
def test_crossing_on_a_logarithmic_scale(means: list[float], expected: float):
    assert float(crossing([1, 10, 100], means, 0.5, logarithmic=True)) == pytest.approx(expected, nan_ok=True)


def test_crossings_of_many_resamples_at_once():
    means = np.random.default_rng(0).uniform(size=(3, 5, 6))
    settings = [0.1, 0.2, 0.5, 1, 3, 7]
    for logarithmic in (False, True):
        found = crossing(settings, means, 0.5, logarithmic)
        assert found.shape == (3, 5)
        one_by_one = [[crossing(settings, row, 0.5, logarithmic) for row in rows] for rows in means]
        np.testing.assert_array_equal(found, np.array(one_by_one))


settings_and_means = st.lists(
    st.tuples(st.integers(1, 1000), st.floats(0, 1)), min_size=2, max_size=8, unique_by=lambda pair: pair[0]
).map(lambda pairs: tuple(zip(*sorted(pairs), strict=True)))


@given(settings_and_means, st.floats(0.01, 100), st.floats(0, 1), st.booleans())
def test_scaling_the_settings_scales_the_crossing(
    pair: tuple[tuple[int, ...], tuple[float, ...]], scale: float, threshold: float, logarithmic: bool
):
    settings, means = pair
    found = float(crossing(settings, means, threshold, logarithmic))
    scaled = float(crossing([scale * x for x in settings], means, threshold, logarithmic))
    assert scaled == pytest.approx(scale * found, rel=1e-6, nan_ok=True)


@given(settings_and_means, st.floats(0, 1), st.booleans())
def test_crossing_lies_between_the_settings_around_it(
    pair: tuple[tuple[int, ...], tuple[float, ...]], threshold: float, logarithmic: bool
):
    settings, means = pair
    found = float(crossing(settings, means, threshold, logarithmic))
    assert math.isnan(found) or settings[0] * (1 - 1e-9) <= found <= settings[-1] * (1 + 1e-9)
    assert math.isnan(found) == (
        min(means) > threshold or max(means) < threshold or set(means) == {threshold}
    )


@given(settings_and_means, st.floats(0, 1))
def test_crossing_does_not_depend_on_the_direction_of_the_means(
    pair: tuple[tuple[int, ...], tuple[float, ...]], threshold: float
):
    settings, means = pair
    assume(abs(threshold) < 10)
    falling = [2 * threshold - mean for mean in means]
    found = float(crossing(settings, means, threshold))
    assume(not math.isnan(found))
    assert float(crossing(settings, falling, threshold)) == pytest.approx(found, rel=1e-3, abs=1e-3)


def simulated(random: np.random.Generator) -> dict[float, np.ndarray]:
    """Ten seeds at each of four settings, with means 0.2, 0.4, 0.6, 0.8: a threshold of 0.5 is crossed at 2.5."""
    return {float(x): 0.2 * x + random.normal(0, 0.05, 10) for x in (1, 2, 3, 4)}


def test_interval_covers_the_true_crossing_as_often_as_it_says():
    random = np.random.default_rng(7)
    found = [Crossing(simulated(random), 0.5).part().estimate(QUICK) for _ in range(200)]
    covered = np.mean([part["lower"] <= 2.5 <= part["upper"] for part in found])
    assert 0.86 <= covered <= 0.99  # 0.95, somewhat less with ten seeds
    assert np.mean([part["value"] for part in found]) == pytest.approx(2.5, abs=0.02)
    assert {part["n"] for part in found} == {40}
    assert all(part["infinite"] == [] for part in found)


def test_order_of_the_samples_does_not_matter():
    samples = simulated(np.random.default_rng(1))
    backwards = dict(reversed(samples.items()))
    first, second = (Crossing(each, 0.5).part().estimate(QUICK) for each in (samples, backwards))
    assert first == second
    assert Crossing(samples, 0.5).described(QUICK) == {key: first[key] for key in ("value", "lower", "upper")}


@pytest.mark.parametrize(("threshold", "side"), [(0.99, "below"), (-0.5, "above")])
def test_threshold_that_is_not_crossed_is_not_measured(threshold: float, side: str):
    samples = simulated(np.random.default_rng(1))
    with pytest.raises(NotMeasuredError, match=rf"^the mean stays {side} {threshold} for every value from "):
        Crossing(samples, threshold).part()


def test_a_crossing_that_is_not_there_is_described_by_nothing():
    samples = simulated(np.random.default_rng(1))
    for found in (Crossing(samples, 0.99), Crossing({1.0: [0.2, 0.3]}, 0.25)):
        assert math.isnan(found.value())
        assert found.described(QUICK) == {"value": None, "lower": None, "upper": None}
    there = Crossing(samples, 0.5, logarithmic=True)
    assert there.value() == there.described(QUICK)["value"]


def test_paired_crossing_has_the_interval_of_the_common_shift_of_its_seeds():
    settings = Statistics(resamples=2000)
    shifts = np.random.default_rng(0).normal(0, 0.3, 12)
    samples = {float(x): x + shifts for x in np.linspace(-5, 5, 11)}
    found = Crossing(samples, 0.25, paired=True).described(settings)
    assert found["value"] == pytest.approx(0.25 - shifts.mean())
    intervals = bootstrap_intervals([0.25 - shifts], np.mean, settings)
    assert intervals is not None
    np.testing.assert_allclose([found["lower"], found["upper"]], intervals.usual, atol=0.02)


def test_paired_crossing_that_some_resamples_lack_has_an_open_end():
    values = np.array([[0.0, 1.0], [0.0, 0.1], [0.0, 1.2], [0.0, 0.2], [0.0, 0.3]])
    found = Crossing(dict(zip([1.0, 2.0], values.T, strict=True)), 0.5, paired=True).described(QUICK)
    assert found["value"] == pytest.approx(1 + 0.5 / values[:, 1].mean())
    assert found["lower"] > 1
    assert found["upper"] is None
    one = Crossing({1.0: [0.0], 2.0: [1.0]}, 0.5, paired=True).described(QUICK)
    assert one == {"value": pytest.approx(1.5), "lower": None, "upper": None}


def test_resamples_that_stay_on_the_other_side_end_the_interval_below():
    """All of their means exceed the threshold, so that it is crossed below the smallest setting."""
    found = Crossing({1.0: [0.4, 0.5, 0.55] * 2, 2.0: [0.9] * 6}, 0.5).part().estimate(QUICK)
    assert 1 < found["value"] < 2
    assert (found["lower"], found["infinite"]) == (-math.inf, ["lower"])
    assert found["value"] <= found["upper"] < 2


def test_threshold_that_some_resamples_do_not_cross():
    """The interval ends at infinity."""
    found = Crossing({1.0: [0.2] * 6, 2.0: [0.4, 0.5, 0.6] * 2}, 0.5).part().estimate(QUICK)
    assert found["value"] == 2
    assert (found["upper"], found["infinite"]) == (math.inf, ["upper"])
    assert 1 < found["lower"] <= 2
