"""Activations, output errors and costs, computed for a whole batch at a time.

The sums z, activations a and deltas δ of a layer are stored with one row per image, `stride` apart. The functions
process `width` numbers of each row. The first n_out are values; the rest are padding, which is zero on entry and stays
zero.
"""

import math

import numpy as np

from downhill.engine import simd
from downhill.engine.compiling import compiled
from downhill.engine.layout import (
    CROSS_ENTROPY,
    LEAKY_RELU,
    LINEAR,
    MSE,
    RELU,
    SIGMOID,
    SOFTMAX,
    STRAIGHT_THROUGH,
    TANH,
)
from downhill.network.architecture import LEAKY_SLOPE

ONE, TWO = np.float32(1), np.float32(2)
TANH_0, TANH_1, TANH_2 = (
    np.float32(-3.33332819422e-1),
    np.float32(1.33314422036e-1),
    np.float32(-5.37397155531e-2),
)
TANH_3, TANH_4 = np.float32(2.06390887954e-2), np.float32(-5.70498872745e-3)
TANH_NEAR = np.float32(0.625**2)
LEAK = np.float32(LEAKY_SLOPE)
LOWEST = np.float32(-np.inf)


@compiled
def activate(code, z, offset, n, stride, width, n_out):
    """Replace z by σ(z), in place."""
    if code == LINEAR:
        return
    if code == SOFTMAX:
        softmax(z, offset, n, stride, width, n_out)
        return
    one, zero = simd.splat(ONE), simd.zeros()
    for column in range(0, width, 16):
        for at in range(offset + column, offset + column + n * stride, stride):
            a = simd.load(z, at)
            if code == SIGMOID:
                a = simd.divide(one, simd.add(one, simd.exp(simd.subtract(zero, a))))
            elif code == TANH:
                a = tanh(a)
            elif code == RELU:
                a = simd.where_positive(a, a, zero)
            elif code == LEAKY_RELU:
                a = simd.where_positive(a, a, simd.multiply(simd.splat(LEAK), a))
            else:
                a = simd.where_positive(a, one, zero)
            simd.store(z, at, simd.keep_first(n_out - column, a, zero))


@compiled
def tanh(z):
    """Elementwise tanh: 1 − 2 / (e²ᶻ + 1); near 0, where this would cancel, z + z³ P(z²) (Cephes, tanhf)."""
    one, square = simd.splat(ONE), simd.multiply(z, z)
    far = simd.subtract(one, simd.divide(simd.splat(TWO), simd.add(simd.exp(simd.add(z, z)), one)))
    p = simd.fma(simd.splat(TANH_4), square, simd.splat(TANH_3))
    p = simd.fma(p, square, simd.splat(TANH_2))
    p = simd.fma(p, square, simd.splat(TANH_1))
    p = simd.fma(p, square, simd.splat(TANH_0))
    near = simd.fma(simd.multiply(p, square), z, z)
    return simd.where_positive(simd.subtract(square, simd.splat(TANH_NEAR)), far, near)


@compiled
def softmax(z, offset, n, stride, width, n_out):
    """Replace each row z by eᶻ / Σ eᶻ, in place."""
    lowest = simd.splat(LOWEST)
    for row in range(offset, offset + n * stride, stride):
        most = lowest
        for column in range(0, width, 16):
            most = simd.maximum(simd.keep_first(n_out - column, simd.load(z, row + column), lowest), most)
        largest, total = simd.splat(simd.largest(most)), simd.zeros()
        for column in range(0, width, 16):
            a = simd.exp(simd.subtract(simd.load(z, row + column), largest))
            a = simd.keep_first(n_out - column, a, simd.zeros())
            total = simd.add(total, a)
            simd.store(z, row + column, a)
        share = simd.splat(ONE / simd.total(total))
        for column in range(0, width, 16):
            simd.store(z, row + column, simd.multiply(share, simd.load(z, row + column)))


@compiled
def times_slope(code, a, deltas, offset, n, stride, width):
    """Replace δ by δ · σ'(z), computed from the activations a = σ(z), at the same offset in both vectors."""
    if code in (LINEAR, STRAIGHT_THROUGH):
        return
    if width == stride:  # one loop instead of two
        n, stride, width = 1, n * stride, n * stride
    one, zero = simd.splat(ONE), simd.zeros()
    for row in range(offset, offset + n * stride, stride):
        for at in range(row, row + width, 16):
            value, delta = simd.load(a, at), simd.load(deltas, at)
            if code == SIGMOID:
                delta = simd.multiply(delta, simd.multiply(value, simd.subtract(one, value)))
            elif code == TANH:
                delta = simd.multiply(delta, simd.subtract(one, simd.multiply(value, value)))
            elif code == RELU:
                delta = simd.where_positive(value, delta, zero)
            elif code == LEAKY_RELU:
                delta = simd.where_positive(value, delta, simd.multiply(simd.splat(LEAK), delta))
            else:
                delta = zero
            simd.store(deltas, at, delta)


@compiled
def output_deltas(code, loss, stride, width, targets, wanted, n, outputs, deltas, offset):
    """Compute δ of the output layer; the target of image s is row wanted[s] of `targets`."""
    cancels = loss == CROSS_ENTROPY  # the slope cancels, for sigmoid as well as for softmax
    coupled = code == SOFTMAX and not cancels  # ∂aⱼ/∂zₖ = aⱼ(1[j = k] − aₖ)
    for s in range(n):
        row, target = offset + s * stride, wanted[s] * width
        shift = simd.zeros()
        if coupled:
            for j in range(0, width, 16):
                a = simd.load(outputs, row + j)
                shift = simd.fma(simd.subtract(a, simd.load(targets, target + j)), a, shift)
            shift = simd.splat(simd.total(shift))
        for j in range(0, width, 16):
            a = simd.load(outputs, row + j)
            error = simd.subtract(simd.subtract(a, simd.load(targets, target + j)), shift)
            if coupled:
                error = simd.multiply(a, error)
            simd.store(deltas, row + j, error)
    if not cancels and not coupled:
        times_slope(code, outputs, deltas, offset, n, stride, width)


@compiled
def loss_of(code, loss, n_out, z, a, offset, targets, target):
    """Cost of one image as float64, computed from z and a = σ(z) of its outputs and a row of the targets.

    Uses the same formulas in z as `network.reference.losses`, which stay exact where a rounds to 0 or 1.
    """
    total = 0.0
    if loss == MSE:
        for j in range(n_out):
            error = np.float64(a[offset + j]) - np.float64(targets[target + j])
            total += 0.5 * error * error
    elif code == SOFTMAX:
        largest = np.float64(z[offset])
        for j in range(n_out):
            largest = max(largest, np.float64(z[offset + j]))
        for j in range(n_out):
            total += math.exp(np.float64(z[offset + j]) - largest)
        total = math.log(total) + largest
        for j in range(n_out):
            total -= np.float64(targets[target + j]) * np.float64(z[offset + j])
    else:
        for j in range(n_out):
            zj = np.float64(z[offset + j])
            total += max(zj, 0.0) + math.log1p(math.exp(-abs(zj))) - np.float64(targets[target + j]) * zj
    return total
