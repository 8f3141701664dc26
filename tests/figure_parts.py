"""Evidence that a test can change, and what panels of figures draw."""

import json
from typing import Any

import numpy as np
from matplotlib.axes import Axes


def changed(evidence: dict[str, Any]) -> dict[str, Any]:
    """A copy that a test can change."""
    found: dict[str, Any] = json.loads(json.dumps(evidence))
    return found


def drawn(ax: Axes, axis: str = "y") -> np.ndarray:
    """Rounded numbers of all lines of a panel."""
    found = [np.asarray(getattr(line, f"get_{axis}data")(), float) for line in ax.lines]
    return np.round(np.concatenate(found), 9)
