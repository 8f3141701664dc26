"""What the kernels need to know of a network, worked out once per run."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from downhill.config.network import Network
from downhill.engine.kernels import CODES, LOSS_CODES
from downhill.network.architecture import layer_offsets


class Layout(NamedTuple):
    """Arrays and codes in the form that the kernels take (their module says what each means)."""

    sizes: NDArray[np.int64]
    offsets: NDArray[np.int64]
    places: NDArray[np.int64]
    hidden: int
    output: int
    loss: int

    @classmethod
    def of(cls, net: Network, layer_sizes: Sequence[int]) -> "Layout":
        """Layout of a network with the given layer widths, input first."""
        return cls(
            sizes=np.array(layer_sizes, dtype=np.int64),
            offsets=layer_offsets(layer_sizes),
            places=np.cumsum([0, *layer_sizes[1:]], dtype=np.int64),
            hidden=CODES[net.activation],
            output=CODES[net.output],
            loss=LOSS_CODES[net.loss],
        )
