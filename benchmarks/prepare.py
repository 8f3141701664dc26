"""Store the bundled digits in one file that loads quickly in every process; a smoke run uses fewer of them."""

import argparse
from pathlib import Path

from downhill import load_dataset
from downhill.datasets.store import save_dataset


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, required=True, help="folder of the four IDX files")
    parser.add_argument("--images", type=int, required=True, help="training images to keep")
    parser.add_argument("--output", type=Path, required=True, help="folder of the data set")
    arguments = parser.parse_args()
    save_dataset(load_dataset(arguments.source, n_train=arguments.images), arguments.output)


if __name__ == "__main__":
    main()
