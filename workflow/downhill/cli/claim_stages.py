"""The stages from claims to figures, one short function each, which reads arguments, calls the package, and logs.

Each stage imports what it needs when it runs, so that drawing a figure does not wait for the compiler.
"""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

from downhill.cli.command import (
    CONFIG,
    EVALUATIONS,
    EXPECTED,
    SETTINGS,
    STATISTICS,
    argument,
    command,
    output,
)
from downhill.cli.inputs import check_inputs
from downhill.cli.outputs import log, record
from downhill.cli.settings import class_names, settings_or_row, statistics_of
from downhill.config import functions
from downhill.config.band import SINGLE_RUN
from downhill.config.claim import Claim, MeasuredClaim
from downhill.config.study import Study
from downhill.errors import DownhillError
from downhill.orchestration import job_settings

_FORMATS = (
    ".svg",
    ".png",
    ".pdf",
    ".json",
)  # of figures: those whose bytes do not depend on when they were drawn
_TABLE = ".csv"


@command(
    SETTINGS,
    CONFIG,
    EXPECTED,
    EVALUATIONS,
    argument(
        "--experiments", type=Path, nargs="*", default=[], metavar="FILE", help="results of experiments"
    ),
    STATISTICS,
    argument(
        "--class-names",
        metavar="JSON",
        help="names of the classes of each data set (default: from the study)",
    ),
    output("measurement to write"),
    examples=(
        "downhill measure ninety-six --evaluations results/evaluation/lesson "
        "--output results/measurements/ninety-six.json",
    ),
)
def measure(arguments: argparse.Namespace) -> None:
    """Measure one claim on its networks and experiments: the statistic with its intervals."""
    from downhill.claims.inputs import Inputs
    from downhill.claims.measure import measure as write_measurement
    from downhill.experiments.results import read_results
    from downhill.runs.evaluation import EvaluatedNetwork

    claim = settings_or_row(
        arguments, MeasuredClaim, lambda study: {name: row.measured() for name, row in study.claims.items()}
    )
    statistics = statistics_of(arguments)
    names = class_names(arguments)
    check_inputs(arguments, [*arguments.evaluations, *arguments.experiments], (arguments.name,))
    networks = tuple(EvaluatedNetwork(folder, names) for folder in arguments.evaluations)
    inputs = Inputs(networks, read_results(arguments.experiments)).in_order(arguments.name, claim)
    options = functions.checked_options(
        claim.options, "claims", claim.family, claim.statistic, f"claim '{arguments.name}'"
    )
    checked = claim.model_copy(update={"options": options})
    measurement = write_measurement(checked, inputs, statistics, arguments.output)
    record(
        arguments,
        job_settings.of_measurement(claim, statistics, names),
        inputs=[*arguments.evaluations, *arguments.experiments],
    )
    values = ", ".join(f"{part['value']}" for part in measurement["parts"])
    log(f"{arguments.name}: {values or measurement['why_not']}")


@command(
    SETTINGS,
    CONFIG,
    EXPECTED,
    argument("--measurement", type=Path, required=True, metavar="FILE", help="output of the stage measure"),
    argument("--measures", metavar="TEXT", help="what the statistic measures (default: from its docstring)"),
    argument(
        "--limits", metavar="TEXT", help="how a smoke study is limited (default: from its configuration)"
    ),
    output("evidence to write"),
    examples=(
        "downhill judge ninety-six --measurement results/measurements/ninety-six.json "
        "--output results/claims/ninety-six.json",
    ),
)
def judge(arguments: argparse.Namespace) -> None:
    """Judge one claim: compare its measurement with its band, and add its wording."""
    from downhill.claims.judge import judge as write_evidence

    claim = settings_or_row(arguments, Claim, lambda study: study.claims)
    measures = arguments.measures or claim.measures()
    limits = arguments.limits
    if limits is None:
        limits = "" if arguments.settings else Study.load(*arguments.config).settings.limits.in_words()
    check_inputs(arguments, [arguments.measurement], (arguments.name,))
    evidence = write_evidence(claim, measures, arguments.measurement, arguments.output, limits)
    record(arguments, job_settings.of_judgement(claim, limits, measures), inputs=[arguments.measurement])
    log(f"{claim.claim}: {evidence['verdict']} ({evidence['why']})")


@command(
    EXPECTED,
    argument("--evidence", type=Path, required=True, metavar="FILE", help="evidence of the claim"),
    output("files, format by suffix; .json holds what is drawn as tables", nargs="+"),
    examples=(
        "downhill draw accuracy_distribution --evidence results/claims/ninety-six.json --output a.svg",
    ),
)
def draw(arguments: argparse.Namespace) -> None:
    """Draw one figure from a claim's evidence alone."""
    from downhill.claims.evidence import read_evidence
    from downhill.storage.caches import give_matplotlib_a_folder

    give_matplotlib_a_folder()
    from downhill.figures.pages import save  # which imports Matplotlib

    _check_formats(arguments.output, _FORMATS)
    check_inputs(arguments, [arguments.evidence])
    evidence = read_evidence(arguments.evidence)
    family = evidence["family"]
    save(functions.load("figures", family, arguments.name), evidence, arguments.output)
    record(arguments, job_settings.of_drawing(family, arguments.name), inputs=[arguments.evidence])


@command(
    EXPECTED,
    argument(
        "--evidence", type=Path, nargs="+", required=True, metavar="FILE", help="evidence of the claims"
    ),
    output("figure and table, format by suffix; .csv holds the table", nargs="+"),
    examples=(
        "downhill compare --evidence results/claims/thirty-peak.json --output published-runs.csv published-runs.svg",
    ),
)
def compare(arguments: argparse.Namespace) -> None:
    """Draw all published single runs beside ours, and write the table of the same numbers."""
    from downhill.claims.evidence import read_evidence
    from downhill.report.published_runs import counts, published_runs, write_table
    from downhill.storage.caches import give_matplotlib_a_folder

    give_matplotlib_a_folder()
    from downhill.figures.published_runs import draw_published_runs  # which imports Matplotlib

    _check_formats(arguments.output, (_TABLE, *_FORMATS))
    check_inputs(arguments, arguments.evidence)
    found = [read_evidence(path) for path in arguments.evidence]
    rows = published_runs(found)
    if others := [
        str(path) for path, one in zip(arguments.evidence, found, strict=True) if one["band"] != SINGLE_RUN
    ]:
        raise DownhillError(
            f"{', '.join(others[:3])}: not about a published single run; give the evidence of claims with the band "
            f"'{SINGLE_RUN}'"
        )
    tables = [path for path in arguments.output if path.suffix.lower() == _TABLE]
    for path in tables:
        write_table(rows, path)
    if figures := [path for path in arguments.output if path not in tables]:
        draw_published_runs(found, figures)
    record(
        arguments, job_settings.of_comparison([row.claim for row in rows]), inputs=list(arguments.evidence)
    )
    log(counts(rows))


def _check_formats(paths: Iterable[Path], formats: Sequence[str]) -> None:
    """Make sure that each file has a format that the command writes."""
    for path in paths:
        if path.suffix.lower() not in formats:
            what = "tables and figures" if _TABLE in formats else "figures"
            raise DownhillError(
                f"cannot write {path}: {what} are written as {', '.join(formats)}; name a file such as "
                f"{path.with_suffix(formats[0])}"
            )
