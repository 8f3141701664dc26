"""The shipped claims and experiments, made small enough for tests."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from downhill.config.claim import Claim
from downhill.config.experiment import Experiment
from downhill.config.reading import read_yaml
from downhill.config.table import read_table

CONFIG = Path(__file__).parents[1] / "config"
CLAIMS = read_table(CONFIG / "claims.tsv", Claim, key="claim")
EXPERIMENTS = {
    name: Experiment.model_validate(entry) for name, entry in read_yaml(CONFIG / "experiments.yaml").items()
}

# Values of options, whatever their function, that take less time than the shipped ones.
_SMALL = {
    "images": 50,
    "points": 5,
    "further_steps": 3,
    "segments": 8,
    "thin_images": 20,
    "units": 3,
    "permutations": 99,
    "steps": 10,
    "evaluations": 60,
    "directions": 5,
    "nudged": 20,
    "most_steps": 3000,
    "epochs": 5,
    "parameters": 30,
}


def small_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options of an experiment, with smaller numbers of images, steps and the like."""
    return {name: min(value, _SMALL[name]) if name in _SMALL else value for name, value in options.items()}
