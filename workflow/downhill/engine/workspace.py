"""The working memory of one run, besides its parameters: allocated once and reused for every batch."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from downhill.engine.constants import GROUP, WIDTH
from downhill.engine.images import EngineImages
from downhill.engine.layout import Layout, aligned_zeros

# Sorting the pixels of a batch pays off if the first layer has at least SORT_WIDTH columns, and its columns times the
# images of a batch are at least SORT_WORK.
SORT_WIDTH, SORT_WORK = 128, 4096


class Entries(NamedTuple):
    """The pixels of a batch, image after image.

    Image s has the entries starts[s] … starts[s + 1] of `values` (brightness) and, in the sparse form, of `pixels` (row
    of W). Their number is a multiple of `GROUP`, and group g belongs to image owners[g]. `cursors` records the progress
    of a loop over the lists.
    """

    starts: NDArray[np.int64]
    pixels: NDArray[np.uint16]
    values: NDArray[np.float32]
    owners: NDArray[np.int32]
    cursors: NDArray[np.int64]


class Workspace(NamedTuple):
    """A batch of up to `room` images. `entries` holds their pixels; the target of image s is row wanted[s].

    `units` and `deltas` hold the activations and deltas of all layers, layer by layer (layer l from
    room · layers[l].units on), with one row per image. After the deltas there is room for the transposed weights of
    one layer. `ends`, `positions` and `brightness` are for sorted pixels, and empty if pixels are not sorted.
    """

    room: int
    entries: Entries
    wanted: NDArray[np.int64]
    units: NDArray[np.float32]
    deltas: NDArray[np.float32]
    ends: NDArray[np.int32]
    positions: NDArray[np.int32]
    brightness: NDArray[np.float32]

    @classmethod
    def of(cls, layout: Layout, images: EngineImages, batch: int, sort: bool = True) -> "Workspace":
        """Workspace for batches of `batch` images from this set; `sort=False` if no weights will be updated."""
        room = -(-batch // 4) * 4  # dense products round the number of images up to a multiple of four
        rows, width = int(layout.layers["rows"][0]), int(layout.layers["width"][0])
        sparse = len(images.pixels) > 0
        most = room * images.most_entries + WIDTH
        listed = most if sparse else 0
        entries = Entries(
            starts=np.zeros(room + 1, np.int64),
            pixels=np.zeros(listed, np.uint16),
            values=aligned_zeros(most),
            owners=np.zeros(-(-listed // GROUP), np.int32),
            cursors=np.zeros(room, np.int64),
        )
        sort = sort and sparse and width >= SORT_WIDTH and width * batch >= SORT_WORK
        sorted_entries = most if sort else 0
        strides, widths = layout.layers["stride"], layout.layers["width"]
        largest = (strides[:-1] * widths[1:]).max(initial=0)
        return cls(
            room=room,
            entries=entries,
            wanted=np.zeros(room, np.int64),
            units=aligned_zeros(room * layout.n_units),
            deltas=aligned_zeros(room * layout.n_units + int(largest)),
            ends=np.zeros(rows if sort else 0, np.int32),
            positions=np.zeros(sorted_entries, np.int32),
            brightness=np.zeros(sorted_entries, np.float32),
        )
