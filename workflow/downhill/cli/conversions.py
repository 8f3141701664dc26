"""Commands that turn data into a form that a study reads; they are not stages of the workflow."""

import argparse
import math
from pathlib import Path

from downhill.cli.command import argument, command, output, positive
from downhill.cli.outputs import log


def _brightest(text: str) -> float:
    """Read a finite number above 0."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number above 0")
    return value


@command(
    argument(
        "table", type=Path, metavar="TABLE",
        help="CSV file with a row per image: its pixels from left to right and top to bottom, and its label",
    ),
    argument(
        "--image-shape", type=positive, nargs=2, required=True, metavar=("HEIGHT", "WIDTH"),
        help="height and width of an image, in pixels",
    ),
    argument("--test-images", type=positive, metavar="N", help="number of images for testing: the last of the table"),
    argument("--test-table", type=Path, metavar="TABLE", help="table of the images for testing, in the same form"),
    argument(
        "--brightest", type=_brightest, default=255.0, metavar="NUMBER",
        help="value of a fully lit pixel, which becomes 255 (default: 255)",
    ),
    argument("--label", choices=("last", "first"), default="last", help="column of the labels (default: last)"),
    output("folder for the four files"),
    examples=(
        "downhill convert digits.csv.gz --image-shape 8 8 --brightest 16 --test-images 510 --output data",
        "downhill convert train.csv --test-table test.csv --image-shape 28 28 --label first --output letters",
    ),
)  # fmt: skip
def convert(arguments: argparse.Namespace) -> None:
    """Convert tables of pixels (CSV) into the four IDX files of a source, whose folder can be named as a mirror."""
    from downhill.datasets.convert import read_pixels, split_off, write_idx_files
    from downhill.errors import DownhillError

    if (arguments.test_images is None) == (arguments.test_table is None):
        raise DownhillError("say which images are for testing: give either --test-images or --test-table")
    form = (tuple(arguments.image_shape), arguments.brightest, arguments.label)
    train = read_pixels(arguments.table, *form)
    if arguments.test_table is None:
        train, test = split_off(train, arguments.test_images)
    else:
        test = read_pixels(arguments.test_table, *form)
    write_idx_files(arguments.output, train, test)
    log(f"{len(train[0]):,} training images and {len(test[0]):,} test images, in {arguments.output}")
