"""Which networks, experiments and claims a study runs: names, patterns, and the setting `select`."""

from collections.abc import Collection, Iterable, Mapping
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
    tables: dict[str, Mapping[str, Any]] = {
        "claims": claims,
        "networks": networks,
        "experiments": experiments,
    }
    named = {}
    for key, patterns in settings.select:
        table = getattr(settings, key) or "the study"
        named[key] = tuple(tables[key])
        if patterns != "all":
            kind = key.removesuffix("s")
            named[key] = matching(patterns, tables[key], f"{where}, select.{key}", table, kind)
    if settings.select.claims == "all":
        for key in ("networks", "experiments"):
            if named[key] and getattr(settings.select, key) != "all":
                raise DownhillError(f"{where}, select.{key}: {_without_effect(named, claims)}")
        return claims, networks, experiments
    if not named["claims"]:
        raise DownhillError(
            f"{where}, select.claims: the list is empty; name at least one claim, or write all"
        )
    chosen = {name: claims[name] for name in named["claims"]}
    run = {name for claim in chosen.values() for name in claim.experiments} | set(named["experiments"])
    kept = {name: entry for name, entry in experiments.items() if name in run}
    used = {name for claim in chosen.values() for name in claim.networks} | set(named["networks"])
    used |= {name for experiment in kept.values() for name in experiment.networks}
    return chosen, {name: row for name, row in networks.items() if name in used}, kept


def _without_effect(named: Mapping[str, Collection[str]], claims: Mapping[str, Claim]) -> str:
    """Why networks and experiments are not selected without claims, with the claims that need no others."""
    enough = [
        name
        for name, claim in claims.items()
        if set(claim.networks) <= set(named["networks"])
        and set(claim.experiments) <= set(named["experiments"])
    ]
    examples = f", such as [{', '.join(enough)}], which need nothing else" if enough else ""
    return (
        "has no effect, since all claims are selected with everything that they use; set select.claims to a list"
        f"{examples}"
    )
