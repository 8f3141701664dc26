"""Tables of pixels become the IDX files of a source, or are refused with a reason."""

import gzip
from pathlib import Path

import numpy as np
import pytest
import sklearn
from sklearn.datasets import load_digits

from downhill.__main__ import main
from downhill.config.dataset import Source
from downhill.datasets.convert import read_pixels
from downhill.datasets.source_files import read_source
from downhill.errors import DownhillError

from .tiny import NAMES, idx_bytes

EXAMPLE = Path(__file__).parents[3] / "examples" / "own-data" / "data"
# Three images of 1 × 2 pixels.
ROWS = ["0,16,1", "8,4,0", "1,0,2"]


def table(folder: Path, rows: list[str], name: str = "table.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: gzip.decompress(path.read_bytes()) for path in folder.iterdir()}


def test_files_of_the_example_are_those_that_its_readme_describes(tmp_path: Path):
    """`load_digits` reads the same table, independently of us."""
    digits = load_digits()
    source = Path(sklearn.__file__).parent / "datasets" / "data" / "digits.csv.gz"
    words = ["--image-shape", "8", "8", "--brightest", "16", "--test-images", "510"]
    assert main(["convert", str(source), *words, "--output", str(tmp_path)]) == 0
    images = np.round(digits.images * 255 / 16).astype(np.uint8)
    labels = digits.target.astype(np.uint8)
    expected = {
        f"{name}.gz": idx_bytes(array)
        for name, array in zip(
            NAMES.values(), (images[:1287], labels[:1287], images[1287:], labels[1287:]), strict=True
        )
    }
    assert contents(tmp_path) == expected
    tracked = {name: gzip.decompress((EXAMPLE / name).read_bytes()) for name in expected}
    assert tracked == expected


def test_a_separate_table_for_testing(tmp_path: Path):
    train = table(tmp_path, ["label,left,right", "3,0,255", "0,10,20"])
    test = table(tmp_path, ["1,255,0"], "test.csv")
    words = ["--test-table", str(test), "--image-shape", "1", "2", "--label", "first"]
    assert main(["convert", str(train), *words, "--output", str(tmp_path / "data")]) == 0
    shape = (1, 2)
    source = Source(title="Tiny", image_shape=shape, classes=tuple("0123"), mirrors=("data",))
    learned, tested = read_source(tmp_path / "data", source)
    assert learned.images.tolist() == [[[0, 255]], [[10, 20]]]
    assert learned.labels.tolist() == [3, 0]
    assert (tested.images.tolist(), tested.labels.tolist()) == ([[[255, 0]]], [1])


def test_pixels_are_scaled_and_rounded(tmp_path: Path):
    images, labels = read_pixels(table(tmp_path, ROWS), (1, 2), brightest=16)
    assert images.tolist() == [[[0, 255]], [[128, 64]], [[16, 0]]]  # 127.5 becomes 128, 63.75 becomes 64
    assert labels.tolist() == [1, 0, 2]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (["0,16"], "has 2 columns, but images of 1 × 2 pixels and a label take 3; give the height"),
        (
            ["0,16,1", "0,17,1"],
            "image 2 has the pixel 17, which is not between 0 and 16; correct it, or give",
        ),
        (["0,-1,1"], "image 1 has the pixel -1, which is not between 0 and 16"),
        (
            ["0,16,1", "1,2,0.5"],
            "image 2 has the label 0.5, which is not a whole number from 0 to 254; number",
        ),
        (["0,1,255"], "image 1 has the label 255, which is not a whole number"),
        (["0,16,1", "1,x,0"], "image 2: column 2 'x' is not a finite number; correct this row"),
        (["0,16,1", "1,,0"], "image 2: column 2 is empty; correct this row"),
        (["0,inf,1"], "image 1: column 2 'inf' is not a finite number"),
        (["0,16,1", "1,2,3,4"], "is not a table of numbers (Error tokenizing data"),
        (["a,b,c", "9,8,1,2,0"], "has 5 columns"),  # as with names of rows
        (["left,right,label"], "has no images; name a table with one row per image"),
        ([], "is not a table of numbers (No columns to parse from file); name a CSV file"),
    ],
)
def test_malformed_tables_are_refused(tmp_path: Path, rows: list[str], sentence: str):
    with pytest.raises(DownhillError) as error:
        read_pixels(table(tmp_path, rows), (1, 2), brightest=16)
    assert sentence in str(error.value)


def test_files_that_are_no_text_or_missing_are_refused(tmp_path: Path):
    binary = tmp_path / "image.csv"
    binary.write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(gzip.compress(b"0,16,1\n" * 1000)[:-10])
    for path, sentence in (
        (binary, "is not a table of numbers"),
        (cut, "is not a table of numbers"),
        (tmp_path / "none.csv", "does not exist; name another file"),
        (tmp_path, "cannot be read: it is a folder; name a file"),
    ):
        with pytest.raises(DownhillError) as error:
            read_pixels(path, (1, 2))
        assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "give either --test-images or --test-table"),
        ("--test-images 1 --test-table b.csv", "give either --test-images or --test-table"),
        ("--test-images 3", "3 for testing leave none to train on; choose at most 2"),
        ("--test-images 1 --image-shape 1 3", "has 3 columns, but images of 1 × 3 pixels and a label take 4"),
    ],
)
def test_after_an_error_no_file_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: str, sentence: str
):
    source = table(tmp_path, ROWS)
    shape = ["--image-shape", "1", "2", "--output", str(tmp_path / "data")]
    assert main(["convert", str(source), *shape, *words.split()]) == 1
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "data").exists()
