"""All figures show what the evidence says, with the same bytes every time."""

import json
import math
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from functools import cache
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.axis import Axis
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.image import imread

from downhill.claims.inputs import Inputs
from downhill.claims.judge import judge
from downhill.claims.measure import measure
from downhill.config import functions
from downhill.config.generated import GeneratedSource
from downhill.config.reading import merge, read_yaml
from downhill.config.study import Study
from downhill.datasets import Dataset, load_dataset
from downhill.datasets.prepare import prepare, with_noise, with_shuffled_labels
from downhill.datasets.store import save_dataset
from downhill.errors import DownhillError
from downhill.experiments.inputs import Inputs as ExperimentInputs
from downhill.experiments.results import ExperimentResult, read_results
from downhill.experiments.run import run_experiment
from downhill.figures import pages, style
from downhill.figures.drawn import MOST_ROWS
from downhill.figures.lettering import FONT
from downhill.figures.published import runs_beside_published
from downhill.report.inline_svg import inline_svg
from downhill.report.wording import number
from downhill.runs.evaluate import evaluate_network
from downhill.runs.evaluation import EvaluatedNetwork
from downhill.runs.train import train_block
from downhill.runs.trained import TrainedNetwork
from downhill.storage.json_files import read_json, write_json
from tests.figure_checks import accepted
from tests.shipped_claims import CLAIMS, small_options

REPOSITORY = Path(__file__).parents[3]
FIGURES = [(claim.claim, figure) for claim in CLAIMS.values() for figure in claim.figures]
TINY = {"limits": {"seeds": 2, "epochs": 2}, "statistics": {"resamples": 100}}

Evidence = dict[str, Any]

# Claims on statistics that no shipped claim uses.
SINGLE_RUN: dict[str, Any] = {"band": "single run", "figures": ("runs_beside_published",)}
FURTHER = {
    "batches-needed": CLAIMS["ninety-six"].model_copy(
        update={
            "claim": "batches-needed",
            "statistic": "setting_of_crossing",
            "networks": ("shape-64", "lesson-untrained"),
            "options": {"setting": "batch_size", "threshold": 0.3},
            "unit": "ratio",
            "band": "> 0",
        }
    ),
    "one-run": CLAIMS["nielsen-thirty"].model_copy(
        update={"claim": "one-run", "statistic": "single_run", "options": {"epoch": 1}} | SINGLE_RUN
    ),
    "one-best-epoch": CLAIMS["nielsen-thirty"].model_copy(
        update={"claim": "one-best-epoch", "statistic": "single_best_epoch", "said": 2.0, "unit": "count"}
        | SINGLE_RUN
    ),
    "one-gradient": CLAIMS["nielsen-thirty"].model_copy(
        update={
            "claim": "one-gradient",
            "statistic": "single_gradient",
            "networks": (),
            "experiments": ("gradients-by-layer",),
            "options": {"depth": 2, "layer": 1},
            "unit": "number",
        }
        | SINGLE_RUN
    ),
}


MEASURED = {(claim.family, claim.statistic): claim for claim in (*CLAIMS.values(), *FURTHER.values())}
PAIRS = [
    (claim.claim, figure)
    for claim in MEASURED.values()
    for figure in functions.names("figures", claim.family)
    if accepted(claim, figure)
]


@pytest.fixture(scope="module")
def evidence_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Evidence]:
    """Evidence for a claim, measured on networks of `networks.tsv` trained for two epochs on few digits."""
    folder = tmp_path_factory.mktemp("study")
    settings = read_yaml(REPOSITORY / "config" / "config.yaml")
    for table in ("datasets", "networks", "experiments", "claims"):
        settings[table] = str(REPOSITORY / settings[table])
    study = Study.from_values(merge(settings, TINY), "tiny study")
    digits = load_dataset(REPOSITORY / "resources" / "bundled" / "mnist")

    @cache
    def dataset(name: str) -> Path:
        recipe = study.recipe(name)
        subsets = (
            row.settings().subset_images or 0 for row in study.networks.values() if row.dataset == name
        )
        count = 150 if recipe.training_images else max([1000, *subsets])
        source = study.source(recipe.source)
        if isinstance(source, GeneratedSource):
            generated = prepare(recipe, source)
            few = generated.train.take(slice(count)), generated.validation, generated.test.take(slice(200))
            save_dataset(
                Dataset(*few, generated.classes),
                folder / "data" / name,
                recipe=recipe.model_dump(mode="json"),
            )
            return folder / "data" / name
        train = with_shuffled_labels(digits.train.take(slice(count)), recipe.shuffle_labels, recipe.seed)
        train = with_noise(train, min(recipe.noise_images, 200), recipe.seed)
        validation = digits.train.take(slice(count, count + (100 if recipe.validation_images != 0 else 0)))
        small = Dataset(train, validation, digits.test.take(slice(200)), digits.classes)
        save_dataset(small, folder / "data" / name, recipe=recipe.model_dump(mode="json"))
        return folder / "data" / name

    @cache
    def evaluation(name: str) -> EvaluatedNetwork:
        net, seeds, data = (
            study.networks[name].settings(),
            study.seeds(name),
            dataset(study.networks[name].dataset),
        )
        train_block(net, load_dataset(data), seeds, 1, folder / "runs" / name)
        evaluate_network(name, net, data, [folder / "runs" / name], seeds, folder / "evaluation" / name)
        return EvaluatedNetwork(folder / "evaluation" / name)

    def trained_network(name: str) -> TrainedNetwork:
        evaluation(name)  # for its training
        row = study.networks[name]
        return TrainedNetwork(name, row.settings(), dataset(row.dataset), [folder / "runs" / name])

    @cache
    def experiment(name: str) -> ExperimentResult:
        entry, files = study.experiments[name], []
        further = {other: load_dataset(dataset(other)) for other in entry.datasets}
        for unit in study.units(name):
            trained = {network: trained_network(network) for network in study.networks_of_unit(unit)}
            files.append(folder / "experiments" / f"{unit.replace('/', '-')}.npz")
            seeds, options = study.experiment_seeds(unit), small_options(entry.options)
            inputs, network = ExperimentInputs(trained, further), unit.partition("/")[2]
            run_experiment(name, entry.function, seeds, inputs, options, files[-1], network)
        return read_results(files)[name]

    @cache
    def evidence(claim: str) -> Evidence:
        row = (study.claims | FURTHER)[claim]
        if "fitted" in row.options:  # two epochs fit only few images
            row = row.model_copy(update={"options": {**row.options, "fitted": 0.05}})
        measurement, path = (folder / kind / f"{claim}.json" for kind in ("measurements", "claims"))
        networks = tuple(evaluation(name) for name in row.networks)
        inputs = Inputs(networks, {name: experiment(name) for name in row.experiments})
        measure(row.measured(), inputs, study.settings.statistics, measurement)
        judge(row, functions.description("claims", row.family, row.statistic), measurement, path)
        found: Evidence = read_json(path)
        return found

    return evidence


def function(evidence: Evidence, figure: str) -> Callable[[Evidence], Figure]:
    return functions.load("figures", evidence["family"], figure)


def assert_svg(path: Path) -> None:
    root = ElementTree.parse(path).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(root.findall(".//{http://www.w3.org/2000/svg}path")) > 20


def assert_png(path: Path) -> None:
    pixels = imread(path)
    assert pixels.shape[1] == pages.WIDTH * 200
    assert pixels[..., :3].std() > 0.02


def assert_tables(path: Path) -> None:
    """What is drawn as tables: none is empty, and all cells are short texts, finite numbers or nothing."""
    found = json.loads(path.read_text(encoding="utf-8"), parse_constant=lambda name: pytest.fail(name))
    assert list(found) == ["title", "description", "svg", "tables"]
    assert ElementTree.fromstring(found["svg"]).tag == "{http://www.w3.org/2000/svg}svg"
    assert found["tables"]
    for table in found["tables"]:
        assert 0 < len(table["rows"]) <= MOST_ROWS
        assert table["left_out"] >= 0
        assert all(isinstance(name, str) and name for name in table["columns"])
        for row in table["rows"]:
            assert len(row) == len(table["columns"])
            assert isinstance(row[0], str | int | float)
            assert all(cell is None or isinstance(cell, str | int | float) for cell in row)
            numbers = [cell for cell in row if isinstance(cell, float)]
            assert numbers == [float(f"{number:.4g}") for number in numbers]


def assert_letters(path: Path) -> None:
    """Inside a page, all text of a figure is text, and no outlines of letters are left."""
    text = path.read_text(encoding="utf-8")
    lines = [unescape(line) for line in re.findall("<!-- (.+?) -->", text)]
    page = inline_svg(text, "f", "title", "description")
    found = [
        "".join(one.itertext())
        for one in ElementTree.fromstring(page).iter("{http://www.w3.org/2000/svg}text")
    ]
    assert [
        re.sub(r"\$\\mathdefault\{10\^\{(.*)\}\}\$", r"10\1", line).replace("-", "−") for line in lines
    ] == [line.replace("-", "−") for line in found]
    assert FONT.replace(" ", "") not in page
    assert len(page) < 0.9 * len(text)


def assert_labelled(figure: Figure) -> None:
    """Every axis with ticks has a label, on these axes or on axes that share it."""
    assert figure.axes

    def labelled(axis: Axis, siblings: list[Axis]) -> bool:
        return not len(axis.get_ticklocs()) or any(one.get_label_text().strip() for one in siblings)

    for ax in figure.axes:
        if ax.axison:
            assert labelled(ax.xaxis, [one.xaxis for one in ax.get_shared_x_axes().get_siblings(ax)])
            assert labelled(ax.yaxis, [one.yaxis for one in ax.get_shared_y_axes().get_siblings(ax)])


@pytest.mark.parametrize(("claim", "figure"), FIGURES)
def test_every_figure_is_drawn_and_labelled_and_reproducible(
    claim: str, figure: str, evidence_of, tmp_path: Path
):
    evidence = evidence_of(claim)
    assert evidence["verdict"] != "not measured", evidence["why"]
    draw = function(evidence, figure)
    drawn: list[Figure] = []

    def watched(evidence: Evidence) -> Figure:
        drawn.append(draw(evidence))
        return drawn[-1]

    watched.__doc__, watched.__name__ = draw.__doc__, draw.__name__
    pages.save(watched, evidence, [tmp_path / f"first{kind}" for kind in (".svg", ".png", ".json")])
    assert len(drawn) == 1  # once for all files
    assert_labelled(drawn[0])
    assert_svg(tmp_path / "first.svg")
    assert_png(tmp_path / "first.png")
    assert_tables(tmp_path / "first.json")
    pages.save(draw, evidence, [tmp_path / "second.json", tmp_path / "second.svg"])
    for kind in (".svg", ".json"):
        assert (tmp_path / f"first{kind}").read_bytes() == (tmp_path / f"second{kind}").read_bytes()
    assert len(list(tmp_path.iterdir())) == 5  # no other files are left
    assert_letters(tmp_path / "first.svg")


@pytest.mark.parametrize(("claim", "figure"), FIGURES)
def test_docstring_is_a_caption(claim: str, figure: str):
    caption = functions.description("figures", CLAIMS[claim].family, figure)
    assert caption != figure
    assert 20 < len(caption) < 120


def test_another_process_draws_the_same_bytes(evidence_of, tmp_path: Path):
    evidence = evidence_of("shuffled-train-same")
    write_json(tmp_path / "evidence.json", evidence)
    here, there = (
        [tmp_path / f"{place}{suffix}" for suffix in (".svg", ".png")] for place in ("here", "there")
    )
    pages.save(function(evidence, "fit_by_width"), evidence, here)
    draw = [sys.executable, "-m", "downhill", "draw", "fit_by_width"]
    subprocess.run(
        [*draw, "--evidence", tmp_path / "evidence.json", "--output", *there],
        check=True,
        capture_output=True,
        env=os.environ
        | {"PYTHONHASHSEED": "5", "TZ": "Asia/Tokyo", "SOURCE_DATE_EPOCH": "7", "MPLBACKEND": "nonsense"},
    )
    assert [path.read_bytes() for path in here] == [path.read_bytes() for path in there]


@pytest.mark.parametrize("backend", ["module://matplotlib_inline.backend_inline", "qtagg", "nonsense", ""])
def test_backend_that_a_shell_or_notebook_chooses_does_not_matter(backend: str):
    code = "from downhill.figures import learning, style; style.Figure().savefig('/dev/null', format='svg')"
    env = os.environ | {"MPLBACKEND": backend}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("claim", "figure"), FIGURES)
def test_claim_that_was_not_measured_still_has_its_figure(claim: str, figure: str, tmp_path: Path):
    unknown = {"value": None, "lower": None, "upper": None, "n": 0, "exact": False, "note": "", "data": {}}
    unknown["parts"] = []
    evidence = {
        **CLAIMS[claim].model_dump(mode="json"),
        **unknown,
        "measures": "What is measured",
        "confidence_level": 0.95,
        "verdict": "not measured",
        "why": "every seed of network 'lesson' diverged",
        "limits": "",
        "runs": [],
    }
    pages.save(function(evidence, figure), evidence, [tmp_path / "figure.svg"])
    assert_svg(tmp_path / "figure.svg")


def sample(*values: float | None) -> dict[str, Any]:
    """A sample as evidence describes it; with an interval around the mean of several values."""
    known = [value for value in values if value is not None]
    mean = float(np.mean(known)) if known else None
    ends = {"lower": min(known), "upper": max(known)} if len(known) > 1 else {"lower": None, "upper": None}
    return {"values": list(values), "mean": mean} | ends


@pytest.mark.parametrize(
    ("claim", "figure", "remove"),
    [
        (
            "brightest-neuron",
            "bright_outputs",
            lambda data: data["accuracy"].update({"0": sample(None, None)}),
        ),
        (
            "brightest-neuron",
            "bright_outputs",
            lambda data: data["accuracy"].update({"1": sample(None, 0.5)}),
        ),
        ("brightest-neuron", "confusion_matrix", lambda data: data["confusion"][2].__setitem__(3, None)),
        ("ninety-six", "confident_mistakes", lambda data: data.update(mistakes=[])),
        ("ninety-six", "confident_mistakes", lambda data: data.update(mistakes=data["mistakes"][:1])),
        ("parameter-count", "first_layer_weights", lambda data: data.update(maps=data["maps"][:1])),
        ("parameter-count", "first_layer_weights", lambda data: data.update(maps=data["maps"] * 6)),
        (
            "strength-and-tendency",
            "strength_and_tendency",
            lambda data: data["weights"].update(change=[0] * len(data["weights"]["change"])),
        ),
        ("nielsen-thirty", "best_epochs", lambda data: data.update(stuck=[True] * len(data["stuck"]))),
        (
            "variation-reduced",
            "spread_by_recipe",
            lambda data: data["recipes"][0].update(stuck=[False, False]),
        ),
        ("ninety-eight", "width_depth_map", lambda data: data["shapes"][0].update(hidden_layers=[100, 16])),
        ("ninety-eight", "width_depth_map", lambda data: data["shapes"][0].update(hidden_layers=[])),
        ("can-memorise", "memorised", lambda data: data.update(train=sample(1.0), test=sample(0.8))),
        (
            "can-memorise",
            "memorised",
            lambda data: data.update(train=sample(*[0.5] * 3), test=sample(*[0.5] * 3)),
        ),
    ],
)
def test_gaps_and_extremes_are_drawn(claim: str, figure: str, remove, evidence_of, tmp_path: Path):
    write_json(tmp_path / "evidence.json", evidence_of(claim))
    evidence = read_json(tmp_path / "evidence.json")  # a copy
    remove(evidence["data"])
    pages.save(function(evidence, figure), evidence, [tmp_path / "figure.svg"])
    assert_svg(tmp_path / "figure.svg")


@pytest.mark.parametrize(("claim", "figure"), FIGURES)
def test_text_of_tables_is_never_a_formula(claim: str, figure: str, evidence_of, tmp_path: Path):
    """`$x_$` would be a mistake in a formula, and `$5 or $6` would be set as one."""
    evidence = read_copy(evidence_of(claim)) | {"statement": "It costs $5 or $6, $x_$ & <b>\n\x00\ud800."}
    mark = {"label": "$x_$", "predicted": "$5 or $6"}
    if "mistakes" in evidence["data"]:
        evidence["data"]["mistakes"] = [one | mark for one in evidence["data"]["mistakes"]]
    if "classes" in evidence["data"]:
        evidence["data"]["classes"][:2] = mark.values()
    path = tmp_path / "figure.svg"
    pages.save(function(evidence, figure), evidence, [path])
    assert_svg(path)
    said = ElementTree.parse(path).find(".//{http://purl.org/dc/elements/1.1/}description")
    assert said is not None
    assert "It costs $5 or $6, $x_$ & <b> ." in str(said.text)
    drawn = re.findall("<!-- (.*?) -->", path.read_text(encoding="utf-8"))  # the text of each line
    assert any("It costs $5 or $6, $x_$ &amp; &lt;b&gt; ." in line for line in drawn)
    if figure == "confusion_matrix":
        assert drawn.count("$x_$") == drawn.count("$5 or $6") == 2
    if figure == "confident_mistakes":
        assert "says $5 or $6" in drawn


def test_powers_of_ten_are_the_only_formulas(evidence_of, tmp_path: Path):
    evidence = evidence_of("strength-and-tendency")
    pages.save(function(evidence, "strength_and_tendency"), evidence, [tmp_path / "figure.svg"])
    drawn = re.findall("<!-- (.*?) -->", (tmp_path / "figure.svg").read_text(encoding="utf-8"))
    assert {line for line in drawn if "$" in line} >= {r"$\mathdefault{10^{-3}}$"}
    assert "$" not in "".join(line for line in drawn if not line.startswith(r"$\mathdefault{10^{"))


def sizes_of_images(evidence: Evidence, height: int, width: int, units: int = 16) -> None:
    """Give the images in evidence another shape, and the first layer another width."""
    random = np.random.default_rng(0)
    if "maps" in evidence["data"]:
        evidence["data"]["maps"] = random.normal(size=(units, height, width)).tolist()
        evidence["data"]["never_on"] = (random.random((height, width)) < 0.2).tolist()
    for mistake in evidence["data"].get("mistakes", ()):
        mistake["pixels"] = random.integers(0, 256, (height, width)).tolist()


@pytest.mark.parametrize(
    ("claim", "figure"), [("parameter-count", "first_layer_weights"), ("ninety-six", "confident_mistakes")]
)
@pytest.mark.parametrize("shape", [(784, 1), (1, 784), (1, 2), (1, 1), (56, 28), (300, 2)])
def test_images_of_any_shape_are_visible_on_one_page(
    claim: str, figure: str, shape: tuple[int, int], evidence_of
):
    evidence = read_copy(evidence_of(claim))
    sizes_of_images(evidence, *shape, units=64)
    drawn = function(evidence, figure)(evidence)
    width, height = drawn.get_size_inches()
    assert width == pages.WIDTH
    assert height < pages.HIGHEST + 1.5
    drawn.draw_without_rendering()
    for ax in drawn.axes:
        for image in ax.get_images():
            box = image.get_window_extent()
            sides = np.sort([box.width, box.height]) / drawn.dpi
            assert sides[0] > 0.25
            assert sides[1] / sides[0] < 2.01
    heading = " ".join(text.get_text() for text in drawn.texts)
    assert ("are stretched" in heading) is (max(shape) / min(shape) > 2)
    if shape == (784, 1) and figure == "first_layer_weights":
        assert "the first 32 of 64 units" in drawn.legends[0].get_texts()[0].get_text()


@pytest.mark.parametrize(
    ("classes", "letters"), [(2, 1), (2, 100), (10, 17), (10, 40), (16, 100), (47, 1), (255, 3), (255, 100)]
)
def test_confusion_matrix_of_any_size_is_legible(classes: int, letters: int, evidence_of):
    evidence = read_copy(evidence_of("brightest-neuron"))
    random = np.random.default_rng(0)
    evidence["data"]["confusion"] = random.poisson(3, (classes, classes)).tolist()
    evidence["data"]["classes"] = ["".join(random.choice(list("abcdefgh"), letters)) for _ in range(classes)]
    drawn = function(evidence, "confusion_matrix")(evidence)
    assert drawn.get_size_inches()[1] < pages.HIGHEST + 1.5
    drawn.draw_without_rendering()
    panel, bar = drawn.axes
    box = panel.get_window_extent()
    assert box.width / drawn.dpi > 3.5
    assert box.height / drawn.dpi > 1.8
    names = [label.get_text() for label in panel.get_yticklabels()]
    assert names == [label.get_text() for label in panel.get_xticklabels()]
    assert len(names) == (classes if classes <= 64 else 64)
    heights = [label.get_window_extent() for label in panel.get_yticklabels()]
    assert all(below.y1 <= above.y0 + 1 for above, below in pairwise(heights))
    text = " ".join(text.get_text() for text in drawn.texts)
    assert ("Classes are numbered" in text) is (letters > 16)
    assert ("Only one class in 4 is labelled." in text) is (classes == 255)
    if letters > 16:
        assert names[1].startswith(
            f"{math.ceil(classes / 64)}: {evidence['data']['classes'][math.ceil(classes / 64)][:8]}"
        )
    label = bar.yaxis.label.get_window_extent()
    assert label.y0 >= 0
    assert label.y1 < drawn.bbox.height


def test_figure_says_which_characters_it_cannot_draw(evidence_of, tmp_path: Path):
    evidence = read_copy(evidence_of("brightest-neuron"))
    evidence["data"]["classes"] = list("おきすつなはまやれを")
    for name in ("first.svg", "second.svg"):
        pages.save(function(evidence, "confusion_matrix"), evidence, [tmp_path / name])
    assert (tmp_path / "first.svg").read_bytes() == (tmp_path / "second.svg").read_bytes()
    drawn = " ".join(re.findall("<!-- (.*?) -->", (tmp_path / "first.svg").read_text(encoding="utf-8")))
    if "U+304A" in drawn:  # no font on this machine has them
        assert "0: U+304A" in drawn
        assert re.search("Characters missing from all installed fonts are shown as codes: U\\+304A", drawn)
    else:
        assert "お" in drawn


def test_figure_says_nothing_of_characters_that_it_does_not_show(evidence_of, tmp_path: Path):
    evidence = read_copy(evidence_of("brightest-neuron"))
    evidence["data"]["classes"] = list("おきすつなはまやれを")
    pages.save(function(evidence, "bright_outputs"), evidence, [tmp_path / "figure.svg"])
    assert "Characters missing" not in (tmp_path / "figure.svg").read_text(encoding="utf-8")


def test_figure_that_does_not_fit_its_statistic_says_so(evidence_of, tmp_path: Path):
    evidence = evidence_of("ninety-six")
    with pytest.raises(
        DownhillError, match=r"the figure 'learning_curves' cannot draw what .*'test_accuracy'"
    ):
        pages.save(function(evidence, "learning_curves"), evidence, [tmp_path / "figure.svg"])
    assert not list(tmp_path.iterdir())


def with_parts(evidence: Evidence, *parts: dict[str, Any], **row: Any) -> Evidence:
    """The evidence with other parts: copies of its first part, with these numbers."""
    return evidence | row | {"parts": [evidence["parts"][0] | part for part in parts]}


def test_summary_says_verdict_interval_and_n(evidence_of):
    evidence = evidence_of("ninety-six") | {"verdict": "refuted"}
    numbers = {"value": 0.9374, "lower": 0.9353, "upper": 0.9394, "n": 20, "further": None}
    further = {"further": {"lower": 0.93, "upper": 0.945, "covers": ["images"]}}
    assert pages.summary(with_parts(evidence, numbers | further)) == (
        "Mean test accuracy at the end of training: 93.74 % (95 % interval 93.53 % to 93.94 %, over seeds and images "
        "93.00 % to 94.50 %, n = 20 seeds). Supported when between 95.5 % and 96.5 %."
    )
    assert pages.heading(evidence) == "Refuted: The plain network gets about 96 % of new images right."
    smoke = pages.heading(evidence | {"limits": "at most 2 seeds"})
    assert smoke == f"Smoke run: verdicts and numbers mean nothing. {pages.heading(evidence)}"
    alone = numbers | {"lower": None, "upper": None, "n": 1}
    assert "93.74 % (no interval, n = 1 seed)" in pages.summary(with_parts(evidence, alone))
    exact = {"unit": "count", "value": 13002, "lower": None, "exact": True, "n": 1, "band": "= 13002"}
    assert "13,002 (exact). Supported when exactly 13,002." in pages.summary(
        with_parts(evidence, exact, unit="count", band="= 13002")
    )
    counted = pages.summary(with_parts(evidence, exact | {"n": 20}, unit="count", band="= 13002"))
    assert "13,002 (exact, n = 20 seeds)." in counted
    worst = {"value": 0.5, "lower": None, "upper": None, "worst": [0.5, 0.9], "n": 2000, "of": "case"}
    assert "50.00 % (the worst case, n = 2,000 cases). Supported when all above 10 %." in pages.summary(
        with_parts(evidence, worst, band="all > 0.1")
    )
    endless = numbers | {"value": 20, "lower": 12, "upper": None, "infinite": ["upper"], "unit": "count"}
    assert "20 (95 % interval 12 to beyond, n = 20 seeds)" in pages.summary(with_parts(evidence, endless))


def test_summary_names_every_part(evidence_of):
    evidence = evidence_of("ninety-six") | {"verdict": "supported"}
    one = {
        "name": "rate",
        "value": 0.97,
        "lower": 0.96,
        "upper": 0.98,
        "n": 12,
        "band": "> 0.9",
        "further": None,
    }
    other = {"name": "time", "value": 7, "lower": 6, "upper": 8, "n": 12, "unit": "count", "band": "< 9"}
    other["further"] = None
    both = with_parts(evidence, one, other, band="> 0.9; < 9", unit="share; count")
    assert pages.summary(both) == (
        "Mean test accuracy at the end of training: rate 97.00 % (95 % interval 96.00 % to 98.00 %, "
        "n = 12 seeds); time 7 (95 % interval 6 to 8, n = 12 seeds). Supported when above 90 %; below 9."
    )
    assert [style.ends(both, part) for part in (0, 1)] == [[0.9], [9]]


def marks(ax: Any, marker: str) -> int:
    """How many marks of a kind a panel shows."""
    return sum(len(line.get_xdata()) for line in ax.lines if line.get_marker() == marker)


@pytest.mark.parametrize(
    ("claim", "figure", "strips"),
    [
        (
            "nielsen-thirty",
            "best_epochs",
            lambda data: [data | {"accuracy": data[key]} for key in ("best", "final")],
        ),
        (
            "nielsen-hundred",
            "best_by_shape",
            lambda data: [shape | {"accuracy": shape["best"]} for shape in data["shapes"]],
        ),
        ("variation-reduced", "spread_by_recipe", lambda data: data["recipes"]),
    ],
)
def test_every_seed_has_a_mark_and_stuck_seeds_another(claim: str, figure: str, strips, evidence_of):
    evidence = read_copy(evidence_of(claim))
    for strip in strips(evidence["data"]):
        strip["stuck"][0] = not strip["stuck"][0]
    stuck = sum(sum(strip["stuck"]) for strip in strips(evidence["data"]))
    seeds = sum(len(strip["accuracy"]["values"]) for strip in strips(evidence["data"]))
    ax = function(evidence, figure)(evidence).axes[-1]
    assert (marks(ax, "X"), marks(ax, "o") + marks(ax, "X")) == (stuck, seeds)


def test_points_of_weights_are_those_of_the_evidence_that_change_something(evidence_of):
    evidence = evidence_of("strength-and-tendency")
    left, middle, _ = function(evidence, "strength_and_tendency")(evidence).axes
    weights = evidence["data"]["weights"]
    drawn = np.concatenate([line.get_xydata() for line in left.lines if len(line.get_xdata())])
    change = np.array(weights["change"])
    shown = change > 1e-6 * change.max()
    expected = np.stack([np.abs(weights["weight"]), weights["change"]], axis=1)[shown]
    np.testing.assert_allclose(np.sort(drawn, axis=0), np.sort(expected, axis=0))
    assert sum(len(line.get_xdata()) for line in middle.lines) == len(evidence["data"]["biases"]["bias"])


def read_copy(evidence: Evidence) -> Evidence:
    """A deep copy."""
    return json.loads(json.dumps(evidence))


def swept(crossing: dict[str, float | None], settings: list[float]) -> Evidence:
    """Evidence of the statistic `setting_of_crossing`, which no shipped claim uses."""
    accuracy = [sample(0.1 + 0.2 * place, 0.12 + 0.2 * place) for place in range(len(settings))]
    row = CLAIMS["ninety-six"].model_dump(mode="json") | {"statistic": "setting_of_crossing", "unit": "ratio"}
    part = {
        "name": "",
        "n": 4,
        "of": "seed",
        "exact": False,
        "worst": None,
        "unit": "ratio",
        "band": "> 0.1",
        "further": None,
    }
    part |= crossing | {"infinite": [key for key, value in crossing.items() if value is None]}
    data = {"setting": "learning_rate", "settings": settings, "accuracies": accuracy, "threshold": 0.2}
    more = {
        "verdict": "supported",
        "measures": "Crossing",
        "confidence_level": 0.95,
        "parts": [part],
        "note": "",
        "limits": "",
    }
    return row | more | {"band": "> 0.1", "data": data | {"crossing": crossing}}


@pytest.mark.parametrize(
    ("crossing", "settings"),
    [
        ({"value": 0.2, "lower": 0.15, "upper": 0.4}, [0.1, 0.3, 1.0, 3.0]),
        ({"value": 0.2, "lower": 0.15, "upper": None}, [0.1, 0.3]),
        ({"value": None, "lower": None, "upper": None}, [0.0, 0.5, 0.9]),
    ],
)
def test_accuracy_by_setting_is_drawn_and_labelled(
    crossing: dict[str, float | None], settings: list[float], tmp_path: Path
):
    evidence = swept(crossing, settings)
    draw = function(evidence, "accuracy_by_setting")
    pages.save(draw, evidence, [tmp_path / "figure.svg"])
    assert_svg(tmp_path / "figure.svg")
    figure = draw(evidence)
    assert_labelled(figure)
    (ax,) = figure.axes
    assert [tick.get_text() for tick in ax.get_xticklabels()] == [f"{value:g}" for value in settings]
    assert ax.get_xscale() == ("log" if min(settings) > 0 else "linear")
    labels = ax.get_legend_handles_labels()[1]
    assert any("crosses at 0.2 (interval 0.15 to 0.4)" in label for label in labels) is (
        crossing["upper"] is not None
    )


@pytest.mark.parametrize(("claim", "figure"), FIGURES)
def test_figure_draws_what_it_declares(claim: str, figure: str, evidence_of):
    """Without one of the keys it cannot be drawn, and without any other it can."""
    evidence = evidence_of(claim)
    draw = function(evidence, figure)
    declared = functions.declared("figures", evidence["family"], figure, "draws")
    assert declared is not None
    assert declared["keys"] == draw.keys
    draw(evidence | {"data": {key: evidence["data"][key] for key in declared["keys"]}})
    for key in declared["keys"]:
        fewer = {name: value for name, value in evidence["data"].items() if name != key}
        with pytest.raises(KeyError, match=key):
            draw(evidence | {"data": fewer})


def test_published_value_is_drawn_where_it_is_compared(evidence_of):
    """Across the curve of values, but at its place among the epochs if the number is that of an epoch."""
    for claim, said in (("one-run", 0.9542), ("one-best-epoch", 2.0)):
        left, right = runs_beside_published(evidence_of(claim)).axes
        for ax, along_x in ((left, claim == "one-best-epoch"), (right, True)):
            (line,) = [line for line in ax.lines if line.get_linestyle() == ":"]
            x, y = (list(map(float, values)) for values in line.get_data())
            assert (x if along_x else y) == [said, said]
            assert (y if along_x else x) == [0, 1]  # from edge to edge
    evidence = evidence_of("one-best-epoch")
    costs = evidence["data"]["curve"]["course"]["test_accuracy"]["mean"]
    low, high = runs_beside_published(evidence).axes[0].get_ylim()
    assert low <= min(costs) <= max(costs) <= high  # the best epoch is in view
    assert high - low < 2 * np.ptp(costs) + 0.1  # the epochs do not stretch the axis of the curve


def test_a_history_of_one_epoch_is_no_curve(evidence_of):
    evidence = evidence_of("one-run")
    assert len(runs_beside_published(evidence).axes) == 2
    assert len(runs_beside_published(evidence | {"data": evidence["data"] | {"curve": None}}).axes) == 1


def test_differences_are_labelled_in_points(evidence_of):
    evidence = evidence_of("one-run")
    shown = evidence | {"unit": "points", "data": evidence["data"] | {"curve": None}}
    (ax,) = runs_beside_published(shown).axes
    assert ax.xaxis.get_major_formatter()(0.1773) == "17.73"
    assert ax.get_xlabel().endswith("(points)")


def test_every_statistic_has_a_claim_here():
    """Otherwise the next tests would leave it out; add one to FURTHER if no shipped claim uses it."""
    statistics = {
        (family, name)
        for family, _ in MEASURED
        for name in functions.names("claims", family)
        if functions.declared("claims", family, name, "gives") is not None
    }
    assert statistics == MEASURED.keys()


@pytest.mark.parametrize(("claim", "figure"), PAIRS)
def test_every_figure_that_the_check_accepts_is_drawn(claim: str, figure: str, evidence_of, tmp_path: Path):
    evidence = evidence_of(claim)
    assert evidence["verdict"] != "not measured", evidence["why"]
    pages.save(function(evidence, figure), evidence, [tmp_path / "figure.svg"])
    assert_svg(tmp_path / "figure.svg")


def structure(value: Any) -> Any:
    """What a figure relies on: a number, text, a list, a sample or another mapping, and what these consist of."""
    if isinstance(value, dict):
        return (
            "sample"
            if "values" in value
            else ("mapping", *sorted({str(structure(one)) for one in value.values()}))
        )
    if isinstance(value, list):
        return ("list", structure(value[0]) if value else None)
    return "text" if isinstance(value, str) else "number"


@pytest.mark.parametrize("family", dict.fromkeys(family for family, _ in MEASURED))
def test_a_key_means_one_thing_in_a_family(family: str, evidence_of):
    """Otherwise a figure that draws it is accepted for a statistic whose data it cannot draw."""
    found: dict[str, dict[Any, str]] = {}
    for (of, statistic), claim in MEASURED.items():
        for key, value in evidence_of(claim.claim)["data"].items() if of == family else ():
            if value is not None:
                found.setdefault(key, {})[structure(value)] = statistic
    assert {key: kinds for key, kinds in found.items() if len(kinds) > 1} == {}


@pytest.mark.parametrize(
    ("band", "unit", "text"),
    [
        ("> 0.978", "share", "above 97.8 %"),
        ("< 0.03", "points", "below 3 points"),
        ("< 0.01", "points", "below 1 point"),
        ("= 13002", "count", "exactly 13,002"),
        ("> 0.8", "correlation", "above 0.8"),
        ("0.955 to 0.965", "share", "between 95.5 % and 96.5 %"),
        ("all > 0", "ratio", "all above 0"),
        ("all 0.1 to 0.2", "points", "all between 10 points and 20 points"),
        ("> 0.9; < 20", "share; count", "above 90 %; below 20"),
        ("> 0.9; < 0.5", "share", "above 90 %; below 50 %"),
    ],
)
def test_band_is_given_in_its_unit(band: str, unit: str, text: str):
    assert style.band_text({"band": band, "unit": unit}) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.99982, "0.99982"),
        (0.9999999999999998, "1.000"),
        (-0.9996, "−0.99960"),
        (0.9999994, "0.999999"),
        (1, "1.000"),
        (0.9994, "0.999"),
        (0.05, "0.05"),
    ],
)
def test_number_that_is_not_quite_one_does_not_look_like_one(value: float, text: str):
    assert number(value, "number") == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (-0.0512, "share", "−5.12 %"),
        (-0.00001, "share", "0.00 %"),
        (-0.0012, "points", "−0.12 points"),
        (-13.25, "ratio", "−13.2"),
        (-2.5e-7, "number", "−2.5e-07"),
        (-1000, "count", "−1,000"),
    ],
)
def test_negative_numbers_have_a_minus_sign(value: float, unit: str, text: str):
    assert number(value, unit) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.99998, "99.998 %"),
        (1, "100.00 %"),
        (1 - 1e-15, "100.00 %"),
        (1.00001, "100.00 %"),
        (0.9365, "93.65 %"),
    ],
)
def test_share_that_is_not_quite_all_does_not_look_like_all(share: float, text: str):
    assert number(share, "share") == text


def lightness(colour: str) -> float:
    """CIE L* of a colour, which is what remains in greyscale: 0 is black, 100 white."""
    parts = np.array(to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ (0.2126, 0.7152, 0.0722))
    return 116 * luminance ** (1 / 3) - 16 if luminance > 0.008856 else 903.3 * luminance


def test_colours_can_be_distinguished_in_greyscale():
    steps = np.diff(sorted(lightness(colour) for colour in style.PALETTE))
    assert steps.min() > 12
    assert abs(lightness(style.TRAIN["color"]) - lightness(style.TEST["color"])) > 15
    for part in ("marker", "linestyle"):
        assert style.TRAIN[part] != style.TEST[part]


def tables_of(evidence: Evidence, figure: str, path: Path) -> list[dict[str, Any]]:
    """The tables of what a figure draws."""
    pages.save(function(evidence, figure), evidence, [path / "figure.json"])
    found: list[dict[str, Any]] = read_json(path / "figure.json")["tables"]
    return found


def about(*numbers: float) -> Any:
    """Numbers as tables of figures hold them, rounded."""
    return pytest.approx(list(numbers), rel=1e-3, abs=1e-12)


def test_tables_of_curves_hold_means_and_bands(evidence_of, tmp_path: Path):
    evidence = evidence_of("training-helps")
    accuracy, cost = tables_of(evidence, "learning_curves", tmp_path)
    curves = evidence["data"]["curves"]
    for table, column, factor in ((accuracy, "accuracy", 100), (cost, "loss", 1)):
        for name in ("train", "test"):
            known = {
                end: factor * style.array(curves[f"{name}_{column}"][end]) for end in ("mean", "low", "high")
            }
            label = {"train": "training images", "test": "test images"}[name]
            means = [row for row in table["rows"] if row[0] == label]
            bands = [row for row in table["rows"] if row[0] == f"{label}: band"]
            assert [row[1] for row in means] == curves["epoch"]
            assert [row[2] for row in means] == about(*known["mean"])
            assert [row[3] for row in bands] == about(*known["low"])
            assert [row[4] for row in bands] == about(*known["high"])


def test_tables_of_seeds_hold_every_seed_and_the_mean(evidence_of, tmp_path: Path):
    evidence = evidence_of("linear-without-activation")
    _, accuracies = tables_of(evidence, "network_and_matrix", tmp_path)
    linear = next(kind for kind in evidence["data"]["kinds"] if kind["activation"] == "linear")["accuracy"]
    rows = [row for row in accuracies["rows"] if row[2].startswith("linear units")]
    assert sorted(row[1] for row in rows if row[3] is None) == about(*sorted(100 * style.values(linear)))
    (mean,) = [row for row in rows if row[3] is not None]
    assert [mean[1], *mean[3:]] == about(*(100 * linear[key] for key in ("mean", "lower", "upper")))


def test_tables_of_bars_hold_the_counts(evidence_of, tmp_path: Path):
    evidence = evidence_of("one-pass-gives-all")
    first = tables_of(evidence, "operations_of_passes", tmp_path)[0]
    tape = evidence["data"]["counts"][0]["tape"]
    for kind in ("multiplications", "additions"):
        bars = {row[1]: row[2] for row in first["rows"] if row[0] == kind}
        for way in ("forward", "backward"):
            assert bars[f"{way} pass"] == pytest.approx(tape[way][kind], rel=1e-3)


def test_tables_of_steps_hold_the_shares(evidence_of, tmp_path: Path):
    evidence = evidence_of("cost-tracks-error")
    images, shares = tables_of(evidence, "map_of_costs", tmp_path)
    known = evidence["data"]["map"]
    pixels = [np.array(one["pixels"]) for one in known["images"]]
    assert [row[3:] for row in images["rows"]] == [[one.min(), one.max()] for one in pixels]
    for name in ("right", "wrong"):
        counts = style.array(known["counts"][name])
        drawn = [row[2] for row in shares["rows"] if row[0].startswith(name)]
        assert set(drawn) <= {float(f"{100 * count / counts.sum():.4g}") for count in counts}
