"""Small networks trained on few digits, and evidence of the family *inside* on them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from downhill.claims.inputs import Inputs
from downhill.claims.judge import judge
from downhill.claims.measure import measure
from downhill.config import functions
from downhill.config.claim import Claim
from downhill.config.network import Network
from downhill.config.settings import Statistics
from downhill.datasets import Dataset
from downhill.datasets.store import save_dataset
from downhill.experiments.inputs import Inputs as ExperimentInputs
from downhill.experiments.results import ExperimentResult, read_results
from downhill.experiments.run import run_experiment
from downhill.runs.evaluate import evaluate_network
from downhill.runs.evaluation import EvaluatedNetwork
from downhill.runs.train import train_block
from downhill.runs.trained import TrainedNetwork
from downhill.storage.json_files import read_json

OPTIONS: dict[str, dict[str, Any]] = {
    "gabor_fits": {"units": 3},
    "neighbouring_weights": {"permutations": 99},
    "loop_probes": {"loops": [0, 6, 8, 9], "images": 150},
    "drawn_images": {"steps": 10, "smoothness": [0.1, 1.0]},
}
EXPERIMENTS = {
    "explained_by_gabor": "gabor_fits",
    "neighbours_alike": "neighbouring_weights",
    "loops_in_second_layer": "loop_probes",
    "drawings_recognised": "drawn_images",
}
UNITS = {"loops_in_second_layer": "points"}


def small(net: Network, data: Dataset, seeds: int, folder: Path) -> TrainedNetwork:
    """Train and evaluate a network in a folder."""
    save_dataset(data, folder / "data", recipe={"source": "mnist", "shuffle_labels": 0.0})
    train_block(net, data, range(seeds), 1, folder / "seeds")
    evaluate_network("small", net, folder / "data", [folder / "seeds"], range(seeds), folder / "evaluation")
    return TrainedNetwork("small", net, folder / "data", [folder / "seeds"])


def result_of(
    function: str, network: TrainedNetwork, seeds: int, path: Path, **options: Any
) -> ExperimentResult:
    """Run an experiment of the family on all seeds of a network."""
    inputs = ExperimentInputs({network.name: network})
    run_experiment(
        "toy", f"inside.{function}", range(seeds), inputs, OPTIONS[function] | options, path, network.name
    )
    return read_results([path])["toy"]


def evidence_of(
    statistic: str,
    result: ExperimentResult,
    folder: Path,
    band: str = "< 0.5",
    names: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Measure and judge a claim on the result of its experiment, with the network in a folder."""
    evaluated = EvaluatedNetwork(folder / "evaluation", names or {})
    named = statistic in ("loops_in_second_layer", "drawings_recognised")
    claim = Claim(
        claim="toy",
        family="inside",
        statement="It is so.",
        source="L1",
        statistic=statistic,
        networks=("small",) if named else (),
        experiments=("toy",),
        unit=UNITS.get(statistic, "share"),
        band=band,
    )
    inputs = Inputs((evaluated,) if named else (), {"toy": result})
    measure(claim.measured(), inputs, Statistics(resamples=100), folder / "measurement.json")
    description = functions.description("claims", "inside", statistic)
    judge(claim, description, folder / "measurement.json", folder / f"{statistic}.json")
    found: dict[str, Any] = read_json(folder / f"{statistic}.json")
    return found


def changed(result: ExperimentResult, change: Callable[[dict[str, Any]], None]) -> ExperimentResult:
    """A copy of a result with some of its arrays changed in place."""
    ((name, arrays),) = result.by_network.items()
    copies = {key: values.copy() for key, values in arrays.items()}
    change(copies)
    return ExperimentResult(result.name, {name: copies}, result.varying)
