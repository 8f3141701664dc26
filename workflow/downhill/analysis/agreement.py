"""How often two classifiers are wrong about the same images."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def odds_ratio(first: ArrayLike, second: ArrayLike) -> NDArray[np.float64]:
    """How many times higher the odds of a mistake are on images that the other classifier also gets wrong.

    With images counted by whether each of the two is wrong, it is (both · neither) / (only first · only second), with
    ½ added to each of the four counts (Haldane 1956; Anscombe 1956), so that it is finite. It is 1 on average if the
    mistakes are independent, however many there are, and exchanging the two does not change it.

    Parameters
    ----------
    first, second
        Whether each image is misclassified, bool (…, n); their leading axes are broadcast.

    Returns
    -------
    float64 (…).
    """
    one, other = np.asarray(first, bool), np.asarray(second, bool)
    both, neither = (one & other).sum(axis=-1), (~one & ~other).sum(axis=-1)
    only_one, only_other = (one & ~other).sum(axis=-1), (~one & other).sum(axis=-1)
    return np.asarray((both + 0.5) * (neither + 0.5) / ((only_one + 0.5) * (only_other + 0.5)))


def majority(labels: ArrayLike, classes: int) -> NDArray[np.intp]:
    """The most frequent label in each row of (n, k), and the smallest if there are several, (n,).

    Scikit-learn's `KNeighborsClassifier` breaks ties in the same way; `analysis.nearest` decides for the nearest image
    instead. Labels of `classes` or more belong to no class and do not count.
    """
    found = np.asarray(labels)
    votes = (found[..., None] == np.arange(classes)).sum(axis=-2)
    return np.asarray(votes.argmax(axis=-1))
