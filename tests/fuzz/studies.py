"""A small study with mistakes of every kind: it is refused in one sentence, or everything that follows works."""

import copy
import csv
import io
import json
import math
import os
import random
import shutil
from collections.abc import Iterator
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from pydantic import BaseModel

from downhill.__main__ import main
from downhill.config.canonical import canonical
from downhill.config.claim import Claim, MeasuredClaim
from downhill.config.contradiction import Contradictions
from downhill.config.dataset import DatasetRecipe, EitherSource
from downhill.config.experiment import Experiment
from downhill.config.generated import GeneratedSource
from downhill.config.network import Network
from downhill.config.playground import Playground
from downhill.config.reading_notes import ReadingNotes
from downhill.config.settings import Statistics
from downhill.config.study import Study
from downhill.errors import DownhillError
from downhill.orchestration.checks import check_study
from downhill.orchestration.expected import expected_inputs
from downhill.orchestration.stage import Key, Stage
from downhill.orchestration.stages import STAGES
from downhill.planning import cost
from downhill.runs.trained import loaded
from downhill.storage.file_names import RECORD
from tests.unit.datasets.tiny import idx_bytes, write_files

FILES: dict[str, Any] = {
    "config.yaml": {
        "title": "A study",
        "about": "It tests things.",
        "results": "results",
        "resources": "resources",
        "datasets": "datasets.yaml",
        "networks": "networks.tsv",
        "experiments": "experiments.yaml",
        "claims": "claims.tsv",
        "contradictions": "contradictions.tsv",
        "reading": "reading.tsv",
        "exports": "all",
        "playground": "playground.tsv",
        "seeds_factor": 1,
        "select": {"claims": "all"},
        "limits": {"seeds": 3, "epochs": 2, "training_images": 100},
        "training": {"seeds_per_block": 2, "threads": 1},
        "statistics": {"confidence_level": 0.9, "resamples": 200, "seed": 1},
    },
    "datasets.yaml": {
        "sources": {
            "digits": {
                "title": "Digits",
                "image_shape": [4, 3],
                "classes": ["a", "b", "c"],
                "mirrors": ["here"],
                "files": {"train_images": {"name": "images"}},
            },
            "rings": {
                "title": "Rings",
                "generate": {"kind": "rings", "radii": [1, 2], "sd": 0.1, "training": 40, "test": 20},
            },
            "noise": {
                "title": "Noise",
                "generate": {
                    "kind": "gaussian_noise", "mean": 3, "sd": 1.5, "training": 9, "test": 5,
                    "image_shape": [2, 2], "classes": ["x", "y"],
                },
            },
        },
        "datasets": {
            "few": {"source": "digits", "seed": 3, "validation_images": 5, "training_images": 30, "resize": [2, 2]},
            "points": {"source": "rings", "validation_images": 4, "shuffle_labels": 0.5},
            "grey": {"source": "noise"},
            "large": {"source": "digits", "validation_images": 0, "resize": [28, 28]},
        },
    },
    "experiments.yaml": {
        "weights": {
            "function": "network.weights_and_biases", "networks": ["round-1"], "seeds": 2, "seeds_per_job": 2,
            "options": {"images": 10},
        },
    },
    "networks.tsv": [
        {"network": "small", "dataset": "few", "seeds": "2", "hidden_layers": "3", "epochs": "2"},
        {"network": "round", "dataset": "points", "seeds": "3", "hidden_layers": "4-3", "activation": "tanh",
         "learning_rate": "0.3|1", "optimizer": "momentum", "momentum": "0.5", "snapshot_epochs": "0, 1",
         "batch_size": "full", "history_sets": "train, test"},
        {"network": "drawn", "dataset": "large", "seeds": "2", "hidden_layers": "3", "epochs": "2",
         "snapshot_epochs": "history", "subset_images": "20"},
        {"network": "twin", "dataset": "large", "seeds": "1", "hidden_layers": "none", "epochs": "1",
         "subset_images": "20", "shuffle_labels": "1"},
    ],
    "claims.tsv": [
        {"claim": "right", "family": "learning", "statement": "It gets about 96 % right.", "source": "L1",
         "said": "0.9",
         "statistic": "test_accuracy", "networks": "small", "unit": "share", "band": "0.5 to 0.6",
         "options": "first_images: 3", "figures": "accuracy_distribution, confident_mistakes"},
        {"claim": "strong", "family": "network", "statement": "They matter.", "source": "L1", "networks": "",
         "statistic": "strength_and_tendency", "experiments": "weights", "unit": "correlation",
         "band": "> 0; > -1"},
        {"claim": "gap", "family": "learning", "statement": "It \"overfits\".", "source": "L1", "networks": "round*",
         "statistic": "generalisation_gap", "unit": "points", "band": "< 0.03", "figures": "train_and_test"},
    ],
    "contradictions.tsv": [
        {"contradiction": "right-or-wrong", "title": "Right, or 'wrong'", "statement": "It gets 96 % right.",
         "source": "L1", "other_statement": "It \"overfits\".", "other_source": "L2", "claims": "gap, r*"},
        {"contradiction": "strong-or-weak", "title": "Strong, or weak", "statement": "They matter.", "source": "L1",
         "other_statement": "They do not.", "other_source": "L1", "claims": "strong"},
    ],
    "reading.tsv": [
        {"claim": "gap", "controls": "The same \"images\" for all.", "traps": "A gap of 0 is no proof."},
        {"claim": "strong", "traps": "It's a mean."},
    ],
    "playground.tsv": [
        {"network": "drawn", "title": "It's \"one\"", "about": "It learns.", "seeds": "3", "replay": "drawn",
         "twin": "twin"},
        {"network": "twin", "title": "Another", "seeds": "1"},
    ],
}  # fmt: skip

PIXELS = np.random.default_rng(0).integers(0, 256, (80, 4, 3), dtype=np.uint8)
LABELS = np.arange(80, dtype=np.uint8) % 3
DIGITS = {
    "images": idx_bytes(PIXELS[:60]),
    "train-labels-idx1-ubyte": idx_bytes(LABELS[:60]),
    "t10k-images-idx3-ubyte": idx_bytes(PIXELS[60:]),
    "t10k-labels-idx1-ubyte": idx_bytes(LABELS[60:]),
}
NASTY: list[Any] = [
    *(None, True, False, 0, 1, -1, 2, 3, 7, 10, 100, 65_536, 65_537, 2**31, 2**63, 10**30, 0.5, 0.1, 1.1, 1e-9, -0.0),
    *(float("nan"), float("inf"), 1e308, 1e-320, "", " ", "all", "none", "full", "history", "first", "random", "~"),
    *("0", "1", "-1", "1.0", "1e3", "0x10", "1_0", "١", "²", "0.3|0.1", "|", "3|", "16-16", "16--16", "-", "3-0"),
    *("yes", "no", "null", "true", "2024-01-01", "2024-13-45", "12:30", ".nan", ".inf", "a: 1", "{", "}", "[1, 2", "#"),
    *("small", "round", "round-1", "round*", "*", "?", "[a]", "[", "few", "points", "grey", "digits", "rings", "noise"),
    *("right", "strong", "gap", "weights", "provenance", "results", "..", ".", "/", "a/b", "../up", "./here//", "a b"),
    *("é", "お", "a\nb", "a\tb", "a\r\nb", 'a"b', '"a"', '"', "'", "$x_$", "\x00", "\x07", "\u2028", "\ud800",),
    *("x" * 300,),
    *("= 3", "> 0.5", "< 0", "0.1 to 0.2", "all > 0", "> 0; < 1", "share", "points", "count; ratio", "train", "test"),
    *("sigmoid", "relu", "step", "softmax", "linear", "mse", "cross_entropy", "adam", "sgd", "nesterov", "nielsen"),
    *("test_accuracy", "parameter_count", "both_fitted", "percent", "network", "learning", "network.weights"),
    *([], {}, [1], [0, 0], [1, 70_000], ["a", "a"], ["small"], ["right"], {"a": 1}, [[1]], {"claims": []}, ["a", True]),
    *({"networks": ["small"]}, {"claims": ["right"], "networks": "all"}, {"experiments": ["weights"]}, {1: 2}),
]  # fmt: skip
TOKENS = ["\t", "\n", "\r\n", '"', '""', "#", "|", ":", "- ", "&a ", "*a", "<<: ", "!!int ", "!!binary ", "{", "}", "[",
          "]", ",", "'", "\\", "\x00", "\x0b", "\x85", "\u2028", "\ufeff", "é", "%", "---\n", "...\n", "? ", "> ", "0",
          "9" * 50, " ", "null", "2024-99-99"]  # fmt: skip
JARGON = ("pydantic", "Input ", "Value error", "type=", "Traceback", "NoneType", "<class", "datetime.")


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with every key in it."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from places(value[key])


def damage(files: dict[str, Any], source: random.Random) -> None:
    """Change one to three values, keys or rows."""
    for _ in range(source.choice((1, 1, 1, 2, 3))):
        container, key = source.choice(list(places(files)))
        if container is files:  # one in ten times, a file is missing
            if source.random() < 0.1:
                del container[key]
            continue
        kind = source.random()
        if kind < 0.1 and isinstance(container, dict):
            container[source.choice([one for one in NASTY if isinstance(one, str | int)])] = container.pop(
                key
            )
        elif kind < 0.2:
            del container[key]
        elif kind < 0.3:
            known = list(DatasetRecipe.model_fields) + list(Network.model_fields) + list(Claim.model_fields)
            if isinstance(container, dict):
                container[source.choice(known)] = copy.deepcopy(source.choice(NASTY))
        else:
            container[key] = copy.deepcopy(source.choice(NASTY))


def written(files: dict[str, Any], source: random.Random) -> None:
    """Write the files, tables as spreadsheets do or plainly, with a few characters changed now and then."""
    for name, content in files.items():
        if isinstance(content, list) and name.endswith(".tsv"):
            rows = [row for row in content if isinstance(row, dict)]
            columns = list(dict.fromkeys(str(column) for row in rows for column in row))
            text = io.StringIO()
            table = csv.writer(text, "excel-tab", quoting=source.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)))
            table.writerow(columns)
            for row in rows:
                cells = {str(key): value for key, value in row.items()}
                table.writerow([cells.get(column, "") for column in columns])
            content = text.getvalue()
        else:
            content = yaml.safe_dump(content, sort_keys=False, allow_unicode=source.random() < 0.5)
        if source.random() < 0.15:
            for _ in range(source.choice((1, 1, 2, 5))):
                place = source.randrange(len(content) + 1)
                content = (
                    content[:place] + source.choice(TOKENS) + content[place + source.choice((0, 0, 1, 4)) :]
                )
        encoded = content.encode("utf-8", "surrogatepass")
        if source.random() < 0.05:
            encoded = content.encode(source.choice(("utf-16", "utf-8-sig", "latin-1", "utf-32")), "replace")
        Path(str(name).replace("/", "_").replace("\0", "") or "x").write_bytes(encoded)


def refused(error: DownhillError) -> None:
    """Check that a refusal is one sentence for people."""
    message = str(error)
    assert message.strip()
    assert len(message.splitlines()) == 1, message
    assert not [word for word in JARGON if word in message], message


def as_in_the_job(model: BaseModel, kind: type[BaseModel]) -> None:
    """Check that a job reads back the settings that it is given on its command line."""
    text = canonical(model)
    text.encode()
    assert "\0" not in text
    assert len(text) < 131_072
    assert kind.model_validate(json.loads(text)) == model


def planned(study: Study) -> None:
    """Everything that the rules compute before a job starts."""
    for row in study.networks.values():
        as_in_the_job(row.settings(), Network)
        cost.megabytes(cost.work_of_block(study, row.network, 1, 1))
        cost.seconds(cost.work_of_block(study, row.network, 1, 1))
    for name in study.tables.datasets:
        as_in_the_job(study.recipe(name), DatasetRecipe)
    for name in study.tables.sources:
        source = study.source(name)
        assert EitherSource.model_validate(json.loads(canonical(source))).root == source
        canonical(study.tables.sources[name].contents())
    for entry in study.experiments.values():
        as_in_the_job(entry.computed(), Experiment)
    for claim in study.claims.values():
        as_in_the_job(claim.measured(), MeasuredClaim)
        as_in_the_job(claim, Claim)
        canonical(study.class_names(claim.networks))
    as_in_the_job(study.settings.statistics, Statistics)
    as_in_the_job(study.contradictions, Contradictions)
    as_in_the_job(study.reading, ReadingNotes)
    as_in_the_job(study.playground, Playground)
    made: dict[str, Any] = {}
    for stage in STAGES.values():
        for _, key in zip(range(50), stage.jobs(study), strict=False):
            for file in stage.files(study, key):
                assert (stage.name, key) == made.setdefault(file, (stage.name, key)), f"{file} is made twice"
                assert (
                    max(len(os.fsencode(part)) for part in file.split("/")) <= 238
                )  # with a temporary prefix
                assert "//" not in file
            stage.compared(stage.asks(study, key))
            expected_inputs(study, stage.needs(study, key))


def check_plan(seed: int) -> None:
    """Check that a study with mistakes is refused in one sentence, or that all its jobs can be planned."""
    source = random.Random(seed)
    files = copy.deepcopy(FILES)
    damage(files, source)
    for old in Path().iterdir():
        old.unlink()
    written(files, source)
    try:
        study = Study.load("config.yaml")
        check_study(study)
    except DownhillError as error:
        refused(error)
    else:
        planned(study)


def small(study: Study) -> bool:
    """Whether a study takes a fraction of a second."""
    rows, recipes = study.networks.values(), [study.recipe(name) for name in study.datasets()]
    kinds = [study.tables.sources[recipe.source] for recipe in recipes]
    generated = [kind.generate for kind in kinds if isinstance(kind, GeneratedSource)]
    return (
        all(row.epochs <= 3 and row.seeds <= 4 and study.seeds_per_block(row.network) <= 4 for row in rows)
        and all(sum(row.hidden_layers) <= 100 for row in rows)
        and all(
            math.prod(recipe.resize or (1, 1)) <= 1000 and recipe.noise_images <= 1000 for recipe in recipes
        )
        and all(
            math.prod(kind.image_shape) <= 1000 and kind.training + kind.test <= 2000 for kind in generated
        )
        and study.settings.statistics.resamples <= 1000
        and all(entry.seeds is None or entry.seeds <= 4 for entry in study.experiments.values())
    )


def words_of(study: Study, stage: Stage, key: Key) -> list[str]:
    """The command that makes the results of a job from those of others in their usual places."""

    def results(name: str) -> list[str]:
        of_name = [one for one in stage.needs(study, key) if one[0] == name]
        files = [STAGES[name].files(study, other)[0] for _, other in dict.fromkeys(of_name)]
        return [str(Path(file).parent) if STAGES[name].in_folder else file for file in files]

    files = stage.files(study, key)
    output = [str(Path(files[0]).parent)] if stage.in_folder else files[:1]
    words = [stage.name, *([] if stage.subject in ("", "drawing function") else [key[0].partition("/")[0]])]
    config = ["--config", "config.yaml"]
    match stage.name:
        case "prepare":
            further = config
        case "download":
            further = config
        case "train":
            further = [*config, "--data", *results("prepare"), "--seeds", "-".join(key[1:])]
        case "evaluate":
            last = study.seeds(key[0])[-1]
            further = [
                *config,
                "--data",
                *results("prepare"),
                "--seeds",
                f"0-{last}",
                "--blocks",
                *results("train"),
            ]
        case "experiment":
            network = key[0].partition("/")[2]
            further = [*config, "--seeds", "-".join(key[1:]), *(["--network", network] if network else [])]
        case "measure":
            further = [
                *config,
                "--evaluations",
                *results("evaluate"),
                "--experiments",
                *results("experiment"),
            ]
        case "judge":
            further = [*config, "--measurement", *results("measure")]
        case "draw":
            words.append(stage.asks(study, key).function)
            further, output = ["--evidence", *results("judge")], files[:-1]
        case "compare":
            further, output = (
                ["--evidence", *results("judge")],
                [file for file in files if not file.endswith(RECORD)],
            )
        case "tabulate":
            settings_of_study = ["--statistics", canonical(study.settings.statistics)]
            settings_of_study += ["--limits", study.settings.limits.in_words()]
            further = ["--evaluations", *results("evaluate"), *settings_of_study]
        case "summarise":
            further = ["--evidence", *results("judge"), "--networks", *results("tabulate"), "--csv", files[0]]
            further += [
                f"--title={study.settings.title}",
                "--contradictions",
                canonical(study.contradictions),
            ]
            return [*words, *further, "--markdown", files[1], "--html", files[2]]
        case "publish":
            further = ["--evidence", *results("judge"), "--networks", *results("tabulate")]
            further += ["--figures", f"{study.settings.results}/figures", f"--title={study.settings.title}"]
            further += [f"--about={study.settings.about}"]
            further += ["--contradictions", canonical(study.contradictions)]
            further += ["--reading", canonical(study.reading)]
            further += ["--playground"] if study.playground.root else []
        case "assemble":
            names = study.class_names(study.playground.networks())
            further = ["--evaluations", *results("evaluate"), "--evidence", *results("judge")]
            further += ["--networks", canonical(study.playground), f"--title={study.settings.title}"]
            further += ["--class-names", canonical(names), f"--limits={study.settings.limits.in_words()}"]
        case "export":
            names = canonical(study.class_names(study.networks))
            further = ["--evaluations", *results("evaluate"), "--class-names", names]
            further += ["--seed", study.settings.exports]
    return [*words, *further, "--output", *output]


def check_run(seed: int) -> None:
    """Check that every job of a study with mistakes succeeds, if the study is accepted and small."""
    source = random.Random(seed)
    files = copy.deepcopy(FILES)
    damage(files, source)
    for old in Path().iterdir():
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    written(files, source)
    write_files(Path("here"), DIGITS)
    loaded.cache_clear()  # data sets are kept by path while a process lives
    try:
        study = Study.load("config.yaml")
        check_study(study)
    except DownhillError:
        return
    if not small(study):
        return
    for stage in STAGES.values():
        for key in stage.jobs(study) if stage.outputs else ():
            words = words_of(study, stage, key)
            errors = io.StringIO()
            with redirect_stderr(errors):
                status = main(words)
            if status and stage.name in ("download", "prepare"):  # what its files hold is not known before
                refused(DownhillError(errors.getvalue().splitlines()[-1]))
                return
            assert status == 0, (words, errors.getvalue())
            assert all(map(os.path.exists, stage.files(study, key)))
