"""Statistics of the family *memorisation*, compared with the same numbers computed without the package's tables."""

from collections.abc import Callable

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
        ("both_fitted", ("sigmoid", "shuffled"), lower_of_both),
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


def test_training_accuracy_that_counts_as_fitted_is_an_option(evidence_for):
    claim = claim_of("memorisation", "both_fitted", "> 0", "sigmoid", "shuffled")
    assert "no width reaches 99 % on both" in evidence_for(claim)["note"]
    found = evidence_for(claim.model_copy(update={"options": {"fitted": 0.01}}))
    assert "both are above 1 % on 300 images from 16 up" in found["note"]
    assert found["data"]["fitted"] == 0.01
