"""The compiled loops: forward, backward and update of one network, one image after another.

How to read this file
---------------------
A network is one vector of `parameters`, and `layout` says where each layer's part begins (`engine.layout`).
Every image of a batch has a row in two workspaces: `units` holds the activations a of all layers but the
input, `deltas` holds δ = ∂C/∂z in the same places. The arithmetic is that of `network.reference`.

Three loops do nearly all the work, and all three walk over the rows of W, one row an input:

    z      += Σᵢ xᵢ · W[i]         `_add_rows`      forward
    δ_below = W[i] · δ             `_dot_rows`      backward
    W[i]   += scale · xᵢ · δ       `_add_outer`     update (or the gradient, if it is kept)

An image is its lit pixels only (`engine.sparse`): four fifths of the rows of the first W, which holds most
of the weights, are never touched. A hidden layer is the same with all of its inputs lit (`layout.every`).

Sums live in SIMD registers (`engine.simd`, 16 numbers each). A row is walked in tiles of four registers, which
is what fits beside the operands; a row narrower than that in single registers, taking four inputs at a time
so that one addition need not wait for the last.

Plain gradient descent needs no gradient array: once all images of a batch have gone forwards and backwards,
their outer products are added to the weights themselves, times −learning_rate / n. Momentum, weight decay
and very large batches add them to `gradient` instead and take one dense step.

Runs in different threads share images and labels and nothing else, so their bytes do not depend on one another.
"""

import math

import numpy as np

from downhill.engine import simd
from downhill.engine.compiling import compiled
from downhill.engine.layout import CROSS_ENTROPY, LINEAR, MSE, RELU, SIGMOID, SOFTMAX, TANH

ONE = np.float32(1)
TILE = 4 * simd.WIDTH
AHEAD = 6  # images between asking for one and needing it


@compiled
def _add_rows(inputs, values, W, first, width, z, place):
    """z[place:] += Σ values[p] · row inputs[p] of W, over all p; rows are `width` long from `first` on."""
    n = inputs.shape[0]
    tiled = width - width % TILE
    for column in range(0, tiled, TILE):
        at = place + column
        z0, z1 = simd.load(z, at), simd.load(z, at + 16)
        z2, z3 = simd.load(z, at + 32), simd.load(z, at + 48)
        for p in range(n):
            x = simd.splat(values[p])
            row = first + inputs[p] * width + column
            z0 = simd.fma(x, simd.load(W, row), z0)
            z1 = simd.fma(x, simd.load(W, row + 16), z1)
            z2 = simd.fma(x, simd.load(W, row + 32), z2)
            z3 = simd.fma(x, simd.load(W, row + 48), z3)
        simd.store(z, at, z0)
        simd.store(z, at + 16, z1)
        simd.store(z, at + 32, z2)
        simd.store(z, at + 48, z3)
    for column in range(tiled, width, 16):
        base = first + column
        z0, z1, z2, z3 = simd.load(z, place + column), simd.zeros(), simd.zeros(), simd.zeros()
        fours = n - n % 4
        for p in range(0, fours, 4):
            z0 = simd.fma(simd.splat(values[p]), simd.load(W, base + inputs[p] * width), z0)
            z1 = simd.fma(simd.splat(values[p + 1]), simd.load(W, base + inputs[p + 1] * width), z1)
            z2 = simd.fma(simd.splat(values[p + 2]), simd.load(W, base + inputs[p + 2] * width), z2)
            z3 = simd.fma(simd.splat(values[p + 3]), simd.load(W, base + inputs[p + 3] * width), z3)
        for p in range(fours, n):
            z0 = simd.fma(simd.splat(values[p]), simd.load(W, base + inputs[p] * width), z0)
        simd.store(z, place + column, simd.add(simd.add(z0, z1), simd.add(z2, z3)))


@compiled
def _dot_rows(W, first, width, deltas, place, below, n_in):
    """deltas[below + i] = row i of W · deltas[place:], for all i < n_in."""
    for i in range(n_in):
        total = simd.zeros()
        row = first + i * width
        for column in range(0, width, 16):
            total = simd.fma(simd.load(W, row + column), simd.load(deltas, place + column), total)
        deltas[below + i] = simd.total(total)


@compiled
def _add_outer(inputs, values, scale, deltas, place, target, first, width):
    """Row inputs[p] of target += scale · values[p] · deltas[place:], over all p."""
    n = inputs.shape[0]
    tiled = width - width % TILE
    factor = simd.splat(scale)
    for column in range(0, tiled, TILE):
        at = place + column
        d0 = simd.multiply(factor, simd.load(deltas, at))
        d1 = simd.multiply(factor, simd.load(deltas, at + 16))
        d2 = simd.multiply(factor, simd.load(deltas, at + 32))
        d3 = simd.multiply(factor, simd.load(deltas, at + 48))
        for p in range(n):
            x = simd.splat(values[p])
            row = first + inputs[p] * width + column
            simd.store(target, row, simd.fma(x, d0, simd.load(target, row)))
            simd.store(target, row + 16, simd.fma(x, d1, simd.load(target, row + 16)))
            simd.store(target, row + 32, simd.fma(x, d2, simd.load(target, row + 32)))
            simd.store(target, row + 48, simd.fma(x, d3, simd.load(target, row + 48)))
    for column in range(tiled, width, 16):
        d0 = simd.multiply(factor, simd.load(deltas, place + column))
        for p in range(n):
            row = first + inputs[p] * width + column
            simd.store(target, row, simd.fma(simd.splat(values[p]), d0, simd.load(target, row)))


@compiled
def _activate(code, z, place, width, n):
    """Replace z by σ(z) in z[place:]; n of the `width` numbers count, which matters to softmax alone."""
    if code == LINEAR:
        return
    one = simd.splat(ONE)
    largest = z[place]
    if code == SOFTMAX:
        for j in range(1, n):
            largest = max(largest, z[place + j])
    for at in range(place, place + width, 16):
        a = simd.load(z, at)
        if code == SIGMOID:
            a = simd.divide(one, simd.add(one, simd.exp(simd.subtract(simd.zeros(), a))))
        elif code == TANH:  # 1 − 2 / (e²ᶻ + 1)
            a = simd.subtract(one, simd.divide(simd.add(one, one), simd.add(simd.exp(simd.add(a, a)), one)))
        elif code == RELU:
            a = simd.positive_part(a)
        else:
            a = simd.exp(simd.subtract(a, simd.splat(largest)))
        simd.store(z, at, a)
    if code == SOFTMAX:
        total = np.float32(0)
        for j in range(n):
            total += z[place + j]
        for j in range(n):
            z[place + j] /= total


@compiled
def _times_slope(code, units, deltas, place, width):
    """deltas *= σ'(z), told by the activations a = σ(z) in the same places.

    The δ of a saturated unit shrinks layer by layer until arithmetic slows down: `simd.without_tiny`.
    """
    one = simd.splat(ONE)
    if code == LINEAR:
        return
    for at in range(place, place + width, 16):
        a, delta = simd.load(units, at), simd.load(deltas, at)
        if code == SIGMOID:
            delta = simd.multiply(delta, simd.multiply(a, simd.subtract(one, a)))
        elif code == TANH:
            delta = simd.multiply(delta, simd.subtract(one, simd.multiply(a, a)))
        else:
            delta = simd.where_positive(a, delta)
        simd.store(deltas, at, simd.without_tiny(delta))


@compiled
def _forward(pixels, values, layout, parameters, units, start):
    """Activations of all layers into units[start:], the last layer's before its activation (z)."""
    n_layers = layout.widths.shape[0]
    inputs = pixels
    for layer in range(n_layers):
        width, first = layout.widths[layer], layout.offsets[layer]
        bias = layout.offsets[layer + 1] - width
        place = start + layout.places[layer]
        for j in range(0, width, 16):
            simd.store(units, place + j, simd.load(parameters, bias + j))
        _add_rows(inputs, values, parameters, first, width, units, place)
        n_out = layout.sizes[layer + 1]
        if layer < n_layers - 1:
            _activate(layout.hidden, units, place, width, n_out)
        inputs, values = layout.every[:n_out], units[place : place + n_out]


@compiled
def _loss(z, a, label, layout):
    """Cost of one image as float64, told by z and a = σ(z) of the output, both (n_classes,).

    The forms in z of `network.reference.losses`: exact where a rounds to 0 or 1.
    """
    total = 0.0
    if layout.loss == MSE:
        for j in range(z.shape[0]):
            error = np.float64(a[j]) - (1.0 if j == label else 0.0)
            total += 0.5 * error * error
    elif layout.output == SOFTMAX:
        largest = np.float64(z[0])
        for j in range(z.shape[0]):
            largest = max(largest, np.float64(z[j]))
        for j in range(z.shape[0]):
            total += math.exp(np.float64(z[j]) - largest)
        total = math.log(total) + largest - z[label]
    else:
        for j in range(z.shape[0]):
            zj = np.float64(z[j])
            total += max(zj, 0.0) + math.log1p(math.exp(-abs(zj))) - (zj if j == label else 0.0)
    return total


@compiled
def _backward(label, layout, parameters, units, deltas, start):
    """δ of all layers into deltas[start:], from the outputs and the label of one image."""
    last = layout.widths.shape[0] - 1
    place, n_classes = start + layout.places[last], layout.sizes[last + 1]
    mean_error = np.float32(0)
    for j in range(n_classes):
        a = units[place + j]
        error = a - (ONE if j == label else np.float32(0))
        deltas[place + j] = error
        mean_error += error * a
    if layout.loss == CROSS_ENTROPY:
        pass  # for sigmoid and softmax alike the slope cancels
    elif layout.output == SOFTMAX:
        for j in range(n_classes):
            deltas[place + j] = units[place + j] * (deltas[place + j] - mean_error)
    else:
        _times_slope(layout.output, units, deltas, place, layout.widths[last])
    for layer in range(last, 0, -1):
        below = start + layout.places[layer - 1]
        place = start + layout.places[layer]
        first, width = layout.offsets[layer], layout.widths[layer]
        _dot_rows(parameters, first, width, deltas, place, below, layout.sizes[layer])
        _times_slope(layout.hidden, units, deltas, below, layout.widths[layer - 1])


@compiled
def _prefetch(images, image):
    """Ask for an image's lit pixels: in random order they are in no cache, and memory is far away."""
    for p in range(images.starts[image], images.starts[image + 1], 16):
        simd.prefetch(images.pixels, p)
        simd.prefetch(images.values, p)


@compiled
def add_gradients(order, begin, end, images, labels, layout, parameters, units, deltas, scale, target):
    """Add the gradients of the images order[begin:end], times `scale`, to `target`.

    `target` may be the parameters themselves: they change only after all images have been looked at.
    `units` and `deltas` are workspaces of layout.places[-1] numbers an image, whose padding is zero.
    """
    size = layout.places[-1]
    last = layout.widths.shape[0] - 1
    for s in range(end - begin):
        image = order[begin + s]
        if begin + s + AHEAD < order.shape[0]:
            _prefetch(images, order[begin + s + AHEAD])
        lit = slice(images.starts[image], images.starts[image + 1])
        _forward(images.pixels[lit], images.values[lit], layout, parameters, units, s * size)
        n_classes, place = layout.sizes[last + 1], s * size + layout.places[last]
        _activate(layout.output, units, place, layout.widths[last], n_classes)
        _backward(labels[image], layout, parameters, units, deltas, s * size)
    for layer in range(last + 1):
        first, width = layout.offsets[layer], layout.widths[layer]
        bias = layout.offsets[layer + 1] - width
        for s in range(end - begin):
            place = s * size + layout.places[layer]
            if layer == 0:
                image = order[begin + s]
                lit = slice(images.starts[image], images.starts[image + 1])
                _add_outer(images.pixels[lit], images.values[lit], scale, deltas, place, target, first, width)
            else:
                below = s * size + layout.places[layer - 1]
                n_in = layout.sizes[layer]
                inputs = units[below : below + n_in]
                _add_outer(layout.every[:n_in], inputs, scale, deltas, place, target, first, width)
            for j in range(0, width, 16):
                change = simd.multiply(simd.splat(scale), simd.load(deltas, place + j))
                simd.store(target, bias + j, simd.add(simd.load(target, bias + j), change))


@compiled
def _step(parameters, velocity, gradient, rate, keep, shrink):
    """v ← keep · v − rate · g − shrink · w, then w ← w + v and g ← 0, on arrays of one length."""
    for k in range(parameters.shape[0]):
        change = keep * velocity[k] - rate * gradient[k] - shrink * parameters[k]
        velocity[k] = change
        parameters[k] += change
        gradient[k] = np.float32(0)


@compiled
def _step_all(parameters, velocity, gradient, layout, learning_rate, momentum, weight_decay):
    """One step of descent on a batch's mean gradient, which is set back to zero (`reference.step`)."""
    rate, keep = np.float32(learning_rate), np.float32(momentum)
    shrink, none = np.float32(learning_rate * weight_decay), np.float32(0)
    for layer in range(layout.widths.shape[0]):
        bias = layout.offsets[layer + 1] - layout.widths[layer]
        weights, biases = slice(layout.offsets[layer], bias), slice(bias, layout.offsets[layer + 1])
        _step(parameters[weights], velocity[weights], gradient[weights], rate, keep, shrink)
        _step(parameters[biases], velocity[biases], gradient[biases], rate, keep, none)


@compiled
def train_epoch(
    order, batch_size, images, labels, layout, parameters, velocity, gradient, units, deltas, recipe
):
    """One pass over the images in the given order; changes `parameters` and `velocity` in place.

    `recipe` is (learning_rate, momentum, weight_decay). An empty `gradient` asks for plain descent without
    one (then the workspaces must hold a whole batch); else it must be zero, and is zero again afterwards. The
    last batch may be smaller than the rest; every batch's gradient is averaged over the images it has.
    """
    learning_rate, momentum, weight_decay = recipe
    room = units.shape[0] // layout.places[-1]
    for first in range(0, order.shape[0], batch_size):
        last = min(first + batch_size, order.shape[0])
        n = last - first
        if gradient.shape[0] == 0:
            scale = np.float32(-learning_rate / n)
            add_gradients(
                order, first, last, images, labels, layout, parameters, units, deltas, scale, parameters
            )
            continue
        for begin in range(first, last, room):
            end = min(begin + room, last)
            scale = np.float32(1 / n)
            add_gradients(
                order, begin, end, images, labels, layout, parameters, units, deltas, scale, gradient
            )
        _step_all(parameters, velocity, gradient, layout, learning_rate, momentum, weight_decay)


@compiled
def forward_all(images, labels, layout, parameters, units, outputs, losses):
    """Outputs (n, n_classes) and, where labels are given, float64 costs (n,) of all images, in place."""
    last = layout.widths.shape[0] - 1
    place, n_classes = layout.places[last], layout.sizes[last + 1]
    for image in range(images.starts.shape[0] - 1):
        lit = slice(images.starts[image], images.starts[image + 1])
        _forward(images.pixels[lit], images.values[lit], layout, parameters, units, 0)
        z = units[place : place + n_classes].copy()
        _activate(layout.output, units, place, layout.widths[last], n_classes)
        outputs[image] = units[place : place + n_classes]
        if labels.shape[0] > 0:
            losses[image] = _loss(z, outputs[image], labels[image], layout)
