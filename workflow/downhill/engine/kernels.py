"""The compiled loops: forward pass, backward pass and update of one network, batch by batch.

How to read the engine
----------------------
A network is one vector of `parameters`; `layers` records where each layer's part starts (`engine.layout`). The
arithmetic is that of `network.reference`, one batch at a time. Each step is one function below:

    gather          collect the pixels and targets of the batch
    forward         a = σ(a_below · W + b), layer by layer
    backward        δ of the outputs, then δ_below = (δ · Wᵀ) σ'(z), layer by layer
    add_gradients   W += scale · a_belowᵀ · δ, and b += scale · the sum of δ

These consist of matrix products with one row per image (`engine.sparse_products`, `engine.dense_products`), and of
elementwise functions (`engine.activations`). The optimisations, most effective first:

1. Four out of five pixels are zero. The first layer, which holds most of the weights, only touches the rows of W that
   belong to lit pixels (`engine.images`).
2. Plain gradient descent needs no gradient array: after the forward and backward pass of a batch, its outer products
   are added directly to the weights, times −learning_rate / n. Only momentum, Nesterov, Adam and very large batches
   first accumulate them in `gradient` and then take a dense step (`engine.optimizers`).
3. Sums stay in SIMD registers for whole loops, sixteen numbers to a vector (`engine.simd`). Products are computed in
   tiles of several vectors, so that each number that is loaded is used several times (`engine.tiles`).
4. The processor cannot predict where a loop over the lit pixels of an image ends, so loops are arranged to end rarely.
5. Images are read in random order from main memory, so each is prefetched while earlier ones are processed.
6. The first layer of wide networks is updated pixel by pixel instead of image by image, after sorting the pixels of the
   batch. Each row of W is then loaded and stored once per batch.
7. Vectors start on cache lines, widths are padded to whole vectors, denormals are flushed to zero
   (`engine.denormals`), and no references to arrays are counted (`engine.compiling`).
8. Nothing is computed backwards for frozen layers (`Network.trained_layers`).

Indices are not checked here; Python code checks shapes before arrays are passed in. These rules keep the kernels safe:

- A matrix starts at an offset into a vector. Its rows are `stride` numbers apart, and the kernels process `width`
  numbers of each, a multiple of 16. Columns beyond the outputs of a layer are zero and stay zero.
- A workspace has room for a multiple of four images. Rows beyond the n images of a batch may hold anything and are
  never summed.
- Lists of pixels may be read up to 16 numbers past their end, but those numbers must not be used.
- Threads that share a network write to different columns (in `shrink` and `take_step`, to different ranges of the
  parameters), and wait before they read what others have written.
- The compiled functions allocate nothing and return no arrays, since references are not counted.
- `inlined` functions are named parts of their caller; `compiled` functions are called.

Runs in different threads share only images and targets, which are never modified. Their results therefore do not depend
on each other. One wide network may be trained by several threads (`engine.sharing`).
"""

import numpy as np

from downhill.engine import denormals, memory, simd
from downhill.engine.activations import activate, loss_of, output_deltas, times_slope
from downhill.engine.compiling import compiled, inlined
from downhill.engine.constants import GROUP
from downhill.engine.dense_products import outer, product, product_back, sum_of_rows
from downhill.engine.optimizers import SGD, shrink, take_step
from downhill.engine.sharing import columns, is_first, wait
from downhill.engine.sparse_products import sort_by_row, sorted_outer, sparse_outer, sparse_product

UNIT = np.float32(1 / 255)
AHEAD = 16  # images between prefetching one and using it


@inlined
def gather(order, first, n, images, wanted, work):
    """Collect the pixels of the images order[first : first + n], as float32, and prefetch those of later ones."""
    entries, unit, sparse, to = work.entries, simd.splat(UNIT), images.pixels.shape[0] > 0, 0
    size, typical = images.size, images.values.shape[0] // images.size // (images.starts.shape[0] - 1)
    for s in range(n):
        if first + s + 2 * AHEAD < order.shape[0]:
            memory.prefetch(images.starts, order[first + s + 2 * AHEAD])
            memory.prefetch(wanted, order[first + s + AHEAD])
            begin = images.starts[order[first + s + AHEAD]]
            # The same number of lines for every image, because the processor can predict the end of such a loop.
            for p in range(begin * size, (begin + typical) * size + 64, 64):
                memory.prefetch(images.values, p)
            for p in range(begin, begin + typical + 32 if sparse else 0, 32):
                memory.prefetch(images.pixels, p)
        image = order[first + s]
        begin, length = images.starts[image], images.starts[image + 1] - images.starts[image]
        entries.starts[s] = to
        for p in range(0, length, 16):  # numbers past the end belong to the next image
            if size == 1:
                pixel = simd.multiply(unit, simd.load(images.values, begin + p))
            else:
                pixel = simd.load_floats(images.values, 4 * (begin + p))
            simd.store(entries.values, to + p, pixel)
            if sparse:
                memory.copy(16, images.pixels, begin + p, entries.pixels, to + p)
                memory.put(entries.owners, (to + p) // GROUP, s)
                memory.put(entries.owners, (to + p) // GROUP + 1, s)
        to += length
    entries.starts[n] = to


@inlined
def forward(n, layers, parameters, images, work, share):
    """Compute the activations of all hidden layers, and z (before the activation) of the output layer."""
    units, entries = work.units, work.entries
    X, x_stride, last = layers[0].units, layers[0].rows, layers.shape[0] - 1
    for layer in range(last + 1):
        own = layers[layer]
        begin, end = columns(share, layer, own.width)
        Z, W, stride, rows, width = (
            work.room * own.units,
            own.weights + begin,
            own.stride,
            own.rows,
            end - begin,
        )
        for column in range(begin, end, 16):
            bias = simd.load(parameters, own.biases + column)
            for s in range((n + 3) // 4 * 4):
                simd.store(units, Z + s * stride + column, bias)
        if layer > 0:
            product(units, X, x_stride, n, rows, parameters, W, units, Z + begin, stride, width, True)
        elif images.pixels.shape[0] == 0:
            product(
                entries.values, X, x_stride, n, rows, parameters, W, units, Z + begin, stride, width, True
            )
        else:
            sparse_product(entries, n, rows, parameters, W, units, Z + begin, stride, width)
        if layer < last:
            activate(own.activation, units, Z + begin, n, stride, width, own.n_out - begin)
            wait(share)
        X, x_stride = Z, stride


@inlined
def backward(n, layers, first, loss, parameters, targets, work, share):
    """Compute the outputs from z, and δ of the layers from `first` on from activations and targets."""
    units, deltas = work.units, work.deltas
    top = layers[layers.shape[0] - 1]
    D, spare = work.room * top.units, work.room * (top.units + top.stride)
    if is_first(share):
        activate(top.activation, units, D, n, top.stride, top.width, top.n_out)
        output_deltas(top.activation, loss, top.stride, top.width, targets, work.wanted, n, units, deltas, D)
    wait(share)
    for layer in range(layers.shape[0] - 1, first, -1):
        own, under = layers[layer], layers[layer - 1]
        begin, end = columns(share, layer - 1, under.width)
        W, stride, below = own.weights + begin * own.stride, own.stride, work.room * under.units
        product_back(
            *(deltas, D, stride, n, own.width, parameters, W, end - begin),
            *(below + begin, under.stride, spare + begin),
        )
        times_slope(under.activation, units, deltas, below + begin, n, under.stride, end - begin)
        wait(share)
        D = below


@inlined
def add_gradients(n, layers, first, images, work, scale, target, share):
    """Add the gradients of all images, times `scale`, to `target`, for the layers from `first` on."""
    entries, units, deltas = work.entries, work.units, work.deltas
    X, x_stride = layers[0].units, layers[0].rows
    if first > 0:
        X, x_stride = work.room * layers[first - 1].units, layers[first - 1].stride
    for layer in range(first, layers.shape[0]):
        own = layers[layer]
        begin, end = columns(share, layer, own.width)
        Z, D, W = work.room * own.units, work.room * own.units + begin, own.weights + begin
        stride, rows, width = own.stride, own.rows, end - begin
        if layer > 0:
            outer(units, X, x_stride, n, rows, scale, deltas, D, target, W, stride, width)
        elif images.pixels.shape[0] == 0:
            outer(entries.values, X, x_stride, n, rows, scale, deltas, D, target, W, stride, width)
        elif work.ends.shape[0] == 0:
            sparse_outer(entries, n, rows, scale, deltas, D, target, W, stride, width)
        else:
            ends, positions, brightness = work.ends, work.positions, work.brightness
            sort_by_row(entries, n, stride, ends, positions, brightness)
            sorted_outer(ends, positions, brightness, n, scale, deltas, D, target, W, stride, width)
        sum_of_rows(deltas, D, stride, n, width, scale, target, own.biases + begin)
        X, x_stride = Z, stride


@compiled
def train_epoch(
    order, batch_size, examples, layers, loss, parameters, state, rates, recipe, time, work, share
):
    """One pass over the images in the given order; updates `parameters` and `state` in place.

    `rates` holds the learning rate of each step, and `time` is the number of earlier steps. The last batch may be
    smaller than the others; the gradient of each batch is averaged over the images in it. If a batch does not fit into
    the workspace, its gradient is accumulated in parts, which needs a gradient array. All threads that share a network
    call this function, each with its own `share` and workspace (`engine.sharing`).
    """
    images, wanted, gradient = examples.images, examples.wanted, state.gradient
    plain, trained = gradient.shape[0] == 0, recipe.first
    before = denormals.flush()
    for step in range(rates.shape[0]):
        first = step * batch_size
        last, rate = min(first + batch_size, order.shape[0]), rates[step]
        for begin in range(first, last, work.room):
            n = min(work.room, last - begin)
            gather(order, begin, n, images, wanted, work)
            for s in range(n):
                work.wanted[s] = wanted[order[begin + s]]
            forward(n, layers, parameters, images, work, share)
            backward(n, layers, trained, loss, parameters, examples.targets, work, share)
            if plain:
                shrink(layers, trained, parameters, rate * recipe.weight_decay, share)
            scale = np.float32((-rate if plain else 1.0) / (last - first))
            add_gradients(n, layers, trained, images, work, scale, parameters if plain else gradient, share)
            wait(share)
        if not plain and recipe.optimizer >= SGD:
            take_step(
                layers, parameters, gradient, state.mean, state.square, rate, recipe, time + step + 1, share
            )
            wait(share)
    denormals.restore(before)


@compiled
def infer(order, examples, layers, loss, parameters, work, share, outputs, losses):
    """Write the outputs of images to `outputs` (n, n_out) and their costs to `losses`, float64 (n,) or empty."""
    images, wanted, targets = examples.images, examples.wanted, examples.targets
    units, z, room = work.units, work.deltas, work.room
    top = layers[layers.shape[0] - 1]
    offset, stride, width = room * top.units, top.stride, top.width
    before = denormals.flush()
    for first in range(0, order.shape[0], room):
        n = min(room, order.shape[0] - first)
        gather(order, first, n, images, wanted, work)
        forward(n, layers, parameters, images, work, share)
        for at in range(offset, offset + n * stride, 16):
            simd.store(z, at, simd.load(units, at))
        activate(top.activation, units, offset, n, stride, width, top.n_out)
        for s in range(n):
            image, row = order[first + s], offset + s * stride
            for j in range(top.n_out):
                outputs[image, j] = units[row + j]
            if losses.shape[0] > 0:
                target = wanted[image] * width
                losses[image] = loss_of(top.activation, loss, top.n_out, z, units, row, targets, target)
    denormals.restore(before)
