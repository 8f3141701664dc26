"""The files that the report page is made of besides its data: the template, the style and the script."""

import hashlib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "page_files"
TEMPLATE, STYLE, SCRIPT = "index.html.jinja", "page.css", "page.js"


@cache
def assets_digest() -> str:
    """Twelve hexadecimal digits for these files."""
    contents = (f"{name}\n".encode() + (FOLDER / name).read_bytes() for name in (TEMPLATE, STYLE, SCRIPT))
    return hashlib.sha256(b"\n".join(contents)).hexdigest()[:12]
