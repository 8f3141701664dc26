"""What the jobs of a study work on, and which other jobs' results they need."""

from collections.abc import Iterable, Iterator

from downhill.config.study import Study
from downhill.orchestration.stage import Job, Key
from downhill.playground.assets import STATISTICS


def once(study: Study) -> tuple[Key]:
    """The only job of a stage that runs once for the whole study."""
    return ((),)


def of_experiment(study: Study, experiment: str) -> Iterator[Key]:
    """The jobs of an experiment: what each of them runs on, and its first and last seed."""
    for unit in study.units(experiment):
        for job in study.experiment_jobs(unit):
            yield unit, *map(str, job)


def all_of(stage: str, names: Iterable[str]) -> Iterator[Job]:
    """The jobs of a stage for some networks, claims or figures."""
    return ((stage, (name,)) for name in names)


def download_of(study: Study, dataset: str) -> Iterator[Job]:
    """The download of the files that a data set is made from; nothing if its source is generated."""
    source = study.recipe(dataset).source
    return all_of("download", [source] if source in study.tables.downloaded() else [])


def trained(study: Study, network: str, seeds: range | None = None) -> Iterator[Job]:
    """The data of a network and the blocks with some of its seeds, by default all of them."""
    wanted = study.seeds(network) if seeds is None else seeds
    yield "prepare", (study.row(network).dataset,)
    for block in study.blocks_with(network, wanted[0], wanted[-1]):
        yield "train", (network, *map(str, block))


def needed_by_experiment(study: Study, key: Key) -> Iterator[Job]:
    """The engine, and the trained networks and data sets that a job of an experiment reads."""
    unit, first, last = key
    yield "compile", ()
    for network in study.networks_of_unit(unit):
        yield from trained(study, network, range(int(first), int(last) + 1))
    yield from all_of("prepare", study.experiments[unit.partition("/")[0]].datasets)


def needed_by_measurement(study: Study, key: Key) -> Iterator[Job]:
    """The evaluations and the results of experiments that a claim is measured on."""
    claim = study.claims[key[0]]
    yield from all_of("evaluate", claim.networks)
    for experiment in claim.experiments:
        for job in of_experiment(study, experiment):
            yield "experiment", job


def needed_by_exports(study: Study, key: Key) -> Iterator[Job]:
    """The evaluations of all networks, and their data and blocks, each once."""
    yield from all_of("evaluate", study.networks)
    yield from dict.fromkeys(job for name in study.networks for job in trained(study, name))


def figures(study: Study) -> dict[str, str]:
    """The claim of each figure."""
    return {figure: name for name, claim in study.claims.items() for figure in claim.figure_ids()}


def drawing(study: Study, figure: str) -> tuple[str, str]:
    """The family and the name of the function that draws a figure."""
    claim = study.claims[figures(study)[figure]]
    return claim.family, claim.figures[claim.figure_ids().index(figure)]


def claims_of_playground(study: Study) -> list[str]:
    """The claims whose evidence the playground shows."""
    return [name for name, claim in study.claims.items() if claim.statistic in STATISTICS]
