"""Figures of the family *noise*: confident nonsense."""

from matplotlib.figure import Figure

from downhill.figures.noise_answers import (
    draw_answers_by_seed,
    draw_wall_of_noise,
)
from downhill.figures.noise_comparisons import (
    draw_doubt_by_kind,
    draw_noise_and_real,
)
from downhill.figures.noise_confidence import (
    draw_confidence_by_pixels,
    draw_confidence_curves,
    draw_confident_by_network,
    draw_confident_by_seed,
)
from downhill.figures.style import Evidence, draws


@draws("wall", "kind")
def wall_of_noise(evidence: Evidence) -> Figure:
    """Images of noise and test images, with the answers of a few seeds and their largest outputs."""
    return draw_wall_of_noise(evidence)


@draws("confident", "sure", "auroc", "kind")
def confident_by_seed(evidence: Evidence) -> Figure:
    """Share of images that each seed is sure of, by kind, and how well its largest output detects noise."""
    return draw_confident_by_seed(evidence)


@draws("curves", "kind")
def confidence_curves(evidence: Evidence) -> Figure:
    """Share of images whose largest output exceeds a threshold, for every seed and kind of image."""
    return draw_confidence_curves(evidence)


@draws("answers", "kind")
def answers_by_seed(evidence: Evidence) -> Figure:
    """How often each seed gives each answer, for noise and for test images."""
    return draw_answers_by_seed(evidence)


@draws("sweep", "sure", "kind")
def confident_by_network(evidence: Evidence) -> Figure:
    """Share of images that networks with other shapes, activations and costs are sure of, by kind of image."""
    return draw_confident_by_network(evidence)


@draws("pixels")
def confidence_by_pixels(evidence: Evidence) -> Figure:
    """Largest outputs on noise when only a share of its pixels is kept, and where the verdict flips."""
    return draw_confidence_by_pixels(evidence)


@draws("pairs", "differences", "kind")
def noise_and_real(evidence: Evidence) -> Figure:
    """Median largest output of every seed on noise and on test images with the same answer; the difference by kind."""
    return draw_noise_and_real(evidence)


@draws("medians", "accuracy", "kind")
def doubt_by_kind(evidence: Evidence) -> Figure:
    """Median largest output of every seed, after training with and without noise, and the loss of test accuracy."""
    return draw_doubt_by_kind(evidence)
