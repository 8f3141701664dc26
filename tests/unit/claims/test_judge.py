"""Judging: verdicts of one and of several parts, their reasons, and what is refused."""

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from downhill.claims.inference import mean_intervals, proportion_intervals
from downhill.claims.inputs import Inputs
from downhill.claims.judge import judge
from downhill.claims.measure import measure
from downhill.claims.measurement import Measurement, gives
from downhill.claims.parts import Censored, Exact, Nested, Part, PerSeed, Proportion, Strata, Universal
from downhill.claims.verdicts import seeds_to_decide
from downhill.config import functions
from downhill.config.band import Band
from downhill.config.claim import Claim
from downhill.errors import DownhillError
from downhill.report.networks import tabulate
from downhill.report.overview import overview
from downhill.report.tables import summarise
from downhill.storage.json_files import read_json

from .trained_networks import QUICK, Runs, claim_of

NAMES = ("first", "second", "third")
INSIDE, OUTSIDE, ACROSS = (
    PerSeed(middle + np.linspace(-0.02, 0.02, 12)) for middle in (0.95, 0.5, 0.9)
)  # of the band `> 0.9`
ONE_GROUP = Nested([np.array([[0.9], [0.96]])], lambda rows: float(rows.mean()), ("networks",))
CLAIM = Claim(
    claim="toy",
    family="learning",
    statement="It is so.",
    source="L1",
    statistic="test_accuracy",
    networks=("lesson",),
    unit="share",
    band="> 0.9",
)
Judge = Callable[..., dict[str, Any]]


@pytest.fixture
def judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Judge:
    """Measure parts, judge them with a band, and read the evidence."""

    def evidence(band: str, *parts: Part, **row: Any) -> dict[str, Any]:
        @gives(parts=NAMES[: len(parts)] if len(parts) > 1 else ("",))
        def statistic(inputs: Inputs) -> Measurement:
            return Measurement(list(parts), "a note", {})

        claim = CLAIM.model_copy(update={"band": band} | row)
        with monkeypatch.context() as patch:
            patch.setattr(functions, "load", lambda *names: statistic)
            measure(claim.measured(), Inputs(), QUICK, tmp_path / "measurement.json")
        judge(claim, "Mean", tmp_path / "measurement.json", tmp_path / "evidence.json")
        found: dict[str, Any] = read_json(tmp_path / "evidence.json")
        return found

    return evidence


def test_evidence_holds_claim_result_and_runs(runs: dict[str, Runs], evidence_for):
    claim = claim_of("learning", "test_accuracy", "> 0.99", "sigmoid")
    found = evidence_for(claim)
    row = claim.model_dump(mode="json")
    assert {name: found[name] for name in Claim.model_fields} == row
    assert found["measures"] == "What is measured"
    assert found["confidence_level"] == 0.95
    assert found["verdict"] == "refuted"
    assert found["why"] == "the interval lies entirely outside the band"
    assert (found["holds"], found["limits"]) == (True, "")
    assert found["n"] == 5
    assert found["exact"] is False
    assert found["note"].startswith("single seeds reach ")
    assert found["runs"] == [runs["sigmoid"].row_of_evidence()]
    assert found["diverged"] == {"seeds": 0, "are": "dropped"}
    assert found["inputs"] == {}
    assert "why_not" not in found
    np.testing.assert_allclose(found["data"]["accuracy"]["values"], runs["sigmoid"].accuracy("test"))
    (part,) = found["parts"]
    assert {key: part[key] for key in ("value", "lower", "upper", "n", "verdict", "why")} == {
        key: found[key] for key in ("value", "lower", "upper", "n", "verdict", "why")
    }
    assert (part["band"], part["unit"]) == ("> 0.99", "share")


def test_undecided_verdict_says_how_many_seeds_would_decide(runs: dict[str, Runs], evidence_for):
    accuracy = runs["sigmoid"].accuracy("test")
    found = evidence_for(claim_of("learning", "test_accuracy", f"> {accuracy.mean() - 1e-3}", "sigmoid"))
    assert found["verdict"] == "undecided"
    assert found["why"].startswith("the interval crosses an edge of the band; with ")
    assert found["why"].endswith(" seeds, a new study would decide it with a probability of 80 %")
    assert found["holds"] is False


@pytest.mark.parametrize(
    ("part", "band", "verdict", "why"),
    [
        (INSIDE, "> 0.9", "supported", "the interval lies entirely inside the band"),
        (OUTSIDE, "> 0.9", "refuted", "the interval lies entirely outside the band"),
        (
            ACROSS,
            "> 0.9",
            "undecided",
            "the interval crosses an edge of the band; the value lies on the edge of the band",
        ),
        (PerSeed([0.95]), "> 0.9", "undecided", "an interval needs at least two seeds"),
        (ONE_GROUP, "> 0.9", "undecided", "an interval needs at least two networks"),
        (Exact(0.95), "> 0.9", "supported", "exact: no interval needed"),
        (Exact(0.85), "> 0.9", "refuted", "exact: no interval needed"),
        (Exact(1, n=20), "all = 1", "supported", "exact: no interval needed"),
        (Universal([0.95, 0.99]), "all > 0.9", "supported", "all of the 2 cases lie inside the band"),
        (Universal([0.95]), "all > 0.9", "supported", "the only case lies inside the band"),
        (
            Universal(np.r_[0.9, np.full(2000, 0.95)]),
            "all > 0.9",
            "refuted",
            "not all of the 2,001 cases lie inside the band",
        ),
    ],
)
def test_verdict_and_its_reason(part: Part, band: str, verdict: str, why: str, judged: Judge):
    found = judged(band, part)
    assert (found["verdict"], found["why"]) == (verdict, why)


@pytest.mark.parametrize(
    ("band", "value", "verdict"),
    [
        ("all > 0.9", 0.3, "refuted"),
        ("all > 0.2", 0.3, "supported"),
        ("all < 0.8", 0.95, "refuted"),
        ("all < 1", 0.95, "supported"),
        ("all 0 to 1", 0.95, "supported"),  # the nearest to an edge
        ("all 0.2 to 0.8", 0.95, "refuted"),
    ],
)
def test_all_cases_are_judged_by_the_worst(band: str, value: float, verdict: str, judged: Judge):
    found = judged(band, Universal([0.6, 0.3, 0.95]))
    assert (found["value"], found["verdict"], found["n"]) == (value, verdict, 3)
    assert (found["lower"], found["upper"], found["parts"][0]["worst"]) == (None, None, [0.3, 0.95])


def test_all_with_an_interval_is_refused(judged: Judge):
    with pytest.raises(DownhillError) as caught:
        judged("all > 0.9", INSIDE)
    assert str(caught.value) == (
        "claim 'toy': its band says 'all', but the statistic 'test_accuracy' has an interval; leave out 'all'"
    )


@pytest.mark.parametrize(
    ("parts", "verdict"),
    [
        ((INSIDE, INSIDE, INSIDE), "supported"),
        ((INSIDE, OUTSIDE, INSIDE), "refuted"),
        ((INSIDE, ACROSS, INSIDE), "undecided"),
        ((ACROSS, INSIDE, OUTSIDE), "refuted"),
        ((OUTSIDE, ACROSS, ACROSS), "refuted"),
        ((Exact(1), INSIDE, ACROSS), "undecided"),
    ],
)
def test_verdict_of_several_parts(parts: tuple[Part, ...], verdict: str, judged: Judge):
    """Supported if every part is, refuted if any is, otherwise undecided, with the numbers of the deciding part."""
    found = judged("> 0.9; > 0.9; > 0.9", *parts)
    verdicts = [part["verdict"] for part in found["parts"]]
    assert found["verdict"] == verdict
    decisive = found["parts"][verdicts.index(verdict)]
    assert (found["value"], found["lower"], found["n"]) == (
        decisive["value"],
        decisive["lower"],
        decisive["n"],
    )
    assert found["why"] == "; ".join(
        f"{name}: {part['why']}" for name, part in zip(NAMES, found["parts"], strict=True)
    )


def test_verdict_holds_at_the_stricter_level_or_not(judged: Judge):
    values = 0.92 + np.linspace(-0.02, 0.02, 12)
    mean, error = values.mean(), values.std(ddof=1) / math.sqrt(12)
    for distance, holds in (
        (3.0, False),
        (5.0, True),
    ):  # in standard errors; t is 2.2 at 95 % and 4.4 at 99.9 %
        found = judged(f"> {mean - distance * error}", PerSeed(values))
        assert (found["verdict"], found["holds"]) == ("supported", holds)
        strict = found["parts"][0]["strict"]
        assert strict["lower"] == pytest.approx(mean - 4.437 * error, rel=1e-3)
    assert judged("= 3", Exact(3), unit="count")["holds"] is True
    assert judged("> 0.9", ACROSS)["holds"] is False


def test_claim_of_several_parts_holds_if_what_decides_it_holds(judged: Judge):
    barely = PerSeed(0.9131 + np.linspace(-0.02, 0.02, 12))
    assert judged("> 0.9; > 0.9", INSIDE, barely)["holds"] is False
    assert judged("> 0.9; > 0.9", INSIDE, INSIDE)["holds"] is True
    assert judged("> 0.9; < 0.9", OUTSIDE, barely)["holds"] is True  # one refuted part that holds is enough


@pytest.mark.parametrize(
    ("values", "unit", "ends"),
    [([0.99, 1.0, 0.98, 1.0], "share", (0, 1)), ([-0.98, -1, -0.99], "correlation", (-1, 1))],
)
def test_interval_stays_within_what_the_unit_can_be(values, unit, ends, judged: Judge):
    """Student's t knows nothing of such limits."""
    found = judged("-1 to 1", PerSeed(values), unit=unit)
    (part,) = found["parts"]
    beyond = mean_intervals(values, QUICK).usual
    assert beyond.lower < ends[0] or beyond.upper > ends[1]
    assert (part["lower"], part["upper"]) == (max(ends[0], beyond.lower), min(ends[1], beyond.upper))
    assert (
        ends[0]
        <= part["strict"]["lower"]
        <= part["lower"]
        <= part["upper"]
        <= part["strict"]["upper"]
        <= ends[1]
    )


def test_advice_on_several_networks_is_for_each_of_them(judged: Judge):
    """And it follows from the interval before it is cut off at what the unit can be."""

    def difference(first: Any, second: Any, axis: int) -> Any:
        return first.mean(axis=axis) - second.mean(axis=axis)

    values = np.linspace(-0.3, 0.3, 12)
    found = judged("> 0", Strata([values + 0.05, values], difference), unit="points")
    assert re.search(r"with \d+ seeds of each network, a new study would", found["why"])
    found = judged("> 0", PerSeed([0.1, 0.9]), unit="correlation")
    assert (found["lower"], found["upper"]) == (-1, 1)
    wide = mean_intervals([0.1, 0.9], QUICK).usual
    seeds = seeds_to_decide(0.5, wide, Band.parse("> 0"), 2, 0.95)
    assert f"with {seeds} seeds, a new study" in found["why"]


def test_advice_on_a_share_is_exact(judged: Judge):
    """As the binomial distribution of the number of seeds gives it."""
    found = judged("> 0.5", Proportion([True, True, True, False, False]))
    needed = int(re.search(r"with (\d+) seeds", found["why"])[1])
    power = [
        sum(
            stats.binom.pmf(k, n, 0.6)
            for k in range(n + 1)
            if not proportion_intervals(k, n, QUICK).usual.lower
            <= 0.5
            < proportion_intervals(k, n, QUICK).usual.upper
        )
        for n in (needed, needed // 2)
    ]
    assert power[0] >= 0.8 > power[1]


def test_diverged_seeds_are_counted_and_may_prevent_a_verdict(
    runs: dict[str, Runs], tmp_path: Path, monkeypatch
):
    run = runs["some-diverge"]
    for policy, verdict in (("dropped", "supported"), ("not measured", "not measured")):

        @gives("x", diverged=policy)
        def statistic(inputs: Inputs) -> Measurement:
            return Measurement(PerSeed([0.95, 0.951, 0.952]), "a note", {"x": 1})

        monkeypatch.setattr(functions, "load", lambda *names, statistic=statistic: statistic)
        measure(CLAIM.measured(), Inputs((run.evaluation,)), QUICK, tmp_path / "m.json")
        found = judge(CLAIM, "Mean", tmp_path / "m.json", tmp_path / "e.json", limits="at most 2 seeds")
        count = len(run.evaluation.index["diverged"])
        assert found["diverged"] == {"seeds": count, "are": policy}
        assert found["verdict"] == verdict
        assert found["limits"] == "at most 2 seeds"
    assert found["why"] == f"{count} seed(s) diverged, and the claim is about all of them"


def test_each_part_has_its_own_band_and_unit(judged: Judge):
    found = judged("< 0.9;= 13002; all > 0", INSIDE, Exact(13002), Universal([1]), unit="share; count; ratio")
    assert [part["verdict"] for part in found["parts"]] == ["refuted", "supported", "supported"]
    assert [part["band"] for part in found["parts"]] == ["< 0.9", "= 13002", "all > 0"]
    assert [part["unit"] for part in found["parts"]] == ["share", "count", "ratio"]
    found = judged("> 0.9; > 0.9", INSIDE, INSIDE)
    assert [part["unit"] for part in found["parts"]] == ["share", "share"]


@pytest.mark.parametrize(
    ("band", "parts", "counts"), [("> 0.9", 2, (1, 2)), ("> 0.9; > 1", 1, (2, 1)), ("> 0; > 1", 3, (2, 3))]
)
def test_number_of_bands_is_that_of_parts(band: str, parts: int, counts: tuple[int, int], judged: Judge):
    with pytest.raises(DownhillError) as caught:
        judged(band, *[INSIDE] * parts)
    assert str(caught.value) == (
        f"claim 'toy': its band has {counts[0]} part(s), and the statistic 'test_accuracy' has {counts[1]}; "
        "write one band for each part, separated by ';'"
    )


@pytest.mark.parametrize(
    ("band", "verdict", "why"),
    [
        ("> 25", "supported", "the interval lies entirely inside the band"),
        ("< 25", "refuted", "the interval lies entirely outside the band"),
        ("10 to 25", "refuted", "the interval lies entirely outside the band"),
    ],
)
def test_infinite_median_is_longer_than_any_time(band: str, verdict: str, why: str, judged: Judge):
    found = judged(band, Censored([20] + [30] * 30, [True] + [False] * 30), unit="count")
    assert (found["verdict"], found["why"]) == (verdict, why)
    assert found["value"] is None  # JSON has no infinity
    assert found["parts"][0]["infinite"] == ["value", "lower", "upper"]


def test_interval_that_ends_beyond_what_was_observed(judged: Judge):
    part = Censored([3, 4, 5, 6, 7, 8] + [30] * 6, [True] * 6 + [False] * 6)
    found = judged("> 2", part, unit="count")
    assert (found["verdict"], found["parts"][0]["infinite"]) == ("supported", ["value", "upper"])
    found = judged("> 20", part, unit="count")
    assert found["verdict"] == "undecided"
    assert found["why"] == "the interval crosses an edge of the band; more seeds may decide it"


def test_infinite_numbers_are_shown_as_such(judged: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    judged("> 2", Censored([3, 4, 5, 6, 7, 8] + [30] * 6, [True] * 6 + [False] * 6), unit="count")
    monkeypatch.chdir(tmp_path)
    files = {"csv": Path("claims.csv"), "markdown": Path("claims.md"), "html": Path("claims.html")}
    tabulate([], QUICK, Path("networks.csv"))
    table = summarise([Path("evidence.json")], Path("networks.csv"), **files, figures=Path("figures"))
    assert (table.value[0], table.upper[0]) == (math.inf, math.inf)
    assert table.lower[0] < 9
    page = files["markdown"].read_text(encoding="utf-8")
    assert f"| beyond | {table.lower[0]:.0f} to beyond | 12 |" in page
    assert f"{table.lower[0]:.0f} to beyond" in overview(tmp_path)


def test_wording_and_band_change_without_measuring_again(judged: Judge, tmp_path: Path):
    first = judged("> 0.9", INSIDE)
    before = (tmp_path / "measurement.json").read_bytes()
    other = CLAIM.model_copy(
        update={
            "statement": "So it is.",
            "source": "L2",
            "said": 0.3,
            "band": "< 0.9",
            "unit": "ratio",
            "figures": ("learning_curves",),
        }
    )
    second = judge(other, "Average", tmp_path / "measurement.json", tmp_path / "second.json")
    assert (tmp_path / "measurement.json").read_bytes() == before
    assert (first["verdict"], second["verdict"]) == ("supported", "refuted")
    assert (second["statement"], second["measures"]) == ("So it is.", "Average")
    assert second["parts"][0]["unit"] == "ratio"
    assert first["value"] == second["value"]


def test_measurement_does_not_depend_on_wording():
    other = CLAIM.model_copy(
        update={"statement": "So it is.", "source": "L2", "band": "< 1", "unit": "ratio"}
    )
    assert other.measured() == CLAIM.measured()
    # It includes `said` only if the statistic takes it.
    assert CLAIM.model_copy(update={"said": 0.96}).measured().options == {"said": 0.96}
    gap = CLAIM.model_copy(update={"statistic": "generalisation_gap"})
    assert gap.model_copy(update={"said": 0.96}).measured() == gap.measured()


def test_judging_twice_gives_the_same_bytes(judged: Judge, tmp_path: Path):
    for _ in range(2):
        judged("> 0.9; > 0.9", INSIDE, Censored([1, 2], [False, True]), unit="share; count")
        (tmp_path / "evidence.json").rename(tmp_path / f"{len(list(tmp_path.iterdir()))}.json")
    first, second = sorted(tmp_path.glob("[0-9].json"))
    assert first.read_bytes() == second.read_bytes()
    json.loads(first.read_text(), parse_constant=pytest.fail)  # no infinity, which is not JSON


@pytest.mark.parametrize("measurement", ["{}", "[]", '{"statistic": "test_accuracy"}'])
def test_file_that_is_not_a_measurement_is_refused(measurement: str, tmp_path: Path):
    (tmp_path / "measurement.json").write_text(measurement)
    with pytest.raises(
        DownhillError, match=r"is not a measurement of the statistic 'test_accuracy' of family 'lear"
    ):
        judge(CLAIM, "Mean", tmp_path / "measurement.json", tmp_path / "evidence.json")
    assert not (tmp_path / "evidence.json").exists()
