"""Downhill: do neural networks really learn the way the lessons say?

The public Python interface; the workflow's stages are in `downhill.__main__`::

    import downhill
    data = downhill.load_dataset("mnist", n_train=10_000)
    net = downhill.Network(hidden_layers=(16, 16), epochs=5)
    run = downhill.train(net, data, seed=0)
    run.history
"""

import sys

# With `python -m downhill`, Python puts the working directory first, where a file of the user's, such as `secrets.py`,
# would shadow a module of the standard library.
if sys.argv[:1] == ["-m"] and "downhill" in sys.orig_argv and not sys.flags.safe_path:
    del sys.path[0]

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from downhill.config.network import Network as Network
    from downhill.datasets import Dataset as Dataset
    from downhill.datasets import Images as Images
    from downhill.datasets import load_dataset as load_dataset
    from downhill.engine.evaluate import Evaluation as Evaluation
    from downhill.engine.evaluate import evaluate as evaluate
    from downhill.engine.evaluate import loss_gradient as loss_gradient
    from downhill.engine.evaluate import predict as predict
    from downhill.engine.train import Run as Run
    from downhill.engine.train import train as train
    from downhill.engine.train import train_many as train_many
    from downhill.errors import DownhillError as DownhillError
    from downhill.network import reference as reference

# Loaded on first use: a stage that only draws should not wait for the compiler.
_HOMES = {
    "Network": "downhill.config.network",
    "Dataset": "downhill.datasets",
    "Images": "downhill.datasets",
    "load_dataset": "downhill.datasets",
    "Evaluation": "downhill.engine.evaluate",
    "evaluate": "downhill.engine.evaluate",
    "loss_gradient": "downhill.engine.evaluate",
    "predict": "downhill.engine.evaluate",
    "Run": "downhill.engine.train",
    "train": "downhill.engine.train",
    "train_many": "downhill.engine.train",
    "DownhillError": "downhill.errors",
}

__all__ = [
    "Dataset",
    "DownhillError",
    "Evaluation",
    "Images",
    "Network",
    "Run",
    "evaluate",
    "load_dataset",
    "loss_gradient",
    "predict",
    "reference",
    "train",
    "train_many",
]


def __getattr__(name: str) -> Any:
    if name == "reference":
        return import_module("downhill.network.reference")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'downhill' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
