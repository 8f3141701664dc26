"""The cache of small results: nothing but time is lost with it."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from downhill.provenance import code_digest
from downhill.storage import remembered as module
from downhill.storage.remembered import remembered


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    module._folder.cache_clear()
    yield tmp_path / "downhill" / "some"
    module._folder.cache_clear()


def forget() -> None:
    """As in a new process."""
    for function in (
        *(code_digest._tree, code_digest._body, code_digest._part),
        *(code_digest.source_digest, code_digest.part_digests),
    ):
        function.cache_clear()


def test_a_result_is_made_once_for_each_key(folder: Path):
    assert remembered("some", b"a", lambda: [1, "é"]) == [1, "é"]
    assert remembered("some", b"b", lambda: {"x": None}) == {"x": None}
    assert remembered("some", b"a", lambda: "never made") == [1, "é"]
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:-3],
        lambda content: content.replace(b"right", b"wrong"),
        lambda content: b"\xff" + content,
        lambda content: hashlib.sha256(b"[").hexdigest().encode() + b"\n[",  # a checksum, but no JSON
    ],
)
def test_a_damaged_entry_is_made_again(folder: Path, damage):
    remembered("some", b"a", lambda: "right")
    (entry,) = folder.iterdir()
    entry.write_bytes(damage(entry.read_bytes()))
    assert remembered("some", b"a", lambda: "again") == "again"
    assert remembered("some", b"a", lambda: "never made") == "again"


def test_without_a_folder_everything_is_made_again(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "cache_folder", lambda kind: None)
    assert remembered("some", b"a", lambda: 1) == 1
    assert remembered("some", b"a", lambda: 2) == 2


def test_a_folder_that_is_lost_costs_nothing_but_time(folder: Path):
    remembered("some", b"a", lambda: 1)
    (entry,) = folder.iterdir()
    entry.unlink()
    folder.rmdir()
    folder.write_text("a file in its place")
    assert remembered("some", b"a", lambda: 2) == 2


def test_digests_do_not_depend_on_the_cache(folder: Path):
    parts = ("engine.train", "claims.learning:test_accuracy")
    found = []
    for _ in range(2):  # made, then remembered
        forget()
        found.append((code_digest.source_digest(*parts), code_digest.part_digests(*parts)))
    assert found[0] == found[1]
    assert list(folder.with_name("code").iterdir())


def test_another_source_has_another_digest(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Even if the file has the same name, size and time."""
    monkeypatch.setattr(code_digest, "_ROOT", tmp_path)
    found = []
    for source in ("a = 1\n", "a = 2\n", "a = 1\n"):
        (tmp_path / "one.py").write_text(source)
        forget()
        found.append(code_digest.source_digest("one"))
    forget()
    assert found[0] == found[2] != found[1]
