"""How a part of a panel is marked that is not the band of the claim."""

from typing import Any

from downhill.figures import style

CRITERION: dict[str, Any] = {
    "facecolor": "none",
    "edgecolor": style.GREY,
    "alpha": 0.4,
    "hatch": "//",
    "linewidth": 0.8,
    "zorder": 0,
}
"""Values that meet a criterion: hatched, since shading marks those that support the claim."""
