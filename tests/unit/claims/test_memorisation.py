"""Statistics of the family *memorisation*, compared with the same numbers computed without the package's tables."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from .trained_networks import Runs, assert_is, claim_of, gap


def lower_of_both(true: Runs, shuffled: Runs) -> np.ndarray:
    """For the seeds that both networks have."""
    return np.minimum(true.accuracy("train")[:4], shuffled.accuracy("train"))


@pytest.mark.parametrize(
    ("statistic", "networks", "by_hand"),
    [
        ("gap_when_memorising", ("softmax",), gap),
        ("test_accuracy_after_shuffling", ("shuffled",), lambda run: run.accuracy("test")),
    ],
)
def test_statistic_is_what_its_name_says(
    statistic: str, networks: tuple[str, ...], by_hand: Callable[..., np.ndarray], runs, evidence_for
):
    found = evidence_for(claim_of("memorisation", statistic, "-9 to 99999", *networks))
    assert_is(found, by_hand(*(runs[name] for name in networks)))


def test_notes_count_training_images(evidence_for):
    """Without the 100 images for validation."""
    found = evidence_for(claim_of("memorisation", "gap_when_memorising", "> 0", "softmax"))
    assert "all 300 training images right" in found["note"]
    assert found["data"]["n_images"] == 300


def test_both_fitted_is_that_of_the_shape_fixed_beforehand(runs, evidence_for):
    claim = claim_of("memorisation", "both_fitted", "> 0", "sigmoid", "shuffled")
    options: dict[str, Any] = {"hidden_layers": "16", "images": 300}
    found = evidence_for(claim.model_copy(update={"options": options}))
    assert_is(found, lower_of_both(runs["sigmoid"], runs["shuffled"]))
    assert "no shape is above 99 % with both true and shuffled labels on 300 images" in found["note"]
    assert [shape["chosen"] for shape in found["data"]["shapes"]] == [True]
    found = evidence_for(claim.model_copy(update={"options": options | {"fitted": 0.01}}))
    assert (
        "the smallest shape above 1 % with both true and shuffled labels on 300 images is 16" in found["note"]
    )
    assert found["data"]["fitted"] == 0.01


def test_chance_on_new_images_is_expected_only_of_networks_that_learned_little(evidence_for):
    for name, expected in (("slow", True), ("sigmoid", False)):
        claim = claim_of("memorisation", "test_accuracy_after_shuffling", "> 0", name)
        assert ("hardly learned their labels" in evidence_for(claim)["note"]) is expected


@pytest.mark.parametrize(("shape", "images"), [("12", 300), ("16", 1000)])
def test_both_fitted_needs_the_shape_that_was_fixed(shape: str, images: int, evidence_for):
    claim = claim_of("memorisation", "both_fitted", "> 0", "sigmoid", "shuffled")
    found = evidence_for(claim.model_copy(update={"options": {"hidden_layers": shape, "images": images}}))
    assert found["verdict"] == "not measured"
    assert found["why"] == f"0 pairs of networks have the shape {shape} and {images:,} training images"


def test_chance_follows_from_how_often_answers_are_given(runs, evidence_for):
    """As a permutation of the answers gives it."""
    run = runs["shuffled"]
    found = evidence_for(claim_of("memorisation", "test_accuracy_after_shuffling", "> 0", "shuffled"))
    labels, random = run.data.test.labels, np.random.default_rng(0)
    for seed, expected in enumerate(found["data"]["expected"]["values"]):
        answers = run.outputs(seed, "test")[0].argmax(1)
        by_chance = [(random.permutation(answers) == labels).mean() for _ in range(2000)]
        assert expected == pytest.approx(np.mean(by_chance), abs=0.003)
    largest = np.bincount(labels)
    assert found["note"].endswith(
        f"and always answering '{largest.argmax()}' would be right on {100 * largest.max() / 200:.2f} %"
    )
