"""The script of the page has correct types, as far as its comments declare them."""

import subprocess
from pathlib import Path

import pytest

from downhill.report.assets import FOLDER, SCRIPT
from tests.page.browser import TYPESCRIPT, why_no_typescript
from tests.page.conftest import unless_required

pytestmark = pytest.mark.xdist_group("page")

OPTIONS = ("--checkJs", "--strict", "--noEmit", "--target", "es2022", "--lib", "es2022,dom,dom.iterable")


def checked(script: Path) -> subprocess.CompletedProcess[str]:
    command = ["node", str(TYPESCRIPT), *OPTIONS, str(script)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def test_script_has_correct_types():
    unless_required(why_no_typescript())
    done = checked(FOLDER / SCRIPT)
    assert done.returncode == 0, done.stdout


def test_wrong_types_are_found(tmp_path: Path):
    """Otherwise the test above would show nothing."""
    unless_required(why_no_typescript())
    wrong = tmp_path / "wrong.js"
    wrong.write_text("/** @type {number} */\nconst count = 'three';\n", encoding="utf-8")
    assert "TS2322" in checked(wrong).stdout
