"""What the claims of the study say about things to try in the page."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from downhill.analysis.confidence import SURE
from downhill.playground.assets import DRAWN, NOISE


def about_noise(found: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """For each network, the share of noise that it is sure of, from the first claim that measures it.

    Returns
    -------
    dict by network: `claim`, `kind` (of noise), `value`, `lower` and `upper` (None if there is no interval), `n`
    (seeds) and `values` of the seeds.
    """
    shares: dict[str, dict[str, Any]] = {}
    for evidence in found:
        if evidence["statistic"] in NOISE and evidence["verdict"] != "not measured":
            for network, sample in _samples(evidence["data"]).items():
                shares.setdefault(network, _share(evidence, sample))
    return shares


def about_drawings(found: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """For each network, how many generated drawings it recognises, from the first claim that measures it.

    Returns
    -------
    dict by network: `claim`, mean accuracies `test` (on its own test images), `with` and `without` preprocessing, and
    `n`, the number of drawings.
    """
    drawn: dict[str, dict[str, Any]] = {}
    for evidence in found:
        if evidence["statistic"] in DRAWN and evidence["verdict"] != "not measured":
            for row in evidence["data"]["networks"]:
                means = {kind: row[kind]["mean"] for kind in ("test", "with", "without")}
                about = {"claim": evidence["claim"], "n": evidence["data"]["drawings"]["count"]}
                drawn.setdefault(row["network"], about | means)
    return drawn


def _samples(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Share of noise that the seeds of each network are sure of: from a table of networks, or else from curves."""
    kind = data["kind"]
    at = int(np.argmin(np.abs(np.array(data["curves"]["thresholds"]) - SURE)))
    found = {network: of[kind][at] for network, of in data["curves"]["networks"].items()}
    return found | {row["network"]: row["confident"][kind] for row in data.get("sweep") or []}


def _share(evidence: dict[str, Any], sample: dict[str, Any]) -> dict[str, Any]:
    return {
        "claim": evidence["claim"],
        "kind": evidence["data"]["kind"],
        "value": sample["mean"],
        "lower": sample["lower"],
        "upper": sample["upper"],
        "n": len(sample["values"]),
        "values": sample["values"],
    }
