"""One step of each optimiser in float64 NumPy: the reference that the engine is tested against."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.config.network import Network

Array = NDArray[np.float64]


def initial_state(weights: Any, net: Network) -> list[tuple[Array, Array]]:
    """The optimiser state before the first step: zeros for each W and b.

    Returns
    -------
    [(state of W, state of b), …]. The velocities, with the shapes of `weights`; for `adam`, arrays of shape (2, …) with
    the running means of the gradient and of its square. Plain `sgd` has velocities too, but does not use them.
    """
    copies = (2,) if net.optimizer == "adam" else ()
    return [(np.zeros(copies + np.shape(W)), np.zeros(copies + np.shape(b))) for W, b in weights]


def step(
    weights: Any, state: Any, gradient: Any, net: Network, learning_rate: float, time: int
) -> tuple[list[tuple[Array, Array]], list[tuple[Array, Array]]]:
    """Take one step, where g is the gradient, η the learning rate, μ the momentum and λ the weight decay.

    - `sgd`: w ← w − η g
    - `momentum`: v ← μ v − η g, then w ← w + v (Nielsen, eqs. 107 and 108)
    - `nesterov`: v ← μ v − η g, then w ← w + μ v − η g. This is Sutskever et al. 2013, *On the importance of
      initialization and momentum*, eqs. 3 and 4, written in terms of the point w + μ v where they evaluate the gradient
      (Bengio et al. 2013, *Advances in optimizing recurrent networks*, section 3.5).
    - `adam`: m ← β₁ m + (1 − β₁) g and v ← β₂ v + (1 − β₂) g², then
      w ← w − η m̂ / (√v̂ + ε), where m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) (Kingma & Ba 2015, algorithm 1)

    Frozen layers (`trained_layers`) do not change, and neither does their state.

    Weight decay applies to weights, not to biases. It adds λ w to g (Nielsen, eq. 93, whose λ/n, with n training
    images, is the λ used here). With `adam` it is decoupled, so that it does not enter the two means: the step
    additionally subtracts η λ w (Loshchilov & Hutter 2019, *Decoupled weight decay regularization*, algorithm 2, where
    η λ is a single number).

    Parameters
    ----------
    weights, gradient
        [(W, b), …] and [(∂C/∂W, ∂C/∂b), …].
    state
        The state returned by the previous step, or `initial_state`.
    net
        The network; its optimiser, optimiser constants, weight decay and trained layers are used.
    learning_rate
        η of this step, from `schedule.learning_rates`. Velocities include the rates of the steps they come from.
    time
        Number of this step, counted from 1 (t in Adam's bias correction).

    Returns
    -------
    weights, state
        New float64 arrays; the arguments are not modified.
    """
    new_weights, new_state = [], []
    for layer, ((W, b), (sW, sb), (gW, gb)) in enumerate(zip(weights, state, gradient, strict=True)):
        if layer < net.first_trained_layer:
            new_weights.append((np.array(W, np.float64), np.array(b, np.float64)))
            new_state.append((sW, sb))
            continue
        W, sW = _moved(W, sW, gW, net, learning_rate, net.weight_decay, time)
        b, sb = _moved(b, sb, gb, net, learning_rate, 0.0, time)
        new_weights.append((W, b))
        new_state.append((sW, sb))
    return new_weights, new_state


def _moved(
    w: Array, state: Array, g: Array, net: Network, rate: float, decay: float, time: int
) -> tuple[Array, Array]:
    if net.optimizer == "adam":
        m = net.beta1 * state[0] + (1 - net.beta1) * g
        v = net.beta2 * state[1] + (1 - net.beta2) * g**2
        unbiased_m, unbiased_v = m / (1 - net.beta1**time), v / (1 - net.beta2**time)
        move = unbiased_m / (np.sqrt(unbiased_v) + net.epsilon)
        return w - rate * move - rate * decay * w, np.stack([m, v])
    g = g + decay * w
    if net.optimizer == "sgd":
        return w - rate * g, state
    velocity = net.momentum * state - rate * g
    if net.optimizer == "momentum":
        return w + velocity, velocity
    return w + net.momentum * velocity - rate * g, velocity
