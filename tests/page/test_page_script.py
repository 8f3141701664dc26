"""The scripts of the pages have correct types, as far as their comments declare them."""

import subprocess
from pathlib import Path

import pytest

from downhill.playground import assets as playground
from downhill.report.assets import FOLDER, SCRIPT
from tests.page.browser import TYPESCRIPT, why_no_typescript
from tests.page.conftest import unless_required

pytestmark = pytest.mark.xdist_group("page")

OPTIONS = ("--checkJs", "--strict", "--noEmit", "--target", "es2022", "--lib", "es2022,dom,dom.iterable")


def checked(*scripts: Path) -> subprocess.CompletedProcess[str]:
    command = ["node", str(TYPESCRIPT), *OPTIONS, *map(str, scripts)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def test_script_has_correct_types():
    unless_required(why_no_typescript())
    done = checked(FOLDER / SCRIPT)
    assert done.returncode == 0, done.stdout


def test_sources_of_the_playground_have_correct_types_together():
    unless_required(why_no_typescript())
    done = checked(*(playground.FOLDER / name for name in playground.SCRIPTS))
    assert done.returncode == 0, done.stdout


def test_sources_of_the_playground_are_short_and_all_are_used():
    assert {path.name for path in playground.FOLDER.glob("*.js")} == set(playground.SCRIPTS)
    for name in playground.SCRIPTS:
        assert len((playground.FOLDER / name).read_text(encoding="utf-8").splitlines()) <= 250
    assert (playground.FOLDER / playground.STYLE).stat().st_size <= 10_000


def test_wrong_types_are_found(tmp_path: Path):
    """Otherwise the test above would show nothing."""
    unless_required(why_no_typescript())
    wrong = tmp_path / "wrong.js"
    wrong.write_text("/** @type {number} */\nconst count = 'three';\n", encoding="utf-8")
    assert "TS2322" in checked(wrong).stdout
