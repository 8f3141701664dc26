"""Digests of code: which edits make which stages run again."""

import ast
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PACKAGE = Path(__file__).parents[3] / "workflow" / "downhill"
STAGES = {
    "prepare": ("datasets.prepare",),
    "train": ("engine.train",),
    "evaluate": ("runs.evaluate",),
    "measure": ("claims.evidence", "claims.learning"),
    "draw": ("figures.learning",),
    "summarise": ("report.tables",),
}


def in_package(package: Path, code: str) -> Any:
    """What Python code prints that imports a copy of the package."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=package.parent,  # which `-c` puts first
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)


def digests(package: Path) -> dict[str, str]:
    """The digest of each stage."""
    found: dict[str, str] = in_package(
        package,
        "import json; from downhill.provenance.code_digest import source_digest\n"
        f"print(json.dumps({{stage: source_digest(*modules) for stage, modules in {STAGES}.items()}}))",
    )
    return found


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A copy of the package, and its digests."""
    ignored = shutil.ignore_patterns("__pycache__")
    package = shutil.copytree(PACKAGE, tmp_path_factory.mktemp("copy") / "downhill", ignore=ignored)
    return package, digests(package)


@pytest.fixture
def package(copied: tuple[Path, dict[str, str]]) -> Iterator[Path]:
    """The copy, to be edited: afterwards it is as it was."""
    package, _ = copied
    before = {path: path.read_bytes() for path in package.rglob("*.py")}
    yield package
    for path, content in before.items():
        path.write_bytes(content)


@pytest.fixture
def untouched(copied: tuple[Path, dict[str, str]]) -> dict[str, str]:
    return copied[1]


def edit(path: Path, change: Callable[[str], str]) -> None:
    before = path.read_text(encoding="utf-8")
    assert change(before) != before
    path.write_text(change(before), encoding="utf-8")


def test_digest_is_of_the_package_that_is_imported(package: Path, untouched: dict[str, str]):
    assert digests(PACKAGE) == untouched == digests(package)
    assert len(set(untouched.values())) == len(STAGES)
    assert all(re.fullmatch("[0-9a-f]{12}", digest) for digest in untouched.values())
    (package / "report" / "tables.py").write_text("")
    assert digests(package)["summarise"] != untouched["summarise"]


@pytest.mark.parametrize(
    "remark",
    [
        lambda text: text + "\n\n# A remark.\n",
        lambda text: re.sub(r'(?m)^( *)"""(?=\S)', r'\1"""In short: ', text),  # of functions, too
        lambda text: re.sub(r"(?m)^( +)return ", r"\1# A remark.\n\n\1return  ", text),
        lambda text: text.replace("\n\n\n", "\n\n\n\n\n"),
    ],
)
def test_remarks_docstrings_and_layout_change_no_digest(remark, package: Path, untouched: dict[str, str]):
    for module in (
        "engine/train",
        "datasets/prepare",
        "claims/inference",
        "claims/learning",
        "figures/style",
        "report/tables",
    ):
        edit(package / f"{module}.py", remark)
    assert digests(package) == untouched


def test_words_for_people_change_no_digest(package: Path, untouched: dict[str, str]):
    edit(package / "datasets" / "prepare.py", lambda text: text.replace("validation_images is", "there are"))
    edit(
        package / "config" / "network.py",
        lambda text: text.replace('description="', 'description="In short: '),
    )
    assert digests(package) == untouched


@pytest.mark.parametrize(
    ("edited", "concerned"),
    [
        ("engine/kernels.py", {"train", "evaluate"}),
        ("engine/products.py", {"train", "evaluate"}),
        ("engine/images.py", {"train", "evaluate"}),
        ("engine/training_images.py", {"train", "evaluate"}),
        ("network/replicate.py", {"train", "evaluate", "measure"}),
        ("network/architecture.py", {"train", "evaluate", "measure"}),
        ("runs/train.py", set()),
        ("datasets/prepare.py", {"prepare"}),
        ("datasets/resize.py", {"prepare"}),
        ("datasets/fetch.py", set()),
        ("claims/learning.py", {"measure"}),
        ("claims/memorisation.py", set()),
        ("claims/inference.py", {"measure", "draw"}),
        ("figures/style.py", {"draw"}),
        ("figures/network.py", set()),
        ("report/tables.py", {"summarise"}),
        ("report/wording.py", {"summarise", "draw"}),
        ("__main__.py", set()),
        ("storage/atomic.py", set(STAGES) - {"train"}),
    ],
)
def test_edit_changes_the_stages_that_it_concerns(
    edited: str, concerned: set[str], package: Path, untouched: dict[str, str]
):
    edit(package / edited, lambda text: text + "\n_EDITED = True\n")
    assert {stage for stage, digest in digests(package).items() if digest != untouched[stage]} == concerned


def load_names_when_asked(init: Path) -> None:
    """Let the names that a package lists be loaded one by one, as each is imported."""
    listed = [
        node for node in ast.parse(init.read_text(encoding="utf-8")).body if isinstance(node, ast.ImportFrom)
    ]
    homes = {alias.name: node.module for node in listed for alias in node.names}
    init.write_text(
        f"HOMES = {homes}\n"
        "def __getattr__(name):\n"
        "    import importlib\n"
        "    if name not in HOMES:\n"
        "        raise AttributeError(name)\n"
        "    return getattr(importlib.import_module(HOMES[name]), name)\n"
    )


@pytest.mark.parametrize("stage", STAGES)
def test_digest_covers_every_module_that_the_stage_loads(stage: str, package: Path):
    """Against what Python itself says is loaded when the stage's modules are."""
    covered = in_package(
        package,
        "import json; from downhill.provenance import code_digest as digest\n"
        f"print(json.dumps(['downhill.' + name for name in digest._closure({STAGES[stage]})]))",
    )
    for name in ("config", "datasets"):
        load_names_when_asked(package / name / "__init__.py")
    loaded = in_package(
        package,
        "import importlib, json, sys\n"
        f"for name in {STAGES[stage]}: importlib.import_module('downhill.' + name)\n"
        "print(json.dumps([name for name in sys.modules if name.startswith('downhill.')]))",
    )
    modules = {name for name in loaded if not package.parent.joinpath(*name.split(".")).is_dir()}
    assert {f"downhill.{name}" for name in STAGES[stage]} <= modules
    assert modules <= set(covered)


def test_stages_of_the_rules_are_those_tested_here():
    rules = "".join(path.read_text(encoding="utf-8") for path in (PACKAGE.parent / "rules").glob("*.smk"))
    for stage in ("prepare", "train", "evaluate", "summarise"):
        assert f'code("{STAGES[stage][0]}")' in rules
    assert 'code("claims.evidence", f"claims.{' in rules
    assert 'code(f"figures.{' in rules
