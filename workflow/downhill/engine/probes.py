"""What a run records on its way besides its history, if its network asks for it."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from downhill.config.network import Network
from downhill.engine.evaluate import confusion, gradient, outputs_and_losses
from downhill.engine.images import Examples
from downhill.engine.layout import Layout, unpadded
from downhill.network.architecture import pack


@dataclass
class Recorder:
    """Collects the probes of one run, epoch by epoch; `arrays` gives them all.

    Parameters
    ----------
    net, layout
        What is trained, and which probes it wants.
    train, test, test_labels
        What it is trained and watched on.
    """

    net: Network
    layout: Layout
    train: Examples
    test: Examples
    test_labels: NDArray[np.uint8]
    epochs: list[int] = field(default_factory=list)
    found: dict[str, list[NDArray[np.generic]]] = field(default_factory=dict)

    def wanted(self, epoch: int, in_history: bool) -> bool:
        """Whether the network wants probes at the end of an epoch (0: before training)."""
        chosen = self.net.probe_epochs
        return bool(self.net.probes) and (epoch in chosen if chosen else in_history or epoch == 0)

    def record(self, epoch: int, parameters: NDArray[np.float32]) -> None:
        """Record all probes the network wants."""
        self.epochs.append(epoch)
        if "gradients" in self.net.probes:
            slopes = unpadded(gradient(parameters, self.layout, self.train), self.layout)
            squares = np.array([np.square(W).sum() + np.square(b).sum() for W, b in slopes])
            self._add("gradient_norms", np.sqrt(squares))
            self._add("gradient_norm", np.sqrt(squares.sum()))
        if "losses" in self.net.probes:
            self._add("image_losses", outputs_and_losses(parameters, self.layout, self.train)[1])
        if "weights" in self.net.probes:
            self._add("parameters", pack(unpadded(parameters, self.layout), self.layout.sizes))
        if "answers" in self.net.probes:
            outputs, _ = outputs_and_losses(parameters, self.layout, self.test)
            answers = outputs.argmax(axis=1)
            self._add("confusion", confusion(answers, self.test_labels, self.layout.sizes[-1]))
            self._add("confidence", outputs.max(axis=1).mean(dtype=np.float64))

    def _add(self, name: str, value: NDArray[np.generic] | np.generic) -> None:
        self.found.setdefault(name, []).append(np.asarray(value))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """What was recorded, stacked over epochs (k); empty if nothing was.

        `epochs` int64 (k,); of the whole training cost `gradient_norms` by layer, float64 (k, n_layers), and in
        all, `gradient_norm` (k,); `image_losses` float64 (k, n_train); `parameters` float32 (k, n_parameters),
        which `network.architecture.unpack` takes apart; on the test images `confusion`, int64 (k, n_outputs,
        n_outputs), classes in rows, and the mean largest output, `confidence` float64 (k,).
        """
        if not self.epochs:
            return {}
        stacked = {name: np.stack(values) for name, values in self.found.items()}
        return {"epochs": np.array(self.epochs, np.int64), **stacked}
