"""The claims of the family *cost* as the shipped tables have them, measured on networks trained on few digits."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from downhill.claims.inputs import Inputs
from downhill.claims.judge import judge
from downhill.claims.measure import measure
from downhill.config import functions
from downhill.config.experiment import Experiment
from downhill.config.reading import merge, read_yaml
from downhill.config.study import Study
from downhill.datasets import Dataset, load_dataset
from downhill.datasets.store import save_dataset
from downhill.experiments.inputs import Inputs as ExperimentInputs
from downhill.experiments.results import ExperimentResult, read_results
from downhill.experiments.run import run_experiment
from downhill.runs.evaluate import evaluate_network
from downhill.runs.evaluation import EvaluatedNetwork
from downhill.runs.train import train_block
from downhill.runs.trained import TrainedNetwork
from downhill.storage.json_files import read_json
from tests.shipped_claims import small_options

REPOSITORY = Path(__file__).parents[1]
TINY = {"limits": {"seeds": 3, "epochs": 3}, "statistics": {"resamples": 200}}


class CostStudy:
    """Networks, experiments and evidence by name, each made on first use."""

    def __init__(self, digits: Dataset, folder: Path) -> None:
        settings = read_yaml(REPOSITORY / "config" / "config.yaml")
        for table in ("datasets", "networks", "experiments", "claims"):
            settings[table] = str(REPOSITORY / settings[table])
        self.study = Study.from_values(merge(settings, TINY), "tiny study")
        self.digits, self.folder = digits, folder
        self.evaluation: Callable[[str], EvaluatedNetwork] = cache(self._evaluation)
        self.experiment: Callable[[str], ExperimentResult] = cache(self._experiment)
        self.evidence: Callable[[str], dict[str, Any]] = cache(self._evidence)

    def trained(self, name: str) -> TrainedNetwork:
        """A trained network, as experiments use it."""
        self.evaluation(name)
        blocks = [self.folder / "runs" / name]
        return TrainedNetwork(name, self.study.networks[name].settings(), self._data, blocks)

    def options(self, name: str) -> dict[str, Any]:
        """Options of an experiment, with which it takes little time."""
        return small_options(self._entry(name).options)

    @property
    def _data(self) -> Path:
        folder = self.folder / "mnist-60000"
        if not folder.exists():
            recipe = self.study.recipe("mnist-60000").model_dump(mode="json")
            save_dataset(self.digits, folder, recipe=recipe)
        return folder

    def _entry(self, name: str) -> Experiment:
        return self.study.experiments[name]

    def _evaluation(self, name: str) -> EvaluatedNetwork:
        net, seeds = self.study.networks[name].settings(), self.study.seeds(name)
        block, folder = self.folder / "runs" / name, self.folder / "evaluation" / name
        train_block(net, load_dataset(self._data), seeds, 1, block)
        evaluate_network(name, net, self._data, [block], seeds, folder)
        return EvaluatedNetwork(folder)

    def _experiment(self, name: str) -> ExperimentResult:
        entry, files = self._entry(name), []
        for network in entry.networks:
            files.append(self.folder / "experiments" / f"{name}-{network}.npz")
            inputs = ExperimentInputs({network: self.trained(network)})
            seeds = self.study.experiment_seeds(name)
            run_experiment(name, entry.function, seeds, inputs, self.options(name), files[-1], network)
        return read_results(files)[name]

    def _evidence(self, name: str) -> dict[str, Any]:
        row = self.study.claims[name]
        measurement, path = self.folder / f"{name}-measured.json", self.folder / f"{name}.json"
        networks = tuple(self.evaluation(network) for network in row.networks)
        inputs = Inputs(networks, {one: self.experiment(one) for one in row.experiments})
        measure(row.measured(), inputs, self.study.settings.statistics, measurement)
        judge(row, functions.description("claims", row.family, row.statistic), measurement, path)
        found: dict[str, Any] = read_json(path)
        return found


CLAIMS = ("cost-tracks-error", "lower-cost-better-net", "better-on-all", "mostly-convex", "smooth-cost")
