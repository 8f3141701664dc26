"""The compiled loops: forward, backward and update of one network, one image after another.

How to read this file
---------------------
`parameters` is the network's parameter vector (`network.architecture` says how it is laid out) and
`offsets[layer]` is where a layer begins in it. `units` is a workspace that holds the activations a of all
layers but the input, one layer after another, and `deltas` holds δ = ∂C/∂z in the same places; layer l's
part begins at `places[l]`. The input is sparse: an image is its lit pixels (which input) and their values
(`engine.sparse`). The arithmetic is that of `network.reference`, image by image instead of batch by batch.

Every kernel works on the arrays it is given and on nothing else, and releases Python's global lock: runs in
different threads share the images and nothing else, so their bytes do not depend on one another.
All kernels live in this one file because Numba's cache on disk notices no edit in another.
"""

import math

import numpy as np
from numba import njit

SIGMOID, TANH, RELU, LINEAR, SOFTMAX = range(5)
CODES = {"sigmoid": SIGMOID, "tanh": TANH, "relu": RELU, "linear": LINEAR, "softmax": SOFTMAX}
MSE, CROSS_ENTROPY = range(2)
LOSS_CODES = {"mse": MSE, "cross_entropy": CROSS_ENTROPY}

# Sums may be reordered and fused, so that loops use SIMD; NaN and infinity keep their meaning, since they
# are how divergence is seen.
compiled = njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})

ONE = np.float32(1)


@compiled
def _layer_weights(parameters, sizes, offsets, layer):
    """W of a layer, (n_in, n_out), as a view into the parameter vector (or into a gradient)."""
    n_in, n_out = sizes[layer], sizes[layer + 1]
    first = offsets[layer]
    return parameters[first : first + n_in * n_out].reshape(n_in, n_out)


@compiled
def _add_pixels(pixels, values, W, z):
    """z += x·W for one sparse image x; W (n_pixels, n_out), z (n_out,).

    Four pixels at a time: each sum then is loaded and stored once for four products, which is what
    limits a narrow layer.
    """
    n_lit = pixels.shape[0]
    fours = n_lit - n_lit % 4
    for p in range(0, fours, 4):
        row0, row1, row2, row3 = W[pixels[p]], W[pixels[p + 1]], W[pixels[p + 2]], W[pixels[p + 3]]
        x0, x1, x2, x3 = values[p], values[p + 1], values[p + 2], values[p + 3]
        for j in range(z.shape[0]):
            z[j] += x0 * row0[j] + x1 * row1[j] + x2 * row2[j] + x3 * row3[j]
    for p in range(fours, n_lit):
        row0, x0 = W[pixels[p]], values[p]
        for j in range(z.shape[0]):
            z[j] += x0 * row0[j]


@compiled
def _activate(code, a):
    """Replace z by σ(z) in place; a is (n,)."""
    if code == SIGMOID:
        for j in range(a.shape[0]):
            a[j] = ONE / (ONE + math.exp(-a[j]))
    elif code == TANH:
        for j in range(a.shape[0]):
            a[j] = math.tanh(a[j])
    elif code == RELU:
        for j in range(a.shape[0]):
            # written so that NaN stays NaN
            a[j] = np.float32(0) if a[j] < 0 else a[j]
    elif code == SOFTMAX:
        largest = a[0]
        for j in range(a.shape[0]):
            largest = max(largest, a[j])
        total = np.float32(0)
        for j in range(a.shape[0]):
            a[j] = math.exp(a[j] - largest)
            total += a[j]
        for j in range(a.shape[0]):
            a[j] /= total


@compiled
def _times_slope(code, a, delta):
    """delta *= σ'(z), told by a = σ(z); both (n,)."""
    for j in range(a.shape[0]):
        if code == SIGMOID:
            delta[j] *= a[j] * (ONE - a[j])
        elif code == TANH:
            delta[j] *= ONE - a[j] * a[j]
        elif code == RELU and a[j] <= 0:
            delta[j] = np.float32(0)


@compiled
def _add_inputs(a, W, z):
    """z += a·W for the activations a (n_in,) of a hidden layer, four of them at a time as above."""
    n_in = a.shape[0]
    fours = n_in - n_in % 4
    for i in range(0, fours, 4):
        row0, row1, row2, row3 = W[i], W[i + 1], W[i + 2], W[i + 3]
        a0, a1, a2, a3 = a[i], a[i + 1], a[i + 2], a[i + 3]
        for j in range(z.shape[0]):
            z[j] += a0 * row0[j] + a1 * row1[j] + a2 * row2[j] + a3 * row3[j]
    for i in range(fours, n_in):
        row0, a0 = W[i], a[i]
        for j in range(z.shape[0]):
            z[j] += a0 * row0[j]


@compiled
def _forward(pixels, values, sizes, offsets, places, parameters, hidden, units, z_out):
    """Fill `units` with the activations of hidden layers, and `z_out` (n_classes,) with z of the output."""
    n_layers = sizes.shape[0] - 1
    for layer in range(n_layers):
        n_out = sizes[layer + 1]
        W = _layer_weights(parameters, sizes, offsets, layer)
        biases = parameters[offsets[layer + 1] - n_out : offsets[layer + 1]]
        z = units[places[layer] : places[layer] + n_out] if layer < n_layers - 1 else z_out
        for j in range(n_out):
            z[j] = biases[j]
        if layer == 0:
            _add_pixels(pixels, values, W, z)
        else:
            _add_inputs(units[places[layer - 1] : places[layer]], W, z)
        if layer < n_layers - 1:
            _activate(hidden, z)


@compiled
def _loss(z, a, label, output, loss):
    """Cost of one image as float64, told by z and a = σ(z) of the output, both (n_classes,).

    The forms in z of `network.reference.losses`: exact where a rounds to 0 or 1.
    """
    total = 0.0
    if loss == MSE:
        for j in range(z.shape[0]):
            error = np.float64(a[j]) - (1.0 if j == label else 0.0)
            total += 0.5 * error * error
    elif output == SOFTMAX:
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
def _output_delta(a, label, output, loss, delta):
    """delta = ∂C/∂z of the output layer, (n_classes,)."""
    for j in range(a.shape[0]):
        delta[j] = a[j] - (ONE if j == label else np.float32(0))
    if loss == CROSS_ENTROPY:
        return  # for sigmoid and softmax alike the slope cancels
    if output == SOFTMAX:
        mean_error = np.float32(0)
        for j in range(a.shape[0]):
            mean_error += delta[j] * a[j]
        for j in range(a.shape[0]):
            delta[j] = a[j] * (delta[j] - mean_error)
    else:
        _times_slope(output, a, delta)


@compiled
def _backward(pixels, values, sizes, offsets, places, parameters, hidden, units, deltas, gradient):
    """Add one image's gradient to `gradient`; `deltas` holds δ of the output layer already."""
    for layer in range(sizes.shape[0] - 2, -1, -1):
        n_in, n_out = sizes[layer], sizes[layer + 1]
        gradient_W = _layer_weights(gradient, sizes, offsets, layer)
        gradient_b = gradient[offsets[layer + 1] - n_out : offsets[layer + 1]]
        delta = deltas[places[layer] : places[layer] + n_out]
        for j in range(n_out):
            gradient_b[j] += delta[j]
        if layer == 0:
            for p in range(pixels.shape[0]):
                row, x = gradient_W[pixels[p]], values[p]
                for j in range(n_out):
                    row[j] += x * delta[j]
        else:
            W = _layer_weights(parameters, sizes, offsets, layer)
            inputs = units[places[layer - 1] : places[layer]]
            delta_in = deltas[places[layer - 1] : places[layer]]
            for i in range(n_in):
                row, weights, a = gradient_W[i], W[i], inputs[i]
                total = np.float32(0)
                for j in range(n_out):
                    row[j] += a * delta[j]
                    total += weights[j] * delta[j]
                delta_in[i] = total
            _times_slope(hidden, inputs, delta_in)


@compiled
def add_gradients(
    batch, starts, pixels, values, labels, sizes, offsets, places, parameters, hidden, output, loss, gradient
):
    """Add the gradients of the images whose numbers stand in `batch` to `gradient` (n_parameters,).

    Returns the sum of their costs (float64).
    """
    units = np.empty(places[-1], np.float32)
    deltas = np.empty(places[-1], np.float32)
    n_classes = sizes[-1]
    z = np.empty(n_classes, np.float32)
    a = units[places[-2] :]
    total = 0.0
    for image in batch:
        lit = slice(starts[image], starts[image + 1])
        _forward(pixels[lit], values[lit], sizes, offsets, places, parameters, hidden, units, z)
        a[:] = z
        _activate(output, a)
        total += _loss(z, a, labels[image], output, loss)
        _output_delta(a, labels[image], output, loss, deltas[places[-2] :])
        _backward(
            pixels[lit], values[lit], sizes, offsets, places, parameters, hidden, units, deltas, gradient
        )
    return total


@compiled
def _step(parameters, velocity, gradient, sizes, offsets, n_images, learning_rate, momentum, weight_decay):
    """One step of descent on a batch's summed gradient, which is set back to zero (`reference.step`)."""
    rate = np.float32(learning_rate / n_images)
    shrink = np.float32(learning_rate * weight_decay)
    keep = np.float32(momentum)
    for layer in range(sizes.shape[0] - 1):
        first = offsets[layer]
        bias = first + sizes[layer] * sizes[layer + 1]
        for k in range(first, offsets[layer + 1]):
            decay = shrink if k < bias else np.float32(0)
            change = keep * velocity[k] - rate * gradient[k] - decay * parameters[k]
            velocity[k] = change
            parameters[k] += change
            gradient[k] = np.float32(0)


@compiled
def _plain_step(parameters, gradient, n_images, learning_rate):
    """The same without momentum and decay: less memory to touch."""
    rate = np.float32(learning_rate / n_images)
    for k in range(parameters.shape[0]):
        parameters[k] -= rate * gradient[k]
        gradient[k] = np.float32(0)


@compiled
def train_epoch(
    order,
    batch_size,
    starts,
    pixels,
    values,
    labels,
    sizes,
    offsets,
    places,
    parameters,
    velocity,
    gradient,
    hidden,
    output,
    loss,
    learning_rate,
    momentum,
    weight_decay,
):
    """One pass over the images in the given order; changes `parameters` and `velocity` in place.

    `gradient` must be zero, and is zero again afterwards. The last batch may be smaller than the rest; every
    batch's gradient is averaged over the images it has.
    """
    for first in range(0, order.shape[0], batch_size):
        batch = order[first : first + batch_size]
        add_gradients(
            batch,
            starts,
            pixels,
            values,
            labels,
            sizes,
            offsets,
            places,
            parameters,
            hidden,
            output,
            loss,
            gradient,
        )
        n = batch.shape[0]
        if momentum == 0 and weight_decay == 0:
            _plain_step(parameters, gradient, n, learning_rate)
        else:
            _step(parameters, velocity, gradient, sizes, offsets, n, learning_rate, momentum, weight_decay)


@compiled
def forward_all(
    starts, pixels, values, labels, sizes, offsets, places, parameters, hidden, output, loss, outputs, losses
):
    """Outputs (n, n_classes) and, where labels are given, float64 costs (n,) of all images, in place."""
    units = np.empty(places[-1], np.float32)
    z = np.empty(sizes[-1], np.float32)
    for image in range(starts.shape[0] - 1):
        lit = slice(starts[image], starts[image + 1])
        _forward(pixels[lit], values[lit], sizes, offsets, places, parameters, hidden, units, z)
        a = outputs[image]
        a[:] = z
        _activate(output, a)
        if labels.shape[0] > 0:
            losses[image] = _loss(z, a, labels[image], output, loss)
