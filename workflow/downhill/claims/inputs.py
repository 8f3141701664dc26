"""What a statistic is measured on: evaluated networks and results of experiments."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from downhill.claims.parts import NotMeasuredError
from downhill.config.claim import MeasuredClaim
from downhill.datasets.dataset import NO_CLASS
from downhill.errors import DownhillError
from downhill.experiments.results import ExperimentResult
from downhill.runs.evaluation import EvaluatedNetwork


@dataclass(frozen=True)
class Inputs:
    """The networks that a claim names, in the order of its row, and its experiments by name."""

    networks: tuple[EvaluatedNetwork, ...] = ()
    experiments: Mapping[str, ExperimentResult] = field(default_factory=dict)

    def in_order(self, name: str, claim: MeasuredClaim) -> "Inputs":
        """The networks and experiments in the order of a claim's row.

        Raises
        ------
        DownhillError
            If they are not exactly those that the row names.
        """
        networks = {network.name: network for network in self.networks}
        for kind, given, named in (
            ("networks", [network.name for network in self.networks], claim.networks),
            ("experiments", list(self.experiments), claim.experiments),
        ):
            if sorted(given) != sorted(named):
                raise DownhillError(
                    f"claim '{name}' is measured on the {kind} {', '.join(named) or '(none)'}, but is given the "
                    f"results of {', '.join(given) or '(none)'}; give those that its row names, each once"
                )
        return Inputs(
            tuple(networks[network] for network in claim.networks),
            {experiment: self.experiments[experiment] for experiment in claim.experiments},
        )

    def only_network(self) -> EvaluatedNetwork:
        """The network of a statistic that is measured on one."""
        if len(self.networks) != 1:
            raise NotMeasuredError(
                f"the statistic is measured on one network, and the row names {len(self.networks)}"
            )
        return self.networks[0]

    def only_experiment(self) -> ExperimentResult:
        """The experiment of a statistic that is measured on one."""
        if len(self.experiments) != 1:
            raise NotMeasuredError(
                f"the statistic is measured on one experiment, and the row names {len(self.experiments)}"
            )
        return next(iter(self.experiments.values()))

    def having(self, *arrays: str) -> ExperimentResult | None:
        """The first experiment that computes arrays of these names; None if there is none."""
        for result in self.experiments.values():
            if all(set(arrays) <= set(computed) for computed in result.by_network.values()):
                return result
        return None


def right_answers(network: EvaluatedNetwork) -> NDArray[np.bool_]:
    """Whether each seed that did not diverge gives the right answer for each test image with a class, (k, n)."""
    labels = network.predictions["labels"]
    return np.asarray((network.predictions["predicted"] == labels)[:, labels != NO_CLASS])
