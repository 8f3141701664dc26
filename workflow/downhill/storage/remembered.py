"""Small results that every process needs, kept in a cache from one process to the next."""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from downhill.errors import DownhillError
from downhill.storage.atomic import atomic_path
from downhill.storage.caches import cache_folder


def remembered(kind: str, key: bytes, make: Callable[[], Any]) -> Any:
    """What `make` returned for the same key before, in any process of this user, or else what it returns now.

    Nothing is lost with the cache: an entry that is damaged, or cannot be read or written, is made again.

    Parameters
    ----------
    kind
        Name of the folder for such results.
    key
        Everything that the result depends on.
    make
        Makes the result, which JSON can represent.
    """
    folder = _folder(kind)
    path = folder / f"{hashlib.sha256(key).hexdigest()[:32]}.json" if folder else None
    if path:
        with suppress(OSError, ValueError):
            checksum, _, text = path.read_text(encoding="utf-8").partition("\n")
            if checksum == _checksum(text):
                return json.loads(text)
    found = make()
    if path:
        text = json.dumps(found)
        with suppress(DownhillError), atomic_path(path) as temporary:
            temporary.write_text(f"{_checksum(text)}\n{text}", encoding="utf-8")
    return found


@cache
def _folder(kind: str) -> Path | None:
    return cache_folder(kind)


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
