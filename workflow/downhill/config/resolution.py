"""Rows of a study with the names that they use looked up in the other tables, and the study's limits applied."""

import math
import re
from fractions import Fraction

from downhill.config.claim import Claim
from downhill.config.compatibility import incompatibility
from downhill.config.dataset import Datasets
from downhill.config.experiment import Experiment
from downhill.config.reading import did_you_mean, read_yaml
from downhill.config.selection import matching
from downhill.config.settings import MOST_SEEDS, NetworkRow, Settings
from downhill.config.text import LONGEST_NAME, NAME
from downhill.config.validation import validated
from downhill.errors import DownhillError


def resolved_network(row: NetworkRow, settings: Settings, tables: Datasets) -> NetworkRow:
    """A network with the study's limits applied.

    Raises
    ------
    DownhillError
        If there is no data set of its name, the network cannot learn it, or it has too many seeds.
    """
    where = f"{settings.networks}, network '{row.network}'"
    if row.dataset not in tables.datasets:
        raise DownhillError(
            f"{where}: there is no dataset '{row.dataset}' in {settings.datasets}; "
            f"{did_you_mean(row.dataset, tables.datasets)}"
        )
    if problem := incompatibility(row, row.dataset, tables):
        raise DownhillError(f"{where}: {problem}")
    limited = row.limited_to(settings.limits.epochs, settings.limits.training_images)
    return limited.model_copy(update={"seeds": _limited_seeds(row.seeds, settings, where)})


def read_experiments(
    settings: Settings, tables: Datasets, networks: dict[str, NetworkRow]
) -> dict[str, Experiment]:
    """Read the experiments, with the names of their networks and the study's limits applied.

    Parameters
    ----------
    settings
        The settings of the study.
    tables
        Sources and data sets.
    networks
        All networks, with the study's limits applied.

    Raises
    ------
    DownhillError
        If the file cannot be read, a setting is invalid, or there is no network or data set of a name that is given.
    """
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


def resolved_claim(
    claim: Claim, settings: Settings, networks: dict[str, NetworkRow], experiments: dict[str, Experiment]
) -> Claim:
    """A claim with the networks and experiments that its patterns match.

    Raises
    ------
    DownhillError
        If it has a name that is taken, names neither networks nor experiments, or names some that do not exist.
    """
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


def _limited_seeds(seeds: int, settings: Settings, where: str) -> int:
    seeds = math.ceil(seeds * Fraction(str(settings.seeds_factor)))  # exactly, as it is written in decimal
    seeds = min(seeds, settings.limits.seeds or seeds)
    if seeds > MOST_SEEDS:
        raise DownhillError(
            f"{where}: with seeds_factor {settings.seeds_factor:g} it has {seeds:,} seeds; at most {MOST_SEEDS:,} are "
            "possible"
        )
    return seeds
