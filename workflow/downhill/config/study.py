"""A study: the settings of `config.yaml` with its overlays, and the tables they name, checked against one another."""

import math
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from downhill.config.claim import Claim
from downhill.config.contradiction import Contradictions, read_contradictions
from downhill.config.dataset import DatasetRecipe, Datasets, Source
from downhill.config.experiment import Experiment
from downhill.config.generated import GeneratedSource, numbered
from downhill.config.network import Network
from downhill.config.playground import Playground, read_playground
from downhill.config.reading import did_you_mean, merge, read_yaml
from downhill.config.reading_notes import ReadingNotes, read_notes
from downhill.config.resolution import read_experiments, resolved_claim, resolved_network
from downhill.config.selection import selected
from downhill.config.settings import NetworkRow, Settings
from downhill.config.sweep import rows_of_sweep
from downhill.config.table import read_table
from downhill.config.validation import validated
from downhill.errors import DownhillError


class Study(BaseModel):
    """The settings and tables that every rule uses, with all names resolved.

    Networks and experiments have the study's limits applied, and patterns such as `shape-*` are replaced by the names
    that they match.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    settings: Settings
    tables: Datasets
    networks: dict[str, NetworkRow]
    experiments: dict[str, Experiment]
    claims: dict[str, Claim]
    contradictions: Contradictions = Contradictions(())
    reading: ReadingNotes = ReadingNotes(())
    playground: Playground = Playground(())

    def recipe(self, dataset: str) -> DatasetRecipe:
        """The recipe of a data set, with the study's limits applied."""
        return self.tables.datasets[dataset].limited_to(self.settings.limits.training_images)

    def row(self, network: str) -> NetworkRow:
        """The row of a network; DownhillError if the study has none of that name."""
        if network not in self.networks:
            raise DownhillError(
                f"this study has no network '{network}' (see {self.settings.networks} and the setting select); "
                f"{did_you_mean(network, self.networks)}"
            )
        return self.networks[network]

    def network_settings(self) -> dict[str, Network]:
        """The hyper-parameters of all networks by name."""
        return {name: row.settings() for name, row in self.networks.items()}

    def seeds(self, network: str) -> range:
        """The requested seeds of a network."""
        return range(self.row(network).seeds)

    def blocks(self, network: str) -> list[tuple[int, int]]:
        """First and last seed of each training job.

        Blocks lie on a fixed grid of `seeds_per_block`, so that more seeds only add blocks. The last block is filled
        up: it may train a few seeds that are not requested yet, which the evaluation leaves out until they are.
        """
        size = self.seeds_per_block(network)
        return [(block * size, (block + 1) * size - 1) for block in range(self.count_blocks(network))]

    def blocks_with(self, network: str, first: int, last: int) -> list[tuple[int, int]]:
        """The training jobs of the seeds from `first` to `last`."""
        size, count = self.seeds_per_block(network), self.count_blocks(network)
        return [
            (block * size, (block + 1) * size - 1)
            for block in range(first // size, min(last // size + 1, count))
        ]

    def seeds_per_block(self, network: str) -> int:
        """Seeds that one job trains."""
        size = self.row(network).seeds_per_block or self.settings.training.seeds_per_block
        return min(size, self.settings.limits.seeds or size)

    def count_blocks(self, network: str) -> int:
        """How many training jobs there are."""
        return math.ceil(self.row(network).seeds / self.seeds_per_block(network))

    def datasets(self) -> list[str]:
        """Names of the data sets that the networks and experiments use, sorted."""
        read = {name for experiment in self.experiments.values() for name in experiment.datasets}
        return sorted({row.dataset for row in self.networks.values()} | read)

    def sources(self) -> dict[str, Source]:
        """The sources that these data sets need and that are downloaded, by name, sorted."""
        used = {self.recipe(name).source for name in self.datasets()}
        return {name: source for name, source in sorted(self.tables.downloaded().items()) if name in used}

    def source(self, name: str) -> Source | GeneratedSource:
        """A source without its display names, which play no part in making data."""
        return self.tables.sources[name].unlabelled(f"source '{name}'")

    def class_names(self, networks: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Names of the classes (or of the outputs) of the data sets that some networks learn, by data set.

        Left out are classes that are named 0, 1, …, as they are in a prepared data set.
        """
        used = sorted({self.row(network).dataset for network in networks})
        names = {name: self.tables.sources[self.recipe(name).source].classes for name in used}
        return {name: classes for name, classes in names.items() if classes != numbered(classes)}

    def units(self, experiment: str) -> list[str]:
        """What an experiment runs on, as parts of paths: `name/network` for each network, or `name` once for all."""
        entry = self.experiments[experiment]
        if entry.together or not entry.networks:
            return [experiment]
        return [f"{experiment}/{network}" for network in entry.networks]

    def networks_of_unit(self, unit: str) -> tuple[str, ...]:
        """The networks that one unit of an experiment uses (see `units`)."""
        experiment, _, network = unit.partition("/")
        return (network,) if network else self.experiments[experiment].networks

    def experiment_seeds(self, unit: str) -> range:
        """The seeds that one unit of an experiment is computed for: at most those that all of its networks have."""
        entry = self.experiments[unit.partition("/")[0]]
        limit = [self.row(network).seeds for network in self.networks_of_unit(unit)]
        return range(min([entry.seeds, *limit] if entry.seeds else limit))

    def experiment_jobs(self, unit: str) -> list[tuple[int, int]]:
        """First and last seed of each job of a unit; only the last may have fewer than `seeds_per_job`."""
        seeds, size = self.experiment_seeds(unit), self.experiments[unit.partition("/")[0]].seeds_per_job
        return [(first, min(first + size, len(seeds)) - 1) for first in range(0, len(seeds), size)]

    @classmethod
    def load(cls, *files: Path | str, further: dict[str, Any] | None = None) -> Self:
        """Read and check a study from `config.yaml` and overlays; later files win, and `further` values win over all.

        Raises
        ------
        DownhillError
            At the first error; the message names the file, the row or key, and the remedy.
        """
        values: dict[str, Any] = {}
        for file in files:
            settings = read_yaml(file)
            if not settings:  # as Snakemake does
                raise DownhillError(
                    f"{file}: is empty; write at least one `key: value` line, or leave the file out"
                )
            values = merge(values, settings)
        where = [
            os.path.relpath(file) if Path(file).is_relative_to(Path.cwd()) else str(file) for file in files
        ]
        if further:
            values, where = merge(values, further), [*where, "--config"]
        return cls.from_values(values, " + ".join(where) or "config")

    @classmethod
    def from_values(cls, values: dict[str, Any], where: str) -> Self:
        """As `load`, from settings that have been merged already; `where` names their files in messages."""
        settings = validated(Settings, values, where)
        tables = validated(Datasets, read_yaml(settings.datasets), settings.datasets)
        networks = read_table(settings.networks, NetworkRow, key="network", expand=rows_of_sweep)
        claims = read_table(settings.claims, Claim, key="claim")
        networks = {name: resolved_network(row, settings, tables) for name, row in networks.items()}
        all_networks = networks
        experiments = read_experiments(settings, tables, networks)
        claims = {name: resolved_claim(row, settings, networks, experiments) for name, row in claims.items()}
        contradictions = read_contradictions(settings.contradictions, claims, settings.claims)
        chosen, networks, experiments = selected(settings, claims, networks, experiments, where)
        reading = read_notes(settings.reading, claims, chosen, settings.claims)
        playground = read_playground(settings.playground, all_networks, networks, tables, settings.networks)
        return cls(
            settings=settings,
            tables=tables,
            networks=networks,
            experiments=experiments,
            claims=chosen,
            contradictions=contradictions,
            reading=reading,
            playground=playground,
        )
