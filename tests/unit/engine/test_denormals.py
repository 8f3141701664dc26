"""Denormals are flushed to zero while the engine runs, and the caller's setting is restored."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from llvmlite import binding, ir

from downhill import Network, predict, train, train_many
from downhill.engine import denormals
from downhill.engine.compiling import compiled
from downhill.engine.evaluate import evaluate, loss_and_gradient, loss_gradient

from .following import first

TINY = np.float32(1e-40)  # below 1.2e-38, where float32 numbers have fewer and fewer significant bits
# On other processors the engine has no such switch, and denormals are not flushed.
FLUSHES = denormals._X86 or denormals._ARM
LINEAR = Network(hidden_layers=(), output="linear")


@compiled
def times(numbers, factor, found):
    for i in range(len(numbers)):
        found[i] = numbers[i] * factor


@compiled
def times_with_and_without(numbers, factor, flushed, kept):
    before = denormals.flush()
    times(numbers, factor, flushed)
    denormals.restore(before)
    times(numbers, factor, kept)


def caller_has_denormals():
    """Whether arithmetic in this thread produces denormals and accepts them as inputs."""
    made = np.float32(1e-30) * np.full(64, 1e-10, np.float32)
    taken = np.full(64, TINY) * np.float32(1e10)
    return bool((made > 0).all() and (taken > 0).all() and np.float32(1e-30) * np.float32(1e-10) > 0)


@pytest.mark.parametrize(("number", "factor"), [(1e-30, 1e-10), (TINY, 1), (TINY, 1e10), (-TINY, 0.5)])
def test_flushing_can_be_switched_on_and_off(number, factor):
    numbers, factor = np.full(40, number, np.float32), np.float32(factor)
    flushed, kept = np.empty_like(numbers), np.empty_like(numbers)
    times_with_and_without(numbers, factor, flushed, kept)
    np.testing.assert_array_equal(kept, numbers * factor)
    assert kept.all()
    np.testing.assert_array_equal(flushed, np.zeros(40) if FLUSHES else kept)


@pytest.mark.parametrize(("pixel", "weight"), [(1e-10, 1e-30), (1e10, TINY), (TINY, 1e10)])
@pytest.mark.parametrize("n_pixels", [3, 1000])
def test_kernels_treat_denormals_as_zero(pixel, weight, n_pixels):
    weights = [(np.full((n_pixels, 2), weight, np.float32), np.zeros(2, np.float32))]
    images = np.full((128, n_pixels), pixel, np.float32)
    truth = np.float32(weight) * np.float32(pixel)
    assert truth > 0
    found = predict(weights, images, LINEAR)
    assert (found == 0).all() if FLUSHES else (found > 0).all()
    _, gradient = loss_and_gradient(weights, images, np.full((128, 2), -1.0, np.float32), LINEAR)
    assert (gradient[0][0] > 0).all() == (pixel != TINY or not FLUSHES)
    assert caller_has_denormals()


def calls(data):
    """Every entry point to the kernels."""
    net = Network(hidden_layers=(16,), epochs=2, snapshot_epochs="history")
    wide = Network(hidden_layers=(128, 64), batch_size=64, epochs=1)
    weights = train(net.model_copy(update={"epochs": 0}), data).weights
    yield lambda: train(net, data)
    yield lambda: train(wide, data)
    yield lambda: train_many(net, data, range(3), threads=2)
    yield lambda: predict(weights, data.test.images, net)
    yield lambda: evaluate(weights, data.test, net)
    yield lambda: loss_and_gradient(weights, data.train.images, data.train.labels, net)
    yield lambda: loss_gradient(weights, data.train, net)


def test_setting_of_the_caller_is_restored(digits):
    assert caller_has_denormals()
    for call in calls(first(digits, 100)):
        call()
        assert caller_has_denormals()


def test_setting_of_a_pool_thread_is_restored(digits):
    with ThreadPoolExecutor(1) as pool:
        for call in calls(first(digits, 100)):
            assert pool.submit(caller_has_denormals).result()
            pool.submit(call).result()
            assert pool.submit(caller_has_denormals).result()


def test_caller_that_already_flushes_continues_to_do_so():
    """The previous state is restored, not the default."""
    weights = [(np.ones((3, 2), np.float32), np.zeros(2, np.float32))]
    with ThreadPoolExecutor(1) as pool:  # a separate thread, which ends with the test
        pool.submit(flush_for_good).result()
        assert pool.submit(caller_has_denormals).result() == (not FLUSHES)
        pool.submit(predict, weights, np.ones((2, 3), np.float32), LINEAR).result()
        assert pool.submit(caller_has_denormals).result() == (not FLUSHES)
    assert caller_has_denormals()


@compiled
def flush_for_good():
    return denormals.flush()


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_switch_compiles_for_every_supported_processor(machine, monkeypatch):
    """Numba's LLVM has no assembly parser, so the instructions must be available as LLVM intrinsics."""
    monkeypatch.setattr(denormals, "_X86", machine == "x86_64")
    monkeypatch.setattr(denormals, "_ARM", machine == "aarch64")
    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()
    module = ir.Module()
    function = ir.Function(module, ir.FunctionType(ir.IntType(64), [ir.IntType(64)]), "switch")
    builder = ir.IRBuilder(function.append_basic_block())
    before = denormals._read(builder)
    denormals._write(builder, function.args[0])
    builder.ret(before)
    parsed = binding.parse_assembly(str(module))
    target = binding.Target.from_triple(f"{machine}-unknown-linux-gnu").create_target_machine()
    assert len(target.emit_object(parsed)) > 0
    code = target.emit_assembly(parsed)
    assert ("ldmxcsr" in code) if machine == "x86_64" else ("FPCR" in code.upper())
