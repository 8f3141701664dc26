"""The command line: one short stage for each rule of the workflow, usable by hand.

Each stage takes the name of what it works on. Its settings are looked up under that name in the study's
configuration (`--config`, by default `config/config.yaml`), unless `--settings` gives them as JSON, as the
workflow's rules do.
"""

import argparse
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

if __name__ == "__main__":  # before what takes long to import
    signal.signal(
        signal.SIGINT, signal.SIG_DFL
    )  # Ctrl-C ends a job at once, without a stack trace in its log

from downhill.cli import queries, stages
from downhill.errors import DownhillError
from downhill.storage import locks

Stage = Callable[[argparse.Namespace], None]


def _configuration() -> list[Path]:
    """The study's files: those named in DOWNHILL_CONFIG, or the default study's."""
    named = os.environ.get("DOWNHILL_CONFIG", "").split(os.pathsep)
    return [Path(name) for name in named if name] or [Path("config/config.yaml")]


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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="downhill", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    subparsers = parser.add_subparsers(
        title="stages, in the order the data flows", metavar="STAGE", required=True
    )

    def stage(name: str, run: Stage, examples: str, of: str | None = None) -> argparse.ArgumentParser:
        """Add a stage; `of` says what its name argument names, if it has one."""
        added = subparsers.add_parser(
            name,
            help=(run.__doc__ or "").strip(),
            description=run.__doc__,
            epilog="examples:\n  " + "\n  ".join(examples.splitlines()),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        added.set_defaults(run=run, stage=name)
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
            "--config", nargs="+", type=Path, default=_configuration(), metavar="FILE",
            help="configuration, and overlays on top of it (default: $DOWNHILL_CONFIG, or config/config.yaml)",
        )  # fmt: skip

    def output(added: argparse.ArgumentParser, what: str) -> None:
        added.add_argument("--output", type=Path, required=True, metavar="PATH", help=what)

    added = stage(
        "download", stages.download, "downhill download mnist --output resources/mnist", of="source"
    )
    settings(added)
    output(added, "folder to bring the files into")

    added = stage(
        "prepare",
        stages.prepare,
        "downhill prepare mnist-10x10 --output results/data/mnist-10x10",
        of="data set",
    )
    settings(added)
    added.add_argument("--contents", metavar="JSON", help="what the source's files must hold, as JSON")
    added.add_argument(
        "--source-folder", type=Path, metavar="FOLDER", help="where its files are (default: resources/…)"
    )
    output(added, "folder to write")

    stage("compile", stages.compile_engine, "downhill compile")

    added = stage(
        "train",
        stages.train,
        "downhill train lesson --data results/data/mnist-60000 --seeds 0-9 --output results/runs/lesson/seeds-0-9\n"
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
        stages.evaluate,
        "downhill evaluate lesson --data results/data/mnist-60000 --seeds 0-9 "
        "--blocks results/runs/lesson/seeds-0-9 --output results/evaluation/lesson",
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
        stages.measure,
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
        stages.draw,
        "downhill draw accuracy_distribution --evidence results/claims/ninety-six.json --output accuracy.svg",
        of="drawing function",
    )
    added.add_argument("--evidence", type=Path, required=True, metavar="FILE", help="evidence of the claim")
    added.add_argument(
        "--output", type=Path, nargs="+", required=True, metavar="FILE", help="files, format by suffix"
    )

    added = stage(
        "summarise",
        stages.summarise,
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

    added = stage("show", queries.show, "downhill show\ndownhill show --results results/quick")
    added.add_argument(
        "--results", type=Path, default=Path("results"), metavar="FOLDER", help="a study's results"
    )

    added = stage(
        "provenance",
        queries.provenance,
        "downhill provenance results/claims.csv\n"
        "downhill provenance results/runs/lesson/seeds-0-9/weights.npz --json",
    )
    added.add_argument("path", type=Path, metavar="PATH", help="a result: a file, or a folder of files")
    added.add_argument("--json", action="store_true", help="print all that is known, as JSON")
    added.add_argument(
        "--check", action="store_true", help="compare files with their checksums, and inputs with those used"
    )

    configuration(
        stage(
            "check",
            queries.check,
            "downhill check\ndownhill check --config config/config.yaml config/quick.yaml",
        )
    )

    added = stage(
        "forecast",
        queries.forecast,
        "downhill forecast\n"
        "downhill forecast --config config/config.yaml my-study.yaml --cluster --jobs 500 --cores 100 1000",
    )
    configuration(added)
    added.add_argument(
        "--cores", type=_positive, nargs="+", default=[1, 2, 4, 8, 16, 32, 64, 128, 256, 1000, 10000], metavar="N",
        help="numbers of cores (default: 1 2 4 … 10000)",
    )  # fmt: skip
    added.add_argument("--seeds-per-block", type=_positive, metavar="N", help="in place of the study's")
    added.add_argument("--jobs", type=_positive, metavar="N", help="most jobs at a time, as for Snakemake")
    added.add_argument("--cluster", action="store_true", help="with what a job takes around its work there")
    for option, meaning in {
        "--start-up": "seconds that each job takes before its work (cluster: 8)",
        "--notice": "seconds until a job's end is known (cluster: 15)",
        "--pace": "how many times longer work takes here than the cost model says",
    }.items():
        added.add_argument(option, type=float, metavar="NUMBER", help=meaning)

    added = stage(
        "schema", queries.schema, "downhill schema --output config/schema --reference config/README.md"
    )
    output(added, "folder to write")
    added.add_argument(
        "--reference", type=Path, metavar="FILE", help="Markdown file whose tables of keys to renew"
    )
    return parser


def main(words: Sequence[str] | None = None) -> int:
    """Run one stage; returns the exit status: 0, or 1 after a message for people on standard error."""
    arguments = _parser().parse_args(words)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    arguments.started = datetime.now(UTC)
    try:
        with locks.exclusive_writer(*stages.places(arguments)):
            arguments.run(arguments)
    except DownhillError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of our output, such as `head`, has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
