"""The fast engine: training and evaluation compiled by Numba. Nothing outside this folder uses Numba."""
