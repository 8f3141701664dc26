"""Networks with step units and others: their roles in a comparison, their gradients, and the cost by one bias."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.claims.measurement import Sample, significant
from downhill.claims.parts import NotMeasuredError
from downhill.claims.wording import counted, percent
from downhill.config.network import Network
from downhill.experiments.activations_gradients import UNITS
from downhill.network.reference import activate, sigmoid, slope
from downhill.runs.evaluation import EvaluatedNetwork

Arrays = dict[str, NDArray[Any]]

_WIDEST = 6.0  # weighted sum up to which units are drawn
_SMOOTH, _STEP, _FROZEN, _THROUGH = "other units", "step units", "frozen layers", "straight-through gradients"


@dataclass(frozen=True)
class Roles:
    """The networks of a comparison: with other units, with step units, and these with frozen hidden layers.

    `through`, with straight-through gradients, may be missing.
    """

    smooth: EvaluatedNetwork
    step: EvaluatedNetwork
    frozen: EvaluatedNetwork
    through: EvaluatedNetwork | None

    @classmethod
    def of(cls, networks: Sequence[EvaluatedNetwork]) -> "Roles":
        """Assign networks to roles by their settings.

        Raises
        ------
        NotMeasuredError
            If there is not exactly one of each kind (of the last one, at most one).
        """
        by_role: dict[str, list[EvaluatedNetwork]] = {}
        for network in networks:
            by_role.setdefault(_role(network.net), []).append(network)
        for role, (least, most) in {
            _SMOOTH: (1, 1),
            _STEP: (1, 1),
            _FROZEN: (1, 1),
            _THROUGH: (0, 1),
        }.items():
            found = len(by_role.get(role, []))
            if not least <= found <= most:
                raise NotMeasuredError(
                    f"the statistic compares one network whose units are not steps, one with step units, one with step "
                    f"units and frozen layers, and at most one with straight-through gradients; there are {found} "
                    f"with {role}"
                )
        (smooth,), (step,), (frozen,) = (by_role[role] for role in (_SMOOTH, _STEP, _FROZEN))
        return cls(smooth, step, frozen, next(iter(by_role.get(_THROUGH, [])), None))

    @property
    def all(self) -> dict[str, EvaluatedNetwork]:
        """All networks, by what they are called in notes and figures."""
        names = {
            f"{self.smooth.net.activation} units": self.smooth,
            "step units, straight-through": self.through,
            "step units": self.step,
            "step units, frozen": self.frozen,
        }
        return {name: network for name, network in names.items() if network is not None}

    def differences(self, one: EvaluatedNetwork, other: EvaluatedNetwork) -> NDArray[np.float64]:
        """Test accuracy of one network minus that of another, for the seeds that both have.

        Raises
        ------
        NotMeasuredError
            If they have no seed in common.
        """
        first, second = (network.scores("test").accuracy for network in (one, other))
        common = first.index.intersection(second.index)
        if not len(common):
            raise NotMeasuredError(f"networks '{one.name}' and '{other.name}' have no seed in common")
        return np.asarray(first[common].to_numpy() - second[common].to_numpy(), np.float64)

    def described(self) -> list[dict[str, Any]]:
        """For figures: of each network its `name`, `network`, `epochs` and test `accuracy` of every seed.

        Only seeds that the network with step units has are among them.
        """
        seeds = self.step.scores("test").index
        rows = []
        for name, network in self.all.items():
            accuracy = network.scores("test").accuracy
            chosen = accuracy[accuracy.index.intersection(seeds)].to_numpy()
            rows.append(
                {
                    "name": name,
                    "network": network.name,
                    "epochs": network.net.epochs,
                    "accuracy": Sample(chosen),
                }
            )
        return rows


def _role(net: Network) -> str:
    if net.activation != "step" or not net.hidden_layers:
        return _SMOOTH
    if net.trained_layers == "output":
        return _FROZEN
    return _THROUGH if net.straight_through else _STEP


def gradients_of(arrays: Arrays) -> dict[str, Any]:
    """Norm of the gradient of each layer before training, by kind of units, for figures."""
    layers = arrays["start"].shape[-1]
    names = {
        "own": "step units",
        "sigmoid": "sigmoid units",
        "straight-through": "step units, straight-through",
    }
    return {
        "layers": [*(f"hidden layer {layer}" for layer in range(1, layers)), "output layer"],
        "kinds": [
            {
                "name": names[kind],
                "norms": [Sample(column, limited=False) for column in arrays["start"][:, place].T],
            }
            for place, kind in enumerate(UNITS)
        ],
        "n_images": int(arrays["images"][0]),
        "seeds": len(arrays["start"]),
    }


def curve_of(arrays: Arrays) -> dict[str, Any]:
    """Units with their slopes, and the cost of a few images by one bias for the first seed, for figures."""
    z = np.linspace(-_WIDEST, _WIDEST, 241)
    a = sigmoid(z)
    return {
        "units": {
            "z": np.round(z, 3),
            "sigmoid": {"output": np.round(a, 4), "slope": np.round(slope("sigmoid", a), 4)},
            "step": {"output": activate("step", z), "slope": slope("step", activate("step", z))},
        },
        "shift": np.round(arrays["shift"][0], 4),
        "step": significant(arrays["cost"][0, 0], 5),
        "sigmoid": significant(arrays["cost"][0, 1], 5),
        "n_images": int(arrays["few"][0]),
        "seed": int(arrays["seeds"][0]),
    }


def about_step_units(roles: Roles, gradients: dict[str, Any]) -> str:
    """Accuracies of all networks, and the gradient of the first layer with other units, in words."""
    n = len(roles.step.seeds)
    found = [
        f"{percent(float(np.mean(row['accuracy'].values)), 1)} with {row['name']}"
        for row in roles.described()
        if len(row["accuracy"].values)
    ]
    note = f"mean test accuracy for the {counted(n, 'seed')} with step units, and for the same seeds of the others: "
    note += ", ".join(found)
    first = {kind["name"]: np.mean(kind["norms"][0].values) for kind in gradients["kinds"]}
    note += ". Before training, the norm of the gradient of the first layer is "
    return note + ", ".join(f"{norm:.2g} with {name}" for name, norm in first.items())
