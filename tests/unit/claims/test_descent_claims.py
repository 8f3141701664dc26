"""Statistics of the family *descent*, on arrays whose answers are known and on networks trained on few digits."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from downhill.claims import descent
from downhill.claims.descent_moves import about_falls, correlation_text, falls_by_length, inequality_of
from downhill.claims.descent_toys import about_hops, importance_of_inputs, surface_of_bowl
from downhill.claims.descent_walks import about_search, about_walks, power_of_ten_to_reach, short_after
from downhill.claims.parts import NotMeasuredError
from downhill.config.settings import Statistics
from downhill.datasets import Dataset
from tests.constructed import inputs_of
from tests.descent_study import CLAIMS, DescentStudy

QUICK = Statistics(resamples=200)


@pytest.fixture(scope="module")
def study(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> DescentStudy:
    return DescentStudy(digits, tmp_path_factory.mktemp("descent"))


def arrays_of(study: DescentStudy, name: str) -> dict[str, Any]:
    return dict(study.experiment(name).only())


def test_the_lead_is_that_of_the_best_other_direction(study: DescentStudy):
    arrays = arrays_of(study, "small-moves")
    length, gradient = arrays["length"][:, None], arrays["gradient"]
    arrays["steepest"] = np.full_like(gradient, 0.9) * length * gradient
    arrays["others"] = np.zeros_like(arrays["others"])
    arrays["random"] = np.zeros_like(arrays["random"])
    arrays["random"][2, 1, 3] = 0.7 * length[2, 0] * gradient[2, 1]
    arrays["others"][0, 0, 1] = 0.5 * length[0, 0] * gradient[0, 0]
    found = descent.falls_along_gradient(inputs_of(moves=arrays))
    lead, error = (part.estimate(QUICK) for part in found.parts)
    assert lead["worst"] == pytest.approx([0.2, 0.9])
    assert (lead["n"], lead["of"]) == (9, "case")
    assert error["worst"][1] == pytest.approx(np.abs(arrays["slope"] / gradient - 1).max())


def test_a_direction_that_is_as_steep_leaves_no_lead(study: DescentStudy):
    arrays = arrays_of(study, "small-moves")
    arrays["others"][1, 0, 2] = arrays["steepest"][1, 0]
    found = descent.falls_along_gradient(inputs_of(moves=arrays))
    assert found.parts[0].estimate(QUICK)["worst"][0] == 0


@pytest.mark.parametrize(
    ("name", "value", "text"), [("gradient", 0.0, "is 0"), ("slope", np.nan, "rounding")]
)
def test_falls_that_cannot_be_measured(name: str, value: float, text: str, study: DescentStudy):
    arrays = arrays_of(study, "small-moves")
    arrays[name] = arrays[name].copy()
    arrays[name][0, 0] = value
    with pytest.raises(NotMeasuredError, match=text):
        descent.falls_along_gradient(inputs_of(moves=arrays))


def test_by_other_measures_of_length_the_sign_and_the_largest_coordinate_are_steepest(study: DescentStudy):
    """The dual norms: they maximise the fall for a given largest change, and for a given sum of changes."""
    arrays = arrays_of(study, "small-moves")
    steepest = [
        max(one["falls"], key=lambda name, falls=one["falls"]: falls[name].values.mean())
        for one in falls_by_length(arrays)
    ]
    assert steepest == ["minus the gradient", "sign of the gradient", "largest coordinate"]
    assert "along the sign of the gradient per unit of the largest change of a weight" in about_falls(arrays)


def test_correlations_are_those_of_scipy(study: DescentStudy):
    arrays = arrays_of(study, "small-moves")
    found = study.evidence("relative-importance")
    by_hand = [
        stats.spearmanr(arrays["component"][seed, 0], arrays["change"][seed, 0, 0])[0] for seed in range(3)
    ]
    assert found["parts"][1]["value"] == pytest.approx(np.mean(by_hand))
    assert found["parts"][1]["n"] == 3
    assert found["parts"][0]["value"] == pytest.approx(3, rel=1e-5)
    assert found["parts"][0]["exact"]


def test_an_unrelated_change_has_no_correlation(study: DescentStudy):
    arrays = arrays_of(study, "small-moves")
    arrays["change"] = np.random.default_rng(0).random(arrays["change"].shape)
    found = descent.importance_of_weights(inputs_of(moves=arrays, toys=arrays_of(study, "descent-toys")))
    assert abs(found.parts[1].estimate(QUICK)["value"]) < 0.5


@pytest.mark.parametrize(
    ("values", "text"),
    [([0.5, 0.75], "0.625"), ([0.99996], "more than 0.999"), ([-0.25], "−0.250"), ([np.nan], "undefined")],
)
def test_correlations_in_words(values: list[float], text: str):
    assert correlation_text(np.array(values)) == text


def test_weights_without_effect_have_no_correlation(study: DescentStudy):
    arrays = arrays_of(study, "small-moves")
    arrays["change"] = np.zeros_like(arrays["change"])
    with pytest.raises(NotMeasuredError, match="does not depend"):
        descent.importance_of_weights(inputs_of(moves=arrays, toys=arrays_of(study, "descent-toys")))


def test_inequality_is_given_by_layer(study: DescentStudy):
    layers = inequality_of(arrays_of(study, "small-moves"))["layers"]
    assert [layer["layer"] for layer in layers] == [1, 2, 3]
    for layer in layers:
        for point in layer["points"]:
            for curve, index in zip(point["lorenz"], point["gini"].values, strict=True):
                assert curve[0] == 0
                assert curve[-1] == 1
                # Chords lie above a curve that bends upwards, by less than its rise over their width.
                width = 1 / (len(curve) - 1)
                assert -1e-3 < index - (1 - 2 * np.trapezoid(curve, dx=width)) < width


def walks(length: Any, **changed: Any) -> dict[str, Any]:
    length = np.array(length, float)
    seeds, count = length.shape
    arrays: dict[str, Any] = {
        "step": np.tile(np.arange(count + 1), (seeds, 1)),
        "length": length,
        "ratio": length[:, -1] / length[:, 0],
        "cost": np.tile(np.linspace(2, 1, count + 1), (seeds, 1)),
        "fixed_cost": np.ones((seeds, 2, count + 1)),
        "back": np.zeros(seeds),
        "fixed_back": np.full((seeds, 2), 0.25),
        "fixed_length": np.ones((seeds, 2)),
        "rate": np.full(seeds, 3.0),
        "images": np.full(seeds, 7),
    }
    return arrays | changed


def test_the_ratio_of_the_last_step_to_the_first(study: DescentStudy):
    toys = arrays_of(study, "descent-toys")
    found = descent.last_step_over_first(inputs_of(steps=walks([[2, 1, 0.5], [1, 1, 0.05]]), toys=toys))
    assert found.parts.estimate(QUICK)["value"] == pytest.approx((0.25 + 0.05) / 2)
    with pytest.raises(NotMeasuredError, match="gradient of a seed is 0"):
        descent.last_step_over_first(inputs_of(steps=walks([[1, 1]], ratio=np.array([np.nan])), toys=toys))


def test_where_steps_become_short():
    """Shares 1, 0.1 and 0.01 at steps 1, 2 and 3: they reach 0.1 at step 2."""
    crossing = short_after(walks([[1, 0.1, 0.01], [2, 0.2, 0.02]]), 0.1)
    assert crossing is not None
    assert crossing.value() == pytest.approx(2)
    assert short_after(walks([[1, 0.9, 0.8]]), 0.1) is None
    note = about_walks(walks([[1, 0.1, 0.01]]), 0.1)
    assert note.startswith(
        "the mean step is first shorter than 10 % of the first after 2 steps, at a mean cost of 1.33"
    )
    assert "The mean cost goes from 2 to 1 (0 % of the later steps turn back" in note
    assert "with all steps as long as the first proportional step, to 1 (25 % of the later" in note
    assert "within 3 steps, the mean step never becomes" in about_walks(walks([[1, 0.9, 0.8]]), 0.1)


@pytest.mark.parametrize(
    ("fixed", "fates", "expected"),
    [
        (
            [[3, 2, 1, 0], [3, 0, np.nan, np.nan], [3, -1, 3, -1]],
            ["arrives", "arrives", "repeats"],
            [3, 1, 0],
        ),
        ([[3, 2, 1, 0], [3, 0, np.nan, np.nan], [3, 0, np.nan, np.nan]], ["arrives"] * 3, [3, 1, 1]),
    ],
)
def test_moves_and_arrivals_are_counted(
    fixed: Any, fates: list[str], expected: list[int], study: DescentStudy
):
    toys = arrays_of(study, "descent-toys") | {"fixed": np.array([fixed]), "fixed_fate": np.array([fates])}
    found = descent.moves_of_fixed_length(inputs_of(toys=toys))
    assert [part.estimate(QUICK)["value"] for part in found.parts] == expected
    assert all(part.estimate(QUICK)["exact"] for part in found.parts)


def test_the_example_of_the_lesson_is_exact(study: DescentStudy):
    found = study.evidence("step-size-example")
    assert [part["value"] for part in found["parts"]] == [10, 2, 0]
    assert found["verdict"] == "supported"
    assert "as rates on x², where a move is the rate times the slope: 1 returns to" in found["note"]
    assert "5 moves further away each time, 11 moves further away each time" in found["note"]


def test_another_number_of_lengths_is_not_the_example(study: DescentStudy):
    toys = arrays_of(study, "descent-toys")
    toys |= {name: toys[name][:, :2] for name in ("fixed", "fixed_fate", "rated", "rated_fate", "length")}
    with pytest.raises(NotMeasuredError, match="has 2"):
        descent.moves_of_fixed_length(inputs_of(toys=toys))
    assert about_hops(toys).startswith(
        "from x = 10, as moves of fixed length on |x|: 1 arrives after 10 moves"
    )


def test_the_bowl_says_what_its_rates_do(study: DescentStudy):
    found = surface_of_bowl(arrays_of(study, "descent-toys"))
    assert [one["kind"].partition(":")[0] for one in found["paths"]] == [
        "too small",
        "good",
        "nearly too large",
        "too large",
    ]
    assert found["stable"] == pytest.approx(found["limit"], rel=1e-5)
    assert found["limit"] == pytest.approx(2 / 8)


def test_the_toy_of_two_inputs(study: DescentStudy):
    found = importance_of_inputs(arrays_of(study, "descent-toys"))
    assert found["gradient"] == [3, 1]
    assert found["ratio"][-1] == pytest.approx((3 + 3 + 1) / (1 + 0.5))


def test_a_nudge_that_is_lost_in_rounding_has_no_ratio(study: DescentStudy):
    toys, moves = arrays_of(study, "descent-toys"), arrays_of(study, "small-moves")
    toys["change"] = toys["change"].copy()
    toys["change"][:, 0] = 0
    with pytest.raises(NotMeasuredError, match="lost in rounding"):
        descent.importance_of_weights(inputs_of(moves=moves, toys=toys))


def searched(**changed: Any) -> dict[str, Any]:
    drawn = np.tile(np.linspace(3, 1, 100), (2, 1))
    arrays: dict[str, Any] = {
        "drawn": drawn,
        "evaluations": np.tile([3, 100], (2, 1)),
        "best": np.array([[2.9, 1.0], [2.9, 1.0]]),
        "descent": np.array([[2.0, 0.5], [2.0, 0.75]]),
        "start": np.array([2.0, 2.0]),
        "trained": np.array([0.2, 0.3]),
        "epoch": np.array([1, 1]),
        "images": np.array([50, 50]),
        "all_images": np.array([500, 500]),
    }
    return arrays | changed


def test_search_is_compared_with_descent_at_the_end():
    found = descent.search_minus_descent(inputs_of(search=searched()))
    estimate = found.parts.estimate(QUICK)
    assert (estimate["worst"], estimate["n"], estimate["of"]) == ([0.25, 0.5], 2, "seed")
    assert (
        "the best of 100 random networks has a cost of 1; after as many evaluations, that of descent is 0.5 to 0.75"
        in found.note
    )
    assert "After 1 epoch of its usual training, which is as much work as 30 evaluations" in found.note
    with pytest.raises(NotMeasuredError, match="not a finite number"):
        descent.search_minus_descent(inputs_of(search=searched(descent=np.full((2, 2), np.nan))))


def test_without_training_there_is_nothing_to_extrapolate_to():
    note = about_search(searched(epoch=np.array([0, 0])))
    assert "epoch" not in note
    assert "draws would" not in note


def test_draws_are_extrapolated_by_the_gain_of_the_last_tenfold():
    drawn = np.full(100, 5.0)
    drawn[::10] = 2.0  # the lowest of every tenth
    drawn[0] = 1.0  # the lowest of all: the mean of the tenths is 1.9
    assert power_of_ten_to_reach(drawn, 1.0) == pytest.approx(2)
    assert power_of_ten_to_reach(drawn, 0.1) == pytest.approx(2 + 0.9 / 0.9)
    assert power_of_ten_to_reach(np.full(100, 5.0), 1.0) == np.inf
    assert np.isnan(power_of_ten_to_reach(np.ones(9), 0.5))


def linear(descent_cost: list[float], settled: bool = True) -> dict[str, Any]:
    n = len(descent_cost)
    return {
        "solution": np.full(n, 0.5),
        "descent": np.array(descent_cost),
        "steps": np.arange(10, 10 + n),
        "settled": np.full(n, settled),
        "step": np.tile([0, 1, 10], (n, 1)),
        "excess": np.tile([1.0, 0.5, np.nan], (n, 1)),
        "curvature": np.tile([0.5, 50.0], (n, 1)),
        "parameters": np.full(n, 20),
        "images": np.full(n, 30),
    }


def test_the_difference_of_costs_is_relative():
    found = descent.descent_and_solution(inputs_of(linear=linear([0.5, 0.55])))
    estimate = found.parts.estimate(QUICK)
    assert estimate["worst"] == pytest.approx([0, 0.1])
    assert (estimate["n"], estimate["of"]) == (2, "start")
    assert found.data["network"] is None
    assert found.note == (
        "descent takes 10 to 11 steps; the number grows with the ratio of the highest to the lowest curvature, "
        "which is 100"
    )
    found = descent.descent_and_solution(
        inputs_of(linear=linear([0.6], settled=False), steps=walks([[1, 0.5]]))
    )
    assert "1 start had not settled" in found.note
    assert found.data["network"]["cost"] == [[2, 1.5, 1]]


def test_a_solution_that_costs_nothing_has_no_relative_difference():
    with pytest.raises(NotMeasuredError, match="is 0"):
        descent.descent_and_solution(inputs_of(linear=linear([0.5]) | {"solution": np.zeros(1)}))


def test_an_experiment_that_is_missing_is_reported():
    with pytest.raises(NotMeasuredError, match="no experiment of the row computes 'drawn'"):
        descent.search_minus_descent(inputs_of(linear=linear([0.5])))


@pytest.mark.parametrize("claim", CLAIMS)
def test_every_claim_is_measured_and_its_evidence_is_small(claim: str, study: DescentStudy):
    assert study.evidence(claim)["verdict"] != "not measured"
    assert (study.folder / f"{claim}.json").stat().st_size < 300_000
