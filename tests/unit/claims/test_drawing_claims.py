"""Statistics of the family *drawing*, on answers that are known."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from downhill.claims.drawing import accuracy_gained
from downhill.claims.inputs import Inputs
from downhill.claims.parts import NotMeasuredError
from tests.constructed import answers_to_drawings, evidence_of, inputs_of

OTHERS = {"wide": (15, 12), "blank": (4, 4)}


def found_for(tmp_path: Path, right: dict[str, tuple[int, int]], **arrays: Any) -> dict[str, Any]:
    inputs = inputs_of(
        answers_to_drawings=answers_to_drawings(right, **arrays),
        answers_to_drawings_by_network=answers_to_drawings(OTHERS, seeds=2),
    )
    return evidence_of("preprocessing-matters", inputs, tmp_path)


def test_difference_is_paired_by_seed(tmp_path: Path):
    """18, 17, 16, 15 and 8, 7, 6, 5 of 20 drawings are right: each seed gains ten."""
    found = found_for(tmp_path, {"lesson": (18, 8)})
    assert (found["verdict"], found["n"]) == ("supported", 4)
    assert found["value"] == found["lower"] == found["upper"] == pytest.approx(0.5)
    assert "it gets 82.5 % and 32.5 % of 20 drawings right with and without preprocessing" in found["note"]
    assert "compared with 90.0 % of its own test images" in found["note"]
    assert "the difference is 50.0 to 50.0 points in single seeds" in found["note"]
    assert "other networks get 72.5 % and 57.5 % (wide), 17.5 % and 17.5 % (blank)" in found["note"]


@pytest.mark.parametrize(
    ("right", "verdict"), [((9, 8), "refuted"), ((8, 9), "refuted"), ((13, 8), "supported")]
)
def test_verdict_follows_the_difference(right: tuple[int, int], verdict: str, tmp_path: Path):
    assert found_for(tmp_path, {"lesson": right})["verdict"] == verdict


def test_every_network_has_its_accuracies(tmp_path: Path):
    rows = {row["network"]: row for row in found_for(tmp_path, {"lesson": (18, 8)})["data"]["networks"]}
    assert list(rows) == ["lesson", "wide", "blank"]
    assert rows["lesson"]["with"]["values"] == pytest.approx([0.9, 0.85, 0.8, 0.75])
    assert rows["lesson"]["without"]["values"] == pytest.approx([0.4, 0.35, 0.3, 0.25])
    assert rows["lesson"]["test"]["values"] == [0.9] * 4
    assert rows["blank"]["gained"]["values"] == [0, 0]
    assert rows["wide"]["gained"]["mean"] == pytest.approx(0.15)


def test_examples_are_the_first_drawings_with_the_answers_of_the_first_seed(tmp_path: Path):
    found = found_for(tmp_path, {"lesson": (11, 3)})["data"]
    examples = found["examples"]
    assert found["drawings"] == {"count": 20, "classes": 10}
    assert (examples["network"], examples["seed"], examples["shape"]) == ("lesson", 0, [4, 4])
    assert examples["labels"] == [*range(10), 0, 1]
    assert examples["answers"]["with"] == [*range(10), 0, 8]
    assert examples["answers"]["without"] == [0, 1, 2, 6, 5, 4, 3, 2, 1, 0, 9, 8]
    pixels = np.frombuffer(bytes.fromhex(examples["images"]["with"][3]), np.uint8)
    assert pixels.tolist() == list(range(30, 46))
    assert bytes.fromhex(examples["images"]["without"][3])[0] == 255 - 30


def test_options_say_which_set_is_which(tmp_path: Path):
    inputs = inputs_of(answers=answers_to_drawings({"lesson": (18, 8)}))
    forward = accuracy_gained(inputs).parts
    swapped = accuracy_gained(inputs, preprocessed="drawn-digits-raw").parts
    np.testing.assert_allclose(forward.values, 0.5)
    np.testing.assert_allclose(swapped.values, -0.5)


@pytest.mark.parametrize(
    ("change", "options", "why"),
    [
        (
            {},
            {"plain": "drawn-digit"},
            "'lesson' has not been shown the data set 'drawn-digit'; did you mean ",
        ),
        (
            {"labels": 1},
            {},
            "the data sets 'drawn-digits' and 'drawn-digits-raw' do not hold drawings of the same ",
        ),
        ({"labels": 255}, {}, "the data set 'drawn-digits' has images that belong to no class, or none"),
    ],
)
def test_what_cannot_be_measured_says_why(change: dict[str, int], options: dict[str, str], why: str):
    arrays = answers_to_drawings({"lesson": (18, 8)})
    if change:
        arrays["labels"][:, : 20 if change["labels"] == 1 else 40] = change["labels"]
    with pytest.raises(NotMeasuredError, match=f"^{why}"):
        accuracy_gained(inputs_of(answers=arrays), **options)


def test_without_a_seed_nothing_is_measured():
    nothing = {name: values[:0] for name, values in answers_to_drawings({"lesson": (18, 8)}).items()}
    for inputs in (inputs_of(answers=nothing), Inputs()):
        with pytest.raises(NotMeasuredError, match=r"^there is no seed that has seen the drawings"):
            accuracy_gained(inputs)
