"""Intervals, verdicts, seeds that would decide, rank correlation."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from downhill.claims.inference import Interval, bootstrap_interval, rank_correlation
from downhill.claims.verdicts import seeds_to_decide, verdict, worst_case
from downhill.config.band import Band
from downhill.config.settings import Statistics

QUICK = Statistics(resamples=500)
ACCURACIES = np.array([0.951, 0.955, 0.948, 0.957, 0.953, 0.949, 0.952, 0.956, 0.950, 0.954])

ends = st.integers(-20, 20).map(lambda number: number / 10)
pairs = st.tuples(ends, ends).map(sorted)
bands = st.one_of(
    ends.map(lambda end: Band.parse(f"> {end}")),
    ends.map(lambda end: Band.parse(f"< {end}")),
    ends.map(lambda end: Band.parse(f"= {end}")),
    pairs.map(lambda pair: Band.parse(f"{pair[0]} to {pair[1]}")),
)


def resampled(values, statistic, level, resamples=20_000):
    """The percentile bootstrap, computed by hand."""
    random = np.random.default_rng(99)
    drawn = values[random.integers(0, len(values), (resamples, len(values)))]
    return np.quantile(statistic(drawn, axis=1), [(1 - level) / 2, (1 + level) / 2])


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("statistic", [np.mean, np.median])
def test_interval_is_that_of_resampling_by_hand(statistic, level):
    found = bootstrap_interval([ACCURACIES], statistic, Statistics(confidence_level=level))
    np.testing.assert_allclose(found, resampled(ACCURACIES, statistic, level), atol=2e-4)


def test_interval_of_many_values_is_that_of_the_normal():
    values = np.random.default_rng(5).normal(3, 2, 400)
    found = bootstrap_interval([values], np.mean, Statistics())
    half = 1.96 * values.std(ddof=1) / math.sqrt(400)
    np.testing.assert_allclose(found, [values.mean() - half, values.mean() + half], atol=0.05 * half)


def test_intervals_cover_the_truth_as_often_as_they_say():
    samples = np.random.default_rng(2).normal(0.95, 0.01, (500, 30))
    intervals = np.array([bootstrap_interval([sample], np.mean, QUICK) for sample in samples])
    covered = ((intervals[:, 0] <= 0.95) & (intervals[:, 1] >= 0.95)).mean()
    assert 0.90 <= covered <= 0.99
    below, above = (intervals[:, 0] > 0.95).mean(), (intervals[:, 1] < 0.95).mean()
    assert below < 0.06
    assert above < 0.06


def test_interval_is_reproducible_and_depends_on_the_seed():
    first, second = (bootstrap_interval([ACCURACIES], np.mean, QUICK) for _ in range(2))
    assert first == second
    assert first != bootstrap_interval([ACCURACIES], np.mean, Statistics(resamples=500, seed=1))
    assert bootstrap_interval([ACCURACIES.tolist()], np.mean, QUICK) == first


def test_interval_widens_with_confidence_and_narrows_with_seeds():
    widths = [
        np.ptp(bootstrap_interval([ACCURACIES], np.mean, Statistics(confidence_level=level)))
        for level in (0.5, 0.8, 0.95, 0.99)
    ]
    assert widths == sorted(widths)
    many = bootstrap_interval([np.tile(ACCURACIES, 16)], np.mean, Statistics())
    assert np.ptp(many) == pytest.approx(widths[2] / 4, rel=0.1)


@pytest.mark.filterwarnings("error")
def test_interval_of_equal_values_is_a_point():
    assert bootstrap_interval([[0.5] * 6], np.mean, QUICK) == (0.5, 0.5)


@pytest.mark.parametrize("values", [[], [0.95]])
def test_fewer_than_two_seeds_have_no_interval(values):
    assert bootstrap_interval([values], np.mean, QUICK) is None


@pytest.mark.parametrize(
    ("band", "interval", "expected"),
    [
        ("> 0.9", (0.91, 0.95), "supported"),
        ("> 0.9", (0.9, 0.95), "undecided"),  # 0.9 itself is not above 0.9
        ("> 0.9", (0.85, 0.95), "undecided"),
        ("> 0.9", (0.85, 0.9), "refuted"),
        ("> 0.9", (0.8, 0.85), "refuted"),
        ("< 0.03", (0.01, 0.02), "supported"),
        ("< 0.03", (0.01, 0.03), "undecided"),
        ("< 0.03", (0.02, 0.04), "undecided"),
        ("< 0.03", (0.03, 0.04), "refuted"),
        ("< 0.03", (0.04, 0.05), "refuted"),
        ("0.955 to 0.965", (0.955, 0.965), "supported"),
        ("0.955 to 0.965", (0.958, 0.96), "supported"),
        ("0.955 to 0.965", (0.95, 0.96), "undecided"),
        ("0.955 to 0.965", (0.96, 0.97), "undecided"),
        ("0.955 to 0.965", (0.95, 0.97), "undecided"),
        ("0.955 to 0.965", (0.94, 0.955), "undecided"),  # touches the band
        ("0.955 to 0.965", (0.94, 0.9549), "refuted"),
        ("0.955 to 0.965", (0.9651, 0.97), "refuted"),
        ("= 1", (1, 1), "supported"),
        ("= 1", (0.9, 1), "undecided"),
        ("= 1", (0.9, 0.99), "refuted"),
        ("contains 0.1", (0.09, 0.11), "supported"),
        ("contains 0.1", (0.1, 0.11), "supported"),
        ("contains 0.1", (0.09, 0.1), "supported"),
        ("contains 0.1", (0.11, 0.12), "refuted"),
        ("contains 0.1", (0.08, 0.09), "refuted"),
    ],
)
def test_verdict(band, interval, expected):
    interval = Interval(*interval)
    assert verdict(sum(interval) / 2, interval, Band.parse(band)) == expected


@pytest.mark.parametrize("band", ["> 0.9", "< 0.9", "0.8 to 0.99", "= 0.9", "contains 0.9"])
def test_no_verdict_without_an_interval(band):
    for interval in (None, Interval(math.nan, math.nan), Interval(0.8, math.nan)):
        assert verdict(0.9, interval, Band.parse(band)) == "undecided"


@pytest.mark.parametrize(
    ("band", "interval", "expected"),
    [
        ("> 0.9", (0.95, math.inf), "supported"),
        ("> 0.9", (math.inf, math.inf), "supported"),
        ("> 0.9", (0.8, math.inf), "undecided"),
        ("< 0.9", (0.95, math.inf), "refuted"),
        ("< 0.9", (0.8, math.inf), "undecided"),
        ("0.8 to 0.99", (0.9, math.inf), "undecided"),
        ("0.8 to 0.99", (1.0, math.inf), "refuted"),
        ("= 0.9", (0.8, math.inf), "undecided"),
        ("= 0.9", (math.inf, math.inf), "refuted"),
        ("contains 0.9", (0.8, math.inf), "supported"),
        ("contains 0.9", (math.inf, math.inf), "refuted"),
    ],
)
def test_interval_may_end_at_infinity(band, interval, expected):
    """This happens for a median of times when many of them are only known to be longer."""
    interval = Interval(*interval)
    assert verdict(interval.lower, interval, Band.parse(band)) == expected
    assert seeds_to_decide(interval.lower, interval, Band.parse(band), 10) is None


def test_several_samples_are_resampled_separately():
    """The variance of a difference of means is the sum of their variances."""
    random = np.random.default_rng(3)
    one, other = random.normal(2, 1, 400), random.normal(1, 3, 900)

    def difference(first, second, axis):
        return first.mean(axis=axis) - second.mean(axis=axis)

    found = bootstrap_interval([one, other], difference, Statistics())
    half = 1.96 * math.sqrt(one.var(ddof=1) / 400 + other.var(ddof=1) / 900)
    middle = one.mean() - other.mean()
    np.testing.assert_allclose(found, [middle - half, middle + half], atol=0.05 * half)
    assert bootstrap_interval([one, other[:1]], difference, Statistics()) is None


def test_pairs_are_resampled_together():
    """Then what both have in common cancels in their difference."""
    random = np.random.default_rng(3)
    common, noise = random.normal(0, 5, 300), random.normal(0, 0.1, 300)

    def difference(first, second, axis):
        return first.mean(axis=axis) - second.mean(axis=axis)

    paired = bootstrap_interval([common + noise, common], difference, QUICK, paired=True)
    assert np.ptp(paired) == pytest.approx(2 * 1.96 * noise.std(ddof=1) / math.sqrt(300), rel=0.15)
    assert np.ptp(bootstrap_interval([common + noise, common], difference, QUICK)) > 20 * np.ptp(paired)


@pytest.mark.parametrize(
    ("smallest", "largest", "band", "expected"),
    [
        (0.91, 0.99, "> 0.9", 0.91),
        (0.8, 0.99, "> 0.9", 0.8),
        (0.01, 0.02, "< 0.03", 0.02),
        (-5, 0.02, "< 0.03", 0.02),
        (0.5, 0.75, "0 to 1", 0.75),  # nearer to its edge
        (0.125, 0.75, "0 to 1", 0.125),
        (-0.1, 1.5, "0 to 1", 1.5),  # farther outside
        (1, 1, "= 1", 1),
        (0.9, 1, "= 1", 0.9),
    ],
)
def test_worst_case_of_a_band(smallest, largest, band, expected):
    assert worst_case(smallest, largest, Band.parse(band)) == expected


@given(pairs, bands)
def test_worst_case_lies_inside_exactly_when_all_cases_do(pair, band):
    def inside(case):
        return verdict(case, None, band, exact=True) == "supported"

    assert inside(worst_case(*pair, band)) == all(map(inside, pair))


def test_exact_statistic_needs_no_interval():
    band = Band.parse("= 13002")
    assert verdict(13002, None, band, exact=True) == "supported"
    assert verdict(13001, None, band, exact=True) == "refuted"
    assert verdict(13002, None, band) == "undecided"
    assert verdict(0.9, None, Band.parse("> 0.9"), exact=True) == "refuted"


@given(pairs.map(lambda pair: Interval(*pair)), bands)
def test_verdict_says_whether_the_interval_lies_inside_outside_or_across_an_edge(interval, band):
    """Compared with a check of the interval point by point."""
    steps = np.arange(round(10 * interval.lower), round(10 * interval.upper) + 1) / 10
    closed = band.kind in ("between", "exactly")
    inside = [band.lower <= x <= band.upper if closed else band.lower < x < band.upper for x in steps]
    expected = "supported" if all(inside) else "refuted" if not any(inside) else "undecided"
    found = verdict(float(np.mean(interval)), interval, band)
    if expected == "refuted" and interval.lower < band.lower <= band.upper < interval.upper:
        expected = "undecided"  # the band lies between two points
    assert found == expected


@given(pairs.map(lambda pair: Interval(*pair)), bands, st.floats(0, 1), st.integers(2, 50))
def test_undecided_needs_more_seeds_and_never_fewer(interval, band, where, n):
    value = interval.lower + where * (interval.upper - interval.lower)
    assume(verdict(value, interval, band) == "undecided")
    needed = seeds_to_decide(value, interval, band, n)
    assert needed is None or needed >= n


@pytest.mark.parametrize(
    ("value", "interval", "band", "expected"),
    [
        (0.92, (0.88, 0.96), "> 0.9", 40),  # half as wide is four times the seeds
        (0.92, (0.88, 0.94), "> 0.9", 40),  # the wider side counts
        (0.91, (0.87, 0.95), "> 0.9", 160),
        (0.958, (0.952, 0.964), "0.955 to 0.965", 40),  # the nearer edge counts
        (0.9, (0.88, 0.92), "> 0.9", None),  # on the edge: no number is enough
        (0.95, (0.95, 0.95), "> 0.9", None),
    ],
)
def test_seeds_to_decide_grow_with_the_square(value, interval, band, expected):
    assert seeds_to_decide(value, Interval(*interval), Band.parse(band), 10) in (
        (expected,) if expected is None else (expected, expected + 1)  # rounded up
    )
    assert seeds_to_decide(value, None, Band.parse(band), 10) is None


def test_the_suggested_number_of_seeds_decides():
    random = np.random.default_rng(8)
    band = Band.parse("> 0.9")
    few = random.normal(0.905, 0.02, 20)
    interval = bootstrap_interval([few], np.mean, Statistics())
    assert verdict(few.mean(), interval, band) == "undecided"
    needed = seeds_to_decide(few.mean(), interval, band, len(few))
    assert 20 < needed < 1000
    again = np.resize(few, 2 * needed)
    assert verdict(again.mean(), bootstrap_interval([again], np.mean, Statistics()), band) != "undecided"


@given(st.lists(st.integers(-5, 5), min_size=2, max_size=30), st.randoms(use_true_random=False))
def test_rank_correlation_is_spearmans(x, random):
    y = x.copy()
    random.shuffle(y)
    if len(set(x)) < 2:
        assert math.isnan(rank_correlation(x, y))
        return
    ranks = [stats.rankdata(values) for values in (x, y)]
    assert rank_correlation(x, y) == pytest.approx(np.corrcoef(*ranks)[0, 1], abs=1e-9)
    assert rank_correlation(x, np.exp(x)) == pytest.approx(1)
    assert rank_correlation(x, -np.array(x)) == pytest.approx(-1)


@pytest.mark.parametrize("pair", [([], []), ([1], [2]), ([1, 1, 1], [1, 2, 3]), ([1, 2, 3], [7, 7, 7])])
@pytest.mark.filterwarnings("error")
def test_rank_correlation_of_constants_is_nan(pair):
    assert math.isnan(rank_correlation(*pair))
