"""The command line: one short stage for each rule of the workflow, usable by hand.

Each stage takes the name of what it works on. Its settings are looked up under that name in the study's
configuration (`--config`, by default `config/config.yaml`), unless `--settings` gives them as JSON, as the
workflow's rules do.
"""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from downhill.config.claim import Claim
from downhill.config.dataset import DatasetRecipe, Source
from downhill.config.network import Network
from downhill.config.reading import did_you_mean, validated
from downhill.config.study import Statistics, Study
from downhill.errors import DownhillError

Model = TypeVar("Model", bound=BaseModel)
Stage = Callable[[argparse.Namespace], None]


def download(arguments: argparse.Namespace) -> None:
    """Bring a source's four IDX files from the first mirror that has them whole."""
    from downhill.datasets.fetch import fetch_source

    source = _settings(arguments, Source, lambda study: study.tables.sources)
    fetch_source(arguments.name, source, arguments.output)


def prepare(arguments: argparse.Namespace) -> None:
    """Make a data set from its recipe: validate, split, select, shuffle labels, resize."""
    from downhill.datasets.prepare import write_prepared

    recipe = _settings(
        arguments, DatasetRecipe, lambda study: {name: study.recipe(name) for name in study.tables.datasets}
    )
    if arguments.contents:
        contents = _from_json(Source, arguments.contents, "--contents")
    else:
        contents = _study(arguments).tables.sources[recipe.source].contents()
    folder = arguments.source_folder or Path("resources", recipe.source)
    dataset = write_prepared(recipe, contents, folder, arguments.output)
    _log(f"{arguments.name}: " + ", ".join(f"{len(part):,} {name}" for name, part in dataset.parts().items()))


def compile_engine(arguments: argparse.Namespace) -> None:
    """Compile the engine into Numba's cache on disk, so that training starts at once."""
    from downhill.engine.train import ready

    _log(f"engine ready after {ready():.1f} s")


def train(arguments: argparse.Namespace) -> None:
    """Train a block of seeds of one network."""
    from downhill.datasets import load_dataset
    from downhill.runs.provenance import write_provenance
    from downhill.runs.train import train_block

    net = _settings(arguments, Network, _networks)
    runs = train_block(
        net, load_dataset(arguments.data), arguments.seeds, arguments.threads, arguments.output
    )
    seconds = {run.seed: run.seconds.round(4) for run in runs}
    write_provenance(arguments.output, threads=arguments.threads, seconds=seconds)
    for run in runs:
        ending = (
            f"diverged in epoch {run.diverged_epoch}"
            if run.diverged
            else f"{run.seconds.sum():.1f} s of training"
        )
        _log(f"{arguments.name}, seed {run.seed}: {ending}")


def evaluate(arguments: argparse.Namespace) -> None:
    """Score the trained seeds of one network on every set of images."""
    from downhill.runs.evaluate import evaluate as write_evaluation

    net = _settings(arguments, Network, _networks)
    write_evaluation(arguments.name, net, arguments.data, arguments.blocks, arguments.seeds, arguments.output)


def measure(arguments: argparse.Namespace) -> None:
    """Measure one claim on the evaluations of its networks: statistic, interval, verdict."""
    from downhill.claims.evidence import measure as write_evidence
    from downhill.runs.evaluation import Evaluation

    claim = _settings(arguments, Claim, lambda study: study.claims)
    statistics = _from_json(Statistics, arguments.statistics, "--statistics")
    evidence = write_evidence(
        claim, [Evaluation(path) for path in arguments.evaluations], statistics, arguments.output
    )
    _log(f"{claim.claim}: {evidence['verdict']} ({evidence['why']})")


def draw(arguments: argparse.Namespace) -> None:
    """Draw one figure from a claim's evidence alone."""
    from downhill.claims import registry
    from downhill.figures.style import save
    from downhill.files import read_json

    evidence = read_json(arguments.evidence)
    save(registry.load("figures", evidence["family"], arguments.name), evidence, arguments.output)


def summarise(arguments: argparse.Namespace) -> None:
    """Write the table of all claims and verdicts, as CSV, Markdown and HTML."""
    from downhill.report import summarise as write_tables

    write_tables(arguments.evidence, arguments.csv, arguments.markdown, arguments.html, arguments.figures)


def show(arguments: argparse.Namespace) -> None:
    """Print the verdicts of a finished study and where to look."""
    from downhill.report import overview

    print(overview(arguments.results))


def check(arguments: argparse.Namespace) -> None:
    """Check the configuration, and print what the study would train."""
    from downhill.claims import registry

    study = _study(arguments)
    registry.check(study.claims.values(), study.settings.claims)
    for name, row in study.networks.items():
        shape = "-".join(map(str, row.hidden_layers)) or "none"
        print(
            f"{name:24} {row.dataset:22} {shape:16} {row.seeds:6,} seeds in {len(study.blocks(name)):,} jobs"
        )
    print(
        f"{len(study.networks)} networks, {sum(row.seeds for row in study.networks.values()):,} trainings, ",
        end="",
    )
    print(f"{len(study.claims)} claims")


def schema(arguments: argparse.Namespace) -> None:
    """Write the JSON schemas of the configuration files, and the tables of keys in their README."""
    from downhill.config.schema import write_reference, write_schemas

    write_schemas(arguments.output)
    if arguments.reference:
        write_reference(arguments.reference)


def _settings(arguments: argparse.Namespace, model: type[Model], table: Callable[[Study], Any]) -> Model:
    """Settings given as JSON, or looked up by name in the study."""
    if arguments.settings:
        return _from_json(model, arguments.settings, "--settings")
    rows: dict[str, Model] = table(_study(arguments))
    if arguments.name not in rows:
        raise DownhillError(
            f"{' + '.join(map(str, arguments.config))}: there is no '{arguments.name}'; "
            f"{did_you_mean(arguments.name, rows)}"
        )
    return rows[arguments.name]


def _networks(study: Study) -> dict[str, Network]:
    return {name: row.settings() for name, row in study.networks.items()}


def _study(arguments: argparse.Namespace) -> Study:
    return Study.load(*arguments.config)


def _from_json(model: type[Model], text: str, option: str) -> Model:
    import json

    try:
        return validated(model, json.loads(text), option)
    except json.JSONDecodeError as error:
        raise DownhillError(
            f"{option}: is not JSON ({error}); give an object such as '{{\"epochs\": 5}}'"
        ) from error


def _seeds(text: str) -> range:
    """Read `3` or `0-3` as a range of seeds."""
    first, dash, last = text.partition("-")
    last = last if dash else first
    if not first.isdecimal() or not last.isdecimal() or int(last) < int(first):
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a range of seeds; write 3, or 0-3 for the first four"
        )
    return range(int(first), int(last) + 1)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number above 0")
    return int(text)


def _log(message: str) -> None:
    logging.getLogger("downhill").info(message)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="downhill", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    stages = parser.add_subparsers(
        title="stages, in the order the data flows", metavar="STAGE", required=True
    )

    def stage(name: str, run: Stage, examples: str, of: str | None = None) -> argparse.ArgumentParser:
        """Add a stage; `of` says what its name argument names, if it has one."""
        added = stages.add_parser(
            name,
            help=(run.__doc__ or "").strip(),
            description=run.__doc__,
            epilog="examples:\n  " + "\n  ".join(examples.splitlines()),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        added.set_defaults(run=run)
        if of:
            added.add_argument("name", metavar="NAME", help=f"name of a {of}")
        return added

    def settings(added: argparse.ArgumentParser) -> None:
        added.add_argument(
            "--settings", metavar="JSON", help="settings as JSON instead of from the configuration"
        )
        configuration(added)

    def configuration(added: argparse.ArgumentParser) -> None:
        added.add_argument(
            "--config", nargs="+", type=Path, default=[Path("config/config.yaml")], metavar="FILE",
            help="configuration, and overlays on top of it (default: config/config.yaml)",
        )  # fmt: skip

    def output(added: argparse.ArgumentParser, what: str) -> None:
        added.add_argument("--output", type=Path, required=True, metavar="PATH", help=what)

    added = stage("download", download, "downhill download mnist --output resources/mnist", of="source")
    settings(added)
    output(added, "folder to bring the files into")

    added = stage(
        "prepare", prepare, "downhill prepare mnist-10x10 --output results/data/mnist-10x10", of="data set"
    )
    settings(added)
    added.add_argument("--contents", metavar="JSON", help="what the source's files must hold, as JSON")
    added.add_argument(
        "--source-folder", type=Path, metavar="FOLDER", help="where its files are (default: resources/…)"
    )
    output(added, "folder to write")

    stage("compile", compile_engine, "downhill compile")

    added = stage(
        "train",
        train,
        "downhill train lesson --data results/data/mnist-60000 --seeds 0-3 --output results/runs/lesson/seeds-0-3\n"
        """downhill train mine --settings '{"hidden_layers": [30], "epochs": 5}' --data results/data/mnist """
        "--seeds 7 --output /tmp/mine",
        of="network",
    )
    settings(added)
    added.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="prepared data set")
    added.add_argument("--seeds", type=_seeds, required=True, metavar="FIRST-LAST", help="seeds to train")
    added.add_argument(
        "--threads", type=_positive, default=1, metavar="N", help="seeds to train at a time (default: 1)"
    )
    output(added, "folder to write")

    added = stage(
        "evaluate",
        evaluate,
        "downhill evaluate lesson --data results/data/mnist-60000 --seeds 0-3 "
        "--blocks results/runs/lesson/seeds-0-3 --output results/evaluation/lesson",
        of="network",
    )
    settings(added)
    added.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="prepared data set")
    added.add_argument("--seeds", type=_seeds, required=True, metavar="FIRST-LAST", help="seeds that count")
    added.add_argument(
        "--blocks", type=Path, nargs="+", required=True, metavar="FOLDER", help="folders of trained seeds"
    )
    output(added, "folder to write")

    added = stage(
        "measure",
        measure,
        "downhill measure ninety-six --evaluations results/evaluation/lesson --output results/claims/ninety-six.json",
        of="claim",
    )
    settings(added)
    added.add_argument(
        "--evaluations", type=Path, nargs="+", required=True, metavar="FOLDER", help="one per network"
    )
    added.add_argument("--statistics", default="{}", metavar="JSON", help="settings of the intervals")
    output(added, "evidence file to write")

    added = stage(
        "draw",
        draw,
        "downhill draw accuracy_distribution --evidence results/claims/ninety-six.json --output accuracy.svg",
        of="drawing function",
    )
    added.add_argument("--evidence", type=Path, required=True, metavar="FILE", help="evidence of the claim")
    added.add_argument(
        "--output", type=Path, nargs="+", required=True, metavar="FILE", help="files, format by suffix"
    )

    added = stage(
        "summarise",
        summarise,
        "downhill summarise --evidence results/claims/*.json --csv claims.csv --markdown claims.md "
        "--html claims.html",
    )
    added.add_argument(
        "--evidence", type=Path, nargs="+", required=True, metavar="FILE", help="evidence of all claims"
    )
    added.add_argument("--csv", type=Path, required=True, metavar="FILE", help="table to write")
    added.add_argument("--markdown", type=Path, required=True, metavar="FILE", help="page to write")
    added.add_argument(
        "--html", type=Path, required=True, metavar="FILE", help="page to write for the report"
    )
    added.add_argument(
        "--figures", type=Path, default=Path("results/figures"), metavar="FOLDER", help="where figures are"
    )

    added = stage("show", show, "downhill show\ndownhill show --results results/quick")
    added.add_argument(
        "--results", type=Path, default=Path("results"), metavar="FOLDER", help="a study's results"
    )

    configuration(
        stage("check", check, "downhill check\ndownhill check --config config/config.yaml config/quick.yaml")
    )

    added = stage("schema", schema, "downhill schema --output config/schema --reference config/README.md")
    output(added, "folder to write")
    added.add_argument(
        "--reference", type=Path, metavar="FILE", help="Markdown file whose tables of keys to renew"
    )
    return parser


def main(words: Sequence[str] | None = None) -> int:
    """Run one stage; returns the exit status: 0, or 1 after a message for people on standard error."""
    arguments = _parser().parse_args(words)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    try:
        arguments.run(arguments)
    except DownhillError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of our output, such as `head`, has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
