"""Settings of a stage: given as JSON, as by the rules, or looked up by name in the study's configuration."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ConfigDict, RootModel

from downhill.config.experiment import Experiment
from downhill.config.network import Network
from downhill.config.reading import did_you_mean, parse_json
from downhill.config.settings import Statistics
from downhill.config.study import Study
from downhill.config.validation import validated
from downhill.errors import DownhillError
from downhill.orchestration.stages import STAGES

if TYPE_CHECKING:
    from downhill.experiments.inputs import Inputs

Model = TypeVar("Model", bound=BaseModel)

# The setting that names the file in which the subject of a stage is looked up.
_TABLES = {
    "source": "datasets",
    "data set": "datasets",
    "network": "networks",
    "experiment": "experiments",
    "claim": "claims",
}


class NetworkFiles(BaseModel):
    """A trained network: its settings, and the folders of its prepared data set and of the blocks of its seeds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    settings: Network
    data: Path
    blocks: tuple[Path, ...]


class ExperimentFiles(BaseModel):
    """What a job of an experiment reads: networks and further data sets, by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    networks: dict[str, NetworkFiles] = {}
    datasets: dict[str, Path] = {}


def settings_or_row(
    arguments: argparse.Namespace, model: type[Model], table: Callable[[Study], Mapping[str, Any]]
) -> Model:
    """Settings given as JSON, or looked up by name in the study; DownhillError if they are invalid or missing."""
    if arguments.settings:
        return from_json(model, arguments.settings, "--settings")
    study = Study.load(*arguments.config)
    rows: Mapping[str, Model] = table(study)
    if arguments.name not in rows:
        subject = STAGES[arguments.command].subject
        file = getattr(study.settings, _TABLES[subject]) or " + ".join(map(str, arguments.config))
        chosen = "" if study.settings.select.claims == "all" else ", or `select` leaves it out"
        raise DownhillError(
            f"{file}: there is no {subject} '{arguments.name}'{chosen}; {did_you_mean(arguments.name, rows)}"
        )
    return rows[arguments.name]


def from_json(model: type[Model], text: str, option: str) -> Model:
    """Parse JSON as a model; if it is invalid, DownhillError with one sentence that names the option."""
    try:
        values = parse_json(text)
    except (ValueError, RecursionError) as error:
        raise DownhillError(
            f"{option}: is not JSON ({error}); give an object such as '{{\"epochs\": 5}}'"
        ) from error
    return validated(model, values, option)


def statistics_of(arguments: argparse.Namespace) -> Statistics:
    """Settings of the intervals: given as JSON, or those of the study if the claim is looked up there."""
    if arguments.statistics or arguments.settings:
        return from_json(Statistics, arguments.statistics or "{}", "--statistics")
    return Study.load(*arguments.config).settings.statistics


class ClassNames(RootModel[dict[str, tuple[str, ...]]]):
    """Names of the classes of data sets, by data set."""


def class_names(arguments: argparse.Namespace) -> dict[str, tuple[str, ...]]:
    """Names of classes: given as JSON, or those of the study if the claim is looked up there."""
    if arguments.class_names:
        return from_json(ClassNames, arguments.class_names, "--class-names").root
    if arguments.settings:
        return {}
    study = Study.load(*arguments.config)
    return study.class_names(study.claims[arguments.name].networks)


def experiment_inputs(arguments: argparse.Namespace, entry: Experiment) -> "tuple[Inputs, list[Path]]":
    """Networks and data sets of an experiment's job, and the folders that they are read from."""
    from downhill.experiments.inputs import Datasets, Inputs
    from downhill.runs.trained import TrainedNetwork

    if arguments.inputs:
        files = from_json(ExperimentFiles, arguments.inputs, "--inputs")
    elif arguments.settings:
        raise DownhillError(
            "--settings: needs --inputs as well, the networks and data sets that the experiment uses"
        )
    else:
        files = files_of(Study.load(*arguments.config), unit_of(arguments, entry), arguments.seeds)
    networks = {
        name: TrainedNetwork(name, network.settings, network.data, network.blocks)
        for name, network in files.networks.items()
    }
    folders = [folder for network in files.networks.values() for folder in (*network.blocks, network.data)]
    return Inputs(networks, Datasets(files.datasets)), [*folders, *files.datasets.values()]


def unit_of(arguments: argparse.Namespace, entry: Experiment) -> str:
    """What a job of an experiment runs on, in the form used in paths: `experiment/network`, or `experiment`."""
    if entry.together or not entry.networks:
        return str(arguments.name)
    if arguments.network not in entry.networks:
        given = (
            f"'{arguments.network}' is not one of them" if arguments.network else "name one with --network"
        )
        raise DownhillError(
            f"experiment '{arguments.name}' runs once for each of its networks; {given}: "
            f"{', '.join(entry.networks)}"
        )
    return f"{arguments.name}/{arguments.network}"


def files_of(study: Study, unit: str, seeds: range) -> ExperimentFiles:
    """What a job of an experiment reads, in the folders of a study."""

    def folder(stage: str, *key: str) -> Path:
        return Path(STAGES[stage].files(study, key)[0]).parent

    networks = {
        name: NetworkFiles(
            settings=study.row(name).settings(),
            data=folder("prepare", study.row(name).dataset),
            blocks=tuple(
                folder("train", name, *map(str, block))
                for block in study.blocks_with(name, seeds.start, seeds.stop - 1)
            ),
        )
        for name in study.networks_of_unit(unit)
    }
    datasets = study.experiments[unit.partition("/")[0]].datasets
    return ExperimentFiles(networks=networks, datasets={name: folder("prepare", name) for name in datasets})
