"""The seed tree: which random numbers a run uses, and why no two choices share any.

A run has one whole-number `seed`. From it grow independent streams, each a child of NumPy's
`SeedSequence(seed)` with a fixed key::

    seed ── (0) initial weights and biases
         ├─ (1) order of the training images
         ├─ (2) which labels are shuffled, and how       (`shuffle_labels`)
         └─ (3) which training images are in the subset  (`subset_images`)

so that a run's numbers depend on its own seed alone, never on which other runs share its job. Two
networks of the same shape start from the same weights under the same seed: comparisons between them
are paired. Likewise, networks with the same seed and `subset_images` learn the same images, whether or
not their labels are shuffled. The keys are part of the results: never reuse or renumber them. (Data
sets grow a tree of their own from the seed of their recipe, see `datasets`.)
"""

import numpy as np

INITIALIZATION = 0
ORDER = 1
LABELS = 2
SUBSET = 3


def generator(seed: int, stream: int) -> np.random.Generator:
    """Random generator (PCG64) of one stream of a run.

    Parameters
    ----------
    seed
        The run's seed, 0 or greater.
    stream
        `INITIALIZATION`, `ORDER`, `LABELS` or `SUBSET`.
    """
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(stream,))))
