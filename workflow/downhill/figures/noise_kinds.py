"""Kinds of image in the figures of the family *noise*: their order, their looks, and remarks."""

from collections.abc import Iterable
from typing import Any

from downhill.claims.wording import TEST_IMAGES
from downhill.figures import style

LOOKS = (
    {"color": style.VERMILLION, "marker": "s"},
    {"color": style.SKY, "marker": "^"},
    {"color": style.INK, "marker": "v"},
    {"color": style.GREY, "marker": "P"},
)
"""Looks of the kinds of noise, in their order; test images have the look of `style.TEST`."""


def noise_first(by_kind: Iterable[str]) -> list[str]:
    """The kinds of image in the order in which they are drawn: noise, then test images."""
    return sorted(by_kind, key=lambda kind: kind == TEST_IMAGES)


def look_of(kind: str, kinds: list[str]) -> dict[str, Any]:
    """Colour and marker of a kind of image."""
    return mark_of(style.TEST) if kind == TEST_IMAGES else LOOKS[kinds.index(kind) % len(LOOKS)]


def mark_of(look: dict[str, Any]) -> dict[str, Any]:
    """The colour and the marker of a look, without its line."""
    return {key: look[key] for key in ("color", "marker")}


def about_outputs(output: str) -> str:
    """What the height of an output means."""
    if output == "softmax":
        return "Outputs are those of a softmax: they sum to 1."
    return f"Outputs are not probabilities: each is a separate {output} unit, and they need not sum to 1."


def about_network(network: str) -> str:
    """Which network a figure shows."""
    return f"The network is {network}."


def about_verdict(kind: str) -> str:
    """Which kind of noise the verdict is about."""
    return f"The verdict is about {kind}."
