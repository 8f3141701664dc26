"""The stages from claims to figures, one short function each, which reads arguments, calls the package, and logs.

Each stage imports what it needs when it runs, so that drawing a figure does not wait for the compiler.
"""

import argparse
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

    for path in arguments.output:
        if path.suffix.lower() not in _FORMATS:
            raise DownhillError(
                f"cannot write {path}: figures are written as {', '.join(_FORMATS)}; name a file such as "
                f"{path.with_suffix(_FORMATS[0])}"
            )
    check_inputs(arguments, [arguments.evidence])
    evidence = read_evidence(arguments.evidence)
    family = evidence["family"]
    save(functions.load("figures", family, arguments.name), evidence, arguments.output)
    record(arguments, job_settings.of_drawing(family, arguments.name), inputs=[arguments.evidence])
