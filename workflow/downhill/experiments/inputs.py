"""What an experiment can use: trained networks, and further data sets."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from downhill.datasets import Dataset, load_dataset
from downhill.errors import DownhillError
from downhill.runs.trained import TrainedNetwork

Value = TypeVar("Value")


class Datasets(Mapping[str, Dataset]):
    """Data sets by name, each loaded on first use."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self.folders = dict(folders)
        self._loaded: dict[str, Dataset] = {}

    def __getitem__(self, name: str) -> Dataset:
        if name not in self._loaded:
            self._loaded[name] = load_dataset(self.folders[name])
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.folders)

    def __len__(self) -> int:
        return len(self.folders)


@dataclass(frozen=True)
class Inputs:
    """The networks and the further data sets that an experiment names, by name."""

    networks: Mapping[str, TrainedNetwork] = field(default_factory=dict)
    datasets: Mapping[str, Dataset] = field(default_factory=dict)
    _kept: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    @property
    def network(self) -> TrainedNetwork:
        """The network of an experiment that uses one."""
        if len(self.networks) != 1:
            raise DownhillError(
                f"the experiment uses one network, but is given {len(self.networks)}; name one, or set together "
                "to false so that it runs once for each network"
            )
        return next(iter(self.networks.values()))

    @property
    def dataset(self) -> Dataset:
        """The further data set of an experiment that uses one."""
        if len(self.datasets) != 1:
            raise DownhillError(
                f"the experiment uses one further data set, but is given {len(self.datasets)}"
            )
        return next(iter(self.datasets.values()))

    @property
    def varying(self) -> tuple[str, ...]:
        """What varies between the seeds of these networks besides initial weights and order of images."""
        return tuple(
            dict.fromkeys(source for network in self.networks.values() for source in network.varying)
        )

    def check_unchanged(self, function: str) -> None:
        """Make sure that the data of the networks is unchanged; DownhillError if a function has changed it."""
        for network in self.networks.values():
            if network.data.checksum() != network.checksum:
                raise DownhillError(
                    f"'{function}' changes the images or labels of network '{network.name}', which other seeds use "
                    "as well; make it work on a copy"
                )

    def once(self, name: str, make: Callable[[], Value]) -> Value:
        """A value that is the same for all seeds: computed for the first seed of a job and kept for the others."""
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]  # type: ignore[no-any-return]
