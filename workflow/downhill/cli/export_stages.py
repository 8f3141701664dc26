"""The stage that exports trained networks to other tools, and the same for a single network by hand."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from downhill.cli.command import CONFIG, EVALUATIONS, EXPECTED, argument, command, output
from downhill.cli.inputs import check_inputs
from downhill.cli.outputs import log, record
from downhill.cli.settings import ClassNames, from_json
from downhill.config.reading import did_you_mean
from downhill.config.settings import LARGEST_SEED
from downhill.config.study import Study
from downhill.errors import DownhillError
from downhill.orchestration import job_settings
from downhill.orchestration.stages import STAGES
from downhill.provenance.record import identity_of, own_version

if TYPE_CHECKING:
    from downhill.exports.finished import Seeds

_TABLE = ".csv"


def _seeds(text: str) -> "Seeds":
    """Read `first`, `all`, or a number as the seeds to export."""
    if text == "first":
        return "first"
    if text == "all":
        return "all"
    if not text.isdecimal() or int(text) > LARGEST_SEED:
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a seed; write a number such as 3, or first (the first that did not diverge), or all"
        )
    return int(text)


@command(
    argument(
        "name", nargs="?", metavar="NETWORK", help="network to export (default: all networks of the study)"
    ),
    CONFIG,
    EXPECTED,
    EVALUATIONS,
    argument(
        "--seed", type=_seeds, default="first", metavar="N", dest="seeds",
        help="seed to export; `first` for the first that did not diverge (default), `all` for all that did not",
    ),
    argument("--class-names", metavar="JSON", help="names of the classes of each data set (default: from the study)"),
    output("model.onnx or arrays.npz; or table.csv, with both formats of every network in a folder next to it"),
    examples=(
        "downhill export lesson --seed 3 --output lesson.onnx",
        "downhill export lesson --output lesson.npz",
        "downhill export --seed all --output exports.csv",
    ),
)  # fmt: skip
def export(arguments: argparse.Namespace) -> None:
    """Export trained networks as ONNX models and as archives of arrays (.npz)."""
    from downhill.exports.files import WRITERS, export_all, export_file
    from downhill.exports.finished import Finished
    from downhill.runs.evaluation import EvaluatedNetwork

    is_table = arguments.output.suffix == _TABLE
    if not is_table and arguments.output.suffix not in WRITERS:
        raise DownhillError(
            f"cannot write {arguments.output}: networks are exported as {' or '.join(WRITERS)}, or all of them with a "
            f"table as {_TABLE}; name a file such as {arguments.output.with_suffix('.onnx')}"
        )
    if not is_table and not arguments.name:
        raise DownhillError(
            f"cannot write {arguments.output}: it holds a single network; name the network, as in `downhill export "
            f"lesson --output {arguments.output}`, or write a table such as exports.csv to export all of them"
        )
    folders, names = _evaluations(arguments), _class_names(arguments)
    check_inputs(arguments, folders, None if arguments.evaluations else ())
    version = own_version() or ""
    networks = [Finished(EvaluatedNetwork(folder), names, version, identity_of) for folder in folders]
    if is_table:
        written = export_all(networks, arguments.seeds, arguments.output)
    else:
        written = export_file(networks[0], arguments.seeds, arguments.output)
    asked = job_settings.of_exports(
        [network.name for network in networks], str(arguments.seeds), names, version
    )
    record(
        arguments, asked, [path for path in written.files if path != arguments.output], inputs=written.read
    )
    megabytes = sum(path.stat().st_size for path in written.files) / 1e6
    log(f"{arguments.output}: {len(written.files):,} files, {megabytes:.1f} MB")


def _evaluations(arguments: argparse.Namespace) -> list[Path]:
    """The evaluations of the networks to export: those that are given, or those of the study."""
    given: list[Path] = arguments.evaluations
    if not given:
        study = Study.load(*arguments.config)
        names = [study.row(arguments.name).network] if arguments.name else list(study.networks)
        return [Path(STAGES["evaluate"].files(study, (name,))[0]).parent for name in names]
    if not arguments.name:
        return given
    by_name = {folder.name: folder for folder in given}
    if arguments.name not in by_name:
        raise DownhillError(
            f"--evaluations: there is no network '{arguments.name}'; {did_you_mean(arguments.name, by_name)}"
        )
    return [by_name[arguments.name]]


def _class_names(arguments: argparse.Namespace) -> dict[str, tuple[str, ...]]:
    """Names of classes: given as JSON, or those of the study if the networks are looked up there."""
    if arguments.class_names:
        return from_json(ClassNames, arguments.class_names, "--class-names").root
    if arguments.evaluations:
        return {}
    study = Study.load(*arguments.config)
    return study.class_names([arguments.name] if arguments.name else study.networks)
