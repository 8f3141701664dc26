"""How the engine's functions are compiled, and where the compiled code is kept."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

_config: Any = numba.config

# Sums may be reordered and fused, so that loops use SIMD; NaN and infinity keep their meaning, since they
# are how divergence is seen.
_FAST = {"reassoc", "contract", "nsz"}


def _cache_folder() -> str:
    """A folder beside the code, named by a digest of the engine's files; empty for Numba's own choice.

    By itself Numba notices no edit in a function that a cached one calls from another file. A shared
    cluster's users may set NUMBA_CACHE_DIR, or the code may lie in a folder that cannot be written to.
    """
    beside = Path(__file__).parent / "__pycache__"
    if _config.CACHE_DIR or not os.access(beside.parent, os.W_OK):
        return str(_config.CACHE_DIR)
    source = b"".join(path.read_bytes() for path in sorted(beside.parent.glob("*.py")))
    return str(beside / f"numba-{hashlib.sha256(source).hexdigest()[:12]}")


_FOLDER = _cache_folder()


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a function on its first call for a type of arguments; keep the result on disk.

    It runs without Python's global lock, so that threads train side by side.
    """
    before = _config.CACHE_DIR
    _config.CACHE_DIR = _FOLDER  # read while decorating; nobody else's functions are touched
    try:
        return numba.njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")(function)
    finally:
        _config.CACHE_DIR = before
