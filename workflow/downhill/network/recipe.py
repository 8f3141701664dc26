"""How a network is trained, in words, for tables and figures."""

from downhill.config.canonical import settings_of
from downhill.config.network import Network

_IN_RECIPE = (
    "activation",
    "output",
    "loss",
    "initialization",
    "optimizer",
    "learning_rate",
    "batch_size",
    "epochs",
)
_LOSSES = {"mse": "quadratic cost", "cross_entropy": "cross-entropy"}


def recipe(net: Network) -> str:
    """How a network is trained, in words: the usual settings, then any others that differ from their defaults."""
    parts = [
        net.activation if net.hidden_layers else "no hidden layer",
        f"{net.output} output",
        _LOSSES[net.loss],
        f"{net.initialization} initialisation",
        f"{net.optimizer}, rate {net.learning_rate:g}",
        f"batch {net.batch_size}",
        f"{net.epochs} epoch{'s' if net.epochs != 1 else ''}" if net.epochs else "untrained",
    ]
    unimportant = ("hidden_layers", "history_every", "history_sets", "snapshot_epochs", *_IN_RECIPE)
    others = {key: value for key, value in settings_of(net).items() if key not in unimportant}
    return ", ".join([*parts, *(f"{key} {value}" for key, value in others.items())])


def short_recipe(net: Network) -> str:
    """What characterises a recipe, in a few words."""
    return f"{_LOSSES[net.loss]}, {net.initialization} initialisation, rate {net.learning_rate:g}"
