"""JAX: a whole epoch in one jitted `lax.scan` with donated parameters, for one network or under `vmap`.

Batches are gathered inside the scan, which was faster than gathering the whole epoch before it; unrolling the scan
gained nothing. Under `vmap` all networks share the order of images, so that their first layers are one
matrix product; this was also faster than a separate order for each.
"""

from time import perf_counter

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.cases import Case, Weights
from benchmarks.peers import Task


def prepare(task: Task, networks: int = 1) -> "_Training":
    """Convert images and parameters to JAX arrays; the epoch is compiled on its first call."""
    return _Training(task, networks)


class _Training:
    def __init__(self, task: Task, networks: int) -> None:
        self.task, self.n_networks = task, networks
        self.random = np.random.default_rng(task.seed)
        self.images, self.targets = jnp.asarray(task.pixels()), jnp.asarray(task.targets())
        starts = [task.initial_weights(network) for network in range(networks)]
        if networks == 1:
            self.parameters = jax.tree.map(jnp.asarray, starts[0])
        else:
            self.parameters = jax.tree.map(lambda *parts: jnp.stack(parts), *starts)
        self.train_epoch = _epoch_of(task.case, networks)

    def epoch(self) -> float:
        """Train one epoch, and return the seconds that it took."""
        begin = perf_counter()
        order = self.task.order(self.random).astype(np.int32)
        batches = order.reshape(-1, self.task.case.batch_size)
        self.parameters = self.train_epoch(self.parameters, self.images, self.targets, batches)
        jax.block_until_ready(self.parameters)
        return perf_counter() - begin

    def networks(self) -> list[Weights]:
        """Weights of all networks."""
        arrays = [(np.asarray(W), np.asarray(b)) for W, b in self.parameters]
        if self.n_networks == 1:
            return [arrays]
        return [[(W[network], b[network]) for W, b in arrays] for network in range(self.n_networks)]


def _epoch_of(case: Case, networks: int):
    hidden = jax.nn.relu if case.activation == "relu" else jax.nn.sigmoid

    def loss(parameters, images, targets):
        a = images
        for W, b in parameters[:-1]:
            a = hidden(a @ W + b)
        W, b = parameters[-1]
        z = a @ W + b
        if case.output == "softmax":
            total = -jnp.sum(targets * jax.nn.log_softmax(z))
        elif case.loss == "cross_entropy":
            total = jnp.sum(jax.nn.softplus(z) - targets * z)
        else:
            total = 0.5 * jnp.sum((jax.nn.sigmoid(z) - targets) ** 2)
        return total / len(images)

    def descend(parameters, images, targets):
        gradient = jax.grad(loss)(parameters, images, targets)
        return jax.tree.map(lambda weight, slope: weight - case.learning_rate * slope, parameters, gradient)

    step = jax.vmap(descend, in_axes=(0, None, None)) if networks > 1 else descend

    def epoch(parameters, images, targets, batches):
        def body(carried, batch):
            return step(carried, images[batch], targets[batch]), None

        return jax.lax.scan(body, parameters, batches)[0]

    return jax.jit(epoch, donate_argnums=0)
