"""A study: the settings of `config.yaml` with its overlays, and the tables they name, checked against one another."""

import math
import os
import re
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from downhill.config.claim import Claim
from downhill.config.compatibility import incompatibility
from downhill.config.contradiction import Contradictions, read_contradictions
from downhill.config.dataset import DatasetRecipe, Datasets, Source
from downhill.config.experiment import Experiment
from downhill.config.generated import GeneratedSource, numbered
from downhill.config.network import Network
from downhill.config.playground import Playground, read_playground
from downhill.config.reading import did_you_mean, merge, read_yaml, validated
from downhill.config.reading_notes import ReadingNotes, read_notes
from downhill.config.selection import matching, selected
from downhill.config.settings import MOST_SEEDS, NetworkRow, Settings
from downhill.config.sweep import rows_of_sweep
from downhill.config.table import read_table
from downhill.config.text import LONGEST_NAME, NAME
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
        for row in networks.values():
            _check_data(row, tables, settings)
        networks = {name: _limited(row, settings) for name, row in networks.items()}
        all_networks = networks
        experiments = _experiments(settings, tables, networks)
        claims = {name: _resolved(claim, settings, networks, experiments) for name, claim in claims.items()}
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


def _check_data(row: NetworkRow, tables: Datasets, settings: Settings) -> None:
    where = f"{settings.networks}, network '{row.network}'"
    if row.dataset not in tables.datasets:
        raise DownhillError(
            f"{where}: there is no dataset '{row.dataset}' in {settings.datasets}; "
            f"{did_you_mean(row.dataset, tables.datasets)}"
        )
    if problem := incompatibility(row, row.dataset, tables):
        raise DownhillError(f"{where}: {problem}")


def _limited(row: NetworkRow, settings: Settings) -> NetworkRow:
    limits = settings.limits
    limited = row.limited_to(limits.epochs, limits.training_images)
    where = f"{settings.networks}, network '{row.network}'"
    return limited.model_copy(update={"seeds": _limited_seeds(row.seeds, settings, where)})


def _limited_seeds(seeds: int, settings: Settings, where: str) -> int:
    seeds = math.ceil(seeds * Fraction(str(settings.seeds_factor)))  # exactly, as it is written in decimal
    seeds = min(seeds, settings.limits.seeds or seeds)
    if seeds > MOST_SEEDS:
        raise DownhillError(
            f"{where}: with seeds_factor {settings.seeds_factor:g} it has {seeds:,} seeds; at most {MOST_SEEDS:,} are "
            "possible"
        )
    return seeds


def _experiments(
    settings: Settings, tables: Datasets, networks: dict[str, NetworkRow]
) -> dict[str, Experiment]:
    """The experiments with their networks resolved and the study's limits applied."""
    if settings.experiments is None:
        return {}
    found = {}
    for name, values in read_yaml(settings.experiments).items():
        where = f"{settings.experiments}, experiment '{name}'"
        if not isinstance(name, str) or not re.fullmatch(NAME, name) or len(name) > LONGEST_NAME:
            raise DownhillError(
                f"{where}: a name may contain only letters, digits, hyphens and the like, no spaces; it may have "
                f"at most {LONGEST_NAME} characters"
            )
        entry = validated(Experiment, values, where)
        for dataset in entry.datasets:
            if dataset not in tables.datasets:
                raise DownhillError(
                    f"{where}, datasets: there is no dataset '{dataset}' in {settings.datasets}; "
                    f"{did_you_mean(dataset, tables.datasets)}"
                )
        if entry.seeds is None and not entry.networks:
            raise DownhillError(f"{where}: without networks it needs a number of seeds; add seeds")
        resolved = matching(entry.networks, networks, f"{where}, networks", settings.networks)
        seeds = entry.seeds and _limited_seeds(entry.seeds, settings, where)
        fewest = min(resolved, key=lambda network: networks[network].seeds, default=None)
        if entry.together and seeds and fewest and networks[fewest].seeds < seeds:
            raise DownhillError(
                f"{where}, seeds: {seeds} of all networks together are not possible, since network '{fewest}' has only "
                f"{networks[fewest].seeds}; raise its seeds, or lower those of the experiment"
            )
        found[name] = entry.model_copy(update={"networks": resolved, "seeds": seeds})
    return found


def _resolved(
    claim: Claim, settings: Settings, networks: dict[str, NetworkRow], experiments: dict[str, Experiment]
) -> Claim:
    """A claim with the networks and experiments that its patterns match."""
    where = f"{settings.claims}, claim '{claim.claim}'"
    if claim.claim == "provenance":
        raise DownhillError(f"{where}: the name is taken by the records of results; choose another one")
    if not claim.networks and not claim.experiments:
        raise DownhillError(f"{where}: it names neither networks nor experiments; add at least one of them")
    return claim.model_copy(
        update={
            "networks": matching(claim.networks, networks, where, settings.networks, "network"),
            "experiments": matching(
                claim.experiments, experiments, where, settings.experiments or "the study", "experiment"
            ),
        }
    )
