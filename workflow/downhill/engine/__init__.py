"""The fast engine: training and evaluation, compiled with Numba. Nothing outside this package uses Numba."""
