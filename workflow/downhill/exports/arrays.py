"""A trained network as an archive of arrays, which NumPy alone can read."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.exports.exported import Exported
from downhill.storage.npz import write_arrays


def write_npz(path: Path, network: Exported) -> None:
    """Write weights and biases of each layer, and what is recorded about the network, as arrays.

    `hidden_1_weights` is float32 (n_in, n_out) and `hidden_1_biases` float32 (n_out,), and so on up to
    `output_weights` and `output_biases`. All other arrays are single texts; see `Exported.about`.

    Raises
    ------
    DownhillError
        If the file cannot be written.
    """
    arrays: dict[str, NDArray[Any]] = {}
    for layer, (W, b) in network.layers.items():
        arrays |= {f"{layer}_weights": W, f"{layer}_biases": b}
    write_arrays(path, arrays | {name: np.array(text) for name, text in network.about().items()})
