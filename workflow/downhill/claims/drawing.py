"""Family *drawing*: digits that are drawn."""

import numpy as np

from downhill.claims.drawing_answers import Answers, answers_in, answers_to, examples
from downhill.claims.inputs import Inputs
from downhill.claims.measurement import Measurement, Sample, gives
from downhill.claims.parts import PerSeed
from downhill.claims.wording import counted, percent, with_minus


@gives("networks", "drawings", "examples", reads=("drawing.answers",))
def accuracy_gained(inputs: Inputs, *, preprocessed: str = "", plain: str = "") -> Measurement:
    """Accuracy on generated drawings with the preprocessing of MNIST, minus that without.

    It is measured on the first network of the first experiment, and paired by seed. Other networks of the experiments
    are shown beside it.

    Parameters
    ----------
    preprocessed, plain
        Data sets of the same drawings with and without preprocessing; by default the first and the second further data
        set of the experiment.
    """
    networks = [found for result in inputs.experiments.values() for found in answers_in(result)]
    sets = answers_to(networks, preprocessed, plain)
    subject, *others = networks
    shares = [{kind: found.shares_right(name) for kind, name in sets.items()} for found in networks]
    gained = shares[0]["with"] - shares[0]["without"]
    labels = subject.labels[sets["with"]]
    note = (
        f"it gets {_of_both(subject, sets)} of {counted(len(labels), 'drawing')} right with and without preprocessing"
        f"{_compared(subject)}; the difference is {_points(gained.min())} to {_points(gained.max())} points in single "
        "seeds"
    )
    if others:
        note += "; with and without it, other networks get " + ", ".join(
            f"{_of_both(found, sets)} ({found.network})" for found in others
        )
    return Measurement(
        PerSeed(gained),
        note,
        data={
            "networks": [
                {
                    "network": found.network,
                    "test": Sample(found.accuracy),
                    "with": Sample(share["with"]),
                    "without": Sample(share["without"]),
                    "gained": Sample(share["with"] - share["without"], limited=False),
                }
                for found, share in zip(networks, shares, strict=True)
            ],
            "drawings": {"count": len(labels), "classes": len(np.unique(labels))},
            "examples": examples(subject, sets),
        },
    )


def _of_both(found: Answers, sets: dict[str, str]) -> str:
    """The mean shares of drawings that a network gets right with and without preprocessing."""
    return " and ".join(percent(found.shares_right(name).mean(), 1) for name in sets.values())


def _points(difference: float) -> str:
    return with_minus(f"{100 * difference:.1f}")


def _compared(found: Answers) -> str:
    own = found.accuracy.mean()
    return f", compared with {percent(own, 1)} of its own test images" if np.isfinite(own) else ""
