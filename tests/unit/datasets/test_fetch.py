"""Downloads from mirrors that fail in all possible ways: files in the folder are always complete and valid."""

import gzip
import logging
import re
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from downhill.config.dataset import Source
from downhill.datasets.fetch import fetch_source
from downhill.errors import DownhillError

from .loopback import Mirrors
from .tiny import NAMES, idx_bytes, source_of, write_files

FIRST = "train-images-idx3-ubyte"


def fetch(source: Source, folder: Path, time_limit: float = 5.0) -> None:
    fetch_source("tiny", source, folder, connect_timeout=0.5, read_timeout=0.4, time_limit=time_limit)


def assert_downloaded(folder: Path, contents: dict[str, bytes]) -> None:
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == contents


# Behaviour of a mirror, and the message about it.
FAULTS = {
    "missing": "answered 404 Not Found",
    "broken": "answered 500 Internal Server Error",
    "busy": "answered 429 Too Many Requests",
    "stall": r"stalled after [\d,]+ of [\d,]+ bytes: no data for 0.4 s",
    "silent": "accepted the request, but sent no data for 0.4 s",
    "trickle": r"too slow: \d+ of [\d,]+ bytes, and only \d+ of them in the last 0.4 s",
    "truncate": r"connection lost after [\d,]+ of [\d,]+ bytes",
    "cut": "its gzip stream ends early",
    "corrupt": r"its gzip stream is damaged \([a-z ]+\)|expands beyond the .* declares",
    "altered": r"wrong checksum: SHA-256 [0-9a-f]{12}… instead of [0-9a-f]{12}…",
    "reshaped": r"wrong dimensions: 5 x 7 x 9 instead of count x 28 x 28",
    "page": rf"{FIRST}\.gz is not gzip; not IDX: it starts with the bytes 3c 21 44 4f instead of 00 00 08",
    "text": "not IDX: it starts with the bytes 6e 6f 74 20 instead of 00 00 08",
    "bomb": "expands beyond the 156,816 bytes that its header declares",
    "endless": r"sent more than [\d,]+ bytes, the most that its content can need",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_mirror_is_logged_and_the_next_one_is_used(
    tmp_path, tiny_contents, mirrors: Mirrors, caplog, fault
):
    addresses = mirrors.address(fault), mirrors.address("good")
    # The other files exist already, so that the test waits for only one.
    folder = write_files(tmp_path / "to", {k: v for k, v in tiny_contents.items() if k != FIRST})
    with caplog.at_level(logging.WARNING, "downhill.fetch"):
        fetch(source_of(tiny_contents, addresses), folder)
    assert_downloaded(folder, tiny_contents)
    assert len(caplog.messages) == 1
    assert re.fullmatch(f"{FIRST}: {re.escape(addresses[0])}: ({FAULTS[fault]})", caplog.messages[0])


def test_if_all_mirrors_fail_one_error_lists_every_reason_and_no_file_is_left(
    tmp_path, tiny_contents, mirrors: Mirrors, refusing
):
    local = tmp_path / "not-there"
    reasons = {mirrors.address(fault): reason for fault, reason in FAULTS.items()}
    reasons |= {
        refusing: "refused the connection",
        "http://no-such-host.invalid/": r"its name cannot be resolved \(is there a network connection\?\)",
        "ftp://127.0.0.1/": r"is neither a folder nor an http\(s\) address",
        str(local): "there is no such folder",
        str(tmp_path): "the folder does not have it",
    }
    folder = tmp_path / "to"
    with pytest.raises(DownhillError) as error:
        fetch(source_of(tiny_contents, tuple(reasons)), folder)
    first, *lines, last = str(error.value).splitlines()
    assert (
        first
        == f"{FIRST} of the source 'tiny' could not be downloaded from any of its {len(reasons)} mirror(s):"
    )
    assert len(lines) == len(reasons)
    for line, (mirror, reason) in zip(lines, reasons.items(), strict=True):
        assert re.fullmatch(f"  {re.escape(mirror)}: ({reason})", line)
    assert "datasets.yaml under sources: tiny: mirrors" in last
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("behaviour", ["good", "raw", "chunked", "misnamed"])
def test_every_valid_form_is_accepted(tmp_path, tiny_contents, mirrors: Mirrors, caplog, behaviour):
    with caplog.at_level(logging.WARNING, "downhill.fetch"):
        fetch(source_of(tiny_contents, (mirrors.address(behaviour),)), tmp_path / "to")
    assert_downloaded(tmp_path / "to", tiny_contents)
    assert caplog.messages == []


def test_request_is_repeated_after_a_500(tmp_path, tiny_contents, mirrors: Mirrors, caplog):
    with caplog.at_level(logging.WARNING, "downhill.fetch"):
        fetch(source_of(tiny_contents, (mirrors.address("flaky"),)), tmp_path / "to")
    assert_downloaded(tmp_path / "to", tiny_contents)
    assert caplog.messages == []
    assert set(mirrors.requests.values()) == {2}


def test_mirror_that_does_not_respond_is_not_asked_for_the_raw_file(
    tmp_path, tiny_contents, mirrors: Mirrors
):
    with pytest.raises(DownhillError, match="stalled after"):
        fetch(source_of(tiny_contents, (mirrors.address("stall"),)), tmp_path / "to")
    assert list(mirrors.requests) == [f"/stall/{FIRST}.gz"]


def test_time_limit_stops_a_slow_download(tmp_path, tiny_contents, mirrors: Mirrors):
    began = time.monotonic()
    with pytest.raises(DownhillError, match=r"too slow: \d+ of [\d,]+ bytes in 0\.2 s"):
        fetch(source_of(tiny_contents, (mirrors.address("trickle"),)), tmp_path / "to", time_limit=0.2)
    assert time.monotonic() - began < 3


def test_decompression_bomb_uses_little_memory_and_no_disk(tmp_path, tiny_contents, mirrors: Mirrors):
    source = source_of(tiny_contents, (mirrors.address("bomb"),))
    tracemalloc.start()
    with pytest.raises(DownhillError, match="expands beyond the 156,816 bytes"):
        fetch(source, tmp_path / "to")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 << 20  # the bomb is 64 MiB
    assert list((tmp_path / "to").iterdir()) == []


def test_endless_download_is_stopped(tmp_path, tiny_contents, mirrors: Mirrors):
    with pytest.raises(DownhillError, match="sent more than"):
        fetch(source_of(tiny_contents, (mirrors.address("endless"),)), tmp_path / "to")
    assert mirrors.sent < 64 << 20  # twice the allowance of one MiB, plus the socket buffers


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("where", ["absolute", "relative", "home"])
def test_folder_can_be_a_mirror(tmp_path, tiny_contents, monkeypatch, where, packed):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    write_files(
        tmp_path / "here",
        {f"{k}.gz": gzip.compress(v) for k, v in tiny_contents.items()} if packed else tiny_contents,
    )
    mirror = {"absolute": str(tmp_path / "here"), "relative": "here", "home": "~/here"}[where]
    fetch(source_of(tiny_contents, (mirror,)), tmp_path / "to")
    assert_downloaded(tmp_path / "to", tiny_contents)


def test_gzip_that_is_padded_with_zero_bytes_is_downloaded(tmp_path, tiny_contents):
    packed = {f"{k}.gz": gzip.compress(v) + bytes(3 << 20) for k, v in tiny_contents.items()}
    folder = write_files(tmp_path / "padded", packed)
    fetch(source_of(tiny_contents, (str(folder),)), tmp_path / "to")
    assert_downloaded(tmp_path / "to", tiny_contents)


def test_each_file_may_come_from_a_different_mirror(tmp_path, tiny_contents, mirrors: Mirrors):
    folder = write_files(tmp_path / "some", {name: tiny_contents[name] for name in list(tiny_contents)[:2]})
    fetch(source_of(tiny_contents, (str(folder), mirrors.address("good"))), tmp_path / "to")
    assert_downloaded(tmp_path / "to", tiny_contents)
    assert mirrors.asked("good") == 2


def test_raw_file_is_used_if_the_gzip_file_is_damaged(tmp_path, tiny_contents):
    folder = write_files(tmp_path / "both", tiny_contents)
    (folder / f"{FIRST}.gz").write_bytes(gzip.compress(tiny_contents[FIRST])[:-100])
    fetch(source_of(tiny_contents, (str(folder),)), tmp_path / "to")
    assert_downloaded(tmp_path / "to", tiny_contents)


def test_valid_files_are_kept_without_any_request(tmp_path, tiny_contents, mirrors: Mirrors):
    source = source_of(tiny_contents, (mirrors.address("good"),))
    fetch(source, tmp_path / "to")
    assert mirrors.asked("good") == 4
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "to").iterdir()}
    fetch(source, tmp_path / "to")
    assert mirrors.asked("good") == 4
    assert times == {path: path.stat().st_mtime_ns for path in (tmp_path / "to").iterdir()}


@pytest.mark.parametrize("damage", ["short", "long", "flipped", "empty", "gzipped"])
def test_damaged_file_is_replaced(tmp_path, tiny_contents, mirrors: Mirrors, caplog, damage):
    right = tiny_contents[FIRST]
    wrong = {
        "short": right[:-1],
        "long": right + b"\0",
        "flipped": right[:-1] + bytes([right[-1] ^ 1]),
        "empty": b"",
        "gzipped": gzip.compress(right),
    }[damage]
    folder = write_files(tmp_path / "to", tiny_contents | {FIRST: wrong})
    with caplog.at_level(logging.WARNING, "downhill.fetch"):
        fetch(source_of(tiny_contents, (mirrors.address("good"),)), folder)
    assert_downloaded(folder, tiny_contents)
    assert mirrors.asked("good") == 1
    assert re.search(rf"{FIRST} exists but cannot be used \(.*\); downloading it again", caplog.text)


def test_without_checksums_the_computed_ones_are_logged(
    tmp_path, tiny_contents, tiny_source, mirrors, caplog
):
    unguarded = source_of(tiny_contents, (mirrors.address("good"),), checksums=False)
    for _ in range(2):  # downloaded, then already there
        caplog.clear()
        with caplog.at_level(logging.WARNING, "downhill.fetch"):
            fetch(unguarded, tmp_path / "to")
        assert_downloaded(tmp_path / "to", tiny_contents)
        for key, name in NAMES.items():
            checksum = getattr(tiny_source.files, key).sha256
            assert f"{name} has no checksum; its SHA-256 is {checksum}: add this" in caplog.text


@pytest.mark.parametrize("fault", ["cut", "truncate", "reshaped", "page", "misnamed", "bomb"])
def test_without_checksums_format_and_size_are_still_checked(
    tmp_path, tiny_contents, mirrors: Mirrors, fault
):
    with pytest.raises(DownhillError):
        fetch(source_of(tiny_contents, (mirrors.address(fault),), checksums=False), tmp_path / "to")
    assert list((tmp_path / "to").iterdir()) == []


def test_header_that_declares_too_many_bytes_is_refused(tmp_path, tiny_contents):
    header = bytes([0, 0, 8, 3]) + (2**32 - 1).to_bytes(4, "big") + tiny_contents[FIRST][8:16]
    folder = write_files(tmp_path / "here", tiny_contents | {FIRST: header + bytes(100)})
    with pytest.raises(
        DownhillError, match=r"its header declares 3,367,254,359,2\d\d bytes; the limit is 4,294,967,296"
    ):
        fetch(source_of(tiny_contents, (str(folder),), checksums=False), tmp_path / "to")


def test_labels_with_the_shape_of_images_are_refused(tmp_path, tiny_contents):
    labels = {NAMES["train_labels"]: idx_bytes(np.zeros((5, 2), np.uint8))}
    folder = write_files(tmp_path / "here", tiny_contents | labels)
    with pytest.raises(DownhillError, match="wrong dimensions: 5 x 2 instead of count"):
        fetch(source_of(tiny_contents, (str(folder),)), tmp_path / "to")


MISFITS = {
    "one label too few": (
        "train_labels",
        np.zeros(199, np.uint8),
        "has 199 labels, but train-images-idx3-ubyte has 200 images",
    ),
    "unknown class": (
        "test_labels",
        np.full(100, 10, np.uint8),
        "contains the label 10, but the source has only 10 classes",
    ),
    "other size": (
        "test_images",
        np.zeros((100, 28, 27), np.uint8),
        "wrong dimensions: 100 x 28 x 27 instead of count x 28 x 28",
    ),
    "no images": ("train_images", np.zeros((0, 28, 28), np.uint8), "contains no images"),
}


@pytest.mark.parametrize("misfit", MISFITS)
def test_files_that_do_not_belong_together_are_not_kept_and_the_next_mirror_is_tried(
    tmp_path, tiny_contents, misfit
):
    key, array, reason = MISFITS[misfit]
    bad = write_files(tmp_path / "bad", tiny_contents | {NAMES[key]: idx_bytes(array)})
    with pytest.raises(DownhillError) as error:
        fetch(source_of(tiny_contents, (str(bad),), checksums=False), tmp_path / "to")
    _, line, last = str(error.value).splitlines()
    assert line == f"  {bad}: the folder does not have it; {reason}".replace(
        "the folder does not have it; ", ""
    )
    assert ("Correct those files, or their description in datasets.yaml" in last) == (misfit != "no images")
    part = key.partition("_")[0]
    assert not [
        path for path in (tmp_path / "to").iterdir() if path.name.startswith(NAMES[f"{part}_images"][:5])
    ]
    good = write_files(tmp_path / "good", tiny_contents)
    fetch(source_of(tiny_contents, (str(bad), str(good)), checksums=False), tmp_path / "to")
    assert_downloaded(tmp_path / "to", tiny_contents)


def test_files_that_are_there_but_do_not_match_are_both_downloaded_again(tmp_path, tiny_contents):
    good = write_files(tmp_path / "good", tiny_contents)
    source = source_of(tiny_contents, (str(good),), checksums=False)
    others = {FIRST: idx_bytes(np.zeros((3, 28, 28), np.uint8))}
    fetch(source, write_files(tmp_path / "to", tiny_contents | others))
    assert_downloaded(tmp_path / "to", tiny_contents)
    # Labels that are missing fit no images but those of the mirror.
    fetch(source, write_files(tmp_path / "some", others))
    assert_downloaded(tmp_path / "some", tiny_contents)


def test_it_says_where_each_file_came_from(tmp_path, tiny_contents, mirrors: Mirrors):
    folder = write_files(tmp_path / "some", {name: tiny_contents[name] for name in list(tiny_contents)[:2]})
    found = fetch_source(
        "tiny", source_of(tiny_contents, (str(folder), mirrors.address("good"))), tmp_path / "to"
    )
    kept = {}
    for name in list(tiny_contents)[:2]:
        about = (folder / name).stat()
        kept[name] = {"path": str(folder / name), "bytes": about.st_size, "modified_ns": about.st_mtime_ns}
    for name in list(tiny_contents)[2:]:
        kept[name] = {"path": f"{mirrors.address('good')}{name}.gz"}
    assert found == kept


def test_folder_that_is_not_writable_is_reported(tmp_path, tiny_contents, mirrors: Mirrors):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DownhillError, match="cannot write"):
        fetch(source_of(tiny_contents, (mirrors.address("good"),)), tmp_path / "file" / "to")
