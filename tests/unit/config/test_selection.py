"""Which networks, experiments and claims a study runs."""

from typing import Any

import pytest

from downhill.config.selection import matching
from downhill.errors import DownhillError

from .study_files import CLAIMS, CONFIG, EXPERIMENTS, NETWORKS, STRENGTH, Files, experiments, load

KNOWN = ["shape-16", "shape-32", "lesson", "few-8-true", "few-8-shuffled", "few-16-true"]


@pytest.mark.parametrize(
    ("select", "claims", "networks"),
    [
        ({}, ["ninety-six", "wider"], ["lesson", "wide", "spare"]),
        ({"claims": ["wider"]}, ["wider"], ["wide"]),
        ({"claims": ["wider"], "networks": ["spare"]}, ["wider"], ["wide", "spare"]),
        ({"claims": ["*six"], "networks": ["wi*"]}, ["ninety-six"], ["lesson", "wide"]),
        ({"claims": ["wider"], "networks": "all"}, ["wider"], ["lesson", "wide", "spare"]),
    ],
)
def test_selection_of_claims_chooses_their_networks(
    select: dict[str, Any], claims: list[str], networks: list[str], files: Files
):
    files[CONFIG]["select"] = select
    study = load(files)
    assert list(study.claims) == claims
    assert list(study.networks) == networks


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        ((), ()),
        (("lesson",), ("lesson",)),
        (("shape-*",), ("shape-16", "shape-32")),
        (("few-*-true",), ("few-8-true", "few-16-true")),
        (("few-?-*",), ("few-8-true", "few-8-shuffled")),
        (("shape-[13]6", "lesson"), ("shape-16", "lesson")),
        (
            ("lesson", "shape-*"),
            ("lesson", "shape-16", "shape-32"),
        ),  # in the order of the row, then of the table
        (("shape-32", "shape-*"), ("shape-32", "shape-16")),  # each once
        (("*",), tuple(KNOWN)),
    ],
)
def test_names_that_match_patterns(patterns: tuple[str, ...], names: tuple[str, ...]):
    assert matching(patterns, KNOWN, "here", "networks.tsv") == names


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("shapes-*", "here: no network in networks.tsv matches 'shapes-*'; did you mean 'shape-32'?"),
        ("Shape-*", "here: no network in networks.tsv matches 'Shape-*'; did you mean 'shape-32'?"),
        ("x*", f"here: no network in networks.tsv matches 'x*'; there are: {', '.join(KNOWN)}"),
        ("lessn", "here: there is no network 'lessn' in networks.tsv; did you mean 'lesson'?"),
        ("shape", "here: there is no network 'shape' in networks.tsv; did you mean 'shape-32'?"),
    ],
)
def test_pattern_without_a_match_is_refused(pattern: str, sentence: str):
    with pytest.raises(DownhillError) as caught:
        matching(["lesson", pattern], KNOWN, "here", "networks.tsv")
    assert str(caught.value) == sentence


def test_patterns_of_claims_are_resolved(files: Files):
    files[CLAIMS][0] |= {"networks": "w*, l*", "statistic": "accuracy_of_best_shape", "figures": ""}
    assert load(files).claims["ninety-six"].networks == ("wide", "lesson")
    files[CLAIMS][0]["networks"] = "deep-*"
    with pytest.raises(DownhillError) as caught:
        load(files)
    assert str(caught.value) == (
        f"{CLAIMS}, claim 'ninety-six': no network in {NETWORKS} matches 'deep-*'; there are: lesson, wide, spare"
    )


CURVES: dict[str, Any] = {"function": "network.weights_and_biases"}


@pytest.fixture
def with_experiments(files: Files) -> Files:
    """Two experiments, one of which is used by a claim."""
    experiments(used=CURVES | {"networks": ["spare"]}, other=CURVES | {"networks": ["lesson"]})(files)
    files[CLAIMS][1] |= STRENGTH | {"experiments": "used"}
    return files


@pytest.mark.parametrize(
    ("select", "claims", "networks", "kept"),
    [
        ({}, ["ninety-six", "wider"], ["lesson", "wide", "spare"], ["used", "other"]),
        (
            {"claims": ["wider"]},
            ["wider"],
            ["wide", "spare"],
            ["used"],
        ),  # with the networks of its experiment
        ({"claims": ["ninety-six"]}, ["ninety-six"], ["lesson"], []),
        ({"claims": ["ninety-six"], "experiments": ["used"]}, ["ninety-six"], ["lesson", "spare"], ["used"]),
        (
            {"claims": ["ninety-six"], "experiments": "all"},
            ["ninety-six"],
            ["lesson", "spare"],
            ["used", "other"],
        ),
        ({"claims": ["wider"], "networks": "all"}, ["wider"], ["lesson", "wide", "spare"], ["used"]),
    ],
)
def test_selection_of_claims_chooses_their_experiments(
    select: dict[str, Any], claims: list[str], networks: list[str], kept: list[str], with_experiments: Files
):
    with_experiments[CONFIG]["select"] = select
    study = load(with_experiments)
    assert list(study.claims) == claims
    assert list(study.networks) == networks
    assert list(study.experiments) == kept


@pytest.mark.parametrize(
    ("select", "sentence"),
    [
        ({"claims": []}, "select.claims: the list is empty; name at least one claim, or write all"),
        ({"claims": ["wder"]}, f"select.claims: there is no claim 'wder' in {CLAIMS}; did you mean 'wider'?"),
        (
            {"claims": ["wider"], "experiments": ["usd"]},
            f"select.experiments: there is no experiment 'usd' in {EXPERIMENTS}; did you mean 'used'?",
        ),
        ({"claims": ["wider"], "experiments": "used"}, "select.experiments: write a list, [used], or all"),
        (
            {"claims": ["wider"], "networks": ["spar"]},
            f"select.networks: there is no network 'spar' in {NETWORKS}; did you mean 'spare'?",
        ),
        (
            {"networks": ["lessom"]},
            f"select.networks: there is no network 'lessom' in {NETWORKS}; did you mean 'lesson'?",
        ),
        (
            {"networks": ["lesson"]},
            "select.networks: has no effect, since all claims are selected with everything that they use; set "
            "select.claims to a list, such as [ninety-six], which need nothing else",
        ),
        (
            {"experiments": ["used"]},
            "select.experiments: has no effect, since all claims are selected with everything that they use; set "
            "select.claims to a list",
        ),
    ],
)
def test_selection_of_unknown_names_is_refused(
    select: dict[str, Any], sentence: str, with_experiments: Files
):
    with_experiments[CONFIG]["select"] = select
    with pytest.raises(DownhillError) as caught:
        load(with_experiments)
    assert str(caught.value) == f"{CONFIG}, {sentence}"
