"""Sizes that the engine shares with what plans its jobs. Imports nothing, so that planning does not load Numba."""

WIDTH = 16
"""Numbers in a SIMD vector: layers are padded to a multiple of it."""

LARGEST_PLAIN_BATCH = 1024
"""Images whose activations are held at once, all of a batch; larger batches add up their gradient in parts."""
