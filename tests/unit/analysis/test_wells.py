"""The toy with several valleys: its slope, and where descent ends, compared with other ways to compute them."""

import numpy as np
from scipy.optimize import minimize_scalar

from downhill.analysis import wells


def test_slope_is_the_derivative():
    x = np.linspace(-5, 5, 101)
    expected = (wells.cost(x + 1e-6) - wells.cost(x - 1e-6)) / 2e-6
    np.testing.assert_allclose(wells.slope(x), expected, atol=1e-8)


def test_descent_ends_in_the_minima_of_the_curve():
    found = wells.descend(41, 0.05, 400)
    grid = np.linspace(-6, 6, 2401)
    cost = wells.cost(grid)
    inner = np.flatnonzero((cost[1:-1] < cost[:-2]) & (cost[1:-1] < cost[2:])) + 1
    minima = [minimize_scalar(wells.cost, bounds=(grid[i] - 0.1, grid[i] + 0.1)).x for i in inner]
    assert len(minima) > 2
    for path, valley in zip(found.paths, found.valley, strict=True):
        assert abs(path[-1] - minima[valley]) < 1e-4
        # Small steps do not jump over a hill: it is the valley that the start lies in.
        between = np.linspace(path[0], path[-1], 500)
        assert (np.diff(wells.cost(between)) <= 1e-12).all()


def test_every_step_lowers_the_cost():
    assert (np.diff(wells.cost(wells.descend(41, 0.05, 100).paths), axis=1) <= 1e-15).all()
