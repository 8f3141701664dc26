"""Numbers of operations in the family *backpropagation*, for its figures and notes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.claims.wording import counted
from downhill.config.network import Network
from downhill.network.operations import backward_pass, forward_pass

Array = NDArray[Any]

_LAYERS = 100  # of weights, in a chain of equal layers
_WIDTHS = (1, 2, 3, 4, 6, 8, 12, 16, 32, 64, 128, 256, 512, 1024)
_MANY = 1000  # images; the ratio hardly changes beyond


def by_width(images: list[int], limit: float) -> dict[str, Any]:
    """The ratio of both passes by formulas, for networks of equal layers of sigmoid units with quadratic cost.

    Parameters
    ----------
    images
        Numbers of images to count for, besides a large number of them.
    limit
        See `from_width`.

    Returns
    -------
    dict:
        widths, layers : the widths of all layers, inputs and outputs included, and the number of layers of weights
        ratios : [{images, ratio}, …], backward over forward by width
        highest : the largest ratio of all
        from_width : the width from which on all ratios are below the limit; None if there is none
    """
    net = Network(hidden_layers=(1,) * (_LAYERS - 1))
    counts = sorted({*images, _MANY})
    ratios = np.array(
        [[_ratio((width,) * (_LAYERS + 1), net, count) for width in _WIDTHS] for count in counts]
    )
    above = np.flatnonzero((ratios >= limit).any(axis=0))
    first = int(above[-1]) + 1 if len(above) else 0
    return {
        "widths": list(_WIDTHS),
        "layers": _LAYERS,
        "ratios": [
            {"images": count, "ratio": np.round(row, 5).tolist()}
            for count, row in zip(counts, ratios, strict=True)
        ],
        "highest": float(ratios.max()),
        "from_width": _WIDTHS[first] if first < len(_WIDTHS) else None,
    }


def _ratio(sizes: tuple[int, ...], net: Network, images: int) -> float:
    return backward_pass(sizes, net, images).total / forward_pass(sizes, net, images).total


def about_counts(arrays: dict[str, Array], parameters: int, widths: dict[str, Any], limit: float) -> str:
    """What was counted, on the graph and with the formulas, and how the ratio depends on the shape of a network."""
    tape, formulas, images = arrays["tape"][0], arrays["formulas"][0], arrays["images"][0]
    totals = tape[:, :, :2].sum(axis=2)
    forward, backward = totals[-1]
    several = counted(int(images[-1]), "image")
    note = (
        f"for {several}, {forward:,} operations forwards and {backward:,} backwards give all {parameters:,} "
        f"derivatives. Nudging each parameter by itself takes {parameters:,} forward passes, "
        f"{parameters * forward / backward:,.0f} times as many operations as the backward pass"
    )
    if images[-1] > 1:
        note += f". For one image, the ratio is {totals[0, 1] / totals[0, 0]:.2f}"
    apart = abs(totals - formulas[:, :, :2].sum(axis=2)).max()
    note += ". The formulas of backpropagation give the same numbers of operations" if not apart else (
        f". The formulas of backpropagation give numbers of operations that differ by at most {apart:,}"
    )  # fmt: skip
    note += (
        f"; the derivatives on the graph differ from those of backpropagation by at most "
        f"{arrays['difference'].max():.0e} (relative)"
    )
    note += f". In networks of {widths['layers']} equal layers, the ratio is at most {widths['highest']:.2f}"
    if widths["from_width"] is not None:
        below = f"; it is below {limit:g} "
        note += below + (
            f"from {counted(widths['from_width'], 'unit')} per layer on"
            if widths["from_width"] > 1
            else "for all widths"
        )
    return note
