"""The registers of the processor that Numba compiles for."""

from numba.core.registry import cpu_target


def has_wide_registers() -> bool:
    """Whether there are registers of 512 bits (AVX-512), which come with 32 of them; respects NUMBA_CPU_FEATURES."""
    _, _, features = cpu_target.target_context.codegen().magic_tuple()
    return "+avx512f" in features.split(",")


NO_REFERENCE_COUNTS = {"_nrt": False}
"""Option of `numba.njit` for functions that allocate nothing: arrays are not counted as they are passed around.

The counters are atomic, and there are about a hundred of them in the loop over batches.
"""
