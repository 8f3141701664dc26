"""A real browser for the tests of the report page: Debian's Chromium, driven by Playwright."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
MODULES = FOLDER / "node_modules"
AXE = MODULES / "axe-core" / "axe.min.js"
TYPESCRIPT = MODULES / "typescript" / "bin" / "tsc"


def why_not() -> str:
    """What the tests need and do not find, with how to install it, on one line; empty if nothing is missing."""
    missing = []
    if find_spec("playwright") is None or find_spec("pypdf") is None:
        missing.append("Playwright or pypdf (pip install playwright pypdf; `make test` does)")
    if _chromium() is None:
        missing.append("Chromium (apt-get install chromium)")
    if not AXE.exists():
        missing.append("axe-core (npm ci --prefix tests/page)")
    return f"missing: {', '.join(missing)}" if missing else ""


def why_no_typescript() -> str:
    """As `why_not`, for the check of the script's types."""
    if shutil.which("node") is None:
        return "missing: Node.js (apt-get install nodejs npm)"
    return "" if TYPESCRIPT.exists() else "missing: TypeScript (npm ci --prefix tests/page)"


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def running() -> Iterator[Any]:
    """A running browser without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Root cannot use Chromium's sandbox; the only page that it opens is our own.
        browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()
