"""What the page is made of besides its networks: template, style, sources of the script, and kinds of evidence."""

import hashlib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "page_files"
TEMPLATE, STYLE = "playground.html.jinja", "playground.css"
SCRIPTS = (
    "data.js",
    "inference.js",
    "preprocess.js",
    "samples.js",
    "pictures.js",
    "state.js",
    "address.js",
    "drawing.js",
    "grid.js",
    "network_view.js",
    "outputs.js",
    "units.js",
    "steps.js",
    "images.js",
    "noise.js",
    "matching.js",
    "parliament.js",
    "twins.js",
    "walk.js",
    "replay.js",
    "main.js",
)
"""In the order in which they are put together; only the last one runs anything when it is read."""

NOISE = ("confident_share", "doubt_when_taught")
"""Statistics whose evidence says how sure networks are of noise."""

DRAWN = ("accuracy_gained",)
"""Statistics whose evidence says how many drawings networks recognise."""

LINES = ("share_of_barriers",)
"""Statistics whose evidence says how the cost changes on the line between two networks."""

STATISTICS = frozenset((*NOISE, *DRAWN, *LINES))
"""All statistics whose evidence the page shows."""


def script() -> str:
    """All sources as one classic script, since a page that is opened as a file cannot load modules."""
    sources = ((FOLDER / name).read_text(encoding="utf-8") for name in SCRIPTS)
    return '"use strict";\n' + "\n".join(sources)


@cache
def assets_digest() -> str:
    """Twelve hexadecimal digits for these files."""
    names = (TEMPLATE, STYLE, *SCRIPTS)
    contents = (f"{name}\n".encode() + (FOLDER / name).read_bytes() for name in names)
    return hashlib.sha256(b"\n".join(contents)).hexdigest()[:12]
