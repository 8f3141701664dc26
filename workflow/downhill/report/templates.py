"""Pages from templates: text is escaped, data stands in the page as JSON, and a policy allows its own script only."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup


def environment(folder: Path) -> Environment:
    """Templates of a folder; a value that a template does not know is an error, and all text is escaped."""
    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["json_text"] = json_text
    return made


def json_text(value: Any) -> Markup:
    """A value as JSON inside a `script` element, where `<` must not begin a tag."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def script_hash(script: str) -> str:
    """SHA-256 of a script, as a Content-Security-Policy names the scripts that it allows."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
