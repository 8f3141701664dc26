"""The learning rate of every step."""

import numpy as np
from numpy.typing import NDArray

from downhill.config.network import Network


def learning_rates(net: Network, epoch: int, steps: int) -> NDArray[np.float64]:
    """Learning rates of all steps of one epoch, in their order.

    With t the number of the step, 0 at the start of training, and T that of all steps:

    - `constant`: the `learning_rate` itself.
    - `step`: learning_rate · decay_factor^⌊epoch / decay_every⌋, a staircase (as He et al. 2016, *Deep residual
      learning*, section 4.2, where the falls come at two chosen steps).
    - `cosine`: ½ · learning_rate · (1 + cos(π u)), where u = (t − t₀) / (T − t₀) and t₀ is the end of the
      warm-up; 0 would be reached at step T (Loshchilov & Hutter 2017, *SGDR*, eq. 5, without restarts and
      with a smallest rate of 0, step by step).

    Whatever the schedule, the t₀ steps of `warmup_epochs` come first: learning_rate · (t + 1) / t₀, so that the
    last one of them takes the whole rate (Goyal et al. 2017, *Accurate, large minibatch SGD*, section 2.2).

    Parameters
    ----------
    net
        Gives the rate, the schedule and the number of epochs.
    epoch
        Counted from 0, below `net.epochs`.
    steps
        Steps of an epoch.

    Returns
    -------
    float64 (steps,)
    """
    t = epoch * steps + np.arange(steps)
    warm, total = net.warmup_epochs * steps, net.epochs * steps
    if epoch < net.warmup_epochs:
        return np.asarray(net.learning_rate * (t + 1) / warm)
    if net.learning_rate_schedule == "cosine":
        return np.asarray(0.5 * net.learning_rate * (1 + np.cos(np.pi * (t - warm) / (total - warm))))
    falls = epoch // net.decay_every if net.decay_every is not None else 0
    return np.full(steps, net.learning_rate * net.decay_factor**falls)
