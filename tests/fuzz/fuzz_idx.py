"""Random and damaged IDX files and gzip streams: read as an independent parser reads them, or refused in a sentence.

`pytest tests/fuzz/fuzz_idx.py` tries more than 50,000 of them; DOWNHILL_FUZZ_SCALE=10 tries ten times as many. The unit
tests try a few (`tests/unit/datasets/test_fuzzed_files.py`).
"""

import gzip
import math
import os
import struct
import subprocess
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from downhill.config.dataset import DatasetRecipe, Source, SourceFile, SourceFiles
from downhill.datasets import load_dataset
from downhill.datasets.fetch import fetch_source
from downhill.datasets.idx import read_idx, read_shape
from downhill.datasets.passing import PassingIdx
from downhill.datasets.prepare import prepare
from downhill.datasets.unpack import CopyError, gunzipped
from downhill.errors import DownhillError

Array = npt.NDArray[np.uint8]

SCALE = float(os.environ.get("DOWNHILL_FUZZ_SCALE", "1"))
NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
CLASSES = 3
VARIANTS = 20
GZIP_MAGIC = b"\x1f\x8b"


def many(count: int) -> Callable[..., object]:
    """Settings of a test for a number of inputs."""
    return settings(
        max_examples=max(1, int(count * SCALE)),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


# Inputs


def idx_bytes(array: Array) -> bytes:
    """An IDX file, written without the package."""
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


@st.composite
def damaged(draw: st.DrawFn, contents: st.SearchStrategy[bytes], most: int = 3) -> bytes:
    """Contents with some damage, often none."""
    content = bytearray(draw(contents))
    for _ in range(draw(st.integers(0, most))):
        at = draw(st.integers(0, max(0, len(content) - 1)))
        kind = draw(st.sampled_from(["flip", "cut", "insert", "remove", "number", "append", "zeros"]))
        if kind == "flip" and content:
            content[at] ^= 1 << draw(st.integers(0, 7))
        elif kind == "cut":
            del content[at:]
        elif kind == "insert":
            content[at:at] = draw(st.binary(min_size=1, max_size=8))
        elif kind == "remove":
            del content[at : at + draw(st.integers(1, 8))]
        elif kind == "number":  # of a dimension
            number = draw(st.sampled_from([0, 1, 2, 255, 256, 2**16, 2**31 - 1, 2**31, 2**32 - 1]))
            place = 4 + 4 * draw(st.integers(0, 3))
            content[place : place + 4] = struct.pack(">I", number)
        elif kind == "append":
            content += draw(st.binary(min_size=1, max_size=8))
        else:
            content += bytes(draw(st.integers(1, 600)))
    return bytes(content)


@st.composite
def packed(draw: st.DrawFn, contents: st.SearchStrategy[bytes]) -> bytes:
    """Gzip files of one or more members, with all fields that a header may have, perhaps padded."""
    content, members = draw(contents), b""
    ends = sorted({*draw(st.lists(st.integers(0, len(content)), max_size=2)), len(content)})
    for begin, end in zip([0, *ends], ends, strict=False):
        flags = draw(st.sampled_from([0, 0, 0x08, 0x10, 0x04, 0x02, 0x1E, 0x01]))
        header = GZIP_MAGIC + bytes([8, flags]) + draw(st.binary(min_size=6, max_size=6))
        if flags & 0x04:
            extra = draw(st.binary(max_size=5))
            header += struct.pack("<H", len(extra)) + extra
        header += b"name\0" if flags & 0x08 else b""
        header += b"comment\0" if flags & 0x10 else b""
        header += struct.pack("<H", zlib.crc32(header) & 0xFFFF) if flags & 0x02 else b""
        engine = zlib.compressobj(draw(st.integers(0, 9)), wbits=-15)
        body = engine.compress(content[begin:end]) + engine.flush()
        members += header + body + struct.pack("<II", zlib.crc32(content[begin:end]), end - begin)
    return members + bytes(draw(st.sampled_from([0, 0, 1, 511, 3000])))


def variants(content: bytes, seed: int) -> Iterator[bytes]:
    """The content with more damage, which is generated much faster than by Hypothesis."""
    yield content
    random = Random(seed)
    for _ in range(VARIANTS - 1):
        changed = bytearray(content or b"?")
        for _ in range(random.randint(1, 3)):
            at = random.randrange(len(changed) or 1)
            kind = random.randrange(5)
            if kind == 0 and changed:
                changed[at] ^= 1 << random.randrange(8)
            elif kind == 1:
                changed[at : at + random.randint(1, 9)] = b""
            elif kind == 2:
                changed[at:at] = random.randbytes(random.randint(1, 9))
            elif kind == 3:
                changed[at:] = bytes(random.randrange(30)) if random.random() < 0.5 else b""
            else:
                place = 4 * random.randint(1, 4)
                changed[place : place + 4] = random.choice((0, 1, 2, 3, 2**32 - 1, 2**31)).to_bytes(4, "big")
        yield bytes(changed)


arrays = hnp.arrays(np.uint8, hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5))
contents = damaged(arrays.map(idx_bytes)) | st.binary(max_size=40)
gzips = damaged(packed(arrays.map(idx_bytes) | st.binary(max_size=300)))
files = (
    contents | damaged(packed(contents)) | st.builds(lambda rest: GZIP_MAGIC + rest, st.binary(max_size=40))
)
images = hnp.arrays(np.uint8, st.tuples(st.integers(0, 4), st.just(2), st.integers(2, 3)))
labels = hnp.arrays(np.uint8, st.integers(0, 4), elements=st.integers(0, CLASSES))


@st.composite
def sources(draw: st.DrawFn) -> dict[str, bytes]:
    """Four files of a source, of which some may be damaged, packed or missing, by name."""
    found = {}
    for name in NAMES:
        count, of_images = draw(st.sampled_from([3, 3, 3, 3, 3, 3, 4])), "images" in name
        usual = (count, 2, 2) if of_images else (count,)
        array = hnp.arrays(np.uint8, usual, elements=st.integers(0, 255 if of_images else CLASSES - 1))
        content = array.map(idx_bytes)
        kind = draw(
            st.sampled_from(
                [
                    "good",
                    "good",
                    "good",
                    "good",
                    "good",
                    "packed",
                    "packed",
                    "other",
                    "damaged",
                    "damaged",
                    "missing",
                ]
            )
        )
        if kind == "other":
            content = (images if of_images else labels).map(idx_bytes)
        elif kind == "damaged":
            content = damaged(content) | damaged(packed(content))
        elif kind == "packed":
            content = packed(content)
        if kind != "missing":
            bytes_ = draw(content)
            found[name + (".gz" if bytes_.startswith(GZIP_MAGIC) else "")] = bytes_
    return found


# References


def parsed(content: bytes) -> Array | None:
    """The array of an IDX file, by `struct` and NumPy alone; None if it is not valid."""
    if len(content) < 4 or content[:3] != b"\0\0\x08" or not 1 <= content[3] <= 4:
        return None
    size = 4 + 4 * content[3]
    if len(content) < size:
        return None
    shape = struct.unpack(f">{content[3]}I", content[4:size])
    if math.prod(shape) != len(content) - size:
        return None
    try:
        return np.frombuffer(content[size:], np.uint8).reshape(shape)
    except ValueError:  # no values, but dimensions that are too large
        return None


def unzipped(content: bytes) -> bytes | None:
    """The content of a gzip stream by Python's `gzip`; None if it is damaged."""
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error, struct.error):
        return None


def own_unzipped(content: bytes, chunk: int) -> bytes | None:
    """The content of a gzip stream by Downhill; None if it is refused."""
    chunks = (content[at : at + chunk] for at in range(0, len(content), chunk))
    try:
        return b"".join(gunzipped(chunks))
    except CopyError:
        return None


def read_or_none(path: Path) -> Array | None:
    """What Downhill reads from an IDX file; None if it is refused."""
    try:
        return read_idx(path)
    except DownhillError:
        return None


# Properties


def check_file(content: bytes) -> None:
    """An IDX file, raw or gzipped, is read as the reference reads it, or refused."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        path.write_bytes(content)
        raw = own_unzipped(content, 7) if content.startswith(GZIP_MAGIC) else content
        wanted = None if raw is None else parsed(raw)
        found = read_or_none(path)
        assert (found is None) == (wanted is None)
        try:
            shape = read_shape(path)
        except DownhillError:
            assert found is None
        if found is not None and wanted is not None:
            np.testing.assert_array_equal(found, wanted)
            assert found.shape == wanted.shape == shape


def check_passing(content: bytes, shape: tuple[int, ...], classes: int | None, chunk: int) -> None:
    """A file that is checked while it arrives is accepted if, and only if, it is what the source describes."""
    passing = PassingIdx(SourceFile(name="file"), shape, classes)
    try:
        for at in range(0, len(content), chunk):
            passing.feed(content[at : at + chunk])
        passing.finish()
        accepted = True
    except CopyError:
        accepted = False
    array = parsed(content)
    wanted = array is not None and array.shape[1:] == shape and len(array) > 0
    wanted = wanted and (classes is None or int(array.max(initial=0)) < classes)
    assert accepted == wanted
    if accepted and array is not None:
        assert passing.count == len(array)


def check_gzip(content: bytes, chunk: int) -> None:
    """What is accepted as gzip has the content that Python finds in it."""
    found = own_unzipped(content, chunk)
    assert found == own_unzipped(content, len(content) or 1)
    if found is not None:
        assert found == unzipped(content)


def check_program(content: bytes) -> None:
    """The program `gzip` accepts the same streams, with the same content."""
    done = subprocess.run(["gzip", "--decompress", "--stdout"], input=content, capture_output=True)
    found = own_unzipped(content, 1000)
    assert (found is not None) == (done.returncode == 0)
    assert found is None or found == done.stdout


def references(folder: dict[str, bytes]) -> list[Array | None]:
    """The arrays of a folder, in the order of `NAMES`."""
    found = []
    for name in NAMES:
        content = folder.get(name)
        if content is None or content.startswith(GZIP_MAGIC):
            content = own_unzipped(folder[f"{name}.gz"], 1000) if f"{name}.gz" in folder else None
        found.append(None if content is None else parsed(content))
    return found


def written(folder: Path, mirror: dict[str, bytes]) -> Path:
    """Write files into a new folder."""
    folder.mkdir()
    for name, content in mirror.items():
        (folder / name).write_bytes(content)
    return folder


def source_of(*mirrors: Path) -> Source:
    """A source without checksums, of images of 2 x 2 pixels and three classes."""
    return Source(
        title="Fuzzed",
        image_shape=(2, 2),
        classes=tuple("abc"),
        mirrors=tuple(map(str, mirrors)),
        files=SourceFiles(),
    )


def check_source(mirror: dict[str, bytes]) -> None:
    """A source is downloaded if, and only if, its files are valid and belong together; then it can be prepared."""
    train_images, train_labels, test_images, test_labels = found = references(mirror)
    wanted = all(array is not None and len(array) > 0 for array in found) and all(
        images is not None
        and labels is not None
        and images.shape[1:] == (2, 2)
        and labels.shape == images.shape[:1]
        and labels.max() < CLASSES
        for images, labels in ((train_images, train_labels), (test_images, test_labels))
    )
    with tempfile.TemporaryDirectory() as folder:
        source, target = source_of(written(Path(folder, "mirror"), mirror)), Path(folder, "to")
        try:
            fetch_source("fuzzed", source, target)
        except DownhillError:
            assert not wanted
            assert not target.exists() or {path.name for path in target.iterdir()} in (set(), set(NAMES[:2]))
            return
        assert wanted
        dataset = prepare(DatasetRecipe(source="fuzzed", validation_images=0), source, target)
        for array, reference in zip(
            (dataset.train.images, dataset.train.labels, dataset.test.images, dataset.test.labels),
            found,
            strict=True,
        ):
            np.testing.assert_array_equal(array, reference)


def check_folder(content: dict[str, bytes]) -> None:
    """Four files in a folder are loaded as the reference reads them, or refused."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            dataset = load_dataset(written(Path(folder, "data"), content))
        except DownhillError:
            return
        for array, reference in zip(
            (dataset.train.images, dataset.train.labels, dataset.test.images, dataset.test.labels),
            references(content),
            strict=True,
        ):
            np.testing.assert_array_equal(array, reference)


seeds = st.integers(0, 2**32)
of_pairs = contents | damaged(images.map(idx_bytes), 1) | damaged(labels.map(idx_bytes), 1)


@many(900)
@given(files, seeds)
def test_files(content: bytes, seed: int) -> None:
    for variant in variants(content, seed):
        check_file(variant)


@many(900)
@given(of_pairs, st.sampled_from([(), (2, 2)]), st.integers(1, 30), seeds)
def test_passing(content: bytes, shape: tuple[int, ...], chunk: int, seed: int) -> None:
    for variant in variants(content, seed):
        check_passing(variant, shape, None if shape else CLASSES, chunk)


@many(900)
@given(gzips, st.integers(1, 2000), seeds)
def test_gzip(content: bytes, chunk: int, seed: int) -> None:
    for variant in variants(content, seed):
        check_gzip(variant, chunk)


@many(1500)
@given(gzips.filter(lambda content: content.startswith(GZIP_MAGIC)))
def test_program(content: bytes) -> None:
    check_program(content)


@many(1500)
@given(sources())
def test_sources(mirror: dict[str, bytes]) -> None:
    check_source(mirror)


@many(1500)
@given(sources())
def test_folders(content: dict[str, bytes]) -> None:
    check_folder(content)
