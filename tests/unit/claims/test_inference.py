"""Intervals and their coverage, verdicts, seeds that would decide, rank correlation."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from downhill.claims.inference import (
    Interval,
    bootstrap_intervals,
    crossed_interval,
    mean_intervals,
    proportion_intervals,
    rank_correlation,
)
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


def expanded_by_hand(values, statistic, level, resamples=200_000):
    """Percentiles of resamples, at the level that Hesterberg gives for this number of values."""
    n = len(values)
    drawn = values[np.random.default_rng(99).integers(0, n, (resamples, n))]
    share = stats.norm.cdf(math.sqrt(n / (n - 1)) * stats.t.ppf((1 - level) / 2, n - 1))
    return np.quantile(statistic(drawn, axis=1), [share, 1 - share])


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99])
def test_interval_of_a_mean_is_students(level):
    found = mean_intervals(ACCURACIES, Statistics(confidence_level=level))
    expected = stats.ttest_1samp(ACCURACIES, 0)
    np.testing.assert_allclose(found.usual, expected.confidence_interval(level))
    np.testing.assert_allclose(found.strict, expected.confidence_interval(0.999))


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95])
@pytest.mark.parametrize("statistic", [np.median, np.std])
def test_interval_of_other_statistics_is_the_expanded_percentile(level, statistic):
    values = np.random.default_rng(4).normal(size=15)
    found = bootstrap_intervals([values], statistic, Statistics(confidence_level=level)).usual
    np.testing.assert_allclose(found, expanded_by_hand(values, statistic, level), atol=0.05)


def test_interval_of_many_values_is_that_of_the_normal():
    values = np.random.default_rng(5).normal(3, 2, 400)
    half = 1.96 * values.std(ddof=1) / math.sqrt(400)
    for found in (mean_intervals(values, Statistics()), bootstrap_intervals([values], np.mean, Statistics())):
        expected = [values.mean() - half, values.mean() + half]
        np.testing.assert_allclose(found.usual, expected, atol=0.06 * half)
        assert np.ptp(found.strict) == pytest.approx(2 * half * 3.29 / 1.96, rel=0.06)


@pytest.mark.parametrize(("successes", "n"), [(0, 12), (3, 60), (30, 40), (20, 20), (1, 1)])
def test_interval_of_a_proportion_is_wilsons(successes, n):
    """Where (p − p₀)² = z² p₀ (1 − p₀) / n."""
    found = proportion_intervals(successes, n, Statistics())
    for ends, z in ((found.usual, stats.norm.ppf(0.975)), (found.strict, stats.norm.ppf(0.9995))):
        roots = np.roots([1 + z**2 / n, -(2 * successes / n + z**2 / n), (successes / n) ** 2])
        np.testing.assert_allclose(ends, np.clip(np.sort(roots.real), 0, 1), atol=1e-6)


def few_bad_seeds(random, shape):
    """One in ten is five standard deviations too low, like the seeds that never learn some digit."""
    return random.normal(size=shape) - 5 * (random.random(shape) < 0.1)


def normal(random, shape):
    return random.normal(size=shape)


def ratio_of_spreads(first, second, axis):
    return np.std(first, axis=axis, ddof=1) / np.std(second, axis=axis, ddof=1)


def coverage(draw: Callable, n: int, kind: str) -> float:
    """How often the interval at 95 % contains the truth."""
    random, hits = np.random.default_rng(n), 0
    repeats = 4000 if kind == "mean" else 700
    truth = {"ratio": 1.0, "mean": 0.0, "median": 0.0}[kind]
    if draw is few_bad_seeds and kind != "ratio":
        truth = -0.5 if kind == "mean" else float(np.median(draw(random, 2_000_000)))
    for _ in range(repeats):
        values = draw(random, (2, n))
        if kind == "mean":
            found = mean_intervals(values[0], QUICK)
        elif kind == "median":
            found = bootstrap_intervals([values[0]], np.median, QUICK)
        else:
            found = bootstrap_intervals(list(values), ratio_of_spreads, QUICK)
        hits += found.usual.lower <= truth <= found.usual.upper
    return hits / repeats


@pytest.mark.parametrize(
    ("draw", "kind", "least"),
    [  # by n: a percentile bootstrap of means has 0.84, 0.90, 0.91, 0.92 on normal values, 0.78 to 0.90 on skewed ones
        (normal, "mean", {5: 0.94, 10: 0.94, 12: 0.94, 20: 0.94}),
        (few_bad_seeds, "mean", {5: 0.88, 10: 0.85, 12: 0.87, 20: 0.90}),
        (normal, "median", {5: 0.90, 10: 0.93, 12: 0.93, 20: 0.93}),
        (few_bad_seeds, "median", {5: 0.90, 10: 0.93, 12: 0.93, 20: 0.93}),
        (normal, "ratio", {5: 0.93, 10: 0.93, 12: 0.93, 20: 0.93}),
        (few_bad_seeds, "ratio", {5: 0.92, 10: 0.91, 12: 0.90, 20: 0.90}),
    ],
)
def test_intervals_cover_the_truth_as_often_as_they_say(draw, kind, least):
    found = {n: coverage(draw, n, kind) for n in least}
    assert {n: round(share, 3) for n, share in found.items() if share < least[n]} == {}


@pytest.mark.parametrize("n", [5, 10, 12, 20])
def test_intervals_of_proportions_cover_the_truth_as_often_as_they_say(n):
    """Exactly, from the binomial distribution; on average over the true shares, as single ones jump."""
    intervals = [proportion_intervals(k, n, QUICK).usual for k in range(n + 1)]
    shares = np.linspace(0.02, 0.98, 97)
    covered = [
        sum(stats.binom.pmf(k, n, p) for k, ends in enumerate(intervals) if ends.lower <= p <= ends.upper)
        for p in shares
    ]
    assert 0.94 < np.mean(covered) < 0.97
    assert min(covered) > 0.82


def test_crossed_interval_covers_seeds_and_images():
    """Its width follows from the variance between seeds, between images, and of what is left."""
    random = np.random.default_rng(6)
    seeds, images = 60, 800
    chance = np.clip(0.8 + random.normal(0, 0.03, (seeds, 1)) + random.normal(0, 0.15, (1, images)), 0, 1)
    right = random.random((seeds, images)) < chance
    found = crossed_interval(right, lambda shares, seeds: shares.mean(axis=1), Statistics())
    x = right.astype(float)
    rest = (x - x.mean(0) - x.mean(1)[:, None] + x.mean()).var() / (seeds * images)
    variance = x.mean(1).var(ddof=1) / seeds + x.mean(0).var(ddof=1) / images + rest
    assert np.ptp(found) == pytest.approx(2 * 2.0 * math.sqrt(variance), rel=0.15)
    alone = mean_intervals(x.mean(1), Statistics()).usual
    assert np.ptp(found) > 1.3 * np.ptp(alone)
    assert found.lower < x.mean() < found.upper


def test_crossed_interval_follows_a_statistic_of_shares_and_seeds():
    """Such as training accuracy minus test accuracy; with the same answers to all images, only seeds vary."""
    right = np.tile([[True], [False], [True], [True], [False]], (1, 50))
    train = np.array([1.0, 0.5, 0.9, 0.8, 0.7])
    found = crossed_interval(right, lambda shares, seeds: (train[seeds] - shares).mean(axis=1), Statistics())
    gaps = train - right[:, 0]
    np.testing.assert_allclose(found, expanded_by_hand(gaps, np.mean, 0.95), atol=0.06)
    assert crossed_interval(right[:1], lambda shares, seeds: shares.mean(axis=1), QUICK) is None
    assert crossed_interval(right[:, :0], lambda shares, seeds: shares.mean(axis=1), QUICK) is None


def test_interval_is_reproducible_and_depends_on_the_seed():
    first, second = (bootstrap_intervals([ACCURACIES], np.median, QUICK) for _ in range(2))
    assert first == second
    assert first != bootstrap_intervals([ACCURACIES], np.median, Statistics(resamples=450, seed=1))
    assert bootstrap_intervals([ACCURACIES.tolist()], np.median, QUICK) == first


@pytest.mark.parametrize("intervals", [mean_intervals, lambda x, s: bootstrap_intervals([x], np.median, s)])
def test_interval_widens_with_confidence_and_narrows_with_seeds(intervals):
    found = [intervals(ACCURACIES, Statistics(confidence_level=level)) for level in (0.5, 0.8, 0.95, 0.99)]
    widths = [np.ptp(each.usual) for each in found]
    assert widths == sorted(widths)
    assert all(np.ptp(each.strict) >= width for each, width in zip(found, widths, strict=True))
    many = intervals(np.tile(ACCURACIES, 16), Statistics()).usual
    assert np.ptp(many) < widths[2] / 3


@pytest.mark.filterwarnings("error")
def test_interval_of_equal_values_is_a_point():
    for found in (mean_intervals([0.1] * 6, QUICK), bootstrap_intervals([[0.1] * 6], np.median, QUICK)):
        assert found == ((0.1, 0.1), (0.1, 0.1))


@pytest.mark.parametrize("values", [[], [0.95]])
def test_fewer_than_two_seeds_have_no_interval(values):
    assert mean_intervals(values, QUICK) is None
    assert bootstrap_intervals([values], np.median, QUICK) is None


def test_resamples_without_spread_make_an_interval_infinite_and_never_unknown():
    """Some resamples of three values are constant: the ratio is infinite, or 0 / 0."""
    found = bootstrap_intervals([[1.0, 2, 3], [1.0, 2, 4]], ratio_of_spreads, QUICK)
    assert found.usual.upper == math.inf
    assert found.usual.lower >= 0
    assert found.strict is None


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
    ],
)
def test_verdict(band, interval, expected):
    interval = Interval(*interval)
    assert verdict(sum(interval) / 2, interval, Band.parse(band)) == expected


@pytest.mark.parametrize(
    ("band", "lower", "upper", "expected"),
    [
        ("< 3", -np.inf, 2, "supported"),  # it lies inside, however far down it reaches
        ("< 3", -np.inf, 3, "undecided"),
        ("> 3", 4, np.inf, "supported"),
        ("> 3", 3, np.inf, "undecided"),
        ("< 3", 4, np.inf, "refuted"),
        ("> 3", -np.inf, 2, "refuted"),
        ("1 to 3", -np.inf, 2, "undecided"),
    ],
)
def test_verdict_on_an_interval_without_a_finite_end(band, lower, upper, expected):
    value = lower + 1 if np.isfinite(lower) else upper - 1
    assert verdict(value, Interval(lower, upper), Band.parse(band)) == expected


@pytest.mark.parametrize("band", ["> 0.9", "< 0.9", "0.8 to 0.99", "= 0.9"])
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
    ],
)
def test_interval_may_end_at_infinity(band, interval, expected):
    """This happens for a median of times when many of them are only known to be longer."""
    interval = Interval(*interval)
    assert verdict(interval.lower, interval, Band.parse(band)) == expected
    assert seeds_to_decide(interval.lower, interval, Band.parse(band), 10, 0.95) is None


def test_several_samples_are_resampled_separately():
    """The variance of a difference of means is the sum of their variances."""
    random = np.random.default_rng(3)
    one, other = random.normal(2, 1, 400), random.normal(1, 3, 900)

    def difference(first, second, axis):
        return first.mean(axis=axis) - second.mean(axis=axis)

    found = bootstrap_intervals([one, other], difference, Statistics())
    half = 1.96 * math.sqrt(one.var(ddof=1) / 400 + other.var(ddof=1) / 900)
    middle = one.mean() - other.mean()
    np.testing.assert_allclose(found.usual, [middle - half, middle + half], atol=0.06 * half)
    assert bootstrap_intervals([one, other[:1]], difference, Statistics()) is None


def test_pairs_are_resampled_together():
    """Then what both have in common cancels in their difference."""
    random = np.random.default_rng(3)
    common, noise = random.normal(0, 5, 300), random.normal(0, 0.1, 300)

    def difference(first, second, axis):
        return first.mean(axis=axis) - second.mean(axis=axis)

    paired = bootstrap_intervals([common + noise, common], difference, QUICK, paired=True)
    assert np.ptp(paired.usual) == pytest.approx(2 * 1.96 * noise.std(ddof=1) / math.sqrt(300), rel=0.15)
    apart = bootstrap_intervals([common + noise, common], difference, QUICK)
    assert np.ptp(apart.usual) > 20 * np.ptp(paired.usual)


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
    needed = seeds_to_decide(value, interval, band, n, 0.95)
    assert needed is None or needed >= n


@pytest.mark.parametrize(
    ("value", "interval", "band"),
    [
        (0.9, (0.88, 0.92), "> 0.9"),  # on the edge
        (0.955, (0.95, 0.96), "0.955 to 0.965"),
        (0.95, (0.95, 0.95), "> 0.9"),
        (1.0, (0.5, 1.5), "= 1"),  # an interval never lies inside
    ],
)
def test_no_number_of_seeds_is_enough_on_an_edge(value, interval, band):
    assert seeds_to_decide(value, Interval(*interval), Band.parse(band), 10, 0.95) is None
    assert seeds_to_decide(value, None, Band.parse(band), 10, 0.95) is None


@pytest.mark.parametrize("level", [0.95, 0.8])
@pytest.mark.parametrize(
    ("mean", "band"),
    [
        (0.905, "> 0.9"),
        (0.91, "> 0.9"),
        (0.895, "> 0.9"),
        (0.96, "0.955 to 0.965"),  # both edges are as near
        (0.957, "0.955 to 0.965"),
        (0.953, "0.955 to 0.965"),
    ],
)
def test_the_suggested_number_of_seeds_decides_in_four_of_five_new_studies(mean, band, level):
    random, band = np.random.default_rng(8), Band.parse(band)
    settings, spread, few = Statistics(confidence_level=level), 0.02, 12
    half = stats.t.ppf((1 + level) / 2, few - 1) * spread / math.sqrt(few)
    needed = seeds_to_decide(mean, Interval(mean - half, mean + half), band, few, level)
    studies = random.normal(mean, spread, (1000, needed))
    decided = [
        verdict(values.mean(), mean_intervals(values, settings).usual, band) != "undecided"
        for values in studies
    ]
    assert np.mean(decided) == pytest.approx(0.8, abs=0.05)


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
