"""What Numba compiles for, and how: the width of the registers, and an option to count no references."""

from numba.core.registry import cpu_target


def has_wide_registers() -> bool:
    """Whether the processor has 512-bit registers (AVX-512), and therefore 32; respects NUMBA_CPU_FEATURES."""
    _, _, features = cpu_target.target_context.codegen().magic_tuple()
    return "+avx512f" in features.split(",")


NO_REFERENCE_COUNTS = {"_nrt": False}
"""Option of `numba.njit` for functions that allocate nothing: references to arrays are not counted.

Each count is an atomic operation, and the loop over batches would contain about a hundred of them.
"""
