"""The verdict machine: where verdicts flip, how many seeds were enough, and intervals for other numbers of seeds."""

import json
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy import stats

from downhill.claims.inference import Interval
from downhill.claims.parts import Exact, PerSeed, Proportion, Strata, Universal
from downhill.claims.verdicts import verdict, worst_case
from downhill.config.band import Band
from downhill.config.settings import Statistics
from downhill.report.verdict_machine import enough_seeds, flips, machine
from downhill.report.wording import number

LEVEL = 0.95
VALUES = st.floats(-0.9, 0.9).map(lambda value: round(value, 3))
SAMPLES = st.lists(VALUES, min_size=2, max_size=30)
BANDS = st.one_of(
    VALUES.map(lambda edge: f"> {edge}"),
    VALUES.map(lambda edge: f"< {edge}"),
    VALUES.map(lambda edge: f"= {edge}"),
    st.tuples(VALUES, VALUES).map(lambda ends: f"{min(ends)} to {max(ends)}"),
)


def judged(estimate: dict[str, Any], band: str, unit: str = "number") -> dict[str, Any]:
    """A part with its verdict."""
    part = estimate | {"band": band, "unit": unit, "name": ""}
    if part["worst"]:
        part["value"] = worst_case(*part["worst"], Band.parse(band))
    return part | {"verdict": verdict_of(part, Band.parse(band))}


def verdict_of(part: dict[str, Any], band: Band) -> str:
    """The verdict with any band, by the rules for evidence."""
    if part["worst"]:
        return verdict(worst_case(*part["worst"], band), None, band, exact=True)
    known = part["lower"] is not None
    return verdict(
        part["value"], Interval(part["lower"], part["upper"]) if known else None, band, part["exact"]
    )


def means(values: list[float], band: str) -> dict[str, Any]:
    return judged(PerSeed(values).estimate(Statistics()), band)


def read(sentence: str, ends: dict[str, float]) -> Callable[[Band], str]:
    """What a sentence about flips says, as a function of the band; `ends` are the numbers that are printed in it."""
    values = r"(−?[\w.,+−-]+)"
    if found := re.fullmatch(
        rf"Supported while the edge of the band is (below|above) {values}, "
        rf"(?:undecided (?:up|down) to {values}, refuted|(undecided|refuted)) from there on\.",
        sentence,
    ):
        side, near = (1 if found[1] == "below" else -1), ends[found[2]]
        far = ends[found[3]] if found[3] else near if found[4] == "refuted" else side * math.inf

        def one_sided(band: Band) -> str:
            edge = band.lower if band.kind == "above" else band.upper
            if side * edge < side * near:
                return "supported"
            return "undecided" if side * edge < side * far else "refuted"

        return one_sided
    if found := re.fullmatch(
        rf"Undecided while the edge of the band is (below|above) {values}, refuted from there on\.", sentence
    ):
        side, far = (1 if found[1] == "below" else -1), ends[found[2]]
        return lambda band: (
            "undecided"
            if side * (band.lower if band.kind == "above" else band.upper) < side * far
            else "refuted"
        )
    if found := re.fullmatch(
        rf"Supported by every band that contains {values}(?: to {values})?, "
        r"refuted by every (other|band that lies outside it)\.",
        sentence,
    ):
        low, high = ends[found[1]], ends[found[2] or found[1]]

        def two_sided(band: Band) -> str:
            if band.lower <= low and high <= band.upper:
                return "supported"
            outside = band.upper < low or band.lower > high
            return "refuted" if outside or found[3] == "other" else "undecided"

        return two_sided
    if found := re.fullmatch(
        rf"Refuted by every band that lies (below|above) {values}, undecided for every other\.", sentence
    ):
        at = ends[found[2]]
        return lambda band: (
            "refuted" if (band.upper < at if found[1] == "below" else band.lower > at) else "undecided"
        )
    fixed = {
        "Supported by every band of this kind.": "supported",
        "Refuted by every band of this kind.": "refuted",
        "Undecided whatever the band, since there is no interval.": "undecided",
    }
    return lambda band: fixed[sentence]


def numbers_of(part: dict[str, Any]) -> list[float]:
    """The finite numbers of a part that a sentence may contain, smallest first."""
    known = [part["value"], part["lower"], part["upper"], *(part["worst"] or [])]
    return sorted({one for one in known if one is not None and math.isfinite(one)})


def agrees(part: dict[str, Any]) -> None:
    """The sentence says what the rule says, for edges just inside, on and just outside every number in it."""
    kind, numbers = Band.parse(part["band"]).kind, numbers_of(part)
    printed = {number(one, part["unit"]): one for one in numbers}
    says = read(flips(part), printed)
    edges = sorted({one for end in numbers for one in (end - 1e-6, end, end + 1e-6)} | {-5.0, 5.0})
    for lower in edges:
        for upper in edges if kind in ("between", "exactly") else [math.inf]:
            if lower <= upper:
                band = Band(kind, lower, upper)
                if kind == "below":
                    band = Band(kind, -math.inf, lower)
                assert says(band) == verdict_of(part, band), (flips(part), band)


def readable(part: dict[str, Any]) -> bool:
    """Whether different numbers are printed differently, so that a sentence can be read back."""
    return len({number(one, part["unit"]) for one in numbers_of(part)}) == len(numbers_of(part))


@given(values=SAMPLES, band=BANDS)
@settings(max_examples=200)
def test_flips_agree_with_the_verdict_just_inside_and_outside(values: list[float], band: str):
    part = means(values, band)
    assume(readable(part))
    agrees(part)


@given(values=SAMPLES, band=BANDS)
@example(values=[0.3, 0.9], band="= 1")  # the largest case is nearer to the band, and outside as well
@settings(max_examples=100)
def test_flips_of_worst_cases_and_of_exact_numbers(values: list[float], band: str):
    part = judged(Universal(values).estimate(Statistics()), f"all {band}")
    assume(readable(part))
    agrees(part)
    agrees(judged(Exact(values[0]).estimate(Statistics()), band))


@pytest.mark.parametrize("band", ["> 2", "< 2", "= 2", "1 to 3"])
@pytest.mark.parametrize(
    ("value", "lower", "upper"),
    [
        (math.inf, math.inf, math.inf),
        (math.inf, 1.5, math.inf),
        (2.5, 1.5, math.inf),
        (2.5, -math.inf, 3.5),
        (2.5, None, None),
    ],
)
def test_flips_with_infinite_numbers_and_without_an_interval(
    value: float, lower: float | None, upper: float | None, band: str
):
    numbers = {"value": value, "lower": lower, "upper": upper}
    infinite = [name for name, one in numbers.items() if one is not None and math.isinf(one)]
    part = PerSeed([0.0, 1.0]).estimate(Statistics()) | numbers | {"infinite": infinite}
    part = judged(part, band)
    agrees(part)
    assert machine(part, LEVEL) is None or not infinite


def test_flips_say_nothing_without_a_value():
    assert flips({"value": None}) == ""


@given(values=SAMPLES, band=BANDS)
@settings(max_examples=100)
def test_enough_seeds_is_the_smallest_number_with_the_same_verdict(values: list[float], band: str):
    part = means(values, band)
    enough = enough_seeds(part, LEVEL)
    if part["verdict"] == "undecided":
        assert enough is None
        return
    mean, spread = np.mean(values), np.std(values, ddof=1)
    same = [
        n
        for n in range(2, len(values) + 1)
        if verdict(mean, Interval(*_student(mean, spread, n)), Band.parse(band)) == part["verdict"]
    ]
    # On an edge, rounding decides.
    near = any(
        abs(end - edge) < 1e-9
        for n in range(2, len(values) + 1)
        for end in _student(mean, spread, n)
        for edge in (Band.parse(band).lower, Band.parse(band).upper)
    )
    assume(not near)
    assert enough == same[0]


def _difference(one: Any, other: Any, axis: int) -> Any:
    return np.mean(one, axis=axis) - np.mean(other, axis=axis)


def test_seeds_of_several_networks_are_counted_for_each():
    """A difference of two means with six seeds each is like one mean of six differences, not of twelve."""
    values = [[0.1, 0.5, 0.3, 0.2, 0.6, 0.4], [0.0, 0.1, 0.2, 0.1, 0.0, 0.2]]
    part = Strata(values, _difference).estimate(Statistics())
    assert (part["n"], part["fewest"]) == (12, 6)
    found = machine(judged(part, "> 0"), LEVEL)
    assert found
    assert found["n"] == 6
    assert found["of"] == "seeds of each network"
    ends = {n: (lower, upper) for n, lower, upper in found["stops"]}
    assert ends[6] == (part["lower"], part["upper"])
    wider = stats.t.ppf(0.975, 2) / stats.t.ppf(0.975, 5) * math.sqrt(2)
    middle = part["value"]
    assert ends[3] == pytest.approx([middle + wider * (end - middle) for end in ends[6]])
    enough = enough_seeds(judged(part, f"> {middle - 1.5 * (middle - part['lower'])}"), LEVEL)
    assert enough in range(3, 6)


def _student(mean: float, spread: float, n: int) -> tuple[float, float]:
    half = stats.t.ppf((1 + LEVEL) / 2, n - 1) * spread / math.sqrt(n)
    return mean - half, mean + half


def test_intervals_for_other_numbers_of_seeds_have_the_same_mean_and_spread():
    values = [0.1, 0.4, 0.2, 0.25, 0.3]
    found = machine(means(values, "> 0"), LEVEL)
    assert found
    assert [n for n, _, _ in found["stops"]] == sorted({n for n, _, _ in found["stops"]} | {5, 2, 1000})
    for n, lower, upper in found["stops"]:
        assert (lower, upper) == pytest.approx(_student(np.mean(values), np.std(values, ddof=1), n), rel=1e-9)


def test_intervals_of_shares_for_other_numbers_of_seeds_are_those_of_wilson():
    part = judged(Proportion([True] * 3 + [False]).estimate(Statistics()), "> 0.5", "share")
    found = machine(part, LEVEL)
    assert found
    for n, lower, upper in found["stops"]:
        if n % 4 == 0:
            expected = stats.binomtest(3 * n // 4, n).proportion_ci(LEVEL, method="wilson")
            assert (lower, upper) == pytest.approx((expected.low, expected.high), rel=1e-6)


@given(values=SAMPLES, band=BANDS)
@settings(max_examples=50)
def test_interval_for_the_seeds_of_the_study_is_that_of_the_evidence(values: list[float], band: str):
    part = means(values, band)
    found = machine(part, LEVEL)
    assert found
    assert [stop[1:] for stop in found["stops"] if stop[0] == len(values)] == [(part["lower"], part["upper"])]
    low, high = found["axis"]
    shown = [part["value"], part["lower"], part["upper"], *found["edges"]]
    assert low <= min(shown)
    assert max(shown) <= high
    assert low < high
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize(
    ("unit", "low", "high"), [("share", 0, 1), ("points", -1, 1), ("count", 0, math.inf)]
)
def test_axis_and_intervals_end_where_a_unit_does(unit: str, low: float, high: float):
    part = judged(PerSeed([0.02, 0.9, 0.99]).estimate(Statistics()), "> 0.5", unit)
    part |= {"lower": max(low, part["lower"]), "upper": min(high, part["upper"])}
    found = machine(part, LEVEL)
    assert found
    ends = [*found["axis"], *(end for stop in found["stops"] for end in stop[1:])]
    assert low <= min(ends)
    assert max(ends) <= high
