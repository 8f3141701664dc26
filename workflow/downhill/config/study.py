"""A study: the settings of `config.yaml` with its overlays, and the three tables they name."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from downhill.config.claim import Claim
from downhill.config.dataset import NAME, DatasetRecipe, Datasets
from downhill.config.network import Network
from downhill.config.reading import did_you_mean, merge, read_table, read_yaml, validated
from downhill.errors import DownhillError

FOLDER = r"^[A-Za-z0-9_./-]+$"


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NetworkRow(Network):
    """One row of `networks.tsv`: a name, the data it learns, how many seeds, and the `Network` itself."""

    network: str = Field(description="Short name; also the name of its results folder.", pattern=NAME)
    dataset: str = Field(description="Name of a data set of `datasets.yaml`.")
    seeds: int = Field(ge=1, description="How many seeds: 0, 1, … seeds − 1.")
    seeds_per_block: int | None = Field(
        None, ge=1, description="Seeds that one job trains; empty takes `training.seeds_per_block`."
    )

    def settings(self) -> Network:
        """The hyper-parameters alone: what one training depends on beside data and seed."""
        return Network.model_validate(self.model_dump(include=set(Network.model_fields)))


class Limits(_Settings):
    """Caps for smoke runs; empty means no cap."""

    seeds: int | None = Field(None, ge=1, description="At most so many seeds a network.")
    epochs: int | None = Field(None, ge=1, description="At most so many epochs.")
    training_images: int | None = Field(
        None, ge=1, description="At most so many training images a data set, and noise images likewise."
    )


def _all_or_list(value: Any) -> Any:
    if isinstance(value, str) and value != "all":
        raise ValueError(f"write a list, [{value}], or all")
    return value


class Selection(_Settings):
    """Which part of the tables a study runs."""

    claims: Annotated[Literal["all"] | tuple[str, ...], BeforeValidator(_all_or_list)] = Field(
        "all", description="`all`, or a list of claims; then only the networks that they name are trained."
    )
    networks: Annotated[Literal["all"] | tuple[str, ...], BeforeValidator(_all_or_list)] = Field(
        (), description="With a list of claims: further networks to train, or `all`."
    )


class Training(_Settings):
    """How training is cut into jobs. It never changes a result."""

    seeds_per_block: int = Field(
        10, ge=1, description="Seeds that one job trains, unless a network's row says otherwise."
    )
    threads: int = Field(1, ge=1, description="Threads of one job; each trains a seed of its own.")


class Statistics(_Settings):
    """How intervals are made."""

    confidence_level: float = Field(0.95, gt=0, lt=1, description="Coverage of the intervals.")
    resamples: int = Field(10_000, ge=100, description="Bootstrap resamples.")
    seed: int = Field(0, ge=0, description="Seed of the bootstrap.")


class Settings(_Settings):
    """The whole of `config.yaml`."""

    results: str = Field(
        "results", description="Folder that everything is written to; no spaces, no `~`.", pattern=FOLDER
    )
    resources: str = Field(
        "resources", description="Folder that sources are downloaded to; no spaces, no `~`.", pattern=FOLDER
    )
    datasets: str = Field("config/datasets.yaml", description="File of sources and data sets.")
    networks: str = Field("config/networks.tsv", description="Table of networks.")
    claims: str = Field("config/claims.tsv", description="Table of claims.")
    seeds_factor: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Field(
        1.0, description="Multiplies every network's number of seeds (rounded up)."
    )
    select: Selection = Selection()
    limits: Limits = Limits()
    training: Training = Training()
    statistics: Statistics = Statistics()


class Study(_Settings):
    """Settings and tables together, checked against one another; what every rule asks."""

    settings: Settings
    tables: Datasets
    networks: dict[str, NetworkRow]
    claims: dict[str, Claim]

    def recipe(self, dataset: str) -> DatasetRecipe:
        """The recipe of a data set, with the study's limits applied."""
        return self.tables.datasets[dataset].limited_to(self.settings.limits.training_images)

    def row(self, network: str) -> NetworkRow:
        """The row of a network; DownhillError if the study has none of that name."""
        if network not in self.networks:
            raise DownhillError(
                f"this study has no network '{network}' ({self.settings.networks}, and what is selected of it); "
                f"{did_you_mean(network, self.networks)}"
            )
        return self.networks[network]

    def seeds(self, network: str) -> range:
        """The seeds that count for a network."""
        return range(self.row(network).seeds)

    def blocks(self, network: str) -> list[tuple[int, int]]:
        """First and last seed of each training job.

        Blocks lie on a fixed grid of `seeds_per_block`, so that more seeds only add blocks. The last
        block is filled up: it may train a few seeds that nobody asked for yet, and that evaluation
        leaves out until somebody does.
        """
        size = self.seeds_per_block(network)
        return [(block * size, (block + 1) * size - 1) for block in range(self.count_blocks(network))]

    def seeds_per_block(self, network: str) -> int:
        """Seeds that one job trains."""
        size = self.row(network).seeds_per_block or self.settings.training.seeds_per_block
        return min(size, self.settings.limits.seeds or size)

    def count_blocks(self, network: str) -> int:
        """How many training jobs there are."""
        return math.ceil(self.row(network).seeds / self.seeds_per_block(network))

    @classmethod
    def load(cls, *files: Path | str) -> Self:
        """Read and check a study from `config.yaml` and overlays, later files winning.

        Raises
        ------
        DownhillError
            At the first thing that is wrong, with its file, row or key, and the remedy.
        """
        values: dict[str, Any] = {}
        for file in files:
            values = merge(values, read_yaml(file))
        return cls.from_values(values, " + ".join(map(str, files)))

    @classmethod
    def from_values(cls, values: dict[str, Any], where: str) -> Self:
        """The same, from settings that are merged already; `where` names their files in messages."""
        settings = validated(Settings, values, where)
        tables = validated(Datasets, read_yaml(settings.datasets), settings.datasets)
        networks = read_table(settings.networks, NetworkRow, key="network")
        claims = read_table(settings.claims, Claim, key="claim")
        for row in networks.values():
            _check_data(row, tables, settings)
        for claim in claims.values():
            for name in claim.networks:
                if name not in networks:
                    raise DownhillError(
                        f"{settings.claims}, claim '{claim.claim}': there is no network '{name}' in "
                        f"{settings.networks}; {did_you_mean(name, networks)}"
                    )
        claims, networks = _selected(settings, claims, networks, where)
        limited = {name: _limited(row, settings) for name, row in networks.items()}
        return cls(settings=settings, tables=tables, networks=limited, claims=claims)


def _check_data(row: NetworkRow, tables: Datasets, settings: Settings) -> None:
    where = f"{settings.networks}, network '{row.network}'"
    if row.dataset not in tables.datasets:
        raise DownhillError(
            f"{where}: there is no dataset '{row.dataset}' in {settings.datasets}; "
            f"{did_you_mean(row.dataset, tables.datasets)}"
        )
    recipe = tables.datasets[row.dataset]
    if row.subset_images and recipe.training_images:  # without the latter, training knows how many there are
        available = recipe.training_images + recipe.noise_images
        if row.subset_images > available:
            raise DownhillError(
                f"{where}: subset_images is {row.subset_images}, but dataset '{row.dataset}' has {available} "
                "training images; choose at most that"
            )
    if row.output == "softmax" and recipe.noise_images > 0:
        raise DownhillError(
            f"{where}: the outputs of a softmax sum to 1, so they can never all be 0, as the noise_images of "
            f"dataset '{row.dataset}' ask for; use output 'sigmoid' or 'linear'"
        )


def _limited(row: NetworkRow, settings: Settings) -> NetworkRow:
    limits = settings.limits
    seeds = math.ceil(row.seeds * settings.seeds_factor)
    limited = row.limited_to(limits.epochs, limits.training_images)
    return limited.model_copy(update={"seeds": min(seeds, limits.seeds or seeds)})


def _selected(
    settings: Settings, claims: dict[str, Claim], networks: dict[str, NetworkRow], where: str
) -> tuple[dict[str, Claim], dict[str, NetworkRow]]:
    """The claims and networks that the settings' `select` asks for."""
    select = settings.select
    if select.claims == "all":
        return claims, networks
    if not select.claims:
        raise DownhillError(
            f"{where}, select.claims: the list is empty; name one claim at least, or write all"
        )
    _known(select.claims, claims, f"{where}, select.claims")
    chosen = {name: claims[name] for name in select.claims}
    if select.networks == "all":
        return chosen, networks
    _known(select.networks, networks, f"{where}, select.networks")
    named = set(select.networks).union(*(claim.networks for claim in chosen.values()))
    return chosen, {name: row for name, row in networks.items() if name in named}


def _known(names: Sequence[str], known: dict[str, Any], where: str) -> None:
    for name in names:
        if name not in known:
            raise DownhillError(f"{where}: there is no '{name}'; {did_you_mean(name, known)}")
