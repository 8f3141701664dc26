"""The glossary and the method of the report page: complete, in order, plain text, and true of the code."""

import re

import pytest

from downhill.claims.inference import STRICT_LEVEL
from downhill.claims.verdicts import POWER
from downhill.claims.wording import FEWEST_SEEDS
from downhill.report.glossary import TERMS
from downhill.report.method import SECTIONS
from downhill.report.tables import SIGNS

PARAGRAPHS = [paragraph for section in SECTIONS for paragraph in section.paragraphs]
TEXTS = [*(text for _, text in TERMS), *PARAGRAPHS]
METHOD = " ".join(PARAGRAPHS)


def test_terms_are_sorted_and_unique():
    terms = [term.casefold() for term, _ in TERMS]
    assert terms == sorted(set(terms))


def test_every_verdict_is_explained():
    assert set(SIGNS) <= {term for term, _ in TERMS}


@pytest.mark.parametrize("text", TEXTS)
def test_text_is_plain_and_consists_of_sentences(text: str):
    """No markup, no stray spaces between joined strings, and a full stop at the end."""
    assert not set(text) & set("<>&`*_[]{}#|\n\t")
    assert "  " not in text
    assert text == text.strip()
    assert text.endswith(".")
    assert text[0].isupper()
    assert not re.search(r"[a-z][.;:,][A-Za-z]", text)


def test_explanation_does_not_begin_with_its_own_term():
    assert not [term for term, text in TERMS if text.casefold().startswith(term.casefold())]


def test_explanation_has_at_most_two_sentences():
    assert not [term for term, text in TERMS if len(re.findall(r"\.(?=\s+[A-Z]|$)", text)) > 2]


def test_headings_are_unique_and_each_has_text():
    headings = [section.heading for section in SECTIONS]
    assert len(set(headings)) == len(headings)
    assert all(section.paragraphs for section in SECTIONS)


def test_numbers_of_the_method_are_those_of_the_code():
    """A changed level, power or number of seeds must be changed in the text as well."""
    assert f"also computed at {100 * STRICT_LEVEL:.1f} %" in METHOD
    assert f"probability of {100 * POWER:.0f} %" in METHOD
    assert f"With fewer than {FEWEST_SEEDS} runs" in METHOD
    assert f"too few runs (fewer than {FEWEST_SEEDS})" in dict(TERMS)["undecided"]


@pytest.mark.parametrize(
    "source", ["Wilson 1927", "Hesterberg 2015", "Davison and Hinkley 1997", "Owen 2007"]
)
def test_sources_of_the_intervals_are_named(source: str):
    assert source in METHOD
