"""Results of an experiment: one archive of arrays for each job, whose first axis is the seed (or pair of seeds)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.errors import DownhillError
from downhill.storage.npz import read_arrays, write_arrays

_PREFIX = "results/"
ABOUT = ("experiment", "network", "seeds", "diverged", "varying")

Arrays = dict[str, NDArray[Any]]


def write_result(
    path: Path,
    experiment: str,
    network: str,
    seeds: NDArray[np.int64],
    diverged: NDArray[np.int64],
    varying: Sequence[str],
    arrays: Arrays,
) -> None:
    """Write what one job computed.

    Parameters
    ----------
    path
        The archive to write.
    experiment, network
        Names; `network` is empty if the experiment runs once for all of its networks, or without any.
    seeds
        Seeds that were computed, (k,), or pairs of them, (k, 2).
    diverged
        Seeds that were left out because a network diverged, (m,) or (m, 2).
    varying
        What varies between the seeds besides initial weights and order of images.
    arrays
        Arrays by name, each with k entries along its first axis.
    """
    about = {
        "experiment": np.array(experiment),
        "network": np.array(network),
        "seeds": seeds,
        "diverged": diverged,
        "varying": np.array(varying, dtype=np.str_),
    }
    write_arrays(path, about | {_PREFIX + name: values for name, values in arrays.items()})


class SeveralNetworksError(DownhillError):
    """Raised where a statistic takes the results of one network, and the experiment ran on several."""


@dataclass(frozen=True)
class ExperimentResult:
    """All that an experiment computed, by network; read as a whole.

    Attributes
    ----------
    name
        Name of the experiment.
    by_network
        Arrays by the network's name (empty for an experiment that runs once), each with seeds along its first axis;
        `seeds` and `diverged` are among them.
    varying
        What varies between the seeds besides initial weights and order of images.
    """

    name: str
    by_network: Mapping[str, Arrays]
    varying: tuple[str, ...] = ()

    def only(self) -> Arrays:
        """The arrays of an experiment that ran on one network, or once; SeveralNetworksError if it ran on several."""
        if len(self.by_network) != 1:
            raise SeveralNetworksError(
                f"experiment '{self.name}' has results of {len(self.by_network)} networks, but the statistic takes one"
            )
        return next(iter(self.by_network.values()))

    def seeds(self) -> NDArray[np.int64]:
        """The seeds (k,) of `only`, or its pairs (k, 2)."""
        return self.only()["seeds"]

    def summary(self) -> dict[str, Any]:
        """What was computed, for the evidence: by network, the number of seeds and the seeds that diverged."""
        return {
            name: {"seeds": len(arrays["seeds"]), "diverged": arrays["diverged"].tolist()}
            for name, arrays in self.by_network.items()
        }


def read_results(files: Iterable[Path]) -> dict[str, ExperimentResult]:
    """Read the archives of all jobs of some experiments, in any order; returns the experiments by name.

    Raises
    ------
    DownhillError
        If a file is missing or damaged, or the files of one network do not have the same arrays.
    """
    found: dict[str, dict[str, list[Arrays]]] = {}
    varying: dict[str, dict[str, None]] = {}
    for file in files:
        arrays = read_arrays(file, ABOUT, _PREFIX, "results of an experiment")
        varying.setdefault(str(arrays["experiment"]), {}).update(dict.fromkeys(arrays["varying"].tolist()))
        of_experiment = found.setdefault(str(arrays["experiment"]), {})
        of_experiment.setdefault(str(arrays["network"]), []).append(arrays)
    return {
        name: ExperimentResult(
            name,
            {network: _joined(jobs, name) for network, jobs in of_experiment.items()},
            tuple(varying[name]),
        )
        for name, of_experiment in found.items()
    }


def _joined(jobs: list[Arrays], name: str) -> Arrays:
    """The arrays of all jobs of one network, ordered by seed; jobs that computed no seed contribute none."""
    jobs = sorted(jobs, key=_first_seed)
    computed = [arrays for arrays in jobs if len(arrays["seeds"])]
    kinds = [
        {key: (values.dtype, values.shape[1:]) for key, values in arrays.items() if key not in ABOUT}
        for arrays in computed
    ]
    if any(kind != kinds[0] for kind in kinds):
        raise DownhillError(
            f"the jobs of experiment '{name}' have computed different arrays; delete their results and run again"
        )
    joined = {key: np.concatenate([arrays[key] for arrays in jobs]) for key in ("seeds", "diverged")}
    names = [key for key in computed[0] if key not in ABOUT] if computed else []
    return joined | {
        key.removeprefix(_PREFIX): np.concatenate([arrays[key] for arrays in computed]) for key in names
    }


def _first_seed(arrays: Arrays) -> int:
    seeds = np.concatenate([arrays["seeds"], arrays["diverged"]])
    return int(np.min(seeds, initial=np.iinfo(np.int64).max))
