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
    """A folder named by a digest of the engine's files, so that no edit of them is missed.

    By itself Numba notices no edit in a function that a cached one calls from another file. The folder lies
    in NUMBA_CACHE_DIR if that is set, else beside the code, else, where that cannot be written to, among
    the user's caches.
    """
    here = Path(__file__).parent
    if _config.CACHE_DIR:
        root = Path(_config.CACHE_DIR)
    elif os.access(here, os.W_OK):
        root = here / "__pycache__"
    else:
        root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "downhill")
    compiled_in = [*sorted(here.glob("*.py")), here.parent / "network" / "architecture.py"]
    source = b"".join(path.read_bytes() for path in compiled_in)
    return str(root / f"numba-{hashlib.sha256(source).hexdigest()[:12]}")


_FOLDER = _cache_folder()


def inlined(function: Callable[..., Any]) -> Any:
    """As `compiled`, for a part of a larger function, into which it is copied."""
    return compiled(function, inline="always")


def compiled(function: Callable[..., Any], **options: Any) -> Any:
    """Compile a function on its first call for a type of arguments; keep the result on disk.

    It runs without Python's global lock, so that threads train side by side.
    """
    before = _config.CACHE_DIR
    _config.CACHE_DIR = _FOLDER  # read while decorating; nobody else's functions are touched
    try:
        return numba.njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy", **options)(function)
    finally:
        _config.CACHE_DIR = before
