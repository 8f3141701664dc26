"""The processor as LLVM sees it, which Numba compiles for, and the kernels that BLAS libraries choose for it.

The name that the system reports is not enough: virtual machines may report the same name for processors whose
results differ in the last bits. Importing this module imports Numba.
"""

import hashlib
from importlib import import_module

from llvmlite import binding
from numba.core.registry import cpu_target
from threadpoolctl import threadpool_info

from downhill.compat.numba_cache import compiler


def computed_on() -> dict[str, object]:
    """The processor, what code is compiled for, the compiler with its settings, and the BLAS libraries in use."""
    _, name, features = cpu_target.target_context.codegen().magic_tuple()
    return {
        "cpu": _described(binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()),
        # The same, unless NUMBA_CPU_NAME or NUMBA_CPU_FEATURES are set.
        "compiled_for": _described(name, features),
        "compiler": compiler(),
        "blas": _blas_kernels(),
    }


def load_blas() -> None:
    """Load the BLAS that SciPy ships, which experiments use; NumPy's own is loaded with NumPy."""
    import_module("scipy.linalg")


def _blas_kernels() -> list[str]:
    """Name, version and kernel of each BLAS that is loaded; experiments use them, the engine does not."""
    return sorted(
        " ".join(str(library.get(key)) for key in ("prefix", "version", "architecture"))
        for library in threadpool_info()
        if library["user_api"] == "blas"
    )


def _described(name: str, features: str) -> str:
    """The name of a processor, with a digest of its features, of which there are about a hundred."""
    known = ",".join(sorted(features.split(",")))
    return f"{name}, features {hashlib.sha256(known.encode()).hexdigest()[:8]}"
