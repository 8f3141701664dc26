"""Sizes shared by the engine and the planning of its jobs. Imports nothing, so that planning does not load Numba."""

WIDTH = 16
"""Numbers in a SIMD vector; layer widths are padded to a multiple of it."""

GROUP = 8
"""Number of entries of an image that are processed together; lists of lit pixels are padded to a multiple of it."""

LARGEST_PLAIN_BATCH = 1024
"""Largest batch whose activations are all held in memory at once; larger batches accumulate their gradient in parts."""
