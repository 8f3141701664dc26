"""What makes a page stand alone: it requests nothing but itself, and its policy allows nothing but its own script."""

import base64
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def alone(browser: Any, document: Path, **options: Any) -> Iterator[Any]:
    """A page to use, with its own policy in force; afterwards, check that it requested and reported nothing."""
    context = browser.new_context(**options)
    page = context.new_page()
    requested, said = [], []
    page.on("request", lambda request: requested.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(document.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    yield page
    context.close()
    assert requested == [document.as_uri()]
    assert said == []


def check_policy(document: Path) -> None:
    """Check that a policy at the start of a page allows its only script, by its digest, styles and embedded images."""
    text = document.read_text(encoding="utf-8")
    policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', text)
    assert policy
    assert policy.start() < 300  # nothing before it could be loaded without it
    script = text.rpartition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert [part.split() for part in policy[1].split(";")] == [
        ["default-src", "'none'"],
        ["img-src", "data:"],
        ["style-src", "'unsafe-inline'"],
        ["script-src", f"'sha256-{digest}'"],
        ["base-uri", "'none'"],
        ["form-action", "'none'"],
    ]
    assert text.count("<script") - text.count('<script type="application/json"') == 1
