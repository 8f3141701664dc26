"""A cache of compiled code that uses one folder only.

If Numba's own cache cannot write to its folder, it silently uses others, which may contain code from an
older version; and a damaged file makes every run fail. Here, code is read only from the given folder, and a
damaged file is replaced.
"""

import hashlib
import logging
import os
import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import numba
from llvmlite import __version__ as llvmlite_version
from numba.core.caching import FunctionCache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

_CHECKSUM = hashlib.sha256().digest_size
_SETTINGS = (  # Numba's settings that affect the compiled code; its own cache does not compare them
    "OPT",
    "LOOP_VECTORIZE",
    "SLP_VECTORIZE",
    "BOUNDSCHECK",
    "DEBUGINFO_DEFAULT",
    "LLVM_REFPRUNE_PASS",
    "LLVM_REFPRUNE_FLAGS",
    "USING_SVML",
)


def compiler() -> dict[str, str]:
    """What determines the compiled code of a function, apart from the processor: Numba's versions and settings."""
    settings = {name: str(getattr(numba.config, name)) for name in _SETTINGS}
    return {"numba": numba.__version__, "llvmlite": llvmlite_version} | settings


def keep_compiled(dispatcher: Any, folder: Path) -> None:
    """Cache the compiled code of a Numba function in a folder, one file for each signature."""
    dispatcher._cache = _Folder(dispatcher.py_func, folder)


class _Folder(FunctionCache):  # type: ignore[misc]
    """The compiled code of a function; each file starts with a checksum of the rest."""

    def __init__(self, function: Callable[..., Any], folder: Path) -> None:
        self._py_func, self._folder, self._cache_path = function, folder, str(folder)

    def load_overload(self, signature: Any, target_context: Any) -> Any:
        """The code for a signature; None if it must be compiled."""
        target_context.refresh()
        key = self._key(signature, target_context.codegen())
        path = self._path(key)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        checksum, pickled = content[:_CHECKSUM], content[_CHECKSUM:]
        if hashlib.sha256(pickled).digest() != checksum:
            _warn(f"found damaged compiled code in {self._folder}; compiling it again")
            return None
        found, code = pickle.loads(pickled)
        return CompileResult._rebuild(target_context, *code) if found == key else None  # type: ignore[no-untyped-call]

    def save_overload(self, signature: Any, result: Any) -> None:
        """Keep the code for a signature; if that is not possible, a warning is logged and the next process compiles."""
        if result.lifted or result.library.has_dynamic_globals:  # it can be used in this process only
            return
        key = self._key(signature, result.codegen)
        pickled = dumps((key, result._reduce()))  # type: ignore[no-untyped-call]
        path = self._path(key)
        temporary = path.with_name(f"{uuid4().hex}.tmp")  # other processes may be writing the same code
        try:
            temporary.write_bytes(hashlib.sha256(pickled).digest() + pickled)
            os.replace(temporary, path)
        except OSError as error:
            _warn(
                f"cannot save compiled code in {self._folder} ({error.strerror}); every job will compile it again"
            )
            with suppress(OSError):
                temporary.unlink(missing_ok=True)

    def flush(self) -> None:
        """Nothing is kept in memory."""

    def _key(self, signature: Any, codegen: Any) -> tuple[Any, ...]:
        """What the code depends on, apart from what the folder is named after."""
        code = self._py_func.__code__
        made_from = code.co_firstlineno, _source(code.co_filename), sys.implementation.cache_tag
        with_processor = self._index_key(signature, codegen)  # type: ignore[no-untyped-call]
        return *made_from, compiler(), with_processor

    def _path(self, key: tuple[Any, ...]) -> Path:
        digest = hashlib.sha256(repr(key).encode()).hexdigest()[:16]
        return self._folder / f"{self._py_func.__module__}.{self._py_func.__name__}-{digest}.nbc"


@cache
def _source(file: str) -> bytes:
    """Digest of a source file; of its name if the code is from a command line."""
    try:
        return hashlib.sha256(Path(file).read_bytes()).digest()
    except OSError:
        return file.encode()


@cache  # so that a message appears once, not for every function
def _warn(message: str) -> None:
    logging.getLogger("downhill").warning(message)
