"""Parts of measurements: values, intervals and numbers of cases, compared with NumPy and SciPy."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from downhill.claims.inputs import Inputs
from downhill.claims.measure import measure
from downhill.claims.measurement import Estimated, Measurement, Sample, described, gives, significant
from downhill.claims.parts import (
    EXPANDED,
    SEEDS,
    Censored,
    Exact,
    NotMeasuredError,
    Paired,
    Part,
    PerSeed,
    Proportion,
    Strata,
    Universal,
)
from downhill.config import functions
from downhill.config.claim import MeasuredClaim
from downhill.config.settings import Statistics
from downhill.storage.json_files import read_json

SETTINGS = Statistics(resamples=400, confidence_level=0.9, seed=3)
ACCURACIES = np.array([0.951, 0.955, 0.948, 0.957, 0.953, 0.949, 0.952, 0.956])
KEYS = [
    "value",
    "lower",
    "upper",
    "n",
    "fewest",
    "exact",
    "worst",
    "infinite",
    "covers",
    "of",
    "method",
    "strict",
    "further",
]


def by_scipy(samples, statistic, paired=False) -> tuple[float, float]:
    """Percentiles of the same resamples, at the level that Hesterberg gives for the smallest sample."""
    found = stats.bootstrap(
        samples,
        statistic,
        paired=paired,
        vectorized=True,
        n_resamples=400,
        method="percentile",
        rng=np.random.default_rng(3),
    ).bootstrap_distribution
    n = min(map(len, samples))
    share = stats.norm.cdf(math.sqrt(n / (n - 1)) * stats.t.ppf(0.05, n - 1))
    ordered = np.sort(found)
    return float(ordered[math.floor(share * 399)]), float(ordered[math.ceil((1 - share) * 399)])


def without_interval(value: float, n: int, **more: Any) -> dict[str, Any]:
    nothing = {"lower": None, "upper": None, "exact": False, "worst": None, "infinite": [], "covers": []}
    nothing |= {"of": "seed", "method": "", "strict": None, "further": None}
    return {"value": value, "n": n, "fewest": n} | nothing | more


def with_strict(found: dict[str, Any]) -> dict[str, Any]:
    """An estimate without its strict interval, which contains the usual one."""
    strict = found["strict"]
    assert strict["lower"] <= found["lower"] <= found["upper"] <= strict["upper"]
    return found | {"strict": None}


def test_mean_of_one_number_per_seed():
    found = PerSeed(ACCURACIES.tolist()).estimate(SETTINGS)
    expected = stats.ttest_1samp(ACCURACIES, 0)
    low, high = expected.confidence_interval(0.9)
    strict = expected.confidence_interval(0.999)
    assert list(found) == KEYS
    assert found == without_interval(
        pytest.approx(ACCURACIES.mean()), 8, lower=pytest.approx(low), upper=pytest.approx(high),
        covers=[SEEDS], method="Student's t",
        strict={"lower": pytest.approx(strict.low), "upper": pytest.approx(strict.high)},
    )  # fmt: skip


def test_median_of_one_number_per_seed():
    found = PerSeed(ACCURACIES.tolist(), np.median).estimate(SETTINGS)
    low, high = by_scipy((ACCURACIES,), np.median)
    assert list(found) == KEYS
    assert with_strict(found) == without_interval(
        pytest.approx(np.median(ACCURACIES)), 8, lower=low, upper=high, covers=[SEEDS], method=EXPANDED
    )


def test_share_of_seeds():
    found = Proportion([True, False, True, True], covers=("pairs",)).estimate(SETTINGS)
    low, high = stats.binomtest(3, 4).proportion_ci(0.9, "wilson")
    assert with_strict(found) == without_interval(
        0.75,
        4,
        lower=pytest.approx(low),
        upper=pytest.approx(high),
        covers=["pairs"],
        method="Wilson's score",
    )
    described = Proportion([True, False, True, True]).described(SETTINGS)
    assert described == {key: found[key] for key in ("value", "lower", "upper", "n")}


def test_interval_over_images_covers_what_follows_from_shares():
    right = np.random.default_rng(1).random((8, 40)) < 0.9
    train = np.linspace(0.9, 1, 8)
    gap = train - right.mean(axis=1)
    part = PerSeed(gap, by_image=right, from_share=lambda shares, seeds: train[seeds] - shares)
    found = part.estimate(SETTINGS)
    assert found["further"]["covers"] == [SEEDS, "test images"]
    assert found["further"]["lower"] < gap.mean() < found["further"]["upper"]
    assert found["further"] == part.estimate(SETTINGS)["further"]
    assert PerSeed(gap).estimate(SETTINGS)["further"] is None


def test_mean_is_the_usual_summary():
    assert PerSeed([1, 2, 6]).estimate(SETTINGS)["value"] == 3


def test_strata_are_resampled_separately():
    samples = (ACCURACIES, ACCURACIES[:5] - 0.1, ACCURACIES[2:] + 0.02)

    def spread(*samples, axis):
        means = np.stack([sample.mean(axis=axis) for sample in samples])
        return means.max(axis=0) - means.min(axis=0)

    found = Strata(samples, spread, covers=("shapes",)).estimate(SETTINGS)
    low, high = by_scipy(samples, spread)
    value = max(map(np.mean, samples)) - min(map(np.mean, samples))
    assert with_strict(found) == without_interval(
        pytest.approx(value),
        8 + 5 + 6,
        fewest=5,
        lower=pytest.approx(low),
        upper=pytest.approx(high),
        covers=["shapes"],
        method=EXPANDED,
    )


def test_pairs_are_resampled_together():
    other = ACCURACIES[::-1] ** 2

    def difference(first, second, axis):
        return first.mean(axis=axis) - second.mean(axis=axis)

    found = Paired(ACCURACIES, other, difference).estimate(SETTINGS)
    low, high = by_scipy((ACCURACIES, other), difference, paired=True)
    assert with_strict(found) == without_interval(
        pytest.approx(ACCURACIES.mean() - other.mean()), 8,
        lower=pytest.approx(low), upper=pytest.approx(high), covers=[SEEDS], method=EXPANDED,
    )  # fmt: skip


def test_exact_number():
    assert Exact(13002).estimate(SETTINGS) == without_interval(13002.0, 1, exact=True)
    assert Exact(np.float64(0.5), n=20).estimate(SETTINGS) == without_interval(0.5, 20, exact=True)


def test_every_single_case():
    cases = np.array([[0.3, 0.9], [0.7, 0.5]])
    assert Universal(cases).estimate(SETTINGS) == without_interval(0.3, 4, worst=[0.3, 0.9], of="case")


def test_median_of_times_some_of_which_are_unknown():
    """A time that had not ended when the observation did counts as longer than every known time."""
    times = np.array([30, 3, 5, 4, 30, 8, 6, 7, 30])
    observed = times < 30
    found = Censored(times, observed).estimate(SETTINGS)
    assert found["value"] == 7  # the fifth of nine
    assert found["n"] == 9
    assert found["covers"] == [SEEDS]
    known = np.where(observed, times, 1e9)
    low, high = by_scipy((known,), lambda values, axis: np.sort(values, axis=axis)[..., 4])
    assert found["lower"] == low
    assert (found["upper"], found["infinite"]) == ((math.inf, ["upper"]) if high > 1e8 else (high, []))


def test_median_of_few_unknown_times_is_finite():
    times = [3, 5, 4, 8, 6, 7, 30, 9, 2, 5, 4]
    found = Censored(times, [time < 30 for time in times]).estimate(SETTINGS)
    assert (found["value"], found["infinite"]) == (5, [])
    assert 2 < found["lower"] <= 5 <= found["upper"] < 30


def test_median_is_infinite_when_most_times_are_unknown():
    found = Censored([3] + [30] * 9, [True] + [False] * 9).estimate(SETTINGS)
    assert found["value"] == math.inf
    assert set(found["infinite"]) == {"value", "lower", "upper"}
    assert (found["n"], found["exact"]) == (10, False)


def test_median_of_as_many_unknown_as_known_times_is_infinite():
    """Of two middle values, the upper one is used, never their mean."""
    found = Censored([3, 4, 30, 30], [True, True, False, False]).estimate(SETTINGS)
    assert found["value"] == math.inf
    assert found["lower"] in (3, 4)
    assert Censored([3, 4, 5, 30], [True, True, True, False]).estimate(SETTINGS)["value"] == 5


@given(st.lists(st.tuples(st.integers(1, 50), st.booleans()), min_size=2, max_size=15))
def test_interval_of_a_median_of_times_is_ordered_and_not_nan(cases):
    times, observed = zip(*cases, strict=True)
    found = Censored(times, observed).estimate(Statistics(resamples=100))
    assert found["lower"] <= found["value"] <= found["upper"] or found["lower"] <= found["upper"]
    assert not any(math.isnan(found[key]) for key in ("value", "lower", "upper"))
    assert found["infinite"] == [key for key in ("value", "lower", "upper") if found[key] == math.inf]


@pytest.mark.parametrize(
    "part",
    [
        PerSeed([0.9, math.nan]),
        PerSeed([0.9, math.inf]),
        PerSeed([]),
        Universal([]),
        Universal([1, math.nan]),
        Strata([[1, math.inf]], lambda values, axis: values.mean(axis=axis)),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, of the mean of nothing
def test_number_that_is_not_finite_is_not_measured(part: Part):
    with pytest.raises(NotMeasuredError, match=r"not a finite number|there is no case"):
        part.estimate(SETTINGS)


@pytest.mark.parametrize(
    "part", [PerSeed([0.9]), Paired([1], [2], lambda a, b, axis: (a - b).mean(axis=axis))]
)
def test_one_seed_has_no_interval(part: Part):
    found = part.estimate(SETTINGS)
    assert (found["lower"], found["upper"], found["n"], found["infinite"]) == (None, None, 1, [])


def test_sample_is_described_by_the_mean_of_what_is_finite():
    found = Sample([*ACCURACIES, math.nan]).described(SETTINGS)
    low, high = stats.ttest_1samp(ACCURACIES, 0).confidence_interval(0.9)
    assert found.pop("values").tolist()[:8] == ACCURACIES.tolist()
    ends = {"lower": pytest.approx(low), "upper": pytest.approx(high)}
    assert found == {"mean": pytest.approx(ACCURACIES.mean())} | ends
    assert Sample([0.9, 1.0, 1.0]).described(SETTINGS)["upper"] == 1  # a share is at most 1
    assert Sample([0.9, 1.0, 1.1]).described(SETTINGS)["upper"] > 1.1
    one = Sample([0.5]).described(SETTINGS)
    assert (one["mean"], one["lower"], one["upper"]) == (0.5, None, None)
    none = Sample([math.nan]).described(SETTINGS)
    assert (none["mean"], none["lower"], none["upper"]) == (None, None, None)


def test_interval_of_differences_may_extend_beyond_shares():
    values = [0.01, 0.02, 0.3]
    low, high = stats.ttest_1samp(values, 0).confidence_interval(SETTINGS.confidence_level)
    assert low < 0
    assert Sample(values).described(SETTINGS)["lower"] == 0
    found = Sample(values, limited=False).described(SETTINGS)
    assert (found["lower"], found["upper"]) == (pytest.approx(low), pytest.approx(high))


def test_samples_are_described_wherever_they_are():
    data = {"rows": [{"test": Sample([1, 1])}, Sample([2, 2])], "pair": (Sample([3, 3]), "text"), "n": 2}
    found = described(data, SETTINGS)
    assert found["rows"][0]["test"]["mean"] == 1
    assert found["rows"][1]["lower"] == 2
    assert found["pair"][0]["upper"] == 3
    assert (found["pair"][1], found["n"]) == ("text", 2)


def toy(
    parts: Any, names: tuple[str, ...] = ("",), data: dict[str, Any] | None = None, keys: tuple[str, ...] = ()
):
    """A statistic that returns these parts."""

    @gives(*keys, parts=names)
    def statistic(inputs: Inputs) -> Measurement:
        """What a test says."""
        return Measurement(parts, "a note", data or {})

    return statistic


CLAIM = MeasuredClaim(family="learning", statistic="toy")


def test_declaration_is_kept_with_the_function():
    statistic = toy(Exact(1), names=("one", "other"), keys=("curves", "n"))
    assert (statistic.keys, statistic.parts) == (("curves", "n"), ("one", "other"))
    assert statistic.__doc__ == "What a test says."


@pytest.mark.parametrize(
    "statistic",
    [
        toy(Exact(1), keys=("curves",)),
        toy(Exact(1), data={"curves": 1}),
        toy(Exact(1), data={"curves": 1}, keys=("curve",)),
        toy(Exact(1), names=("one", "other")),
        toy([Exact(1), Exact(2)]),
        toy([]),
    ],
)
def test_statistic_that_gives_something_else_than_it_declares_is_a_bug(
    statistic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(functions, "load", lambda *names: statistic)
    with pytest.raises(TypeError, match=r"^statistic declares the keys .* part"):
        measure(CLAIM, Inputs(), SETTINGS, tmp_path / "measurement.json")
    assert list(tmp_path.iterdir()) == []


def test_parts_are_written_with_their_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    statistic = toy([Exact(1), PerSeed(ACCURACIES), Censored([1, 2], [False, False])], ("a", "b", "c"))
    monkeypatch.setattr(functions, "load", lambda *names: statistic)
    measure(CLAIM, Inputs(), SETTINGS, tmp_path / "measurement.json")
    parts = read_json(tmp_path / "measurement.json")["parts"]
    assert [part["name"] for part in parts] == ["a", "b", "c"]
    assert [list(part) for part in parts] == [["name", *KEYS]] * 3
    assert parts[1]["lower"] == PerSeed(ACCURACIES).estimate(SETTINGS)["lower"]
    assert (parts[2]["value"], parts[2]["infinite"]) == (None, ["value", "lower", "upper"])


def test_a_number_beside_the_claim_has_an_interval_or_says_that_there_is_none():
    values = PerSeed(ACCURACIES, np.median)
    expected = values.estimate(SETTINGS)
    assert Estimated(values).described(SETTINGS) == {
        key: expected[key] for key in ("value", "lower", "upper")
    }
    assert Estimated(Exact(1.5)).described(SETTINGS) == {"value": 1.5, "lower": None, "upper": None}
    nothing = {"value": None, "lower": None, "upper": None}
    assert Estimated(Exact(math.nan)).described(SETTINGS) == nothing
    infinite = Censored([1, 2, 3], [False] * 3)
    assert infinite.estimate(SETTINGS)["value"] == math.inf
    assert Estimated(infinite).described(SETTINGS) == nothing


def test_significant_digits_of_nested_numbers():
    values = np.array([[123456.0, 0.00123456], [math.nan, -math.inf]])
    assert significant(values, 3) == [[123000, 0.00123], [None, None]]
    assert significant(2 / 3, 2) == 0.67
    assert significant(np.zeros((0, 2)), 2) == []
