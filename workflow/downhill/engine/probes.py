"""What a run records on its way besides its history, if its network asks for it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.config.network import Network
from downhill.engine.evaluate import confusion, gradient, mean, outputs_and_losses
from downhill.engine.images import Examples
from downhill.engine.layout import Layout, unpadded
from downhill.network.architecture import count_parameters, pack


def probed_epochs(net: Network) -> tuple[int, ...]:
    """After which epochs a network wants probes, 0 being the start; none without probes."""
    if not net.probes:
        return ()
    history = (e for e in range(net.epochs + 1) if e % net.history_every == 0 or e == net.epochs)
    return net.probe_epochs or tuple(history)


class Recorder:
    """Collects the probes of one run, epoch by epoch; `arrays` gives them all.

    Parameters
    ----------
    net, layout
        What is trained, and which probes it wants.
    train, test, test_labels
        What it is trained and watched on.
    """

    def __init__(
        self, net: Network, layout: Layout, train: Examples, test: Examples, test_labels: NDArray[np.uint8]
    ) -> None:
        self._net, self._layout = net, layout
        self._train, self._test, self._test_labels = train, test, test_labels
        self._epochs, self._recorded = probed_epochs(net), 0
        self._arrays = {
            name: np.zeros((len(self._epochs), *shape), kind)
            for probe in net.probes
            for name, shape, kind in self._parts_of(probe)
        }

    def _parts_of(self, probe: str) -> list[tuple[str, tuple[int, ...], type[Any]]]:
        """Name, shape and kind of the numbers that make up a probe."""
        sizes = self._layout.sizes
        parts: dict[str, list[tuple[str, tuple[int, ...], type[Any]]]] = {
            "gradients": [
                ("gradient_norms", (len(sizes) - 1,), np.float64),
                ("gradient_norm", (), np.float64),
            ],
            "losses": [("image_losses", (self._train.images.n_images,), np.float64)],
            "weights": [("parameters", (count_parameters(sizes),), np.float32)],
            "answers": [("confusion", (sizes[-1], sizes[-1]), np.int64), ("confidence", (), np.float64)],
        }
        return parts[probe]

    def wanted(self, epoch: int) -> bool:
        """Whether the network wants probes at the end of an epoch (0: before training)."""
        return epoch in self._epochs

    def record(self, parameters: NDArray[np.float32]) -> None:
        """Record all probes the network wants, after the next of the epochs it wants them for."""
        place, layout = self._recorded, self._layout
        self._recorded += 1
        if "gradients" in self._net.probes:
            slopes = unpadded(gradient(parameters, layout, self._train), layout)
            squares = np.array([np.square(W).sum() + np.square(b).sum() for W, b in slopes])
            self._arrays["gradient_norms"][place] = np.sqrt(squares)
            self._arrays["gradient_norm"][place] = np.sqrt(squares.sum())
        if "losses" in self._net.probes:
            self._arrays["image_losses"][place] = outputs_and_losses(parameters, layout, self._train)[1]
        if "weights" in self._net.probes:
            self._arrays["parameters"][place] = pack(unpadded(parameters, layout), layout.sizes)
        if "answers" in self._net.probes:
            outputs, _ = outputs_and_losses(parameters, layout, self._test)
            answers = outputs.argmax(axis=1)
            self._arrays["confusion"][place] = confusion(answers, self._test_labels, layout.sizes[-1])
            self._arrays["confidence"][place] = mean(outputs.max(axis=1))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What was recorded, by name, epochs (k) first; empty if nothing was to be.

        `epochs` int64 (k,), fewer than wanted if training diverged; of the whole training cost `gradient_norms`
        by layer, float64 (k, n_layers), and in all, `gradient_norm` (k,); `image_losses` float64 (k, n_train);
        `parameters` float32 (k, n_parameters), which `network.architecture.unpack` takes apart; on the test
        images `confusion`, int64 (k, n_outputs, n_outputs), classes in rows, and the mean largest output,
        `confidence` float64 (k,).
        """
        if not self._net.probes:
            return {}
        epochs = np.array(self._epochs[: self._recorded], np.int64)
        return {"epochs": epochs} | {name: found[: self._recorded] for name, found in self._arrays.items()}
