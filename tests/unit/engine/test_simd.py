"""The SIMD type against NumPy, number by number."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numba import njit

from downhill.engine import simd

LENGTH = simd.WIDTH
VECTORS = arrays(np.float32, LENGTH, elements=st.floats(-1000, 1000, width=32))
QUICKLY = settings(max_examples=50, deadline=None)


@njit
def apply(operation, a, b, c, out):
    x, y, z = simd.load(a, 0), simd.load(b, 0), simd.load(c, 0)
    if operation == 0:
        out[0] = simd.total(x)
        return
    if operation == 1:
        x = simd.fma(x, y, z)
    elif operation == 2:
        x = simd.subtract(simd.multiply(x, y), simd.add(z, simd.splat(a[0])))
    elif operation == 3:
        x = simd.divide(x, y)
    elif operation == 4:
        x = simd.positive_part(x)
    elif operation == 5:
        x = simd.where_positive(x, y)
    elif operation == 6:
        x = simd.exp(x)
    elif operation == 8:
        x = simd.without_tiny(x)
    elif operation == 7:
        x = simd.zeros()
    simd.store(out, 0, x)


def result(operation, a, b=None, c=None):
    out = np.full(LENGTH, 7, np.float32)
    filler = np.ones(LENGTH, np.float32)
    apply(operation, a, filler if b is None else b, filler if c is None else c, out)
    return out


@given(VECTORS, VECTORS, VECTORS)
@QUICKLY
def test_arithmetic_equals_numpy(a, b, c):
    exact = a.astype(np.float64) * b + c  # float64 holds the product exactly
    np.testing.assert_allclose(result(1, a, b, c), exact, rtol=6.1e-8, atol=1e-9)  # rounded once
    np.testing.assert_allclose(result(2, a, b, c), a * b - (c + a[0]), rtol=1e-6, atol=1e-3)
    divisor = np.where(np.abs(b) < 1e-3, np.float32(1), b)
    np.testing.assert_array_equal(result(3, a, divisor), a / divisor)
    np.testing.assert_array_equal(result(4, a), np.maximum(a, 0))
    np.testing.assert_array_equal(result(5, a, b), np.where(a > 0, b, 0))
    np.testing.assert_array_equal(result(7, a), np.zeros(LENGTH))
    assert result(0, a)[0] == pytest.approx(a.sum(dtype=np.float64), rel=1e-5, abs=1e-3)


@given(arrays(np.float32, LENGTH, elements=st.floats(-87, 87, width=32)))
@QUICKLY
def test_exp_is_right_to_two_units_in_the_last_place(a):
    np.testing.assert_allclose(result(6, a), np.exp(a.astype(np.float64)), rtol=2.4e-7)


def test_exp_saturates_and_keeps_nan():
    a = np.array([np.nan, np.inf, -np.inf, 1000, -1000, 0, 1, -1] * 2, np.float32)
    found = result(6, a)
    assert np.isnan(found[0])
    assert np.isfinite(found[1:8]).all()
    assert found[1] == found[3] > 1e37
    assert 0 < found[2] == found[4] < 1e-37
    assert found[5] == 1


def test_nan_survives_the_positive_part():
    a = np.full(LENGTH, np.nan, np.float32)
    assert np.isnan(result(4, a)).all()


def test_tiny_numbers_become_zero():
    a = np.array([1e-29, -1e-29, 1e-31, -1e-31, 1e-40, 0, 1, np.nan] * 2, np.float32)
    expected = np.array([1e-29, -1e-29, 0, 0, 0, 0, 1, np.nan] * 2, np.float32)
    np.testing.assert_array_equal(result(8, a), expected)


@njit
def copy_at(source, offset, target, place):
    simd.prefetch(source, offset)
    simd.store(target, place, simd.load(source, offset))


def test_offsets_count_numbers_and_need_no_alignment():
    source, target = np.arange(64, dtype=np.float32), np.zeros(64, np.float32)
    copy_at(source, 5, target, 3)
    np.testing.assert_array_equal(target[3:19], np.arange(5, 21))
    assert target[:3].sum() == target[19:].sum() == 0
