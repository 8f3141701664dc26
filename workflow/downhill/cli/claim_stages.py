"""The stages from claims to tables, one short function each, which reads arguments, calls the package, and logs.

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
    new_path,
    output,
)
from downhill.cli.inputs import check_inputs
from downhill.cli.outputs import log, record
from downhill.cli.settings import class_names, from_json, settings_or_row, statistics_of
from downhill.config import functions
from downhill.config.claim import Claim, MeasuredClaim
from downhill.config.contradiction import Contradictions
from downhill.config.reading_notes import ReadingNotes
from downhill.config.settings import Statistics
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


@command(
    EXPECTED,
    EVALUATIONS,
    argument("--statistics", metavar="JSON", help="settings of the intervals"),
    argument("--limits", default="", metavar="TEXT", help="how a smoke study is limited"),
    output("table to write"),
    examples=("downhill tabulate --evaluations results/evaluation/* --output networks.csv",),
)
def tabulate(arguments: argparse.Namespace) -> None:
    """Write the table of all networks, with their accuracies."""
    from downhill.report.networks import tabulate as write_table

    statistics = from_json(Statistics, arguments.statistics or "{}", "--statistics")
    check_inputs(arguments, arguments.evaluations)
    table = write_table(arguments.evaluations, statistics, arguments.output, arguments.limits)
    asked = job_settings.of_networks(list(table.network), statistics, arguments.limits)
    record(arguments, asked, inputs=arguments.evaluations)


@command(
    EXPECTED,
    argument(
        "--evidence", type=Path, nargs="+", required=True, metavar="FILE", help="evidence of all claims"
    ),
    argument("--networks", type=Path, required=True, metavar="FILE", help="table of networks"),
    argument("--csv", type=new_path, required=True, metavar="FILE", help="table to write"),
    argument("--markdown", type=new_path, required=True, metavar="FILE", help="page to write"),
    argument("--html", type=new_path, required=True, metavar="FILE", help="page to write for the report"),
    argument(
        "--figures",
        type=Path,
        default=Path("results/figures"),
        metavar="FOLDER",
        help="folder of the figures",
    ),
    argument("--title", default="", metavar="TEXT", help="title of the study"),
    argument("--contradictions", default="[]", metavar="JSON", help="contradictions to show (default: none)"),
    examples=(
        "downhill summarise --evidence results/claims/*.json --networks results/networks.csv --csv claims.csv "
        "--markdown claims.md --html claims.html",
    ),
)
def summarise(arguments: argparse.Namespace) -> None:
    """Write the table of all claims and verdicts, as CSV, Markdown and HTML."""
    from downhill.report.tables import summarise as write_tables

    if len({arguments.csv, arguments.markdown, arguments.html}) < 3:
        raise DownhillError("--csv, --markdown and --html must be three different files")
    contradictions = from_json(Contradictions, arguments.contradictions, "--contradictions")
    check_inputs(arguments, [*arguments.evidence, arguments.networks])
    write_tables(
        arguments.evidence,
        arguments.networks,
        csv=arguments.csv,
        markdown=arguments.markdown,
        html=arguments.html,
        figures=arguments.figures,
        title=arguments.title,
        contradictions=contradictions.root,
    )
    claims = [path.stem for path in arguments.evidence]
    record(
        arguments,
        job_settings.of_tables(arguments.title, claims, contradictions),
        inputs=[*arguments.evidence, arguments.networks],
    )


@command(
    EXPECTED,
    argument(
        "--evidence", type=Path, nargs="+", required=True, metavar="FILE", help="evidence of all claims"
    ),
    argument("--networks", type=Path, required=True, metavar="FILE", help="table of networks"),
    argument(
        "--figures",
        type=Path,
        default=Path("results/figures"),
        metavar="FOLDER",
        help="folder of the figures",
    ),
    argument("--title", default="", metavar="TEXT", help="title of the study"),
    argument("--about", default="", metavar="TEXT", help="what the study is about"),
    argument("--contradictions", default="[]", metavar="JSON", help="contradictions to show (default: none)"),
    argument("--reading", default="[]", metavar="JSON", help="controls and traps of claims (default: none)"),
    output("page to write, beside the folders that it links to"),
    examples=(
        "downhill publish --evidence results/claims/*.json --networks results/networks.csv "
        "--figures results/figures --output results/index.html",
    ),
)
def publish(arguments: argparse.Namespace) -> None:
    """Write the report page: all verdicts, figures and explanations in one HTML file."""
    from downhill.claims.evidence import read_evidence
    from downhill.config.claim import figure_ids
    from downhill.report.assets import assets_digest
    from downhill.report.page import publish as write_page

    contradictions = from_json(Contradictions, arguments.contradictions, "--contradictions")
    reading = from_json(ReadingNotes, arguments.reading, "--reading")
    figures = [
        arguments.figures / f"{name}.json"
        for path in arguments.evidence
        for name in figure_ids(path.stem, read_evidence(path)["figures"])
    ]
    check_inputs(arguments, [*arguments.evidence, *figures, arguments.networks])
    size = write_page(
        arguments.evidence,
        arguments.networks,
        arguments.figures,
        arguments.output,
        title=arguments.title,
        about=arguments.about,
        contradictions=contradictions.root,
        reading=reading.root,
    )
    claims = [path.stem for path in arguments.evidence]
    record(
        arguments,
        job_settings.of_page(
            arguments.title, arguments.about, claims, contradictions, reading, assets_digest()
        ),
        inputs=[*arguments.evidence, *figures, arguments.networks],
    )
    log(f"{arguments.output}: {size / 1e6:.1f} MB")
