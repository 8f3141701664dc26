"""The machine that makes a result: what its bytes depend on besides code, settings, data and the libraries."""

import os
import platform
import sys
from pathlib import Path
from typing import Any

VARIABLES = (
    "OPENBLAS_CORETYPE",
    "NUMBA_CPU_NAME",
    "NUMBA_CPU_FEATURES",
    "NPY_DISABLE_CPU_FEATURES",
    "NPY_ENABLE_CPU_FEATURES",
    "GLIBC_TUNABLES",
    "ARROW_USER_SIMD_LEVEL",
    "MKL_CBWR",
    "MKL_ENABLE_INSTRUCTIONS",
    "BLIS_ARCH_TYPE",
)
"""Environment variables that select between implementations of a function that round differently."""


def machine() -> dict[str, Any]:
    """Processor and variables; with details if this process has loaded the compiler, which is slow to load."""
    about: dict[str, Any] = {
        "processor": _processor(),
        "variables": {name: os.environ[name] for name in VARIABLES if name in os.environ},
    }
    if "numba" in sys.modules:
        from downhill.compat.processor import computed_on

        about["computed_on"] = computed_on()
    return about


def kind_of_machine() -> str:
    """Everything about the machine that affects the bytes of results; the same text on machines of the same kind."""
    from downhill.compat.processor import load_blas

    load_blas()  # so that `computed_on` includes it even if nothing has used it yet
    libc = " ".join(platform.libc_ver())  # its functions have variants for processors, too
    return str(machine() | {"libc": libc})


def _processor() -> str:
    """Model name of the processor if the system reports it (Linux), otherwise its architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
