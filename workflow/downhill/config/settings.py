"""The settings of `config.yaml`, and a row of `networks.tsv`."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from downhill.config.network import Network
from downhill.config.text import Folder, Name, PathText, RequiredPath, Text

MOST_SEEDS = 100_000_000  # of a network, and of a job
LARGEST_SEED = 2**63 - 1  # tables and archives hold seeds as int64


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NetworkRow(Network):
    """One row of `networks.tsv`: a name, the data it learns, how many seeds, and the `Network` itself."""

    network: Name = Field(description="Short name; also the name of its results folder.")
    dataset: Name = Field(description="Name of a data set of `datasets.yaml`.")
    seeds: int = Field(ge=1, le=MOST_SEEDS, description="Number of seeds: 0, 1, … seeds − 1.")
    seeds_per_block: int | None = Field(
        None,
        ge=1,
        le=MOST_SEEDS,
        description="Seeds that one job trains; empty means `training.seeds_per_block`.",
    )

    def settings(self) -> Network:
        """The hyper-parameters alone: what one training depends on besides data and seed."""
        return Network.model_validate(self.model_dump(include=set(Network.model_fields)))


class Limits(_Settings):
    """Caps for smoke runs; empty means no cap."""

    seeds: int | None = Field(None, ge=1, description="Maximum number of seeds per network or experiment.")
    epochs: int | None = Field(None, ge=1, description="Maximum number of epochs.")
    training_images: int | None = Field(
        None, ge=1, description="Maximum number of training images, and of noise images, per data set."
    )

    def in_words(self) -> str:
        """`at most 2 seeds, 2 epochs`; empty if there are no limits."""
        limits = [f"{value:,} {name.replace('_', ' ')}" for name, value in self if value is not None]
        return f"at most {', '.join(limits)}" if limits else ""


def _none_if_empty(value: Any) -> Any:
    return None if value == "" else value


OptionalPath = Annotated[PathText | None, BeforeValidator(_none_if_empty)]


def _all_or_list(value: Any) -> Any:
    if isinstance(value, str) and value != "all":
        raise ValueError(f"write a list, [{value}], or all")
    return value


AllOrList = Annotated[Literal["all"] | tuple[Text, ...], BeforeValidator(_all_or_list)]


class Selection(_Settings):
    """Which part of the tables a study runs."""

    claims: AllOrList = Field(
        "all",
        description="`all`, or a list of claims or patterns such as `nielsen-*`; then only the networks and "
        "experiments that they use are run.",
    )
    networks: AllOrList = Field((), description="With a list of claims: further networks to train, or `all`.")
    experiments: AllOrList = Field(
        (), description="With a list of claims: further experiments to run, or `all`."
    )


class Training(_Settings):
    """How training is divided into jobs. This never changes a result."""

    seeds_per_block: int = Field(
        10,
        ge=1,
        le=MOST_SEEDS,
        description="Seeds that one job trains, unless a network's row says otherwise.",
    )
    threads: int = Field(1, ge=1, le=1024, description="Threads per job; each trains one seed at a time.")


class Statistics(_Settings):
    """How intervals are computed."""

    confidence_level: float = Field(
        0.95, ge=0.5, le=0.9999, description="Coverage of the intervals, as a share."
    )
    resamples: int = Field(10_000, ge=100, le=1_000_000, description="Bootstrap resamples.")
    seed: int = Field(0, ge=0, description="Seed of the bootstrap.")


class Settings(_Settings):
    """The whole of `config.yaml`."""

    title: Text = Field("", description="Title of the study, for its tables and its report.")
    about: Text = Field("", description="A sentence or two on what the study tests, for its report.")
    results: Folder = Field("results", description="Folder that everything is written to; no spaces, no `~`.")
    resources: Folder = Field(
        "resources", description="Folder that sources are downloaded to; no spaces, no `~`."
    )
    datasets: RequiredPath = Field("config/datasets.yaml", description="File of sources and data sets.")
    networks: RequiredPath = Field("config/networks.tsv", description="Table of networks.")
    experiments: OptionalPath = Field(None, description="File of experiments; empty for none.")
    claims: RequiredPath = Field("config/claims.tsv", description="Table of claims.")
    contradictions: OptionalPath = Field(None, description="Table of contradictions; empty for none.")
    reading: OptionalPath = Field(None, description="Table of notes for readers; empty for none.")
    exports: Literal["first", "all", "none"] = Field(
        "first",
        description="Which seeds of each network to export as ONNX and `.npz`: the `first` that did not diverge, `all` "
        "that did not, or `none`.",
    )
    playground: OptionalPath = Field(
        None, description="Table of the networks of the playground; empty for no such page."
    )
    seeds_factor: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Field(
        1.0, description="Multiplies the number of seeds of every network and experiment (rounded up)."
    )
    select: Selection = Selection()
    limits: Limits = Limits()
    training: Training = Training()
    statistics: Statistics = Statistics()

    @model_validator(mode="after")
    def _folders_are_apart(self) -> "Settings":
        results, resources = map(Path, map(os.path.abspath, (self.results, self.resources)))
        if results.is_relative_to(resources) or resources.is_relative_to(results):
            raise ValueError(
                f"results ({self.results}) and resources ({self.resources}) must be different folders, neither inside "
                "the other; choose another folder for one of them"
            )
        return self
