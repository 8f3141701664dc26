"""What the claims of the study say about things to try in the page."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from downhill.analysis.confidence import SURE
from downhill.claims.wording import KINDS_OF_LINES
from downhill.playground.assets import DRAWN, LINES, NOISE


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


def about_lines(
    found: Iterable[dict[str, Any]], seeds: Mapping[str, Sequence[int]]
) -> dict[str, dict[str, Any]]:
    """For each network, the cost on the lines between pairs of its seeds, from the first claim that measures it.

    Parameters
    ----------
    found
        Evidence of claims.
    seeds
        The seeds of the page, by network; pairs of other seeds, or with a cost that is not finite, are left out.

    Returns
    -------
    dict by network: `claim`, `images` (how many training images the cost is computed on) and `pairs`: the two `seeds`
    of each, the costs at evenly spaced points, `trained` and `matched`, and the two `barriers` (None if infinite).
    """
    lines: dict[str, dict[str, Any]] = {}
    for evidence in found:
        if evidence["statistic"] in LINES and evidence["verdict"] != "not measured":
            names = {name for networks in evidence["inputs"].values() for name in networks}
            for name in names if len(names) == 1 else ():  # the lines do not say which network they belong to
                about = {"claim": evidence["claim"], "images": evidence["data"]["n_images"]}
                if pairs := _pairs(evidence["data"], seeds.get(name, ())):
                    lines.setdefault(name, about | {"pairs": pairs})
    return lines


def _pairs(data: dict[str, Any], seeds: Sequence[int]) -> list[dict[str, Any]]:
    """The lines between pairs of seeds: as trained, and with units matched."""
    lines = {line["name"]: line for line in data["lines"] if not line["same_start"]}
    trained, matched = lines[KINDS_OF_LINES["trained"]], lines[KINDS_OF_LINES["matched"]]
    return [
        {
            "seeds": pair,
            "trained": trained["costs"][at],
            "matched": matched["costs"][at],
            "barriers": [trained["barriers"][at], matched["barriers"][at]],
        }
        for at, pair in enumerate(trained["pairs"])
        if set(pair) <= set(seeds) and None not in (*trained["costs"][at], *matched["costs"][at])
    ]


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
