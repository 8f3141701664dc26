"""The benchmark of passes times the same computation in the engine and in the reference."""

import numpy as np
import pytest

from benchmarks import passes, summarise
from benchmarks.agreement import ENGINE, REFERENCE
from benchmarks.cases import CASES, SINGLE
from downhill.engine.layout import Layout, unpadded


@pytest.mark.parametrize("case", SINGLE[:3])
def test_both_compute_the_same_cost_and_gradient(digits, case: str):
    images = digits.train.take(slice(20))
    functions = passes.passes(CASES[case], images)
    _, losses = functions[ENGINE][passes.FORWARD]()
    cost, expected = functions[REFERENCE][passes.BOTH]()
    assert losses.mean() == pytest.approx(cost, rel=1e-5)
    assert functions[REFERENCE][passes.FORWARD]() == pytest.approx(cost, rel=1e-12)
    layout = Layout.of(CASES[case].network(1), CASES[case].layer_sizes)
    found = unpadded(functions[ENGINE][passes.BOTH](), layout)
    for layer, of_reference in zip(found, expected, strict=True):
        for part, other in zip(layer, of_reference, strict=True):
            np.testing.assert_allclose(part, other, rtol=0, atol=1e-4 * np.abs(other).max())


def test_each_round_times_every_pass(digits):
    found = passes.measure(CASES["P1"], digits.train.take(slice(30)), rounds=3)
    assert found["n_images"] == 30
    for name in (ENGINE, REFERENCE):
        assert [len(found["seconds"][name][one]) for one in (passes.FORWARD, passes.BOTH)] == [3, 3]
        assert min(found["seconds"][name][passes.FORWARD]) > 0
    assert found["counted"] == pytest.approx(1.0, abs=0.1)  # 784-16-16-10: as many backwards as forwards


def test_ratios_are_formed_round_by_round_and_listed():
    seconds = {passes.FORWARD: [1.0, 2.0, 1.0], passes.BOTH: [3.0, 4.0, 2.0]}
    assert passes.ratios(seconds) == [2, 1, 1]
    found = {
        "case": "P1",
        "n_images": 2000,
        "seconds": {ENGINE: seconds, REFERENCE: seconds},
        "counted": 0.98,
    }
    row = summarise._passes([found]).splitlines()[-1]
    assert row == "| P1, 2,000 | 1,000 | 1 (1 to 1.5) | 1,000 | 1 (1 to 1.5) | 0.98 |"
