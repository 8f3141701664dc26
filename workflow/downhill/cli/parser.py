"""The parser of the command line: a command for each stage of the table, then the queries."""

import argparse

from downhill.cli import queries, stages  # noqa: F401  # they register their commands
from downhill.cli.command import COMMANDS, Command
from downhill.orchestration.stages import STAGES

_DESCRIPTION = """\
Run a single stage of the workflow by hand (there is one command for each rule), or inspect a study.

A stage takes the name of what it works on. Its settings are looked up under that name in the configuration of the study
(--config, by default config/config.yaml), unless they are given as JSON (--settings), as the rules do.
"""


def parser() -> argparse.ArgumentParser:
    """The parser; the parsed arguments hold the function to `run` and the `command`'s name."""
    made = argparse.ArgumentParser(
        prog="downhill", description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = made.add_subparsers(
        title="commands (first the stages, in the order in which the data flows)",
        metavar="COMMAND",
        required=True,
    )
    for name in [*STAGES, *(name for name in COMMANDS if name not in STAGES)]:
        subject = STAGES[name].subject if name in STAGES else ""
        _add(commands, name, COMMANDS[name], subject)
    return made


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, command: Command, subject: str
) -> None:
    added = commands.add_parser(
        name,
        help=(command.run.__doc__ or "").strip().splitlines()[0],
        description=command.run.__doc__,
        epilog="examples:\n  " + "\n  ".join(command.examples),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    added.set_defaults(run=command.run, command=name)
    if subject:
        added.add_argument("name", metavar="NAME", help=f"name of the {subject}")
    for names, details in command.arguments:
        added.add_argument(*names, **details)
