"""Arrays as text in the page's data: base64 of their bytes, little-endian."""

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray


def encoded(array: NDArray[Any]) -> str:
    """The numbers of an array, row by row, as base64; the page knows their type and shape."""
    little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    return base64.b64encode(little.tobytes()).decode("ascii")
