"""Commands that inspect a study and its results; they are not stages of the workflow."""

import argparse
import json
import sys
from pathlib import Path

from downhill.claims.wording import counted, shape
from downhill.cli.command import CONFIG, argument, command, output, positive
from downhill.config.study import Study
from downhill.errors import DownhillError
from downhill.orchestration.recent_studies import latest_results


@command(
    argument(
        "--results",
        type=Path,
        metavar="FOLDER",
        help="a study's results (default: of the study that was run last)",
    ),
    argument("--folder", action="store_true", help="print only the folder of the results"),
    argument(
        "--brief", action="store_true", help="of a large study, print only the verdicts, and no networks"
    ),
    examples=("downhill show", "downhill show --results results/quick", "downhill show --folder"),
)
def show(arguments: argparse.Namespace) -> None:
    """Print the verdicts of a finished study and where to look."""
    from downhill.report.overview import overview

    results = arguments.results or latest_results()
    print(results if arguments.folder else overview(results, arguments.brief))


@command(
    argument("path", type=Path, metavar="PATH", help="a result: a file, or a folder of files"),
    argument("--json", action="store_true", help="print everything that is recorded, as JSON"),
    argument(
        "--check", action="store_true", help="compare files with their checksums, and inputs with those used"
    ),
    examples=(
        "downhill provenance results/claims.csv",
        "downhill provenance results/runs/lesson/seeds-0-9/weights.npz --json",
    ),
)
def provenance(arguments: argparse.Namespace) -> None:
    """Print how a result and its inputs were made, back to the checksummed download."""
    from downhill.provenance.lineage import Lineage

    lineage = Lineage(arguments.path)
    print(json.dumps(lineage.as_json(), indent=1) if arguments.json else lineage.as_text())
    if not arguments.check:
        return
    problems, files = list(lineage.problems()), f"{lineage.count_files():,} files"
    if problems:
        raise DownhillError(
            "\n  ".join([f"not all {files} are as recorded; delete what differs, and run again:", *problems])
        )
    missing = lineage.count_missing()
    left_out = f"; {missing:,} of their inputs are missing and were not compared" if missing else ""
    print(f"all {files} are as recorded{left_out}", file=sys.stderr if arguments.json else sys.stdout)


@command(CONFIG, examples=("downhill check", "downhill check --config config/config.yaml config/quick.yaml"))
def check(arguments: argparse.Namespace) -> None:
    """Check the configuration, and print what the study would run."""
    from downhill.orchestration.checks import check_study
    from downhill.orchestration.sources import check_checksums
    from downhill.planning import cost
    from downhill.planning.forecast import duration

    study = Study.load(*arguments.config)
    check_study(study)
    check_checksums(study)
    width = max(map(len, [*study.networks, *study.experiments]), default=0)
    for name, row in study.networks.items():
        layers = shape(row.hidden_layers)
        one, two = (cost.seconds(cost.work_of_block(study, name, seeds, threads=1)) for seeds in (1, 2))
        print(
            f"{name:{width}} {row.dataset:22} {layers:16} {counted(row.seeds, 'seed'):>12} in "
            f"{counted(study.count_blocks(name), 'job'):>7}, about {duration(two - one)} per seed"
        )
    for name, experiment in study.experiments.items():
        units = study.units(name)
        seeds = sum(len(study.experiment_seeds(unit)) for unit in units)
        jobs = sum(len(study.experiment_jobs(unit)) for unit in units)
        print(
            f"{name:{width}} {experiment.function:39} {counted(seeds, 'seed'):>12} in {counted(jobs, 'job'):>7}, "
            f"about {duration(experiment.seconds_per_seed)} per seed"
        )
    trainings = sum(row.seeds for row in study.networks.values())
    print(
        ", ".join(
            counted(count, name)
            for count, name in (
                (len(study.networks), "network"),
                (trainings, "training"),
                (len(study.experiments), "experiment"),
                (len(study.claims), "claim"),
            )
        )
    )


@command(
    CONFIG,
    argument(
        "--cores", type=positive, nargs="+", default=[1, 2, 4, 8, 16, 32, 64, 128, 256, 1000, 10000], metavar="N",
        help="numbers of cores (default: 1 2 4 … 10000)",
    ),
    argument("--seeds-per-block", type=positive, metavar="N", help="replaces the value of the study"),
    argument("--jobs", type=positive, metavar="N", help="maximum number of jobs at a time, as for Snakemake"),
    argument("--cluster", action="store_true", help="include the overhead of a job on a cluster"),
    argument(
        "--start-up", type=float, metavar="NUMBER", help="seconds that each job takes to start (cluster: 8)"
    ),
    argument(
        "--notice", type=float, metavar="NUMBER", help="seconds until the end of a job is noticed (cluster: 15)"
    ),
    argument(
        "--pace", type=float, metavar="NUMBER", help="how many times longer work takes than the cost model predicts"
    ),
    examples=(
        "downhill forecast",
        "downhill forecast --config config/config.yaml my-study.yaml --cluster --jobs 500 --cores 100 1000",
    ),
)  # fmt: skip
def forecast(arguments: argparse.Namespace) -> None:
    """Forecast how long the study will take on different numbers of cores, and the best block size."""
    from dataclasses import replace

    from downhill.planning import forecast

    study = Study.load(*arguments.config)
    if arguments.seeds_per_block is not None:
        study = forecast.with_blocks(study, arguments.seeds_per_block)
    overheads = forecast.CLUSTER if arguments.cluster else forecast.HERE
    given = {name: getattr(arguments, name) for name in ("start_up", "notice", "pace")}
    for name, value in given.items():
        if value is not None and (not 0 <= value < float("inf") or (name == "pace" and value == 0)):
            allowed = "a number above 0" if name == "pace" else "a number of 0 or more"
            raise DownhillError(f"--{name.replace('_', '-')}: {value:g} is not possible; give {allowed}")
    overheads = replace(overheads, **{name: value for name, value in given.items() if value is not None})
    forecaster = forecast.Forecaster(study, overheads, arguments.jobs)
    trainings = sum(row.seeds for row in study.networks.values())
    print(
        f"{counted(len(study.networks), 'network')}, {counted(trainings, 'training')} in "
        f"{counted(forecaster.count_blocks(), 'block')}; {forecast.duration(forecaster.work)} of work on one core"
    )
    found = [forecaster.forecast(cores) for cores in arguments.cores]
    print(forecast.as_text(found, [forecaster.suitable(cores) for cores in arguments.cores]))


@command(
    output("folder to write"),
    argument("--reference", type=Path, metavar="FILE", help="Markdown file whose tables of keys are updated"),
    examples=("downhill schema --output config/schema --reference config/README.md",),
)
def schema(arguments: argparse.Namespace) -> None:
    """Write the JSON schemas of the configuration files, and the tables of keys in their README."""
    from downhill.config.schema import write_reference, write_schemas

    write_schemas(arguments.output)
    if arguments.reference:
        write_reference(arguments.reference)
