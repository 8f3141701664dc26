"""Caches without a home folder, or with one that cannot be written to."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from downhill.storage.atomic import write_json
from downhill.storage.caches import cache_folder

NO_FOLDER = "/dev/null/home"  # not even root can create it


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files, for a user without a home that can be written to."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("HOME", NO_FOLDER)
    for variable in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "MPLCONFIGDIR", "NUMBA_CACHE_DIR"):
        monkeypatch.delenv(variable, raising=False)
    return folder


def test_the_first_folder_that_can_be_written_to_is_used(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
):
    private = temporary / f"downhill-{os.getuid()}"
    assert cache_folder(Path(NO_FOLDER, "cache")) == private
    assert private.stat().st_mode & 0o777 == 0o700
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_folder() == tmp_path / "home" / ".cache" / "downhill"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    assert cache_folder(Path(NO_FOLDER, "cache")) == tmp_path / "caches" / "downhill"
    assert cache_folder(Path(NO_FOLDER, "cache"), tmp_path / "preferred") == tmp_path / "preferred"


def test_without_a_home_folder_there_are_caches(temporary: Path, monkeypatch: pytest.MonkeyPatch):
    def unknown() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", unknown)
    assert cache_folder() == temporary / f"downhill-{os.getuid()}"


@pytest.mark.parametrize("kind", ["open to others", "link", "file"])
def test_a_temporary_folder_that_others_may_have_filled_is_not_used(
    kind: str, temporary: Path, tmp_path: Path
):
    """Compiled code is read from it."""
    folder = temporary / f"downhill-{os.getuid()}"
    if kind == "open to others":
        folder.mkdir()
        folder.chmod(0o777)
    elif kind == "link":
        folder.symlink_to(tmp_path)
    else:
        folder.write_text("")
    assert cache_folder() is None


COMPILED = """
import sys
from downhill.engine import compiling

@compiling.compiled
def double(x):
    return 2 * x

assert double(2.0) == 4.0
print(compiling._FOLDER)
"""


def ran_without_a_home(temporary: Path, *words: str) -> str:
    """What a process of a user prints who can only write to the folder of temporary files."""
    env = os.environ | {"TMPDIR": str(temporary), "NUMBA_CACHE_DIR": f"{NO_FOLDER}/numba"}
    done = subprocess.run([sys.executable, *words], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr in ("", "INFO matplotlib.font_manager: generated new fontManager\n")
    return done.stdout


def test_the_engine_is_compiled_without_a_home(temporary: Path):
    (temporary / "code.py").write_text(COMPILED)
    printed = ran_without_a_home(temporary, str(temporary / "code.py"))
    folder = temporary / f"downhill-{os.getuid()}"
    assert Path(printed.strip()).parent == folder
    assert list(folder.rglob("*.nbi"))


def test_the_engine_is_compiled_where_nothing_can_be_cached(temporary: Path):
    (temporary / "code.py").write_text(COMPILED)
    (temporary / f"downhill-{os.getuid()}").write_text("")
    assert ran_without_a_home(temporary, str(temporary / "code.py")) == "None\n"


def test_matplotlib_neither_warns_nor_searches_for_fonts_again_without_a_home(temporary: Path):
    claim = {"claim": "it", "family": "network", "statement": "So.", "source": "L1", "said": None}
    claim |= {"statistic": "few", "measures": "Few", "unit": "share", "band": "> 0", "figures": []}
    found = {"verdict": "not measured", "holds": False, "why": "no", "note": "", "parts": [], "data": {}}
    found |= {"runs": [], "inputs": {}, "diverged": {"seeds": 0, "are": "dropped"}}
    write_json(temporary.parent / "evidence.json", claim | found | {"confidence_level": 0.95, "limits": ""})
    words = ["draw", "confusion_matrix", "--evidence", temporary.parent / "evidence.json", "--output"]
    ran_without_a_home(temporary, "-m", "downhill", *map(str, words), str(temporary.parent / "figure.svg"))
    fonts = temporary / f"downhill-{os.getuid()}" / "matplotlib"
    assert list(fonts.glob("fontlist*.json"))
    assert sorted(path.name for path in temporary.iterdir()) == [f"downhill-{os.getuid()}"]
