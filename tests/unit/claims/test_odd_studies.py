"""Sentences about odd but legal studies are true: one seed, few images, a missing class, no training, no digits."""

import re
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.text import Text

from downhill.claims.inputs import Inputs
from downhill.claims.judge import judge
from downhill.claims.measure import measure
from downhill.config import functions
from downhill.config.claim import Claim
from downhill.config.experiment import Experiment
from downhill.config.network import Network
from downhill.datasets import Dataset
from downhill.datasets.dataset import Images
from downhill.datasets.prepare import with_noise
from downhill.datasets.store import save_dataset
from downhill.experiments.inputs import Inputs as ExperimentInputs
from downhill.experiments.results import read_results
from downhill.experiments.run import run_experiment
from downhill.figures import pages
from downhill.report.networks import tabulate
from downhill.report.overview import overview
from downhill.report.tables import summarise
from downhill.runs.evaluate import evaluate_network
from downhill.runs.evaluation import EvaluatedNetwork
from downhill.runs.train import train_block
from downhill.runs.trained import TrainedNetwork
from downhill.storage.json_files import read_json
from tests.figure_checks import accepted
from tests.shipped_claims import CLAIMS, EXPERIMENTS, small_options

from .conftest import RECIPE
from .trained_networks import QUICK

SMALL = Network(hidden_layers=(4,), epochs=2)


def _of_classes(images: Images, *classes: int) -> Images:
    return images.take(np.flatnonzero(np.isin(images.labels, classes)))


def _one_of_each(images: Images) -> Images:
    return images.take(np.unique(images.labels, return_index=True)[1])


def _two_classes(images: Images, count: int) -> Images:
    return _of_classes(images, 0, 1).take(slice(count))


def _pixel(images: Images, level: int | None = None) -> Images:
    """Images of one pixel: the brightness of the whole, or a constant."""
    mean = images.images.reshape(len(images), -1).mean(axis=1).astype(np.uint8)
    return Images((mean if level is None else np.full_like(mean, level)).reshape(-1, 1, 1), images.labels)


def _data(train: Images, test: Images, classes: int = 10, validation: Images | None = None) -> Dataset:
    return Dataset(
        train,
        train.take(slice(0)) if validation is None else validation,
        test,
        tuple(map(str, range(classes))),
    )


DATA: dict[str, Callable[[Dataset], Dataset]] = {
    "fifty test images": lambda d: _data(d.train.take(slice(100)), d.test.take(slice(50))),
    "one image of each class": lambda d: _data(_one_of_each(d.train), _one_of_each(d.test)),
    "two classes": lambda d: _data(_two_classes(d.train, 20), _two_classes(d.test, 10), 2),
    "one image": lambda d: _data(_two_classes(d.train, 1), _two_classes(d.test, 1), 2),
    "a class without test images": lambda d: _data(
        d.train.take(slice(100)), _of_classes(d.test, 0, 1, 2), validation=d.train.take(slice(100, 120))
    ),
    "noise": lambda d: _data(with_noise(d.train.take(slice(50)), 20, 0), d.test.take(slice(40))),
    "one pixel": lambda d: _data(_pixel(d.train.take(slice(60))), _pixel(d.test.take(slice(30)))),
    "dark": lambda d: _data(_pixel(d.train.take(slice(60)), 0), _pixel(d.test.take(slice(30)), 0)),
}
NETWORKS: dict[str, tuple[Network, int]] = {
    "one seed": (SMALL, 1),
    "two seeds": (SMALL, 2),
    "one epoch": (SMALL.model_copy(update={"epochs": 1}), 2),
    "untrained": (SMALL.model_copy(update={"epochs": 0}), 1),
    "no hidden layer": (SMALL.model_copy(update={"hidden_layers": ()}), 2),
    "one hidden unit": (SMALL.model_copy(update={"hidden_layers": (1,)}), 1),
    "decay": (SMALL.model_copy(update={"weight_decay": 0.1}), 2),
    "dim": (SMALL.model_copy(update={"output": "linear", "learning_rate": 1e-9}), 2),
    "shuffled": (SMALL.model_copy(update={"shuffle_labels": 1.0}), 1),
    "steps": (SMALL.model_copy(update={"activation": "step"}), 2),
    "frozen steps": (SMALL.model_copy(update={"activation": "step", "trained_layers": "output"}), 1),
    "all diverge": (Network(hidden_layers=(), output="linear", learning_rate=1e30, epochs=2), 2),
}
STUDIES = (
    ("fifty test images", "decay"),
    ("one image of each class", "two seeds"),
    ("two classes", "shuffled"),
    ("fifty test images", "untrained"),
    ("one image", "one seed"),
    ("one image", "all diverge"),
    ("a class without test images", "two seeds"),
    ("noise", "no hidden layer"),
    ("one pixel", "one hidden unit"),
    ("dark", "dim"),
)
OPTIONS = {
    "test_accuracy": {"first_images": 300},
    "both_fitted": {"hidden_layers": "4", "images": 100, "fitted": 0.995},
    "setting_of_crossing": {"setting": "weight_decay", "threshold": 0.1, "logarithmic": False},
    "ratio_of_epochs": {"images": 100, "fitted": 0.05},
    "ratio_of_cost_spreads": {"wide": 4, "narrow": 4},
    "single_run": {"epoch": 1},
    "single_gradient": {"depth": 2, "layer": 1},
}
# Networks that a statistic takes besides the odd one.
FURTHER: dict[str, tuple[str, ...]] = {
    "ratio_of_spreads": ("one epoch",),
    "both_fitted": ("shuffled",),
    "setting_of_crossing": ("decay",),
    "straightness_of_descent": ("shuffled",),
    "ratio_of_epochs": ("shuffled",),
    "spread_of_shapes": ("one hidden unit", "no hidden layer"),
    "odds_of_shared_mistakes": ("no hidden layer",),
    "doubt_when_taught": ("two seeds",),
    "step_units_compared": ("steps", "frozen steps"),
}
SHIPPED = {(claim.family, claim.statistic): claim for claim in CLAIMS.values()}
FAMILIES = sorted({claim.family for claim in CLAIMS.values()})
STATISTICS = [
    (family, name)
    for family in FAMILIES
    for name in functions.names("claims", family)
    if functions.declared("claims", family, name, "gives") is not None
]
FALSE = re.compile(
    r"\b(nan|inf|None)\b|\b[01] (seeds|images|cases|pixels|classes|epochs|networks|runs|weights|units|outputs)\b"
    r"|\b1 (\w+ )?(images|seeds|runs|pixels)\b|\(\)"
)


@pytest.fixture(scope="module")
def evaluated(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., EvaluatedNetwork]:
    folder = tmp_path_factory.mktemp("odd")

    @cache
    def evaluation(data: str, name: str) -> EvaluatedNetwork:
        prepared, runs = folder / data.replace(" ", "-"), folder / f"{data}-{name}".replace(" ", "-")
        dataset = DATA[data](digits)
        if not prepared.exists():
            save_dataset(dataset, prepared, recipe=RECIPE | {"shuffle_labels": 0.0})
        net, seeds = NETWORKS[name]
        train_block(net, dataset, range(seeds), 1, runs / "seeds-0")
        evaluate_network(
            name.replace(" ", "-"), net, prepared, [runs / "seeds-0"], range(seeds), runs / "evaluation"
        )
        return EvaluatedNetwork(runs / "evaluation")

    return evaluation


def inputs_of(
    family: str,
    statistic: str,
    data: str,
    name: str,
    evaluated: Callable[..., EvaluatedNetwork],
    folder: Path,
) -> Inputs:
    """What the statistic's shipped claim uses, with the odd network in place of all others, and likewise its data."""
    row, further = SHIPPED.get((family, statistic)), FURTHER.get(statistic, ())
    networks = [evaluated(data, other) for other in (name, *further)]
    if row is None or not row.experiments:
        return Inputs(tuple(networks))
    files: list[Path] = []
    for experiment in row.experiments:
        entry = EXPERIMENTS[experiment]
        datasets = dict.fromkeys(entry.datasets, networks[0].data)
        for used in _units(entry, [network.trained for network in networks]):
            seeds = min(NETWORKS[other][1] for other in (name, *further))
            files.append(folder / f"{experiment}-{len(files)}.npz")
            run_experiment(
                experiment,
                entry.function,
                range(seeds),
                ExperimentInputs({network.name: network for network in used}, datasets),
                small_options(entry.options),
                files[-1],
                used[0].name if len(used) == 1 and not entry.together else "",
            )
    return Inputs(tuple(networks) if row.networks else (), read_results(files))


def _units(entry: Experiment, networks: list[TrainedNetwork]) -> list[list[TrainedNetwork]]:
    """The networks of each unit of an experiment; see `Study.units`."""
    if not entry.networks:
        return [[]]
    return [networks] if entry.together else [[network] for network in networks]


def texts_of_figure(evidence: dict[str, Any], figure: str) -> list[str]:
    """All text that a figure shows, drawn without its layout, which takes most of the time."""
    measured = evidence["verdict"] != "not measured"
    draw = functions.load("figures", evidence["family"], figure) if measured else pages.unmeasured
    drawn = draw(evidence)
    drawn.set_layout_engine("none")
    drawn.draw_without_rendering()
    return [line for text in drawn.findobj(Text) for line in text.get_text().splitlines()]


@pytest.mark.parametrize(("data", "name"), STUDIES)
def test_sentences_are_true_whatever_the_study(data: str, name: str, evaluated, tmp_path: Path):
    evidence_files, texts = [], []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for family, statistic in STATISTICS:
            inputs = inputs_of(family, statistic, data, name, evaluated, tmp_path)
            function = functions.load("claims", family, statistic)
            band = "single run" if function.single_run else "; ".join(["> 0.1"] * len(function.parts))
            shipped = SHIPPED.get((family, statistic))
            claim = Claim(
                claim=statistic.replace("_", "-"),
                family=family,
                statement="It is so.",
                source="L1",
                said=0.1 if "said" in functions.options("claims", family, statistic) else None,
                statistic=statistic,
                networks=tuple(network.name for network in inputs.networks),
                experiments=tuple(inputs.experiments),
                options=OPTIONS.get(statistic, {} if shipped is None else shipped.options),
                unit="share" if shipped is None else shipped.unit,
                band=band if shipped is None else shipped.band,
            )
            figures = [figure for figure in functions.names("figures", family) if accepted(claim, figure)]
            claim = claim.model_copy(update={"figures": tuple(figures)})
            path = tmp_path / f"{claim.claim}.json"
            measure(claim.measured(), inputs, QUICK, tmp_path / "measurement.json")
            judge(
                claim, functions.description("claims", family, statistic), tmp_path / "measurement.json", path
            )
            evidence = read_json(path)
            evidence_files.append(path)
            texts += [evidence["note"], evidence["why"], *(part["why"] for part in evidence["parts"])]
            for figure in figures:
                texts += texts_of_figure(evidence, figure)
        tables = {
            "csv": tmp_path / "claims.csv",
            "markdown": tmp_path / "claims.md",
            "html": tmp_path / "c.html",
        }
        tabulate([evaluated(data, name).folder], QUICK, tmp_path / "networks.csv")
        summarise(evidence_files, tmp_path / "networks.csv", **tables, figures=tmp_path)
    page = re.sub(r"^\|.*\|$", "", tables["markdown"].read_text(encoding="utf-8"), flags=re.MULTILINE)
    texts += [line.strip() for line in page.splitlines()]
    texts += [" ".join(line.split()) for line in overview(tmp_path).splitlines()]
    assert {text for text in texts if FALSE.search(text)} == set()
