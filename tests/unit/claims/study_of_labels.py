"""Networks that learn few digits with true and with shuffled labels, and others of about one size, with evidence."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from downhill.claims.inputs import Inputs
from downhill.claims.judge import judge
from downhill.claims.measure import measure
from downhill.config import functions
from downhill.config.claim import Claim
from downhill.config.network import Network
from downhill.config.settings import Statistics
from downhill.datasets import Dataset, load_dataset
from downhill.datasets.store import save_dataset
from downhill.experiments.inputs import Inputs as ExperimentInputs
from downhill.experiments.results import ExperimentResult, read_results
from downhill.experiments.run import run_experiment
from downhill.runs.evaluate import evaluate_network
from downhill.runs.evaluation import EvaluatedNetwork
from downhill.runs.train import train_block
from downhill.storage.json_files import read_json

QUICK = Statistics(resamples=300)

_FIT = Network(
    hidden_layers=(24,),
    loss="cross_entropy",
    learning_rate=0.5,
    epochs=120,
    history_sets=("train",),
)
_SHAPE = Network(epochs=15, history_every=15, history_sets=("test",))
NETWORKS: dict[str, tuple[Network, int]] = {
    f"{name}-{images}": (_FIT.model_copy(update={"subset_images": images, "shuffle_labels": share}), 5)
    for images in (40, 80, 160)
    for name, share in (("true", 0.0), ("shuffled", 1.0))
}
NETWORKS |= {
    "brief-true": (_FIT.model_copy(update={"subset_images": 80, "epochs": 1}), 2),
    "brief-shuffled": (
        _FIT.model_copy(update={"subset_images": 80, "epochs": 1, "shuffle_labels": 1.0}),
        2,
    ),
    "first-80": (_FIT.model_copy(update={"epochs": 1}), 2),  # all images of its own data set
    "sparse-true": (_FIT.model_copy(update={"subset_images": 80, "epochs": 4, "history_every": 2}), 2),
    "sparse-shuffled": (
        _FIT.model_copy(update={"subset_images": 80, "epochs": 4, "history_every": 2, "shuffle_labels": 1.0}),
        2,
    ),
    "small-true": (_FIT.model_copy(update={"subset_images": 80, "initialization": "lecun"}), 3),
    "small-shuffled": (
        _FIT.model_copy(update={"subset_images": 80, "initialization": "lecun", "shuffle_labels": 1.0}),
        3,
    ),
    "wide": (_SHAPE.model_copy(update={"hidden_layers": (16,)}), 6),
    "deep": (_SHAPE.model_copy(update={"hidden_layers": (16, 8)}), 3),
    "deeper": (_SHAPE.model_copy(update={"hidden_layers": (14, 14, 14)}), 3),
    "linear": (
        _SHAPE.model_copy(update={"hidden_layers": (), "output": "softmax", "loss": "cross_entropy"}),
        2,
    ),
}

CLAIMS: dict[str, dict[str, Any]] = {
    "gap_when_memorising": {
        "family": "memorisation",
        "networks": ("true-80",),
        "unit": "points",
        "band": "> 0.10",
        "figures": ("memorised",),
    },
    "straightness_of_descent": {
        "family": "memorisation",
        "networks": ("true-80", "shuffled-80", "small-true", "small-shuffled"),
        "experiments": ("score-at-start",),
        "unit": "number; share",
        "band": "> 0.9; > 0.75",
        "figures": ("curves_by_labels", "straightness_by_share"),
    },
    "ratio_of_epochs": {
        "family": "memorisation",
        "networks": ("true-40", "shuffled-40", "true-80", "shuffled-80", "true-160", "shuffled-160"),
        "options": {"images": 80, "fitted": 0.8},
        "unit": "ratio; number",
        "band": "> 2; > 0",
        "figures": ("epochs_by_images",),
    },
    "spread_of_shapes": {
        "family": "learning",
        "networks": ("wide", "deep", "deeper"),
        "unit": "points",
        "band": "< 0.015",
        "figures": ("accuracy_of_shapes",),
    },
    "odds_of_shared_mistakes": {
        "family": "learning",
        "networks": ("wide", "linear"),
        "experiments": ("nearest-neighbours",),
        "unit": "ratio",
        "band": "> 5",
        "figures": ("odds_of_mistakes", "shared_mistakes"),
    },
}


@dataclass
class Study:
    """A small study in a folder; each network is trained when it is first asked for."""

    folder: Path
    data: Dataset

    def __post_init__(self) -> None:
        recipe = {"source": "mnist", "training_images": 300, "shuffle_labels": 0.0}
        save_dataset(self.data, self.folder / "data", recipe=recipe)
        first = Dataset(
            self.data.train.take(slice(80)), self.data.validation, self.data.test, self.data.classes
        )
        save_dataset(first, self.folder / "first-80", recipe=recipe | {"training_images": 80})

    def network(self, name: str) -> EvaluatedNetwork:
        """A network, trained and evaluated."""
        block, evaluation = self.folder / name / "seeds-0", self.folder / name / "evaluation"
        if not evaluation.exists():
            net, seeds = NETWORKS[name]
            data = self.folder / ("first-80" if name == "first-80" else "data")
            train_block(net, load_dataset(data), range(seeds), 1, block)
            evaluate_network(name, net, data, [block], range(seeds), evaluation)
        return EvaluatedNetwork(evaluation)

    def experiment(self, name: str, networks: tuple[str, ...]) -> ExperimentResult:
        """The results of one of the two experiments."""
        if name == "nearest-neighbours":
            path = self.folder / f"{name}.npz"
            inputs = ExperimentInputs(datasets={"data": load_dataset(self.folder / "data")})
            run_experiment(name, "learning.nearest_neighbours", range(1), inputs, {"neighbours": 5}, path)
            return read_results([path])[name]
        paths = []
        for network in networks:
            trained = self.network(network).trained
            paths.append(self.folder / f"{name}-{network}.npz")
            seeds, inputs = range(NETWORKS[network][1]), ExperimentInputs({network: trained})
            run_experiment(name, "memorisation.score_at_start", seeds, inputs, {}, paths[-1], network)
        return read_results(paths)[name]

    def evidence(self, statistic: str, **changes: Any) -> dict[str, Any]:
        """Evidence of one of the claims, with some cells of its row changed."""
        row = {"claim": statistic.replace("_", "-"), "statement": "It is so.", "source": "L1"}
        claim = Claim(**(row | {"statistic": statistic} | CLAIMS[statistic] | changes))
        networks = tuple(self.network(name) for name in claim.networks)
        experiments = {name: self.experiment(name, claim.networks) for name in claim.experiments}
        measurement, path = self.folder / "measurement.json", self.folder / f"{claim.claim}.json"
        measure(claim.measured(), Inputs(networks, experiments), QUICK, measurement)
        judge(claim, functions.description("claims", claim.family, statistic), measurement, path)
        found: dict[str, Any] = read_json(path)
        return found

    def evidence_of_family(self, family: str) -> dict[str, dict[str, Any]]:
        """Evidence of all claims of a family, by statistic."""
        return {name: self.evidence(name) for name, row in CLAIMS.items() if row["family"] == family}


def small_study(digits: Dataset, folder: Path) -> Study:
    """A study of 300 training and 200 test digits."""
    train = digits.train
    data = Dataset(train.take(slice(300)), train.take(slice(0)), digits.test, digits.classes)
    return Study(folder, data)
