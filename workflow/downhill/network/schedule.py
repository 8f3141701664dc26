"""Learning rate schedules."""

import numpy as np
from numpy.typing import NDArray

from downhill.config.network import Network


def learning_rates(net: Network, epoch: int, steps: int) -> NDArray[np.float64]:
    """Learning rates of all steps of one epoch, in order.

    Let t be the number of the step, starting at 0 at the beginning of training, and T the total number of steps:

    - `constant`: `learning_rate`.
    - `step`: learning_rate · decay_factor^⌊epoch / decay_every⌋, a staircase (as in He et al. 2016, *Deep residual
      learning*, section 4.2, where the rate drops at two chosen steps).
    - `cosine`: ½ · learning_rate · (1 + cos(π u)), where u = (t − t₀) / (T − t₀) and t₀ is the end of the warm-up; the
      rate would reach 0 at step T (Loshchilov & Hutter 2017, *SGDR*, eq. 5, without restarts, with a minimum rate of 0,
      and updated at every step).

    With any schedule, the t₀ steps of `warmup_epochs` come first. Their rate is learning_rate · (t + 1) / t₀, so that
    the last of them uses the full rate (Goyal et al. 2017, *Accurate, large minibatch SGD*, section 2.2).

    Parameters
    ----------
    net
        The network; its learning rate, schedule and number of epochs are used.
    epoch
        Index of the epoch, from 0 to `net.epochs` − 1.
    steps
        Number of steps per epoch.

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
    drops = epoch // net.decay_every if net.decay_every is not None else 0
    return np.full(steps, net.learning_rate * net.decay_factor**drops)
