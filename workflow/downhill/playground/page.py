"""The playground: one HTML file with its networks, which makes no request."""

from pathlib import Path
from typing import Any

from markupsafe import Markup

from downhill.claims.wording import counted, percent
from downhill.playground.assets import FOLDER, STYLE, TEMPLATE, script
from downhill.playground.payload import Contents, payload
from downhill.report.escaping import every_text, without_controls
from downhill.report.templates import environment, script_hash
from downhill.storage.atomic import atomic_path


def assemble(contents: Contents, page: Path) -> int:
    """Write the page; returns its size in bytes. The same results give the same bytes.

    Parameters
    ----------
    contents
        The networks that can be chosen, and what else the page shows.
    page
        The file to write.

    Raises
    ------
    DownhillError
        If a file is missing or damaged, or a network cannot be shown (see `payload`).
    """
    data = every_text(payload(contents), without_controls)
    code = script()
    text = (
        environment(FOLDER)
        .get_template(TEMPLATE)
        .render(
            title=data["title"] or "Downhill",
            limits=without_controls(contents.limits),
            data=data,
            networks=[_row(network) for network in data["networks"]],
            style=Markup((FOLDER / STYLE).read_text(encoding="utf-8")),
            script=Markup(code),
            script_hash=script_hash(code),
        )
    )
    with atomic_path(page) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return len(text.encode())


def _row(network: dict[str, Any]) -> dict[str, str]:
    """A network in the table that is shown without scripts."""
    low, high = min(network["accuracy"]), max(network["accuracy"])
    return {
        "title": network["title"],
        "about": network["about"],
        "layers": "-".join(map(str, network["layer_sizes"])),
        "seeds": counted(len(network["seeds"]), "seed"),
        "accuracy": percent(low) if low == high else f"{percent(low)} to {percent(high)}",
    }
