"""How the engine's functions are compiled, and where the compiled code is cached."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

from downhill.compat.numba_cache import keep_compiled
from downhill.compat.numba_target import NO_REFERENCE_COUNTS
from downhill.storage.caches import cache_folder

_config: Any = numba.config

# Sums may be reordered and fused, so that loops can use SIMD. NaN and infinity keep their meaning, because
# divergence is detected by them.
_FAST = {"reassoc", "contract", "nsz"}
_OPTIONS: dict[str, Any] = {"nogil": True, "fastmath": _FAST, "error_model": "numpy"} | NO_REFERENCE_COUNTS


def _cache_folder() -> Path | None:
    """A cache directory named after a digest of all files with compiled code, so that every edit invalidates it.

    Comparing only a function's own file is not enough, because it may call functions from other files. The directory is
    in NUMBA_CACHE_DIR if that is set, otherwise next to the code. If it is not writable there, it is in the user's
    cache directory, or else among the temporary files. None if none of these is writable.
    """
    here = Path(__file__).parent
    packages = (
        here,
        here.parent / "network",
        here.parent / "compat",
    )  # the last two contain constants of the engine
    source = b"".join(path.read_bytes() for package in packages for path in sorted(package.glob("*.py")))
    preferred = Path(_config.CACHE_DIR) if _config.CACHE_DIR else here / "__pycache__"
    return cache_folder(f"numba-{hashlib.sha256(source).hexdigest()[:12]}", preferred)


_FOLDER = _cache_folder()


def inlined(function: Callable[..., Any]) -> Any:
    """Like `compiled`, for a part of a larger function: it is inlined where it is called."""
    return compiled(function, inline="always")


def merged(function: Callable[..., Any]) -> Any:
    """Like `inlined`, but inlined by LLVM instead of Numba, so that constant arguments simplify the code."""
    return compiled(function, forceinline=True)


def compiled(function: Callable[..., Any], **options: Any) -> Any:
    """Compile a function on its first call with given argument types, and cache the result on disk.

    The compiled function releases the GIL, so that threads can train in parallel.
    """
    options |= _OPTIONS
    before, _config.DISABLE_JIT = _config.DISABLE_JIT, 0  # the engine cannot run as Python code
    try:
        dispatcher = numba.njit(**options)(function)
    finally:
        _config.DISABLE_JIT = before
    if _FOLDER is not None:
        keep_compiled(dispatcher, _FOLDER)
    return dispatcher
