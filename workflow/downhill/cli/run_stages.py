"""The stages from download to experiments, one short function each, which reads arguments, calls the package, and logs.

Each stage imports what it needs when it runs, so that drawing a figure does not wait for the compiler.
"""

import argparse
from pathlib import Path
from time import perf_counter

from downhill.cli.command import (
    CONFIG,
    DATA,
    EXPECTED,
    SETTINGS,
    argument,
    command,
    output,
    positive,
    seed_range,
)
from downhill.cli.inputs import check_inputs
from downhill.cli.outputs import log, record
from downhill.cli.settings import experiment_inputs, from_json, settings_or_row, unit_of
from downhill.config import functions
from downhill.config.dataset import IDX_NAMES, DatasetRecipe, EitherSource, Source
from downhill.config.experiment import Experiment
from downhill.config.generated import GeneratedSource
from downhill.config.network import Network
from downhill.config.study import Study
from downhill.errors import DownhillError
from downhill.orchestration import job_settings, replaced_files
from downhill.orchestration.stages import BLOCK_FORMAT
from downhill.provenance.asked import Asked


@command(
    SETTINGS,
    CONFIG,
    output("folder to download the files into"),
    examples=("downhill download mnist --output resources/mnist",),
)
def download(arguments: argparse.Namespace) -> None:
    """Download the four IDX files of a source, each from the first mirror with a complete copy."""
    from downhill.datasets.fetch import fetch_source

    source = settings_or_row(arguments, Source, lambda study: _downloaded(study, arguments.name))
    source = source.unlabelled(f"source '{arguments.name}'")
    origins = fetch_source(arguments.name, source, arguments.output)
    expected = {
        IDX_NAMES[role]: file["sha256"] for role, file in source.files.model_dump().items() if file["sha256"]
    }
    record(
        arguments,
        Asked(settings=None),
        settings=source.model_dump(mode="json"),
        checked_against=expected,
        origins=origins,
        kept=replaced_files.kept_files(arguments.output),
    )


@command(
    SETTINGS,
    CONFIG,
    argument("--source", metavar="JSON", help="the source as JSON (default: from the configuration)"),
    argument(
        "--source-folder",
        type=Path,
        metavar="FOLDER",
        help="folder of the source's files (default: resources/…)",
    ),
    output("folder to write"),
    examples=("downhill prepare mnist-10x10 --output results/data/mnist-10x10",),
)
def prepare(arguments: argparse.Namespace) -> None:
    """Make a data set from its recipe: read or generate, split, select, shuffle, resize, add noise."""
    from downhill.datasets.prepare import write_prepared

    recipe = settings_or_row(
        arguments, DatasetRecipe, lambda study: {name: study.recipe(name) for name in study.tables.datasets}
    )
    if arguments.source:
        source = from_json(EitherSource, arguments.source, "--source").root
    else:
        source = Study.load(*arguments.config).source(recipe.source)
    folder = arguments.source_folder
    if folder is None and not isinstance(source, GeneratedSource):
        resources = "resources" if arguments.settings else Study.load(*arguments.config).settings.resources
        folder = Path(resources, recipe.source)
    dataset = write_prepared(recipe, source, folder, arguments.output)
    record(
        arguments,
        job_settings.of_dataset(recipe, source),
        inputs=[folder] if folder else [],
        contents=source.contents().model_dump(mode="json", exclude={"title"}),
    )
    log(f"{arguments.name}: " + ", ".join(f"{len(part):,} {name}" for name, part in dataset.parts().items()))


@command(name="compile", examples=("downhill compile",))
def compile_engine(arguments: argparse.Namespace) -> None:
    """Compile the engine into Numba's cache on disk, so that training starts at once."""
    from downhill.engine.train import ready

    log(f"engine ready after {ready():.1f} s")


@command(
    SETTINGS,
    CONFIG,
    EXPECTED,
    DATA,
    argument("--seeds", type=seed_range, required=True, metavar="FIRST-LAST", help="seeds to train"),
    argument(
        "--threads", type=positive, default=1, metavar="N", help="seeds to train at a time (default: 1)"
    ),
    output("folder to write"),
    examples=(
        "downhill train lesson --data results/data/mnist-60000 --seeds 0-9 --output results/runs/lesson/seeds-0-9",
        """downhill train mine --settings '{"hidden_layers": [30], "epochs": 5}' --data results/data/mnist """
        "--seeds 7 --output /tmp/mine",
    ),
)
def train(arguments: argparse.Namespace) -> None:
    """Train a block of seeds of one network."""
    from downhill.datasets import load_dataset
    from downhill.runs.train import train_block

    net = settings_or_row(arguments, Network, Study.network_settings)
    check_inputs(arguments, [arguments.data])
    data = load_dataset(arguments.data)
    begin = perf_counter()
    runs = train_block(net, data, arguments.seeds, arguments.threads, arguments.output)
    record(
        arguments,
        job_settings.of_block(net, arguments.data.resolve().name, BLOCK_FORMAT),
        inputs=[arguments.data],
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
        log(f"{arguments.name}, seed {run.seed}: {ending}")


@command(
    SETTINGS,
    CONFIG,
    EXPECTED,
    DATA,
    argument("--seeds", type=seed_range, required=True, metavar="FIRST-LAST", help="seeds to evaluate"),
    argument(
        "--blocks", type=Path, nargs="+", required=True, metavar="FOLDER", help="folders of trained seeds"
    ),
    output("folder to write"),
    examples=(
        "downhill evaluate lesson --data results/data/mnist-60000 --seeds 0-9 "
        "--blocks results/runs/lesson/seeds-0-9 --output results/evaluation/lesson",
    ),
)
def evaluate(arguments: argparse.Namespace) -> None:
    """Score the trained seeds of one network on every set of images."""
    from downhill.runs.evaluate import evaluate_network

    net = settings_or_row(arguments, Network, Study.network_settings)
    check_inputs(arguments, [*arguments.blocks, arguments.data], (arguments.name,))
    evaluate_network(arguments.name, net, arguments.data, arguments.blocks, arguments.seeds, arguments.output)
    record(
        arguments,
        job_settings.of_evaluation(net, arguments.data.resolve().name, arguments.seeds),
        inputs=[*arguments.blocks, arguments.data],
        seeds=_ends(arguments.seeds),
    )


@command(
    SETTINGS,
    CONFIG,
    EXPECTED,
    argument(
        "--inputs", metavar="JSON", help="networks and data sets as JSON instead of from the configuration"
    ),
    argument(
        "--network", metavar="NAME", help="network to use, if the experiment runs once for each network"
    ),
    argument("--seeds", type=seed_range, required=True, metavar="FIRST-LAST", help="seeds to compute"),
    output("archive to write"),
    examples=(
        "downhill experiment weights-and-biases --network lesson --seeds 0-9 "
        "--output results/experiments/weights-and-biases/lesson/seeds-0-9.npz",
    ),
)
def experiment(arguments: argparse.Namespace) -> None:
    """Run one job of an experiment: its function for some seeds."""
    from downhill.experiments.run import run_experiment

    entry = settings_or_row(arguments, Experiment, lambda study: study.experiments)
    options = functions.checked_options(
        entry.options, "experiments", entry.family, entry.function_name, f"experiment '{arguments.name}'"
    )
    inputs, read = experiment_inputs(arguments, entry)
    check_inputs(arguments, read, _job_of_experiment(arguments, entry))
    run_experiment(
        arguments.name,
        entry.function,
        arguments.seeds,
        inputs,
        options,
        arguments.output,
        network=arguments.network or "",
    )
    record(
        arguments,
        job_settings.of_experiment(entry, list(inputs.networks), list(inputs.datasets)),
        inputs=read,
        seeds=_ends(arguments.seeds),
    )
    of = f" on {', '.join(inputs.networks)}" if inputs.networks else ""
    log(f"{arguments.name}{of}, seeds {arguments.seeds.start} to {arguments.seeds.stop - 1}: done")


def _job_of_experiment(arguments: argparse.Namespace, entry: Experiment) -> tuple[str, ...] | None:
    if arguments.inputs:
        return None
    return (unit_of(arguments, entry), *map(str, _ends(arguments.seeds)))


def _ends(seeds: range) -> list[int]:
    return [seeds.start, seeds.stop - 1]


def _downloaded(study: Study, name: str) -> dict[str, Source]:
    if isinstance(study.tables.sources.get(name), GeneratedSource):
        raise DownhillError(
            f"{study.settings.datasets}: source '{name}' is generated and needs no download; "
            "run `downhill prepare` for a data set that is made from it"
        )
    return study.tables.downloaded()
