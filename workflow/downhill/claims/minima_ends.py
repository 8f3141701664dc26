"""Gradients and curvatures where training ends, for figures and notes of the family *minima*."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.claims.measurement import Sample, significant
from downhill.claims.parts import Proportion
from downhill.claims.wording import counted, percent, percent_as_given
from downhill.experiments.results import Arrays

Array = NDArray[np.float64]


def end_of(arrays: Arrays, gradient: float, curvature: float) -> dict[str, Any]:
    """Gradients and curvatures of all seeds after some further steps, and which are at a minimum."""
    steps = int(arrays["further_steps"][0])
    # After further steps on some images, the cost is that of these images.
    found = arrays["gradient"] if steps else arrays["gradient_all"]
    lowest, highest = arrays["lowest"][:, 0], arrays["highest"][:, -1]
    share = np.divide(lowest, highest, out=np.where(lowest == 0, 0.0, np.nan), where=highest > 0)
    small, curved = found < gradient, lowest >= -curvature * highest
    return {
        "epochs": int(arrays["epochs"][0]),
        "batch_size": int(arrays["batch_size"][0]),
        "steps": steps,
        "n_images": int(arrays["images"][0]),
        "n_gradient": int((arrays["images"] if steps else arrays["all_images"])[0]),
        "seeds": arrays["seeds"],
        "gradient": Sample(found),
        "curvature": Sample(share),
        "small": int(small.sum()),
        "curved": int(curved.sum()),
        "share": Proportion(np.append(small & curved, np.zeros(len(arrays["diverged"]), bool))),
        "spectrum": significant(np.concatenate([arrays["lowest"], arrays["highest"]], axis=1), 5),
        "step": arrays["step"][0],
        "path": significant(arrays["path"], 5),
    }


def about_end(end: dict[str, Any], gradient: float, curvature: float) -> str:
    """In how many seeds the gradient is small, and in how many the lowest curvature is not clearly negative."""
    ratios, shares = end["gradient"].values, end["curvature"].values
    return (
        f"the gradient is below {percent_as_given(gradient)} of that at the start in {end['small']} of "
        f"{counted(len(ratios), 'seed')}{_median_of(ratios)}, and the lowest curvature is at least "
        f"−{percent_as_given(curvature)} of the highest in {end['curved']}{_median_of(shares)}"
    )


def _median_of(shares: Array) -> str:
    known = shares[np.isfinite(shares)]
    return f" (median {percent(np.median(known))})" if len(known) else ""
