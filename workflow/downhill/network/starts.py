"""Initial weights that the caller passes, in place of those drawn from the seeds."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.errors import DownhillError
from downhill.network.architecture import pack


def packed_starts(
    initial: Any, seeds: Sequence[int], layer_sizes: Sequence[int]
) -> list[NDArray[np.float32]]:
    """The parameter vector that each seed starts from; the seeds share a single start.

    Parameters
    ----------
    initial
        Either one start [(W, b), …] for all seeds, or a list with one for each.
    seeds, layer_sizes
        The seeds, and the widths of all layers.

    Raises
    ------
    DownhillError
        If there is not one start for each seed, or the shapes of one do not match the layer sizes.
    """
    if not isinstance(initial, list | tuple) or _is_start(initial):
        return [pack(initial, layer_sizes, "the initial weights")] * len(seeds)
    if len(initial) != len(seeds):
        raise DownhillError(
            f"initial has {len(initial)} starts for {len(seeds)} seeds; pass one for each seed, or a single one for all"
        )
    return [
        pack(start, layer_sizes, f"the initial weights of seed {seed}")
        for seed, start in zip(seeds, initial, strict=True)
    ]


def _is_start(initial: Any) -> bool:
    """Whether a list holds the pairs (W, b) of one start. If it holds starts, a pair is in the place of the first W.

    A pair is not an array, since its parts have different numbers of dimensions.
    """
    try:
        return np.ndim(initial[0][0]) == 2
    except (IndexError, TypeError, ValueError):
        return False
