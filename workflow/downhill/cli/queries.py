"""Commands that look at a study and its results, and are no stage of the workflow."""

import argparse
import json

from downhill.config.study import Study
from downhill.errors import DownhillError


def show(arguments: argparse.Namespace) -> None:
    """Print the verdicts of a finished study and where to look."""
    from downhill.report.tables import overview

    print(overview(arguments.results))


def provenance(arguments: argparse.Namespace) -> None:
    """Print what made a result, and its inputs, back to the checksummed download."""
    from downhill.provenance.lineage import Lineage

    lineage = Lineage(arguments.path)
    print(
        json.dumps(lineage.as_json(), indent=1, ensure_ascii=False) if arguments.json else lineage.as_text()
    )
    problems = list(lineage.problems()) if arguments.check else []
    if problems:
        more = f" (and {len(problems) - 1:,} more)" if problems[1:] else ""
        raise DownhillError(f"{problems[0]}{more}; delete what is not as it was made, and run again")


def check(arguments: argparse.Namespace) -> None:
    """Check the configuration, and print what the study would train."""
    from downhill.claims import registry
    from downhill.planning import cost

    study = Study.load(*arguments.config)
    registry.check(study.claims.values(), study.settings.claims)
    for name, row in study.networks.items():
        shape = "-".join(map(str, row.hidden_layers)) or "none"
        one, two = (cost.seconds(cost.work_of_block(study, name, seeds, threads=1)) for seeds in (1, 2))
        print(
            f"{name:24} {row.dataset:22} {shape:16} {row.seeds:6,} seeds in {study.count_blocks(name):,} jobs, "
            f"about {two - one:.2g} s a seed"
        )
    print(
        f"{len(study.networks)} networks, {sum(row.seeds for row in study.networks.values()):,} trainings, ",
        end="",
    )
    print(f"{len(study.claims)} claims")


def forecast(arguments: argparse.Namespace) -> None:
    """Forecast how long the study will take on how many cores, and which size of blocks suits it."""
    from dataclasses import replace

    from downhill.planning import forecast

    study = Study.load(*arguments.config)
    if arguments.seeds_per_block is not None:
        study = forecast.with_blocks(study, arguments.seeds_per_block)
    overheads = forecast.CLUSTER if arguments.cluster else forecast.HERE
    given = {name: getattr(arguments, name) for name in ("start_up", "notice", "pace")}
    for name, value in given.items():
        if value is not None and not 0 <= value < float("inf"):
            raise DownhillError(
                f"--{name.replace('_', '-')}: {value} will not do; give a number of 0 or more"
            )
    overheads = replace(overheads, **{name: value for name, value in given.items() if value is not None})
    forecaster = forecast.Forecaster(study, overheads, arguments.jobs)
    print(
        f"{len(study.networks):,} networks, {sum(row.seeds for row in study.networks.values()):,} trainings in "
        f"{forecaster.count_blocks():,} blocks; {forecaster.work / 3600:,.3g} hours of work on one core"
    )
    found = [forecaster.forecast(cores) for cores in arguments.cores]
    print(forecast.as_text(found, [forecaster.suitable(cores) for cores in arguments.cores]))


def schema(arguments: argparse.Namespace) -> None:
    """Write the JSON schemas of the configuration files, and the tables of keys in their README."""
    from downhill.config.schema import write_reference, write_schemas

    write_schemas(arguments.output)
    if arguments.reference:
        write_reference(arguments.reference)
