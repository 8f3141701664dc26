"""How the gradient changes from layer to layer."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def steps_between_layers(norms: ArrayLike) -> NDArray[np.float64]:
    """Logarithm of the factor by which a number changes from one layer to the next, towards the output.

    Parameters
    ----------
    norms
        One positive number per layer along the last axis, input side first, (…, layers); NaN beyond the last layer of a
        shallower network.

    Returns
    -------
    float64 (…, layers − 1): ln of the number of a layer over that of the layer before it; NaN where there is no next
    layer, or where one of the numbers is not above zero and finite.
    """
    array = np.asarray(norms, np.float64)
    logs = np.full(array.shape, np.nan)
    np.log(array, out=logs, where=np.isfinite(array) & (array > 0))
    return np.diff(logs, axis=-1)
