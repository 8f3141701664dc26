"""Bands: what is accepted, and what is refused with one sentence."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downhill.config.band import Band, parse_bands
from downhill.config.claim import Claim

numbers = st.floats(-1e6, 1e6).map(lambda number: round(number, 6))


@given(numbers, numbers)
def test_band_between_holds_its_ends(one: float, other: float):
    low, high = sorted([one, other])
    assert Band.parse(f"{low} to {high}") == Band("between", low, high)
    if low < high:
        with pytest.raises(ValueError, match="ends before it begins"):
            Band.parse(f"{high} to {low}")


@pytest.mark.parametrize(
    ("text", "band"),
    [
        ("= 13002", Band("exactly", 13002, 13002)),
        ("=1", Band("exactly", 1, 1)),
        ("> 0.9", Band("above", 0.9, float("inf"))),
        (" < -.5e-2 ", Band("below", float("-inf"), -0.005)),
        ("0.955 to 0.965", Band("between", 0.955, 0.965)),
        ("-1 to +1", Band("between", -1, 1)),
    ],
)
def test_band_is_read(text: str, band: Band):
    assert Band.parse(text) == band


@pytest.mark.parametrize(
    "text", ["", "0.9", ">", ">= 0.9", "0.1 - 0.2", "0.1 to", "= nan", "> 0.9 or so", "to 3", "> 1,5"]
)
def test_invalid_band_is_refused(text: str):
    with pytest.raises(ValueError, match="is not understood; write '= 13002'"):
        Band.parse(text)


@pytest.mark.parametrize(
    ("text", "band"),
    [
        ("all = 1", Band("exactly", 1, 1, universal=True)),
        ("all > 0.9", Band("above", 0.9, math.inf, universal=True)),
        (" all  < 3 ", Band("below", -math.inf, 3, universal=True)),
        ("all 0 to 1", Band("between", 0, 1, universal=True)),
    ],
)
def test_band_of_every_single_case_is_read(text: str, band: Band):
    assert Band.parse(text) == band
    assert not Band.parse(text.replace("all", "")).universal


def test_bands_of_several_parts_are_separated_by_semicolons():
    assert parse_bands("> 0.9") == (Band.parse("> 0.9"),)
    assert parse_bands("> 0.9;< 3 ; all = 1") == tuple(map(Band.parse, ("> 0.9", "< 3", "all = 1")))


@pytest.mark.parametrize(
    "text", ["all", "all 0.9", "alls > 3", "> all 3", "every > 3", "all all > 3", "> 3 all", "not all > 3"]
)
def test_invalid_band_for_every_single_case_is_refused(text: str):
    with pytest.raises(ValueError, match=f"^band '{text}' is not understood; write "):
        Band.parse(text)


@pytest.mark.parametrize("text", ["> 0.9;", "; > 0.9", "> 0.9; ; < 3", "> 0.9, < 3"])
def test_bands_with_a_gap_are_refused(text: str):
    with pytest.raises(
        ValueError, match=r"is not understood; .* and ';' between the bands of several parts$"
    ):
        parse_bands(text)


def test_message_is_one_sentence():
    with pytest.raises(ValueError, match="is not understood") as caught:
        parse_bands("> 1; about 2")
    assert str(caught.value) == (
        "band ' about 2' is not understood; write '= 13002', '> 0.9', '< 0.03' or '0.955 to 0.965', with 'all' before "
        "it for a claim about every single case, 'single run' for a published run that is compared with runs of ours, "
        "and ';' between the bands of several parts"
    )


kinds = st.sampled_from(["= {}", "> {}", "< {}", "{} to 1e9", "all > {}"])


@given(st.lists(st.tuples(kinds, numbers).map(lambda pair: pair[0].format(pair[1])), min_size=1, max_size=4))
def test_bands_in_a_row_are_kept_as_they_are_written(texts: list[str]):
    """Apart from spaces around them."""
    row = {"claim": "a", "family": "learning", "statement": "So.", "source": "L1", "statistic": "toy"}
    claim = Claim.model_validate(row | {"unit": "share", "band": " ;  ".join(texts)})
    assert claim.band == "; ".join(texts)
    assert parse_bands(claim.band) == tuple(map(Band.parse, texts))
