"""The files of a small valid study, and ways to break them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from downhill.config.study import Study
from downhill.errors import DownhillError
from downhill.orchestration.checks import check_study
from downhill.orchestration.stages import STAGES

REPOSITORY = Path(__file__).parents[3]
CONFIG, DATASETS, NETWORKS, EXPERIMENTS, CLAIMS, CONTRADICTIONS = (
    f"config/{name}"
    for name in (
        *("config.yaml", "datasets.yaml", "networks.tsv", "experiments.yaml", "claims.tsv"),
        "contradictions.tsv",
    )
)

Files = dict[str, Any]
FILES: Files = {
    CONFIG: {"datasets": DATASETS, "networks": NETWORKS, "claims": CLAIMS},
    DATASETS: {
        "sources": {"mnist": {"title": "MNIST", "classes": list("0123456789"), "mirrors": ["nowhere"]}},
        "datasets": {"few": {"source": "mnist", "training_images": 300}},
    },
    NETWORKS: [
        {"network": "lesson", "dataset": "few", "seeds": "4", "hidden_layers": "16-16", "epochs": "30"},
        {"network": "wide", "dataset": "few", "seeds": "7", "hidden_layers": "32", "epochs": "0"},
        {"network": "spare", "dataset": "few", "seeds": "1"},
    ],
    CLAIMS: [
        {
            "claim": "ninety-six",
            "family": "learning",
            "statement": "It gets about 96 % right.",
            "source": "L1",
            "statistic": "test_accuracy",
            "networks": "lesson",
            "unit": "share",
            "band": "0.955 to 0.965",
            "figures": "accuracy_distribution, confident_mistakes",
        },
        {
            "claim": "wider",
            "family": "memorisation",
            "statement": "It may learn by heart.",
            "source": "L1",
            "statistic": "gap_when_memorising",
            "networks": "wide",
            "unit": "points",
            "band": "> 0.1",
            "figures": "memorised",
        },
    ],
}


def as_table(rows: list[dict[str, str]]) -> str:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    lines = [columns, *([row.get(column, "") for column in columns] for row in rows)]
    return "".join("\t".join(cells) + "\n" for cells in lines)


def written(folder: Path, files: Files) -> None:
    """Write the files: strings and bytes unchanged, mappings as YAML, lists of rows as tables."""
    (folder / "config").mkdir(exist_ok=True)
    for name, content in files.items():
        if isinstance(content, dict):
            content = yaml.safe_dump(content, sort_keys=False)
        elif isinstance(content, list):
            content = as_table(content)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def load(files: Files, *overlays: str) -> Study:
    written(Path(), files)
    study = Study.load(CONFIG, *overlays)
    check_study(study)
    return study


def refused(files: Files) -> str:
    """Why the study is refused: a sentence on one line, without words of the libraries that check it."""
    with pytest.raises(DownhillError) as caught:
        load(files)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    for jargon in ("pydantic", "Input", "Value error", "type=", "Traceback", "NoneType"):
        assert jargon not in message
    return message


def compared(files: Files, stage: str) -> list[tuple[str, str]]:
    """What Snakemake compares for all jobs of a stage."""
    study = load(files)
    return [STAGES[stage].compared(STAGES[stage].asks(study, key)) for key in STAGES[stage].jobs(study)]


def repeated(files: Files, change: Callable[[Files], None]) -> list[str]:
    """The stages with jobs that a change adds, removes, or makes Snakemake run again, in order."""
    before = {name: compared(files, name) for name, stage in STAGES.items() if stage.outputs}
    change(files)
    return [name for name, texts in before.items() if compared(files, name) != texts]


def setting(**values: Any) -> Callable[[Files], None]:
    return lambda files: files[CONFIG].update(values)


def network(**cells: str) -> Callable[[Files], None]:
    return lambda files: files[NETWORKS][1].update(cells)


def claim(**cells: str) -> Callable[[Files], None]:
    return lambda files: files[CLAIMS][1].update(cells)


STRENGTH = {
    "family": "network",
    "statistic": "strength_and_tendency",
    "unit": "correlation",
    "band": "> 0; > 0",
    "figures": "",
}
"""A statistic that is measured on an experiment, for a row of claims."""


def published_run(**cells: str) -> Callable[[Files], None]:
    """A claim that compares a published run with ours, with these cells in place of the valid ones."""
    row = {
        "family": "published",
        "statistic": "single_run",
        "said": "0.9",
        "band": "single run",
        "unit": "share",
    }
    return claim(**(row | {"figures": ""} | cells))


CONTRADICTION = {
    "contradiction": "right-or-wrong",
    "title": "Right, or learnt by heart",
    "statement": "It gets most images right.",
    "source": "L1",
    "other_statement": "It learns by heart.",
    "other_source": "L2",
    "claims": "wider, ninety-six",
}


def contradictions(*rows: dict[str, str]) -> Callable[[Files], None]:
    """Give the study contradictions: that of `CONTRADICTION` with other cells."""

    def add(files: Files) -> None:
        files[CONFIG]["contradictions"] = CONTRADICTIONS
        files[CONTRADICTIONS] = [CONTRADICTION | row for row in rows]

    return add


def experiments(**entries: dict[str, Any]) -> Callable[[Files], None]:
    """Give the study these experiments."""

    def add(files: Files) -> None:
        files[CONFIG]["experiments"] = EXPERIMENTS
        files[EXPERIMENTS] = entries

    return add


def source(**values: Any) -> Callable[[Files], None]:
    return lambda files: files[DATASETS]["sources"]["mnist"].update(values)


def dataset(**values: Any) -> Callable[[Files], None]:
    return lambda files: files[DATASETS]["datasets"]["few"].update(values)


def whole(name: str, content: str | bytes) -> Callable[[Files], None]:
    return lambda files: files.update({name: content})


def without(column: str, name: str) -> Callable[[Files], None]:
    return lambda files: [row.pop(column) for row in files[name]]


def both(*changes: Callable[[Files], None]) -> Callable[[Files], None]:
    return lambda files: [change(files) for change in changes]


def generated(**values: Any) -> Callable[[Files], None]:
    """Generate the data set of all networks as rings, with these values in place of the valid ones."""

    def change(files: Files) -> None:
        values_of_rings = {"kind": "rings", "radii": [1, 2], "sd": 0.1, "training": 200, "test": 90} | values
        kept = {key: value for key, value in values_of_rings.items() if value is not None}
        files[DATASETS]["sources"]["mnist"] = {"title": "Rings", "generate": kept}
        files[DATASETS]["datasets"]["few"] = {"source": "mnist"}

    return change


CURVE = {"kind": "curve", "radii": None, "sd": None}
SURFACE = CURVE | {"kind": "surface"}
DRAWINGS = {"kind": "drawn_digits", "radii": None, "sd": None, "preprocessing": True}
NOISE = {"kind": "uniform_noise", "radii": None, "sd": None, "image_shape": [4, 3], "classes": ["a", "b"]}
