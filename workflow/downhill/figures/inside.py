"""Figures of the family *inside*: what the hidden layers look like."""

from matplotlib.figure import Figure

from downhill.figures.inside_drawings import (
    draw_drawings,
    draw_recognised_by_setting,
)
from downhill.figures.inside_probes import (
    draw_loops_by_representation,
    draw_what_units_add,
)
from downhill.figures.inside_weights import (
    draw_best_gabor_functions,
    draw_neighbouring_weights,
    draw_variance_explained,
    draw_weight_maps,
)
from downhill.figures.style import Evidence, draws


@draws("explained", "needed")
def variance_explained(evidence: Evidence) -> Figure:
    """Variance of each unit's first-layer weights explained by the best-fitting Gabor function, with three controls."""
    return draw_variance_explained(evidence)


@draws("examples", "among", "seed", "pixels", "lit")
def best_gabor_functions(evidence: Evidence) -> Figure:
    """First-layer weights of some units, and the Gabor functions that fit them best, from the best fit to the worst."""
    return draw_best_gabor_functions(evidence)


@draws("maps", "mask", "seed", "lit")
def weight_maps(evidence: Evidence) -> Figure:
    """First-layer weights of some units after and before training, drawn linearly and with small weights emphasised."""
    return draw_weight_maps(evidence)


@draws("morans_i", "beyond", "limit", "lit")
def neighbouring_weights(evidence: Evidence) -> Figure:
    """How alike the weights of neighbouring pixels are (Moran's I), and for how many units this exceeds chance."""
    return draw_neighbouring_weights(evidence)


@draws("accuracy", "majority", "gain", "others", "conclusion", "loops", "n_images")
def loops_by_representation(evidence: Evidence) -> Figure:
    """How well a linear probe of each layer detects classes with a loop, and what layer 2 gains for other sets."""
    return draw_loops_by_representation(evidence)


@draws("added", "loops", "classes", "seed", "n_images")
def what_units_add(evidence: Evidence) -> Figure:
    """What each unit of the last hidden layer adds to the weighted sum of the correct output, by class of the image."""
    return draw_what_units_add(evidence)


@draws("drawings", "classes", "seed")
def drawings(evidence: Evidence) -> Figure:
    """Images drawn to make each output of one network as large as possible, and their class by nearest neighbours."""
    return draw_drawings(evidence)


@draws("shares", "untrained", "own", "right", "climbs", "threshold", "crossing")
def recognised_by_setting(evidence: Evidence) -> Figure:
    """Share of drawings that nearest neighbours and the networks recognise, by start and by penalty on roughness."""
    return draw_recognised_by_setting(evidence)
