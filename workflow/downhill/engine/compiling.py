"""How the engine's functions are compiled, and where the compiled code is cached."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

from downhill.storage.caches import cache_folder

_config: Any = numba.config

# Sums may be reordered and fused, so that loops can use SIMD. NaN and infinity keep their meaning, because
# divergence is detected by them.
_FAST = {"reassoc", "contract", "nsz"}


def _cache_folder() -> str | None:
    """Path of a cache directory named after a digest of the engine's files, so that every edit invalidates it.

    Numba's own cache does not notice an edit to a function that a cached function calls from another file. The
    directory is in NUMBA_CACHE_DIR if that is set, otherwise next to the code, or in the user's cache directory if the
    code's directory is not writable, or else among the temporary files; None if none of them can be written to.
    """
    here = Path(__file__).parent
    root = cache_folder(Path(_config.CACHE_DIR) if _config.CACHE_DIR else here / "__pycache__")
    if root is None:
        return None
    compiled_in = [*sorted(here.glob("*.py")), here.parent / "network" / "architecture.py"]
    source = b"".join(path.read_bytes() for path in compiled_in)
    return str(root / f"numba-{hashlib.sha256(source).hexdigest()[:12]}")


_FOLDER = _cache_folder()


def inlined(function: Callable[..., Any]) -> Any:
    """Like `compiled`, for a part of a larger function: it is inlined where it is called."""
    return compiled(function, inline="always")


def compiled(function: Callable[..., Any], **options: Any) -> Any:
    """Compile a function on its first call with given argument types, and cache the result on disk.

    The compiled function releases the GIL, so that threads can train in parallel.
    """
    before = _config.CACHE_DIR
    if _FOLDER is not None:
        _config.CACHE_DIR = _FOLDER  # read while decorating; functions of other packages are not affected
    options |= {"cache": _FOLDER is not None, "nogil": True, "fastmath": _FAST, "error_model": "numpy"}
    try:
        return numba.njit(**options)(function)
    finally:
        _config.CACHE_DIR = before
