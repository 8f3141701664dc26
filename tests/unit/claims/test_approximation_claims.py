"""The statistic of the family *approximation*, on fits whose answers are known."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from downhill.claims.approximation import error_of_widest
from downhill.claims.approximation_fits import errors_of_fits, fits_of, surface_of
from downhill.claims.parts import NotMeasuredError
from tests.constructed import QUICK, evidence_of, fits_of_line, fits_of_plane, inputs_of


def measured(tmp_path: Path, curve, surface=None):
    inputs = inputs_of(fits_of_curve=curve, fits_of_surface=fits_of_plane() if surface is None else surface)
    return evidence_of("universal-approximation", inputs, tmp_path)


def test_the_fit_is_the_restart_with_the_lowest_cost():
    arrays = fits_of_line(2)
    np.testing.assert_allclose(errors_of_fits(arrays), [[0.3, 0.1, 0.04, 0.01], [0.33, 0.11, 0.044, 0.011]])
    arrays["cost"][0, 2, 1] = np.nan  # this restart diverged
    arrays["cost"][1, 0] = np.nan  # and both of these
    found = errors_of_fits(arrays)
    assert found[0, 2] == pytest.approx(0.02)
    assert np.isnan(found[1, 0])


def test_values_and_intervals(tmp_path: Path):
    found = measured(tmp_path, fits_of_line(3))
    widest, trend = found["parts"]
    errors = np.array([0.01, 0.011, 0.012])
    assert widest["value"] == pytest.approx(errors.mean())
    low, high = stats.t.interval(0.95, 2, errors.mean(), stats.sem(errors))
    assert (widest["lower"], widest["upper"]) == (pytest.approx(low), pytest.approx(high))
    all_errors = np.outer([0.3, 0.1, 0.04, 0.01], [1, 1.1, 1.2]).ravel()
    expected = stats.spearmanr(np.repeat([4, 16, 64, 256], 3), all_errors).statistic
    assert trend["value"] == pytest.approx(expected)
    assert (found["verdict"], widest["n"], trend["n"]) == ("supported", 3, 12)
    assert widest["covers"] == ["initial weights of 2 restarts"]


def test_ties_and_a_rising_error_are_ranked_as_scipy_ranks_them():
    arrays = fits_of_line(3, (0.1, 0.2, 0.2, 0.3))
    arrays["error"][:, 1] = arrays["error"][:, 2]
    part = error_of_widest(inputs_of(fits=arrays)).parts[1]
    errors = errors_of_fits(arrays).T.ravel()
    expected = stats.spearmanr(np.repeat([4, 16, 64, 256], 3), errors).statistic
    assert part.estimate(QUICK)["value"] == pytest.approx(expected)


def test_the_crossing_lies_between_the_widths_on_both_sides(tmp_path: Path):
    """Mean errors are 0.044 at 64 and 0.011 at 256 units, interpolated over the logarithm of the width."""
    found = measured(tmp_path, fits_of_line(3))["data"]["crossing"]
    assert found["value"] == pytest.approx(64 * 4 ** ((0.044 - 0.02) / (0.044 - 0.011)))
    assert measured(tmp_path, fits_of_line(3, (0.5, 0.4, 0.3, 0.2)))["data"]["crossing"] is None


def test_a_single_seed_has_no_interval(tmp_path: Path):
    found = measured(tmp_path, fits_of_line(1))
    assert found["verdict"] == "undecided"
    assert found["parts"][0]["lower"] is None


def test_what_cannot_be_measured_says_why():
    for arrays, message in (
        (fits_of_plane(), "no experiment of the row fits a function of one number"),
        (fits_of_line(2, (0.1,)), "at least two widths"),
        (
            {name: values[:0] for name, values in fits_of_line(2).items()},
            "diverged, or the data has no targets",
        ),
        (fits_of_line(2) | {"cost": np.full((2, 4, 2), np.nan)}, "diverged, or the data has no targets"),
    ):
        with pytest.raises(NotMeasuredError, match=message):
            error_of_widest(inputs_of(fits=arrays))


def test_a_curve_is_drawn_at_few_points_from_left_to_right():
    x = np.random.default_rng(0).permutation(np.linspace(0, 1, 2001))
    arrays = {
        "point": x[None, :, None], "target": x[None] ** 2,
        "output": x[None, None] ** 2 + [[[0.1], [0.2]]], "by_hand_output": np.zeros((1, 2, 2001)),
    }  # fmt: skip
    found = fits_of(arrays)
    assert len(found["x"]) == 501
    assert found["x"] == sorted(found["x"])
    assert (found["x"][0], found["x"][-1]) == (0, 1)
    np.testing.assert_allclose(found["target"], np.square(found["x"]), atol=1e-4)
    np.testing.assert_allclose(found["outputs"][1][0], np.square(found["x"]) + 0.2, atol=1e-3)


def test_a_surface_is_drawn_on_its_grid():
    found = surface_of(fits_of_plane(5), 0)
    np.testing.assert_allclose(found["target"], np.add.outer(2 * np.array(found["y"]), found["x"]), atol=1e-3)
    assert [(one["width"], one["error"]) for one in found["fits"]] == [(4, 0.5), (16, 0.05)]
    np.testing.assert_allclose(np.array(found["fits"][0]["output"]) - found["target"], 0.5, atol=1e-2)
    large = surface_of(fits_of_plane(101), 0)
    assert np.shape(large["target"]) == (51, 51)


def test_points_that_are_no_grid_are_not_drawn(tmp_path: Path):
    arrays = fits_of_plane(3)
    shuffled = arrays | {"point": arrays["point"][:, ::-1]}
    odd = {name: values[..., :7] if name == "target" else values for name, values in arrays.items()}
    assert surface_of(shuffled | {"point": np.roll(arrays["point"], 1, axis=1)}, 0) is None
    assert surface_of(odd, 0) is None
    assert measured(tmp_path, fits_of_line(2), surface=odd)["data"]["surface"] is None


def test_the_note_compares_descent_with_a_network_by_hand(tmp_path: Path):
    note = measured(tmp_path, fits_of_line(3))["note"]
    assert "0.33 with 4, 0.11 with 16, 0.044 with 64, 0.011 with 256 units" in note
    assert "written by hand, whose units are steps of a staircase, has an error of 0.25 with 4" in note
    assert "a single start is off by at most 0.5 with 4, 0.05 with 16 units" in note
