"""Store a data set of the benchmarks in one file that loads quickly in every process.

`digits` is the bundled MNIST. `wide` is generated: float images of CIFAR's shape, 32 × 32 pixels with three colours,
in which no number is zero.
"""

import argparse
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from benchmarks.cases import N_CLASSES, N_INPUTS
from downhill import load_dataset
from downhill.datasets import Dataset, Images
from downhill.datasets.store import save_dataset

_WIDE_TEST = 2000
_WIDE_SEED = 0
_HEIGHT, _WIDTH, _COLOURS = 32, 32, 3
_BLUR = 2.0  # pixels
_SIGNAL = 0.2  # standard deviation of the class means, relative to that of the noise


def wide(n_train: int, n_test: int = _WIDE_TEST, seed: int = _WIDE_SEED) -> Dataset:
    """Images of ten classes, each the mean of its class plus noise, blurred, and scaled to a standard deviation of 1.

    Means and noise are normally distributed, independently for each pixel and colour. The images are float32
    (n, 32, 96): the three colours of a pixel are neighbours in its row.
    """
    random = np.random.default_rng(seed)
    means = random.standard_normal((N_CLASSES, _HEIGHT, _WIDTH, _COLOURS), np.float32)
    labels = random.integers(N_CLASSES, size=n_train + n_test, dtype=np.uint8)
    images = random.standard_normal((len(labels), *means.shape[1:]), np.float32)
    images += np.float32(_SIGNAL) * means[labels]
    images = gaussian_filter(images, (0, _BLUR, _BLUR, 0))
    images /= images.std()
    every = Images(images.reshape(-1, _HEIGHT, _WIDTH * _COLOURS), labels)
    train, test = every.take(slice(n_train)), every.take(slice(n_train, None))
    return Dataset(train, train.take(slice(0)), test, tuple(map(str, range(N_CLASSES))))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", choices=N_INPUTS)
    parser.add_argument("--source", type=Path, required=True, help="folder of the four IDX files, for digits")
    parser.add_argument("--images", type=int, required=True, help="number of training images")
    parser.add_argument("--output", type=Path, required=True, help="folder of the data set")
    arguments = parser.parse_args()
    if arguments.data == "wide":
        data = wide(arguments.images)
    else:
        data = load_dataset(arguments.source, n_train=arguments.images)
    save_dataset(data, arguments.output)


if __name__ == "__main__":
    main()
