"""Which networks, experiments and claims a study runs: names, patterns, and the setting `select`."""

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from downhill.config.claim import Claim
from downhill.config.experiment import Experiment
from downhill.config.reading import did_you_mean
from downhill.config.settings import NetworkRow, Settings
from downhill.errors import DownhillError

Chosen = tuple[dict[str, Claim], dict[str, NetworkRow], dict[str, Experiment]]


def matching(
    patterns: Iterable[str], known: Iterable[str], where: str, table: str, kind: str = "network"
) -> tuple[str, ...]:
    """All names that match some names or patterns such as `shape-*`, each once; a pattern's in the order of the table.

    Raises
    ------
    DownhillError
        If a name or pattern matches nothing.
    """
    known, found = list(known), []
    for pattern in patterns:
        if any(character in pattern for character in "*?["):
            names = [name for name in known if fnmatchcase(name, pattern)]
            if not names:
                raise DownhillError(
                    f"{where}: no {kind} in {table} matches '{pattern}'; {did_you_mean(pattern, known)}"
                )
            found += names
        elif pattern in known:
            found.append(pattern)
        else:
            raise DownhillError(
                f"{where}: there is no {kind} '{pattern}' in {table}; {did_you_mean(pattern, known)}"
            )
    return tuple(dict.fromkeys(found))


def selected(
    settings: Settings,
    claims: dict[str, Claim],
    networks: dict[str, NetworkRow],
    experiments: dict[str, Experiment],
    where: str,
) -> Chosen:
    """What the setting `select` chooses: some claims, and the networks and experiments that they use."""
    select = settings.select
    if select.claims == "all":
        return claims, networks, experiments
    if not select.claims:
        raise DownhillError(
            f"{where}, select.claims: the list is empty; name at least one claim, or write all"
        )
    _known(select.claims, claims, f"{where}, select.claims")
    chosen = {name: claims[name] for name in select.claims}
    run = {name for claim in chosen.values() for name in claim.experiments}
    run |= _further(select.experiments, experiments, f"{where}, select.experiments")
    kept = {name: entry for name, entry in experiments.items() if name in run}
    used = {name for claim in chosen.values() for name in claim.networks}
    used |= {name for experiment in kept.values() for name in experiment.networks}
    used |= _further(select.networks, networks, f"{where}, select.networks")
    return chosen, {name: row for name, row in networks.items() if name in used}, kept


def _further(names: Sequence[str], known: Mapping[str, Any], where: str) -> set[str]:
    if names == "all":
        return set(known)
    _known(names, known, where)
    return set(names)


def _known(names: Sequence[str], known: Mapping[str, Any], where: str) -> None:
    for name in names:
        if name not in known:
            raise DownhillError(f"{where}: there is no '{name}'; {did_you_mean(name, known)}")
