"""The fast engine: training and evaluation, compiled with Numba. Only this package and `compat` use Numba."""
