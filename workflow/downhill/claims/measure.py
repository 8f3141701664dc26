"""Measuring a claim: compute its statistic with intervals and the data of its figures, as one JSON file.

The statement, its source, the band and the names of the figures are not used here: `claims.judge` adds them.
"""

from pathlib import Path
from typing import Any

from downhill.claims.inputs import Inputs
from downhill.claims.measurement import Measurement, described
from downhill.claims.parts import NotMeasuredError, Part
from downhill.config import functions
from downhill.config.claim import MeasuredClaim
from downhill.config.settings import Statistics
from downhill.experiments.results import ExperimentResult, SeveralNetworksError
from downhill.storage.json_files import write_json

NO_MEASUREMENT: dict[str, Any] = {"parts": [], "note": "", "data": {}}


def measure(claim: MeasuredClaim, inputs: Inputs, settings: Statistics, path: Path) -> dict[str, Any]:
    """Measure a claim and write the measurement to `path`; also returns it.

    The file holds the statistic's parts (see `claims.parts.Part.estimate`), its note and data, the settings of
    the intervals, and the networks and experiments behind it; `why_not` says why it could not be measured.
    """
    statistic = functions.load("claims", claim.family, claim.statistic)
    found: dict[str, Any] = {
        "family": claim.family,
        "statistic": claim.statistic,
        "options": claim.options,
        "confidence_level": settings.confidence_level,
        "statistics": settings.model_dump(),
        "diverged": {"seeds": _count_diverged(inputs), "are": statistic.diverged},  # type: ignore[attr-defined]
    }
    try:
        for network in inputs.networks:
            if not network.seeds:
                raise NotMeasuredError(f"every seed of network '{network.name}' diverged")
        for result in inputs.experiments.values():
            if not all(len(arrays["seeds"]) for arrays in result.by_network.values()):
                raise NotMeasuredError(_nothing_computed(result))
        if found["diverged"]["seeds"] and found["diverged"]["are"] == "not measured":
            raise NotMeasuredError(
                f"{found['diverged']['seeds']} seed(s) diverged, and the claim is about all of them"
            )
        measurement: Measurement = statistic(inputs, **claim.options)
        _check_declaration(statistic, measurement)
        found |= {
            "why_not": None,
            "parts": [
                {"name": name} | _with_further_sources(part.estimate(settings), inputs)
                for name, part in zip(statistic.parts, _parts(measurement), strict=True)  # type: ignore[attr-defined]
            ],
            "note": measurement.note,
            "data": described(measurement.data, settings),
        }
    except (NotMeasuredError, SeveralNetworksError) as reason:
        found |= NO_MEASUREMENT | {"why_not": str(reason)}
    found["runs"] = [network.index | {"stuck": network.stuck} for network in inputs.networks]
    found["experiments"] = {name: result.summary() for name, result in inputs.experiments.items()}
    write_json(path, found)
    return found


def _count_diverged(inputs: Inputs) -> int:
    """Seeds of the networks, and cases of the experiments, whose training diverged."""
    return sum(len(network.index["diverged"]) for network in inputs.networks) + sum(
        len(arrays["diverged"])
        for result in inputs.experiments.values()
        for arrays in result.by_network.values()
    )


def _nothing_computed(result: ExperimentResult) -> str:
    """Why an experiment has no results."""
    if any(len(arrays["diverged"]) for arrays in result.by_network.values()):
        return f"no seed of experiment '{result.name}' is left, since networks diverged"
    return f"experiment '{result.name}' takes pairs of seeds, and there is only one seed"


def _parts(measurement: Measurement) -> list[Part]:
    parts = measurement.parts
    return list(parts) if isinstance(parts, list | tuple) else [parts]  # type: ignore[list-item]


def _check_declaration(statistic: Any, measurement: Measurement) -> None:
    """Check that a statistic returns what it declares; anything else is a bug, hence the TypeError."""
    if set(measurement.data) != set(statistic.keys) or len(_parts(measurement)) != len(statistic.parts):
        raise TypeError(
            f"{statistic.__name__} declares the keys {sorted(statistic.keys)} and {len(statistic.parts)} part(s), but "
            f"returns {sorted(measurement.data)} and {len(_parts(measurement))}"
        )


def _with_further_sources(estimate: dict[str, Any], inputs: Inputs) -> dict[str, Any]:
    """Name what else varies between the seeds of these networks, if there is an interval."""
    varying = {source for network in inputs.networks for source in network.varying}
    varying |= {source for result in inputs.experiments.values() for source in result.varying}
    further = estimate["further"]
    for interval in (estimate, *([further] if further else [])):
        if interval["covers"]:
            interval["covers"] += sorted(varying)
    return estimate
