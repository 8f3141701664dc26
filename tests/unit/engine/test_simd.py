"""The SIMD type, compared with NumPy number by number."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numba import njit

from downhill.engine import memory, simd

LENGTH = simd.WIDTH
VECTORS = arrays(np.float32, LENGTH, elements=st.floats(-1000, 1000, width=32))
QUICKLY = settings(max_examples=50)

(
    TOTAL,
    FMA,
    ARITHMETIC,
    DIVIDE,
    WHERE_POSITIVE,
    EXP,
    ZEROS,
    MAXIMUM,
    LARGEST,
    SQUARE_ROOT,
    SPLAT_AT,
    FIRST,
) = range(12)


@njit
def apply(operation, a, b, c, count, out):
    x, y, z = simd.load(a, 0), simd.load(b, 0), simd.load(c, 0)
    if operation == TOTAL:
        out[0] = simd.total(x)
        return
    if operation == LARGEST:
        out[0] = simd.largest(x)
        return
    if operation == FMA:
        x = simd.fma(x, y, z)
    elif operation == ARITHMETIC:
        x = simd.subtract(simd.multiply(x, y), simd.add(z, simd.splat(a[0])))
    elif operation == DIVIDE:
        x = simd.divide(x, y)
    elif operation == WHERE_POSITIVE:
        x = simd.where_positive(x, y, z)
    elif operation == EXP:
        x = simd.exp(x)
    elif operation == ZEROS:
        x = simd.zeros()
    elif operation == MAXIMUM:
        x = simd.maximum(x, y)
    elif operation == SQUARE_ROOT:
        x = simd.square_root(x)
    elif operation == SPLAT_AT:
        x = simd.splat_at(a, count)
    elif operation == FIRST:
        x = simd.keep_first(count, x, y)
    simd.store(out, 0, x)


def result(operation, a, b=None, c=None, count=0):
    out = np.full(LENGTH, 7, np.float32)
    filler = np.ones(LENGTH, np.float32)
    apply(operation, a, filler if b is None else b, filler if c is None else c, count, out)
    return out


@given(VECTORS, VECTORS, VECTORS)
@QUICKLY
def test_arithmetic_equals_numpy(a, b, c):
    exact = a.astype(np.float64) * b + c  # float64 holds the product exactly
    np.testing.assert_allclose(result(FMA, a, b, c), exact, rtol=6.1e-8, atol=1e-9)  # rounded once
    np.testing.assert_allclose(result(ARITHMETIC, a, b, c), a * b - (c + a[0]), rtol=1e-6, atol=1e-3)
    divisor = np.where(np.abs(b) < 1e-3, np.float32(1), b)
    np.testing.assert_array_equal(result(DIVIDE, a, divisor), a / divisor)
    np.testing.assert_array_equal(result(SQUARE_ROOT, np.abs(a)), np.sqrt(np.abs(a)))
    np.testing.assert_array_equal(result(ZEROS, a), np.zeros(LENGTH))
    assert result(TOTAL, a)[0] == pytest.approx(a.sum(dtype=np.float64), rel=1e-5, abs=1e-3)


@given(VECTORS, VECTORS, VECTORS, st.integers(-3, LENGTH + 3))
@QUICKLY
def test_selections_equal_numpy(a, b, c, count):
    np.testing.assert_array_equal(result(WHERE_POSITIVE, a, b, c), np.where(a > 0, b, c))
    np.testing.assert_array_equal(result(MAXIMUM, a, b), np.maximum(a, b))
    np.testing.assert_array_equal(result(FIRST, a, b, count=count), np.where(np.arange(LENGTH) < count, a, b))
    assert result(LARGEST, a)[0] == a.max()
    index = abs(count) % LENGTH
    np.testing.assert_array_equal(result(SPLAT_AT, a, count=index), np.full(LENGTH, a[index]))


@given(arrays(np.float32, LENGTH, elements=st.floats(-87, 87, width=32)))
@QUICKLY
def test_exp_is_accurate_to_two_units_in_the_last_place(a):
    np.testing.assert_allclose(result(EXP, a), np.exp(a.astype(np.float64)), rtol=2.4e-7)


def test_exp_saturates_and_keeps_nan():
    a = np.array([np.nan, np.inf, -np.inf, 1000, -1000, 0, 1, -1] * 2, np.float32)
    found = result(EXP, a)
    assert np.isnan(found[0])
    assert np.isfinite(found[1:8]).all()
    assert found[1] == found[3] > 1e37
    assert 0 < found[2] == found[4] < 1e-37
    assert found[5] == 1


def test_nan_survives_a_selection():
    a = np.full(LENGTH, np.nan, np.float32)
    assert np.isnan(result(WHERE_POSITIVE, a)).all()
    assert np.isnan(result(MAXIMUM, np.ones(LENGTH, np.float32), a)).all()


@njit
def copy_at(source, offset, target, target_offset):
    memory.prefetch(source, offset)
    simd.store(target, target_offset, simd.load(source, offset))


@pytest.mark.parametrize("kind", [np.float32, np.uint8])
def test_offsets_count_numbers_and_need_no_alignment(kind):
    source, target = np.arange(192, 256, dtype=kind), np.zeros(64, np.float32)
    copy_at(source, 5, target, 3)
    np.testing.assert_array_equal(target[3:19], np.arange(197, 213))
    assert target[:3].sum() == target[19:].sum() == 0


@njit
def move(source, offset, target, target_offset):
    memory.put(target, target_offset, memory.at(source, offset))


@pytest.mark.parametrize("kind", [np.uint16, np.int32, np.int64])
def test_integers_of_any_width_keep_their_sign(kind):
    limits = np.iinfo(kind)
    source, target = np.array([1, limits.min, limits.max], kind), np.zeros(4, kind)
    for offset in range(3):
        move(source, offset, target, offset + 1)
    assert target.tolist() == [0, 1, limits.min, limits.max]
