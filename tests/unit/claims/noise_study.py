"""Made-up answers to noise, with known results, and two small trained networks."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from downhill.claims.inputs import Inputs
from downhill.claims.judge import judge
from downhill.claims.measure import measure
from downhill.config import functions
from downhill.config.claim import Claim
from downhill.config.network import Network
from downhill.datasets import Dataset
from downhill.datasets.prepare import with_noise
from downhill.datasets.store import save_dataset
from downhill.experiments.results import ExperimentResult
from downhill.runs.evaluate import evaluate_network
from downhill.runs.evaluation import EvaluatedNetwork
from downhill.runs.train import train_block
from downhill.storage.json_files import read_json

from .trained_networks import QUICK

SMALL = Network(hidden_layers=(6,), epochs=2)
RECIPE = {"source": "mnist", "shuffle_labels": 0.0}
SHARES = np.array([0.1, 0.5, 1.0])
KINDS = {"uniform": "uniform noise", "shuffled": "shuffled pixels"}
OPTIONS: dict[str, Any] = {"kinds": list(KINDS), "names": list(KINDS.values())}
BANDS = {
    "confident_share": ("share", "> 0.5"),
    "noise_minus_real": ("number", "-0.05 to 0.05"),
    "doubt_when_taught": ("number; points", "< 0.2; < 0.005"),
}

Largest = Mapping[str, np.ndarray]


def trained_pair(digits: Dataset, folder: Path) -> dict[str, EvaluatedNetwork]:
    """A network that is taught noise (four seeds), and one that is not (six)."""
    train = digits.train.take(slice(300))
    found = {}
    for name, images, seeds in (("taught", with_noise(train, 50, 0), 4), ("plain", train, 6)):
        data = Dataset(images, train.take(slice(0)), digits.test, digits.classes)
        save_dataset(data, folder / f"{name}-data", recipe=RECIPE)
        train_block(SMALL, data, range(seeds), 1, folder / name / "seeds")
        blocks = [folder / name / "seeds"]
        evaluate_network(
            name, SMALL, folder / f"{name}-data", blocks, range(seeds), folder / f"{name}-evaluation"
        )
        found[name] = EvaluatedNetwork(folder / f"{name}-evaluation")
    return found


def random_answers(seed: int, seeds: int, images: int = 60) -> tuple[Largest, Largest]:
    """Largest outputs and answers of some seeds to test images and two kinds of noise."""
    random = np.random.default_rng(seed)
    sets = {"": images, "shuffled": images - 10, "uniform": images - 20}
    largest = {name: random.beta(3, 1, (seeds, n)).astype(np.float32) for name, n in sets.items()}
    return largest, {name: random.integers(0, 10, (seeds, n), dtype=np.uint8) for name, n in sets.items()}


def arrays_of(
    networks: Mapping[str, tuple[Largest, Largest]], thin: np.ndarray | None = None, thinned: str = "uniform"
) -> Any:
    """The arrays of one job of the experiment; `thin` holds outputs for thinned images (k, shares, images)."""
    first = next(iter(networks.values()))[0]
    seeds, names = len(first[""]), list(networks)
    thin = np.zeros((seeds, 0, 0), np.float32) if thin is None else thin
    about: dict[str, Any] = {
        "networks": names,
        "hidden_layers": ["6" if place % 2 == 0 else "" for place in range(len(names))],
        "activation": ["sigmoid" if place % 2 == 0 else "" for place in range(len(names))],
        "output": ["sigmoid"] * len(names),
        "recipe": ["quadratic cost, normal initialisation, rate 3"] * len(names),
        "trained": [place < 2 for place in range(len(names))],
        "classes": [10] * len(names),
        "sets": list(first),
        "images": [[one.shape[1] for one in largest.values()] for largest, _ in networks.values()],
        "thinned": thinned if thin.size else "",
        "shares": SHARES[: thin.shape[1]],
        "shown": np.random.default_rng(0).integers(0, 256, (len(first), 2, 8, 8), dtype=np.uint8),
    }
    return {
        "seeds": np.arange(seeds),
        "diverged": np.zeros(0, np.int64),
        **{key: np.stack([np.asarray(value)] * seeds) for key, value in about.items()},
        "largest": np.concatenate(
            [one for largest, _ in networks.values() for one in largest.values()], axis=1
        ),
        "answer": np.concatenate([one for _, answer in networks.values() for one in answer.values()], axis=1),
        "thin": np.stack([thin] * len(names), axis=1),
    }


def result_of(name: str, *networks: str, together: bool = False, **arrays: Any) -> ExperimentResult:
    """An experiment that ran once for each network, or once for all of them."""
    return ExperimentResult(name, {"": arrays["all"]} if together else {n: arrays[n] for n in networks})


def evidence_of(statistic: str, inputs: Inputs, folder: Path, **options: Any) -> dict[str, Any]:
    """Measure and judge a claim, and read the file that was written."""
    unit, band = BANDS[statistic]
    claim = Claim(
        claim=statistic.replace("_", "-"),
        family="noise",
        statement="It is so.",
        source="L1",
        statistic=statistic,
        networks=tuple(network.name for network in inputs.networks),
        experiments=tuple(inputs.experiments),
        options=OPTIONS | options,
        unit=unit,
        band=band,
        figures=(),
    )
    measurement, path = folder / "measured.json", folder / f"{claim.claim}.json"
    measure(claim.measured(), inputs, QUICK, measurement)
    judge(claim, functions.description("claims", "noise", statistic), measurement, path)
    found: dict[str, Any] = read_json(path)
    return found
