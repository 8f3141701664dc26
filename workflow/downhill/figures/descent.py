"""Figures of the family *descent*: what a step does."""

from matplotlib.figure import Figure

from downhill.figures.pages import page
from downhill.figures.style import Evidence, draws


@draws()
def falls_by_direction(evidence: Evidence) -> Figure:
    """x."""
    return page(evidence, 1)


@draws()
def slope_and_gradient(evidence: Evidence) -> Figure:
    """x."""
    return page(evidence, 1)


@draws()
def three_to_one(evidence: Evidence) -> Figure:
    """x."""
    return page(evidence, 1)


@draws()
def nudges_and_gradient(evidence: Evidence) -> Figure:
    """x."""
    return page(evidence, 1)


@draws()
def inequality_of_gradient(evidence: Evidence) -> Figure:
    """x."""
    return page(evidence, 1)


@draws()
def length_of_steps(evidence: Evidence) -> Figure:
    """x."""
    return page(evidence, 1)


@draws()
def paths_on_a_bowl(evidence: Evidence) -> Figure:
    """x."""
    return page(evidence, 1)


@draws()
def moves_read_both_ways(evidence: Evidence) -> Figure:
    """x."""
    return page(evidence, 1)


@draws()
def search_and_descent(evidence: Evidence) -> Figure:
    """x."""
    return page(evidence, 1)


@draws()
def walk_to_the_solution(evidence: Evidence) -> Figure:
    """x."""
    return page(evidence, 1)
