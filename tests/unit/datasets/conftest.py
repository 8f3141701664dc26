"""Fixtures: a small source taken from the bundled MNIST, and mirrors for it."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from downhill.config.dataset import Source
from downhill.datasets.idx import read_idx

from .loopback import Mirrors
from .tiny import BUNDLED, NAMES, idx_bytes, source_of, write_files


@pytest.fixture(scope="session")
def tiny_contents() -> dict[str, bytes]:
    """The first 200 training and 100 test images of MNIST as four raw IDX files, by name."""
    counts = {"train_images": 200, "train_labels": 200, "test_images": 100, "test_labels": 100}
    return {
        NAMES[key]: idx_bytes(read_idx(BUNDLED / f"{NAMES[key]}.gz")[:count]) for key, count in counts.items()
    }


@pytest.fixture
def tiny_source(tiny_contents: dict[str, bytes]) -> Source:
    return source_of(tiny_contents, mirrors=("nowhere",))


@pytest.fixture
def tiny_folder(tmp_path: Path, tiny_contents: dict[str, bytes]) -> Path:
    return write_files(tmp_path / "tiny", tiny_contents)


@pytest.fixture
def mirrors(tiny_contents: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirrors]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")  # a proxy in the environment cannot reach our loopback
    server = Mirrors(tiny_contents)
    yield server
    server.stop()


@pytest.fixture
def refusing() -> str:
    """An address on which no server listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return f"http://127.0.0.1:{port}/"
