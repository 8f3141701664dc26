"""Learning rates: values at known points, and properties of all schedules."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from downhill import Network
from downhill.config.network import Schedule
from downhill.network.schedule import learning_rates

STEP = {"learning_rate_schedule": "step", "decay_every": 3, "decay_factor": 0.5}
COSINE = {"learning_rate_schedule": "cosine"}


def rates(net, steps):
    return np.concatenate([learning_rates(net, epoch, steps) for epoch in range(net.epochs)])


def test_constant_does_not_change():
    found = rates(Network(learning_rate=0.3, epochs=4), 5)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, np.full(20, 0.3))


def test_step_is_a_staircase():
    found = rates(Network(learning_rate=0.8, epochs=8, **STEP), 2)
    np.testing.assert_allclose(found, np.repeat([0.8, 0.4, 0.2], [6, 6, 4]), rtol=1e-15)


def test_cosine_at_known_points():
    found = rates(Network(learning_rate=2.0, epochs=6, **COSINE), 2)
    assert found[0] == 2.0
    assert found[4] == pytest.approx(1.5)  # a third of the way: cos 60° = ½
    assert found[6] == pytest.approx(1.0)
    assert found[8] == pytest.approx(0.5)
    assert found[-1] == pytest.approx(1 + np.cos(np.pi * 11 / 12))


def test_cosine_ends_near_zero():
    assert 0 < rates(Network(learning_rate=1.0, epochs=10, **COSINE), 100)[-1] < 1e-5


@pytest.mark.parametrize("more", [{}, STEP, COSINE])
def test_warmup_rises_linearly_to_the_rate(more):
    net = Network(learning_rate=0.6, epochs=10, warmup_epochs=2, **more)
    found = rates(net, 3)
    np.testing.assert_allclose(found[:6], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], rtol=1e-15)
    assert found[6] == 0.6


def test_schedule_after_a_warmup():
    cosine = Network(learning_rate=1.0, epochs=10, warmup_epochs=2, **COSINE)
    np.testing.assert_allclose(
        rates(cosine, 3)[6:],
        rates(cosine.model_copy(update={"epochs": 8, "warmup_epochs": 0}), 3),
        rtol=1e-15,
    )
    staircase = Network(learning_rate=1.0, epochs=10, warmup_epochs=2, **STEP)
    drops = np.flatnonzero(np.diff(rates(staircase, 3)[6:])) + 1
    assert drops.tolist() == [3, 12, 21]  # epochs 3, 6 and 9, counted from the start of training


@pytest.mark.parametrize("more", [{}, STEP, COSINE])
def test_warmup_for_all_epochs(more):
    found = rates(Network(learning_rate=1.0, epochs=2, warmup_epochs=2, **more), 2)
    np.testing.assert_allclose(found, [0.25, 0.5, 0.75, 1.0])


@given(
    st.sampled_from(get_args(Schedule)), st.floats(1e-3, 10), st.integers(1, 12), st.data(), st.integers(1, 9)
)
def test_rates_are_positive_bounded_by_the_rate_and_do_not_rise_after_the_warmup(
    schedule, rate, epochs, data, steps
):
    warmup = data.draw(st.integers(0, epochs))
    more = {"decay_every": data.draw(st.integers(1, 15))} if schedule == "step" else {}
    net = Network(
        learning_rate=rate, epochs=epochs, warmup_epochs=warmup, learning_rate_schedule=schedule, **more
    )
    found = rates(net, steps)
    assert found.shape == (epochs * steps,)
    assert (found > 0).all()
    assert (found <= rate * (1 + 1e-15)).all()
    assert (np.diff(found[: warmup * steps]) > 0).all()
    assert (np.diff(found[warmup * steps :]) <= 0).all()
    if schedule == "constant":
        assert (found[warmup * steps :] == rate).all()
