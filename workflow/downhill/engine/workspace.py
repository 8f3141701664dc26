"""The memory that one run works in, besides its parameters: made once, used by every batch."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from downhill.engine.constants import WIDTH
from downhill.engine.images import EngineImages
from downhill.engine.layout import Layout, aligned_zeros

# From this width of the first layer on, and this many images a batch, sorting a batch's pixels pays.
SORT_WIDTH, SORT_BATCH = 112, 16


class Workspace(NamedTuple):
    """A batch of up to `room` images.

    The pixels of image s: `values` from starts[s] on; sparse ones have their numbers in the images' own
    `pixels` from begins[s] on, and `cursors` is for how far a loop has come. Its target is the row wanted[s].
    Activations and deltas of all layers lie in `units` and `deltas`, layer by layer (layer l from
    room · layers[l].units on), one row an image; behind the deltas there is room for the transposed weights of
    one layer. `ends`, `places` and `brightness` are for sorted pixels, and empty if they are not sorted.
    """

    room: int
    begins: NDArray[np.int64]
    starts: NDArray[np.int64]
    cursors: NDArray[np.int64]
    values: NDArray[np.float32]
    wanted: NDArray[np.int64]
    units: NDArray[np.float32]
    deltas: NDArray[np.float32]
    ends: NDArray[np.int32]
    places: NDArray[np.int32]
    brightness: NDArray[np.float32]

    @classmethod
    def of(cls, layout: Layout, images: EngineImages, batch: int, sort: bool = True) -> "Workspace":
        """Workspace for batches of that many of these images; without `sort` none will be updated."""
        room = -(-batch // 4) * 4  # dense products take four at a time
        rows, width = int(layout.layers["rows"][0]), int(layout.layers["width"][0])
        sparse = len(images.pixels) > 0
        entries = room * (images.most_entries if sparse else rows) + WIDTH
        sort = sort and sparse and width >= SORT_WIDTH and batch >= SORT_BATCH
        sorted_entries = entries if sort else 0
        strides, widths = layout.layers["stride"], layout.layers["width"]
        largest = (strides[:-1] * widths[1:]).max(initial=0)
        return cls(
            room=room,
            begins=np.zeros(room, np.int64),
            starts=np.zeros(room + 1, np.int64),
            cursors=np.zeros(room, np.int64),
            values=aligned_zeros(entries),
            wanted=np.zeros(room, np.int64),
            units=aligned_zeros(room * layout.n_units),
            deltas=aligned_zeros(room * layout.n_units + int(largest)),
            ends=np.zeros(rows if sort else 0, np.int32),
            places=np.zeros(sorted_entries, np.int32),
            brightness=np.zeros(sorted_entries, np.float32),
        )
