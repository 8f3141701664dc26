"""Caches without a home folder, or with one that cannot be written to."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

import downhill
from downhill.storage.caches import cache_folder
from downhill.storage.json_files import write_json

PACKAGE = Path(downhill.__file__).parent
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
    nowhere = Path(NO_FOLDER, "cache")
    assert cache_folder("code", nowhere) == private / "code"
    assert private.stat().st_mode & 0o777 == 0o700
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_folder("code") == tmp_path / "home" / ".cache" / "downhill" / "code"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    assert cache_folder("code", nowhere) == tmp_path / "caches" / "downhill" / "code"
    assert cache_folder("code", nowhere, tmp_path / "preferred") == tmp_path / "preferred" / "code"
    (tmp_path / "preferred" / "fonts").touch()  # the place can be written to, but the folder cannot be made
    assert cache_folder("fonts", tmp_path / "preferred") == tmp_path / "caches" / "downhill" / "fonts"


def test_without_a_home_folder_there_are_caches(temporary: Path, monkeypatch: pytest.MonkeyPatch):
    def unknown() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", unknown)
    assert cache_folder("code") == temporary / f"downhill-{os.getuid()}" / "code"


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
    assert cache_folder("code") is None


COMPILED = """
import sys
from downhill.engine import compiling

@compiling.compiled
def double(x):
    return 2 * x

assert double(2.0) == 4.0
print(compiling._FOLDER)
"""


FULL = """
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (50, 50))
"""

PROBE = """
from downhill.engine import compiling
from downhill.network.architecture import LEAKY_SLOPE

@compiling.compiled
def slope(x):
    return LEAKY_SLOPE * x
"""


def ran_without_a_home(temporary: Path, *words: str, **variables: str) -> str:
    """What a process of a user prints who can only write to the folder of temporary files."""
    env = os.environ | {"TMPDIR": str(temporary), "NUMBA_CACHE_DIR": f"{NO_FOLDER}/numba"} | variables
    done = subprocess.run([sys.executable, *words], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr in ("", "INFO matplotlib.font_manager: generated new fontManager\n")
    return done.stdout


def test_the_engine_is_compiled_without_a_home(temporary: Path):
    (temporary / "code.py").write_text(COMPILED)
    printed = ran_without_a_home(temporary, str(temporary / "code.py"))
    folder = temporary / f"downhill-{os.getuid()}"
    assert Path(printed.strip()).parent == folder
    assert list(folder.rglob("*.nbc"))


def test_the_engine_is_compiled_where_nothing_can_be_cached(temporary: Path):
    (temporary / "code.py").write_text(COMPILED)
    (temporary / f"downhill-{os.getuid()}").write_text("")
    assert ran_without_a_home(temporary, str(temporary / "code.py")) == "None\n"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package whose engine has one more function, with a constant from another file."""
    copy = tmp_path / "package" / "downhill"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "engine" / "probe.py").write_text(PROBE)
    return copy


def probed(package: Path, **env: str) -> tuple[str, Path]:
    """What the function returns in a new process, and the folder of its compiled code."""
    words = [
        sys.executable,
        "-c",
        "from downhill.engine.probe import *; print(slope(1.0), compiling._FOLDER)",
    ]
    env |= {"PYTHONPATH": str(package.parent), "XDG_CACHE_HOME": str(package.parent / "usual")}
    done = subprocess.run(words, env=os.environ | env, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    value, _, folder = done.stdout.strip().partition(" ")
    return value, Path(folder)


def changed_constant(package: Path) -> None:
    file = package / "network" / "architecture.py"
    file.write_text(re.sub(r"^LEAKY_SLOPE = .*", "LEAKY_SLOPE = 0.5", file.read_text(), flags=re.MULTILINE))


def test_no_old_code_runs_if_the_folder_of_compiled_code_cannot_be_written_to(package: Path, tmp_path: Path):
    """For instance because a colleague made it, in a folder that several people use."""
    env = {"NUMBA_CACHE_DIR": str(tmp_path / "shared")}
    values = []
    for change in (lambda package: None, changed_constant):
        change(package)
        _, blocked = probed(package, NUMBA_CACHE_DIR=str(tmp_path / "elsewhere"))
        (tmp_path / "shared").mkdir(exist_ok=True)
        (tmp_path / "shared" / blocked.name).write_text("no folder")
        value, used = probed(package, **env)
        values.append(value)
    assert values == ["0.01", "0.5"]
    assert used == package.parent / "usual" / "downhill" / blocked.name
    assert list(used.glob("*.nbc"))
    assert not list(package.rglob("*.nb[ci]"))


@pytest.mark.parametrize("file", ["engine/simd.py", "network/architecture.py", "compat/numba_target.py"])
def test_folder_of_compiled_code_changes_with_every_edit_of_compiled_files(file: str, package: Path):
    _, before = probed(package)
    (package / file).write_text((package / file).read_text() + "\nCHANGED = True\n")
    _, after = probed(package)
    assert before != after


def test_code_compiled_with_other_settings_of_numba_is_not_used(temporary: Path):
    (temporary / "code.py").write_text(COMPILED)
    for number, variables in enumerate(({}, {"NUMBA_OPT": "1"}, {"NUMBA_BOUNDSCHECK": "1"}, {}), start=1):
        printed = ran_without_a_home(temporary, str(temporary / "code.py"), **variables)
        assert len(list(Path(printed.strip()).rglob("*.nbc"))) == min(number, 3)


def test_engine_is_compiled_even_if_numba_is_disabled(temporary: Path):
    (temporary / "code.py").write_text(COMPILED)
    folder = ran_without_a_home(temporary, str(temporary / "code.py"), NUMBA_DISABLE_JIT="1").strip()
    assert list(Path(folder).glob("*.nbc"))


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "truncated": lambda content: content[: len(content) // 2],
    "random": lambda content: bytes(range(256)),
    "one bit": lambda content: content[:-100] + bytes([content[-100] ^ 1]) + content[-99:],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_code_is_compiled_again(damage: str, temporary: Path):
    """Also by several processes at a time, each of which names the folder in one line."""
    (temporary / "code.py").write_text(COMPILED)
    command = [sys.executable, str(temporary / "code.py")]
    folder = Path(ran_without_a_home(temporary, command[1]).strip())
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    for file in files:
        file.write_bytes(DAMAGES[damage](file.read_bytes()))
    env = os.environ | {"TMPDIR": str(temporary), "NUMBA_CACHE_DIR": f"{NO_FOLDER}/numba"}
    running = [subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate()[1] for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    message = f"found damaged compiled code in {folder}; compiling it again\n"
    assert set(said) <= {message, ""}  # one of them may have been faster
    assert message in said
    ran_without_a_home(temporary, command[1])
    assert sorted(path for path in folder.rglob("*") if path.is_file()) == sorted(files)


def test_full_disk_does_not_stop_training(temporary: Path):
    (temporary / "code.py").write_text("import resource, signal\n" + FULL + COMPILED)
    env = os.environ | {"TMPDIR": str(temporary), "NUMBA_CACHE_DIR": f"{NO_FOLDER}/numba"}
    done = subprocess.run(
        [sys.executable, str(temporary / "code.py")], env=env, capture_output=True, text=True
    )
    folder = done.stdout.strip()
    assert (
        done.stderr
        == f"cannot save compiled code in {folder} (File too large); every job will compile it again\n"
    )
    assert not list(Path(folder).iterdir())


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
