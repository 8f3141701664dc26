"""How close the engine's loops come to what the processor can load, store and multiply.

    python -m benchmarks.bounds          # a minute; on an otherwise idle machine

Each loop over the images is timed alone, and compared with a lower bound: the time for the vectors that it must load
and store, and the multiplications that it must do. The rates are those at which this processor loads, stores or
multiplies vectors when it does nothing else and all data is in the first-level cache. The rest of a loop's time goes to
slower caches, mispredicted branches at the ends of lists, and address arithmetic.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from downhill import Network, load_dataset
from downhill.engine import denormals, memory, simd, tiles
from downhill.engine.compiling import compiled
from downhill.engine.dense_products import outer, product
from downhill.engine.images import EngineImages, engine_images
from downhill.engine.kernels import gather
from downhill.engine.layout import Layout, aligned_zeros
from downhill.engine.sparse_products import sort_by_row, sorted_outer, sparse_outer, sparse_product
from downhill.engine.workspace import Workspace

_BUNDLED = Path("resources/bundled/mnist")
_ROUNDS = 5
_SIZE = 2048  # numbers, 8 kB
_SHAPES = ((16, 10), (112, 10), (128, 32), (800, 128))  # width of the first layer, images per batch
GATHER, FORWARD, BY_IMAGE, SORTED, DENSE_FORWARD, DENSE_UPDATE = range(6)


@dataclass(frozen=True)
class Rates:
    """Vectors per second that the processor can load, store, and multiply and add."""

    load: float
    store: float
    multiply: float

    def seconds(self, loads: float, stores: float, products: float) -> float:
        """Least time for these numbers of loads, stores and products, which the processor does in parallel."""
        return max(loads / self.load, stores / self.store, products / self.multiply)


@compiled
def _load(array, offsets):
    total = tiles.zeros(1, 8)
    for i in range(offsets.shape[0]):  # the compiler does not know that all offsets are 0
        first = memory.at(offsets, i)
        for at in range(first, first + _SIZE, 128):
            total = tiles.add(total, tiles.load(total, array, at, 0))
    tiles.store(array, 0, 0, total)


@compiled
def _store(array, offsets):
    tile = tiles.load(tiles.zeros(1, 8), array, 0, 0)  # the compiler would replace a loop that stores zeros
    for i in range(offsets.shape[0]):
        first = memory.at(offsets, i)
        for at in range(first, first + _SIZE, 128):
            tiles.store(array, at, 0, tile)


@compiled
def _multiply(array, offsets):
    total, factor = tiles.zeros(1, 12), simd.load(array, 0)
    step = tiles.load(total, array, 0, 0)
    for _ in range(offsets.shape[0]):
        total = tiles.fma(factor, step, total)
    tiles.store(array, 0, 0, total)


@compiled
def _loop(what, order, batch, images, wanted, rows, W, Z, stride, width, work):
    """Run one of the engine's loops on all images, after the loops that prepare its input."""
    entries, scale = work.entries, np.float32(-1e-6)
    before = denormals.flush()
    for first in range(0, order.shape[0] - batch + 1, batch):
        gather(order, first, batch, images, wanted, work)
        if what == FORWARD:
            sparse_product(entries, batch, rows, W, 0, Z, 0, stride, width)
        elif what == BY_IMAGE:
            sparse_outer(entries, batch, rows, scale, Z, 0, W, 0, stride, width)
        elif what == DENSE_FORWARD:
            product(entries.values, 0, rows, batch, rows, W, 0, Z, 0, stride, width, True)
        elif what == DENSE_UPDATE:
            outer(entries.values, 0, rows, batch, rows, scale, Z, 0, W, 0, stride, width)
        elif what != GATHER:
            ends, positions, brightness = work.ends, work.positions, work.brightness
            sort_by_row(entries, batch, stride, ends, positions, brightness)
            sorted_outer(ends, positions, brightness, batch, scale, Z, 0, W, 0, stride, width)
    denormals.restore(before)


def seconds(function: Callable[[], Any]) -> float:
    """The shortest of several times, after a first call that compiles."""
    function()
    times = []
    for _ in range(_ROUNDS):
        begin = perf_counter()
        function()
        times.append(perf_counter() - begin)
    return min(times)


def rates() -> Rates:
    """Measure the rates of this processor."""
    array, offsets = aligned_zeros(_SIZE), np.zeros(20_000, np.int32)
    vectors = len(offsets) * _SIZE / 16
    return Rates(
        vectors / seconds(lambda: _load(array, offsets)),
        vectors / seconds(lambda: _store(array, offsets)),
        12 * len(offsets) / seconds(lambda: _multiply(array, offsets)),
    )


class Loops:
    """The loops over the first layer of one network, timed on some images."""

    def __init__(self, images: EngineImages, width: int, batch: int) -> None:
        self.images, self.batch = images, batch
        layout = Layout.of(Network(hidden_layers=(width,)), (images.n_pixels, width, 10))
        first = layout.layers[0]
        self.rows, self.width, self.stride = (int(first[name]) for name in ("rows", "width", "stride"))
        self.work = Workspace.of(layout, images, batch)
        random = np.random.default_rng(0)
        self.order = random.permutation(images.n_images)
        self.W, self.Z = aligned_zeros(self.rows * self.stride), aligned_zeros((batch + 4) * self.stride)
        self.W[:] = random.normal(size=self.W.size)

    def seconds(self, what: int) -> float:
        """Seconds of a loop over all images; those of collecting the batches are subtracted from all other loops."""

        def run(what: int) -> None:
            arrays = self.rows, self.W, self.Z, self.stride, self.width, self.work
            _loop(what, self.order, self.batch, self.images, self.order, *arrays)

        collecting = seconds(lambda: run(GATHER))
        return collecting if what == GATHER else seconds(lambda: run(what)) - collecting


def sparse_lines(images: EngineImages, rate: Rates) -> list[tuple[str, float, float]]:
    """Name, nanoseconds per entry (lit pixel or padding), and their lower bound, of the loops over lists."""
    found = []
    entries = images.starts[-1]
    loops = Loops(images, *_SHAPES[0])
    found.append(("collect a batch", loops.seconds(GATHER), rate.seconds(2 / 16, 2 / 16, 0)))
    for width, batch in _SHAPES:
        loops, name = Loops(images, width, batch), f"{width} units, batch {batch}"
        v = loops.width / 16
        found.append((f"forward, {name}", loops.seconds(FORWARD), rate.seconds(v + 1, 0, v)))
        found.append((f"update by image, {name}", loops.seconds(BY_IMAGE), rate.seconds(v + 1, v, v)))
        if len(loops.work.ends):
            found.append((f"sort, update by row, {name}", loops.seconds(SORTED), rate.seconds(v + 1, 0, v)))
    return [(name, time / entries * 1e9, bound * 1e9) for name, time, bound in found]


def dense_lines(images: EngineImages, rate: Rates) -> list[tuple[str, float, float]]:
    """Name, nanoseconds per pixel, and their lower bound, of the loops over all pixels."""
    found = []
    for width, batch in ((16, 10), (512, 128)):
        loops, name = Loops(images, width, batch), f"{width} units, batch {batch}"
        bound, pixels = rate.seconds(0, 0, loops.width / 16), len(loops.order) * loops.rows
        for what, title in ((DENSE_FORWARD, "forward"), (DENSE_UPDATE, "update")):
            found.append((f"{title}, {name}", loops.seconds(what) / pixels * 1e9, bound * 1e9))
    return found


def table(title: str, lines: list[tuple[str, float, float]]) -> str:
    """A table for the terminal."""
    rows = [f"{title:40} {'measured':>9} {'bound':>9} {'measured / bound':>17}"]
    rows += [f"{name:40} {time:9.3f} {bound:9.3f} {time / bound:17.2f}" for name, time, bound in lines]
    return "\n".join(rows) + "\n"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=_BUNDLED, help="folder of the four IDX files")
    parser.add_argument("--images", type=int, default=60_000, help="training images to use")
    arguments = parser.parse_args()
    digits = load_dataset(arguments.data, n_train=arguments.images).train.images
    rate = rates()
    print(
        f"Vectors of 16 numbers per nanosecond: {rate.load / 1e9:.2f} loaded, {rate.store / 1e9:.2f} stored,"
        f" {rate.multiply / 1e9:.2f} multiplied and added\n"
    )
    print(table("Lists of lit pixels, ns per entry", sparse_lines(engine_images(digits), rate)))
    lit = engine_images(255 - digits[: len(digits) // 6] // 2)
    print(table("All pixels, ns per pixel", dense_lines(lit, rate)))


if __name__ == "__main__":
    main()
