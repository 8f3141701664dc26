"""The parser of the command line: a command for each stage of the table, then all others."""

import argparse
from collections.abc import Sequence

from downhill.cli import (  # noqa: F401  # they register their commands
    claim_stages,
    conversions,
    export_stages,
    queries,
    report_stages,
    run_stages,
)
from downhill.cli.command import COMMANDS, Command
from downhill.config.reading import did_you_mean
from downhill.orchestration.stages import STAGES

_DESCRIPTION = """\
Run a single stage of the workflow by hand (there is one command for each rule), inspect a study, or convert data.

A stage takes the name of what it works on. Its settings are looked up under that name in the configuration of the study
(--config, by default config/config.yaml), unless they are given as JSON (--settings), as the rules do.
"""


def parsed(words: Sequence[str]) -> argparse.Namespace:
    """The arguments of the command line; for a command or option that does not exist, it exits with a suggestion."""
    made = parser()
    if words and not words[0].startswith("-") and words[0] not in COMMANDS:
        made.error(f"there is no COMMAND '{words[0]}'; {did_you_mean(words[0], COMMANDS)}")
    arguments, unknown = made.parse_known_args(words)
    for word in unknown:
        if word.startswith("-"):
            of_command = COMMANDS[arguments.command].arguments
            options = [name for names, _ in of_command for name in names if name.startswith("-")]
            made.error(f"{arguments.command} has no option '{word}'; {did_you_mean(word, options)}")
        made.error(f"{arguments.command} does not take the argument '{word}'")
    return arguments


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
        help=(command.run.__doc__ or name).strip().splitlines()[0],
        description=command.run.__doc__,
        epilog="examples:\n  " + "\n  ".join(command.examples),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    added.set_defaults(run=command.run, command=name)
    if subject:
        added.add_argument("name", metavar="NAME", help=f"name of the {subject}")
    for names, details in command.arguments:
        added.add_argument(*names, **details)
