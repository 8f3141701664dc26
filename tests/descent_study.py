"""The claims of the family *descent* as the shipped tables have them, measured on networks trained on few digits."""

from pathlib import Path

from downhill.datasets.dataset import Dataset, Images
from downhill.datasets.resize import area_averaged
from downhill.experiments.inputs import Inputs as ExperimentInputs
from downhill.experiments.results import ExperimentResult, read_results
from downhill.experiments.run import run_experiment
from tests.cost_study import CostStudy

CLAIMS = (
    "steepest",
    "relative-importance",
    "steps-shrink",
    "step-size-example",
    "no-exhaustive-search",
    "gradual-not-closed-form",
)


class DescentStudy(CostStudy):
    """Networks, experiments and evidence by name, each made on first use."""

    def _experiment(self, name: str) -> ExperimentResult:
        entry, files = self._entry(name), list[Path]()
        for unit in self.study.units(name):
            networks = self.study.networks_of_unit(unit)
            files.append(self.folder / "experiments" / f"{unit.replace('/', '-')}.npz")
            inputs = ExperimentInputs(
                {network: self.trained(network) for network in networks},
                {dataset: small(self.digits) for dataset in entry.datasets},
            )
            seeds, options = self.study.experiment_seeds(unit), self.options(name)
            run_experiment(name, entry.function, seeds, inputs, options, files[-1], "".join(networks))
        return read_results(files)[name]


def small(data: Dataset) -> Dataset:
    """The same images with 10 × 10 pixels."""

    def resized(images: Images) -> Images:
        return Images(area_averaged(images.images, (10, 10)), images.labels)

    return Dataset(resized(data.train), resized(data.validation), resized(data.test), data.classes)
