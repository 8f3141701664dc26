"""What an exported network consists of, and what is said about it, whatever the format of the file."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.config.network import Network
from downhill.network.architecture import Weights
from downhill.network.recipe import recipe

_SCALED = (
    "Pixels are brightnesses from 0 (background) to 255 (full ink), not yet scaled; the model divides them by 255. "
    "Prepare your own images like those of the data set: of the same size, light on dark, scaled and centred in the "
    "same way. (MNIST's digits fill 20 of 28 pixels, and their centre of mass is in the middle of the image.)"
)
_UNSCALED = "Inputs are numbers in the units of the data set; the model uses them as they are."
_OUTPUTS = {
    "softmax": "The outputs are probabilities of the classes; they add up to 1.",
    "sigmoid": "Each output is between 0 and 1, independently of the others; they are not probabilities.",
    "linear": "The outputs are not limited to any range.",
}


@dataclass(frozen=True)
class Exported:
    """One trained network, with what a user of its file has to know.

    Attributes
    ----------
    net
        Architecture and training settings.
    weights
        [(W, b), …], W of shape (n_in, n_out), b of shape (n_out,), float32.
    image_shape
        Height and width of an image in pixels; points have the height 1.
    scaled
        Whether pixels are uint8, which Downhill scales from 0 … 255 to 0 … 1.
    classes
        Names of the classes in the order of the outputs, or names of the outputs of a regression.
    regression
        Whether it predicts numbers, and has no answer.
    network, seed
        Name of the network, and the seed that it was trained with.
    version
        Version of Downhill; empty if it is not known.
    training
        What else is recorded about its training, such as its data set and its accuracy; added to `about`.
    """

    net: Network
    weights: Weights
    image_shape: tuple[int, int]
    scaled: bool
    classes: tuple[str, ...]
    regression: bool = False
    network: str = "network"
    seed: int = 0
    version: str = ""
    training: Mapping[str, Any] = field(default_factory=dict)

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Widths of all layers, input first."""
        return (self.weights[0][0].shape[0], *(len(b) for _, b in self.weights))

    @property
    def layers(self) -> dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """W and b of each layer by its name: `hidden_1`, `hidden_2`, …, `output`."""
        names = [*(f"hidden_{number}" for number in range(1, len(self.weights))), "output"]
        return dict(zip(names, self.weights, strict=True))

    @property
    def preprocessing(self) -> str:
        """How inputs have to be prepared, in words."""
        return _SCALED if self.scaled else _UNSCALED

    @property
    def outputs(self) -> str:
        """What the outputs mean, in words."""
        return _OUTPUTS[self.net.output]

    @property
    def title(self) -> str:
        """What the file holds, in one sentence."""
        sizes = "-".join(map(str, self.layer_sizes))
        return f"Downhill's network '{self.network}', seed {self.seed}: {sizes}; {recipe(self.net)}."

    @property
    def weights_sha256(self) -> str:
        """SHA-256 of all weights and biases, layer after layer, as float32 in little-endian order."""
        numbers = [part.astype("<f4").tobytes() for layer in self.weights for part in layer]
        return hashlib.sha256(b"".join(numbers)).hexdigest()

    def about(self) -> dict[str, str]:
        """What is recorded in the file, as texts by name; what is not text is JSON.

        It depends on settings, data, seed and version alone, so that the same network always gives the same bytes.
        """
        height, width = self.image_shape
        recorded: dict[str, Any] = {
            "network": self.network,
            "seed": self.seed,
            "title": self.title,
            "layer_sizes": list(self.layer_sizes),
            "image_shape": [height, width],
            "outputs" if self.regression else "classes": list(self.classes),
            "preprocessing": self.preprocessing,
            "meaning_of_outputs": self.outputs,
            "settings": self.net.model_dump(mode="json"),
            "epochs": self.net.epochs,
            **self.training,
            "weights_sha256": self.weights_sha256,
            "downhill_version": self.version,
        }
        return {name: value if isinstance(value, str) else _json(value) for name, value in recorded.items()}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
