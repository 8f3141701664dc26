"""The stages that write tables and pages, one short function each, which reads arguments and logs."""

import argparse
from pathlib import Path

from downhill.cli.command import EVALUATIONS, EXPECTED, argument, command, new_path, output
from downhill.cli.inputs import check_inputs
from downhill.cli.outputs import log, record
from downhill.cli.settings import ClassNames, from_json
from downhill.config import functions
from downhill.config.contradiction import Contradictions
from downhill.config.playground import Playground
from downhill.config.reading_notes import ReadingNotes
from downhill.config.settings import Statistics
from downhill.errors import DownhillError
from downhill.orchestration import job_settings

# Arguments of several stages.
_EVIDENCE = argument(
    "--evidence", type=Path, nargs="+", required=True, metavar="FILE", help="evidence of all claims"
)
_NETWORKS = argument("--networks", type=Path, required=True, metavar="FILE", help="table of networks")
_FIGURES = argument(
    "--figures",
    type=Path,
    default=Path("results/figures"),
    metavar="FOLDER",
    help="folder of the figures",
)
_TITLE = argument("--title", default="", metavar="TEXT", help="title of the study")
_CONTRADICTIONS = argument(
    "--contradictions", default="[]", metavar="JSON", help="contradictions to show (default: none)"
)
_LIMITS = argument("--limits", default="", metavar="TEXT", help="how a smoke study is limited")


@command(
    EXPECTED,
    EVALUATIONS,
    argument("--statistics", metavar="JSON", help="settings of the intervals"),
    _LIMITS,
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
    _EVIDENCE,
    _NETWORKS,
    argument("--csv", type=new_path, required=True, metavar="FILE", help="table to write"),
    argument("--markdown", type=new_path, required=True, metavar="FILE", help="page to write"),
    argument("--html", type=new_path, required=True, metavar="FILE", help="page to write for the report"),
    _FIGURES,
    _TITLE,
    _CONTRADICTIONS,
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
    _EVIDENCE,
    _NETWORKS,
    _FIGURES,
    _TITLE,
    argument("--about", default="", metavar="TEXT", help="what the study is about"),
    _CONTRADICTIONS,
    argument("--reading", default="[]", metavar="JSON", help="controls and traps of claims (default: none)"),
    argument("--playground", action="store_true", help="link to playground.html in the same folder"),
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
    from downhill.report.published_runs import FIGURE, published_runs

    contradictions = from_json(Contradictions, arguments.contradictions, "--contradictions")
    reading = from_json(ReadingNotes, arguments.reading, "--reading")
    found = [read_evidence(path) for path in arguments.evidence]
    figures = [
        arguments.figures / f"{name}.json"
        for path, evidence in zip(arguments.evidence, found, strict=True)
        for name in figure_ids(path.stem, evidence["figures"])
    ]
    if published_runs(found):
        figures.append(arguments.figures / f"{FIGURE}.json")
    families = {evidence["family"]: functions.about("claims", evidence["family"]) for evidence in found}
    check_inputs(arguments, [*arguments.evidence, *figures, arguments.networks])
    size = write_page(
        arguments.evidence,
        arguments.networks,
        arguments.figures,
        arguments.output,
        families=families,
        title=arguments.title,
        about=arguments.about,
        contradictions=contradictions.root,
        reading=reading.root,
        playground=arguments.playground,
    )
    claims = [path.stem for path in arguments.evidence]
    record(
        arguments,
        job_settings.of_page(
            arguments.title,
            arguments.about,
            claims,
            families,
            contradictions,
            reading,
            assets_digest(),
            arguments.playground,
        ),
        inputs=[*arguments.evidence, *figures, arguments.networks],
    )
    log(f"{arguments.output}: {size / 1e6:.1f} MB")


@command(
    EXPECTED,
    EVALUATIONS,
    argument(
        "--evidence",
        type=Path,
        nargs="*",
        default=[],
        metavar="FILE",
        help="evidence of the claims that the page shows",
    ),
    argument("--networks", required=True, metavar="JSON", help="the networks that can be chosen, in order"),
    argument("--class-names", default="{}", metavar="JSON", help="names of the classes of each data set"),
    _TITLE,
    _LIMITS,
    output("page to write"),
    examples=(
        "downhill assemble --evaluations results/evaluation/lesson "
        """--networks '[{"network": "lesson", "title": "The lesson", "seeds": 20}]' """
        "--output results/playground.html",
    ),
)
def assemble(arguments: argparse.Namespace) -> None:
    """Write the playground with its networks."""
    from downhill.claims.evidence import read_evidence
    from downhill.playground.assets import assets_digest
    from downhill.playground.page import assemble as write_page
    from downhill.playground.payload import Contents
    from downhill.runs.evaluation import EvaluatedNetwork

    rows = from_json(Playground, arguments.networks, "--networks")
    names = from_json(ClassNames, arguments.class_names, "--class-names").root
    check_inputs(arguments, [*arguments.evaluations, *arguments.evidence])
    networks = [EvaluatedNetwork(folder, names) for folder in arguments.evaluations]
    contents = Contents(
        rows.root,
        {network.name: network for network in networks},
        [read_evidence(path) for path in arguments.evidence],
        arguments.title,
        arguments.limits,
    )
    size = write_page(contents, arguments.output)
    record(
        arguments,
        job_settings.of_playground(arguments.title, rows, names, arguments.limits, assets_digest()),
        inputs=[*arguments.evaluations, *arguments.evidence],
    )
    log(f"{arguments.output}: {size / 1e6:.1f} MB")
