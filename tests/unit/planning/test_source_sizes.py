"""The size of a source, for planning: that of its files as soon as they can be read."""

import gzip
import struct
from pathlib import Path

import pytest

from downhill.config import Study
from downhill.planning import cost
from downhill.planning.source_sizes import source_size

NETWORKS = "network\tdataset\tseeds\thidden_layers\nsmall\tletters\t4\t16\n"
CLAIMS = (
    "claim\tfamily\tstatement\tsource\tstatistic\tnetworks\tunit\tband\n"
    "c\tlearning\tIt learns.\tnobody\ttest_accuracy\tsmall\tshare\t> 0.5\n"
)
DATASETS = """\
sources:
  letters:
    title: Letters
    image_shape: [8, 8]
    classes: [a, b, c]
    mirrors: [https://example.org/letters, nowhere, mirror]
    files: { train_images: { name: letters }, test_images: { name: more-letters } }
  xor:
    title: XOR
    generate: { kind: xor, sd: 0.2, training: 30, test: 20 }
datasets:
  letters: { source: letters, validation_images: 200 }
"""
FOLDER = Path("resources/letters")


def header(count: int, *shape: int) -> bytes:
    return bytes([0, 0, 8, 3]) + struct.pack(">III", count, *(shape or (8, 8)))


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    monkeypatch.chdir(tmp_path)
    for folder in ("config", FOLDER, "mirror"):
        Path(folder).mkdir(parents=True)
    for name, text in (("networks.tsv", NETWORKS), ("claims.tsv", CLAIMS), ("datasets.yaml", DATASETS)):
        Path("config", name).write_text(text)
    Path("config/config.yaml").write_text("title: Letters\n")
    return Study.load("config/config.yaml")


def test_size_is_that_of_mnist_until_files_can_be_read(study: Study):
    assert source_size(study, "letters") == (60_000, 10_000)
    work = cost.work_of_block(study, "small", 4, threads=1)
    assert (work.images, work.tests) == (59_800, 10_000)


def test_size_is_that_of_copies_in_local_mirrors(study: Study):
    Path("mirror/letters.gz").write_bytes(gzip.compress(header(1_200) + bytes(1_200 * 64)))
    Path("mirror/more-letters").write_bytes(header(300))
    assert source_size(study, "letters") == (1_200, 300)
    work = cost.work_of_block(study, "small", 4, threads=1)
    assert (work.images, work.tests, work.layer_sizes) == (1_000, 300, (64, 16, 3))


def test_size_is_that_of_downloaded_files_first(study: Study):
    Path("mirror/letters").write_bytes(header(1_200))
    (FOLDER / "train-images-idx3-ubyte").write_bytes(header(900))
    assert source_size(study, "letters") == (900, 10_000)


@pytest.mark.parametrize(
    "content", [b"", b"not IDX", gzip.compress(header(5), mtime=0)[:12], header(5)[:9], header(5, 28, 28)]
)
def test_files_that_cannot_be_the_right_ones_do_not_count(content: bytes, study: Study):
    (FOLDER / "train-images-idx3-ubyte").write_bytes(content)
    Path("mirror/letters").write_bytes(header(1_200))
    assert source_size(study, "letters") == (1_200, 10_000)


def test_files_are_read_once(study: Study):
    Path("mirror/letters").write_bytes(header(1_200))
    assert source_size(study, "letters") == (1_200, 10_000)
    Path("mirror/letters").unlink()
    assert source_size(study, "letters") == (1_200, 10_000)


def test_size_of_generated_data_is_that_of_its_settings(study: Study):
    assert source_size(study, "xor") == (30, 20)
