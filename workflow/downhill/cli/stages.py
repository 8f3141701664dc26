"""The stages of the workflow, one short function each: they read arguments, call the package, and log.

What a stage needs is imported when it runs, so that drawing a figure does not wait for the compiler.
"""

import argparse
import json
import logging
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

from pydantic import BaseModel

from downhill.config.claim import Claim
from downhill.config.dataset import IDX_NAMES, DatasetRecipe, Source
from downhill.config.network import Network
from downhill.config.reading import did_you_mean, validated
from downhill.config.study import Statistics, Study
from downhill.errors import DownhillError
from downhill.provenance.record import RECORD, record_of, write_provenance

Model = TypeVar("Model", bound=BaseModel)


def download(arguments: argparse.Namespace) -> None:
    """Bring a source's four IDX files from the first mirror that has them whole."""
    from downhill.datasets.fetch import fetch_source

    source = _settings(arguments, Source, lambda study: study.tables.sources)
    fetch_source(arguments.name, source, arguments.output)
    expected = {
        IDX_NAMES[role]: file["sha256"] for role, file in source.files.model_dump().items() if file["sha256"]
    }
    _record(
        arguments,
        arguments.output / RECORD,
        code=("datasets.fetch",),
        outputs=[arguments.output / name for name in IDX_NAMES.values()],
        settings=source.model_dump(mode="json"),
        checked_against=expected,
    )


def prepare(arguments: argparse.Namespace) -> None:
    """Make a data set from its recipe: validate, split, select, shuffle labels, resize, add noise."""
    from downhill.datasets.prepare import write_prepared
    from downhill.datasets.store import FILE_NAME, SUMMARY_NAME

    recipe = _settings(
        arguments, DatasetRecipe, lambda study: {name: study.recipe(name) for name in study.tables.datasets}
    )
    if arguments.contents:
        contents = _from_json(Source, arguments.contents, "--contents")
    else:
        contents = Study.load(*arguments.config).tables.sources[recipe.source].contents()
    folder = arguments.source_folder or Path("resources", recipe.source)
    dataset = write_prepared(recipe, contents, folder, arguments.output)
    _record(
        arguments,
        arguments.output / RECORD,
        code=("datasets.prepare",),
        inputs=[folder],
        outputs=[arguments.output / FILE_NAME, arguments.output / SUMMARY_NAME],
        settings=recipe.model_dump(mode="json"),
        contents=contents.model_dump(mode="json"),
    )
    _log(f"{arguments.name}: " + ", ".join(f"{len(part):,} {name}" for name, part in dataset.parts().items()))


def compile_engine(arguments: argparse.Namespace) -> None:
    """Compile the engine into Numba's cache on disk, so that training starts at once."""
    from downhill.engine.train import ready

    _log(f"engine ready after {ready():.1f} s")


def train(arguments: argparse.Namespace) -> None:
    """Train a block of seeds of one network."""
    from downhill.datasets import load_dataset
    from downhill.runs.train import train_block

    net = _settings(arguments, Network, _networks)
    data = load_dataset(arguments.data)
    begin = perf_counter()
    runs = train_block(net, data, arguments.seeds, arguments.threads, arguments.output)
    _record(
        arguments,
        arguments.output / RECORD,
        code=("engine.train",),
        inputs=[arguments.data],
        outputs=[arguments.output / name for name in ("weights.npz", "history.parquet")],
        settings=net.model_dump(mode="json"),
        seeds=_ends(arguments.seeds),
        threads=arguments.threads,
        block_seconds=round(perf_counter() - begin, 3),
        seconds={run.seed: run.seconds.round(4) for run in runs},
    )
    for run in runs:
        ending = (
            f"diverged in epoch {run.diverged_epoch}"
            if run.diverged
            else f"{run.seconds.sum():.1f} s of training"
        )
        _log(f"{arguments.name}, seed {run.seed}: {ending}")


def evaluate(arguments: argparse.Namespace) -> None:
    """Score the trained seeds of one network on every set of images."""
    from downhill.runs.evaluate import evaluate_network
    from downhill.runs.evaluation import FILES

    net = _settings(arguments, Network, _networks)
    evaluate_network(arguments.name, net, arguments.data, arguments.blocks, arguments.seeds, arguments.output)
    _record(
        arguments,
        arguments.output / RECORD,
        code=("runs.evaluate",),
        inputs=[*arguments.blocks, arguments.data],
        outputs=[arguments.output / name for name in FILES],
        settings=net.model_dump(mode="json"),
        seeds=_ends(arguments.seeds),
    )


def measure(arguments: argparse.Namespace) -> None:
    """Measure one claim on the evaluations of its networks: statistic, interval, verdict."""
    from downhill.claims.evidence import measure as write_evidence
    from downhill.runs.evaluation import EvaluatedNetwork

    claim = _settings(arguments, Claim, lambda study: study.claims)
    statistics = _from_json(Statistics, arguments.statistics, "--statistics")
    evidence = write_evidence(
        claim, [EvaluatedNetwork(path) for path in arguments.evaluations], statistics, arguments.output
    )
    _record(
        arguments,
        record_of(arguments.output),
        code=("claims.evidence", f"claims.{claim.family}"),
        inputs=arguments.evaluations,
        outputs=[arguments.output],
        settings=claim.model_dump(mode="json"),
        statistics=statistics.model_dump(mode="json"),
    )
    _log(f"{claim.claim}: {evidence['verdict']} ({evidence['why']})")


def draw(arguments: argparse.Namespace) -> None:
    """Draw one figure from a claim's evidence alone."""
    from downhill.claims import registry
    from downhill.figures.style import save
    from downhill.storage.atomic import read_json

    evidence = read_json(arguments.evidence)
    if not isinstance(evidence, dict) or "family" not in evidence:
        raise DownhillError(
            f"{arguments.evidence} is not the evidence of a claim; the stage measure writes it"
        )
    save(registry.load("figures", evidence["family"], arguments.name), evidence, arguments.output)
    for record in {record_of(path) for path in arguments.output}:
        _record(
            arguments,
            record,
            code=(f"figures.{evidence['family']}",),
            inputs=[arguments.evidence],
            outputs=[path for path in arguments.output if record_of(path) == record],
        )


def summarise(arguments: argparse.Namespace) -> None:
    """Write the table of all claims and verdicts, as CSV, Markdown and HTML."""
    from downhill.report.tables import summarise as write_tables

    write_tables(arguments.evidence, arguments.csv, arguments.markdown, arguments.html, arguments.figures)
    _record(
        arguments,
        record_of(arguments.csv),
        code=("report.tables",),
        inputs=arguments.evidence,
        outputs=[arguments.csv, arguments.markdown, arguments.html],
    )


def places(arguments: argparse.Namespace) -> tuple[list[Path], list[Path]]:
    """Where a stage writes: its results' own folders; its results and their records, if they are single files."""
    if arguments.stage in ("download", "prepare", "train", "evaluate"):
        return [arguments.output], []
    if arguments.stage == "measure":
        files = named = [arguments.output]
    elif arguments.stage == "draw":
        files = named = arguments.output
    elif arguments.stage == "summarise":
        files, named = [arguments.csv, arguments.markdown, arguments.html], [arguments.csv]
    else:
        return [], []
    records = [record_of(path) for path in named]
    return [record.parent for record in records], [*files, *records]


def _record(arguments: argparse.Namespace, record: Path, **details: Any) -> None:
    """Write beside a result what made it."""
    name = getattr(arguments, "name", arguments.stage)
    write_provenance(record, arguments.stage, name, started=arguments.started, **details)


def _ends(seeds: range) -> list[int]:
    return [seeds.start, seeds.stop - 1]


def _settings(arguments: argparse.Namespace, model: type[Model], table: Callable[[Study], Any]) -> Model:
    """Settings given as JSON, or looked up by name in the study."""
    if arguments.settings:
        return _from_json(model, arguments.settings, "--settings")
    rows: dict[str, Model] = table(Study.load(*arguments.config))
    if arguments.name not in rows:
        raise DownhillError(
            f"{' + '.join(map(str, arguments.config))}: there is no '{arguments.name}'; "
            f"{did_you_mean(arguments.name, rows)}"
        )
    return rows[arguments.name]


def _networks(study: Study) -> dict[str, Network]:
    return {name: row.settings() for name, row in study.networks.items()}


def _from_json(model: type[Model], text: str, option: str) -> Model:
    try:
        return validated(model, json.loads(text), option)
    except json.JSONDecodeError as error:
        raise DownhillError(
            f"{option}: is not JSON ({error}); give an object such as '{{\"epochs\": 5}}'"
        ) from error


def _log(message: str) -> None:
    logging.getLogger("downhill").info(message)
