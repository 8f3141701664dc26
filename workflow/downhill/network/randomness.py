"""The seed tree: the random numbers of a run, with an independent stream for each choice.

A run has one integer `seed`. It defines independent random streams, each a child of NumPy's `SeedSequence(seed)` with a
fixed key::

    seed ── (0) initial weights and biases
         ├─ (1) order of the training images
         ├─ (2) which labels are shuffled, and how       (`shuffle_labels`)
         └─ (3) which training images are in the subset  (`subset_images`)

The random numbers of a run therefore depend only on its own seed, never on the other runs in its job. Networks of the
same shape start from the same weights if they have the same seed, so comparisons between them are paired. Likewise,
networks with the same seed and `subset_images` are trained on the same images, whether or not their labels are
shuffled. The keys are part of the results: never reuse or renumber them. (Data sets have their own tree, which starts
from the seed of their recipe; see `datasets`.)
"""

import numpy as np

INITIALIZATION = 0
ORDER = 1
LABELS = 2
SUBSET = 3


def generator(seed: int, stream: int) -> np.random.Generator:
    """Random generator (PCG64) for one stream of a run.

    Parameters
    ----------
    seed
        The run's seed, 0 or greater.
    stream
        `INITIALIZATION`, `ORDER`, `LABELS` or `SUBSET`.
    """
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(stream,))))
