"""Digests of code: which edits make which stages run again."""

import ast
import builtins
import dis
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from downhill.config import functions
from downhill.orchestration.stages import STAGES
from downhill.provenance.code_digest import code_of, covered, source_digest

PACKAGE = Path(__file__).parents[3] / "workflow" / "downhill"
# A function for those stages that run one.
RUNS = {
    "experiment": ("network", "weights_and_biases"),
    "measure": ("learning", "test_accuracy"),
    "draw": ("learning", "accuracy_distribution"),
}
# What the digest of each stage covers.
PARTS = {name: stage.modules(*RUNS.get(name, ())) for name, stage in STAGES.items() if name != "compile"}
FUNCTIONS = [
    f"{package}.{family}:{function}"
    for package in ("claims", "experiments", "figures")
    for family in ("learning", "memorisation", "network")
    for function in functions.names(package, family)
]


def in_package(package: Path, code: str) -> Any:
    """The JSON that Python code prints when it imports a copy of the package."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=package.parent,  # `-c` puts it first on the path
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
        f"print(json.dumps({{stage: source_digest(*parts) for stage, parts in {PARTS}.items()}}))",
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
    """The copy, for a test to edit; it is restored afterwards."""
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
    assert len(set(untouched.values())) == len(PARTS)
    assert all(re.fullmatch("[0-9a-f]{12}", digest) for digest in untouched.values())
    (package / "report" / "tables.py").write_text("")
    assert digests(package)["summarise"] != untouched["summarise"]


@pytest.mark.parametrize(
    "remark",
    [
        lambda text: text + "\n\n# A remark.\n",
        lambda text: re.sub(r'(?m)^( *)"""(?=\S)', r'\1"""In short: ', text),  # of functions as well
        lambda text: re.sub(r"(?m)^( +)return ", r"\1# A remark.\n\n\1return  ", text),
        lambda text: text.replace("\n\n\n", "\n\n\n\n\n"),
    ],
)
def test_comments_docstrings_and_layout_change_no_digest(remark, package: Path, untouched: dict[str, str]):
    for module in (
        "engine/train",
        "datasets/prepare",
        "claims/inference",
        "claims/judge",
        "claims/learning",
        "claims/measurement",
        "config/band",
        "experiments/run",
        "figures/style",
        "report/tables",
    ):
        edit(package / f"{module}.py", remark)
    assert digests(package) == untouched


def test_text_of_errors_changes_no_digest(package: Path, untouched: dict[str, str]):
    edit(package / "datasets" / "prepare.py", lambda text: text.replace("validation_images is", "there are"))
    edit(package / "experiments" / "results.py", lambda text: text.replace("the jobs of", "some jobs of"))
    assert digests(package) == untouched


@pytest.mark.parametrize(
    "module",
    [
        "claim",
        "contradiction",
        "dataset",
        "experiment",
        "network",
        "playground",
        "reading",
        "reading_notes",
        "settings",
        "study",
    ],
)
def test_models_of_the_configuration_count_for_no_stage(
    module: str, package: Path, untouched: dict[str, str]
):
    """A new setting does not repeat any job: what is read is compared as text, without neutral defaults."""
    edit(package / "config" / f"{module}.py", lambda text: text + "\n_EDITED = True\n")
    assert digests(package) == untouched


@pytest.mark.parametrize(
    ("edited", "concerned"),
    [
        ("engine/kernels.py", {"train", "evaluate", "assemble"}),
        ("engine/sparse_products.py", {"train", "evaluate", "assemble"}),
        ("engine/images.py", {"train", "evaluate", "assemble"}),
        ("engine/training_images.py", {"train", "evaluate"}),
        (
            "network/replicate.py",
            {"train", "evaluate", "experiment", "measure", "tabulate", "export", "assemble"},
        ),
        (
            "network/architecture.py",
            {"train", "evaluate", "experiment", "measure", "tabulate", "export", "assemble"},
        ),
        ("network/reference.py", {"experiment"}),
        ("runs/train.py", set()),
        ("runs/trained.py", {"evaluate", "experiment", "measure", "tabulate", "export", "assemble"}),
        ("runs/block.py", {"evaluate", "experiment", "measure", "tabulate", "export", "assemble"}),
        ("datasets/prepare.py", {"prepare"}),
        ("datasets/resize.py", {"prepare"}),
        ("datasets/fetch.py", {"download"}),
        ("experiments/run.py", {"experiment"}),
        ("experiments/results.py", {"experiment", "measure"}),
        ("claims/measure.py", {"measure"}),
        ("claims/measurement.py", {"measure", "tabulate"}),
        ("claims/sweeps.py", set()),  # test_accuracy uses no crossing
        ("claims/judge.py", {"judge"}),
        ("claims/memorisation.py", set()),
        ("claims/inference.py", {"measure", "judge", "tabulate", "publish"}),
        ("config/band.py", {"judge", "draw", "compare", "summarise", "publish"}),
        ("config/units.py", {"judge", "publish"}),
        ("figures/style.py", {"draw", "compare"}),
        ("figures/network.py", set()),
        ("figures/published_runs.py", {"compare"}),
        ("report/published_runs.py", {"compare", "summarise", "publish"}),
        ("report/tables.py", {"summarise", "publish"}),
        ("report/claim_cells.py", {"compare", "summarise", "publish"}),
        ("report/contradictions.py", {"summarise", "publish"}),
        ("report/networks.py", {"tabulate"}),
        ("report/page.py", {"publish"}),
        ("exports/onnx_model.py", {"export"}),
        ("exports/exported.py", {"export"}),
        ("network/recipe.py", {"tabulate", "export", "assemble"}),
        ("report/templates.py", {"publish", "assemble"}),
        ("playground/payload.py", {"assemble"}),
        ("report/wording.py", {"summarise", "draw", "compare", "tabulate", "publish"}),
        ("__main__.py", set()),
        ("cli/run_stages.py", set()),
        ("cli/claim_stages.py", set()),
        ("orchestration/stages.py", set()),
        ("orchestration/stage.py", set()),
        ("orchestration/study_jobs.py", set()),
        ("storage/atomic.py", set(PARTS) - {"train"}),
    ],
)
def test_edit_changes_the_stages_that_it_concerns(
    edited: str, concerned: set[str], package: Path, untouched: dict[str, str]
):
    edit(package / edited, lambda text: text + "\nprint\n")
    assert {stage for stage, digest in digests(package).items() if digest != untouched[stage]} == concerned


@pytest.mark.parametrize(
    ("edited", "before", "after", "concerned"),
    [
        # What the functions of a stage use counts, and nothing else of their modules.
        ("claims/learning.py", "on_first >= said", "on_first > said", {"measure"}),
        # All of a module that it uses.
        ("claims/learning_mistakes.py", "_GALLERY = 15", "_GALLERY = 16", {"measure"}),
        ("claims/learning.py", "np.median", "np.mean", set()),  # of another statistic
        ("figures/learning.py", "1.3 + 0.8", "1.4 + 0.8", {"draw"}),
        ("figures/learning.py", "columns = 5", "columns = 6", set()),
        ("experiments/network.py", "np.abs(below)", "np.square(below)", {"experiment"}),
    ],
)
def test_edit_of_a_function_changes_the_stages_that_run_it(
    edited: str, before: str, after: str, concerned: set[str], package: Path, untouched: dict[str, str]
):
    assert before in (package / edited).read_text(encoding="utf-8")
    edit(package / edited, lambda text: text.replace(before, after))
    assert {stage for stage, digest in digests(package).items() if digest != untouched[stage]} == concerned


def test_further_function_of_a_family_changes_no_digest(package: Path, untouched: dict[str, str]):
    further = "\n\ndef further(inputs):\n    return None\n"
    for module in ("claims/learning", "experiments/network", "figures/learning"):
        edit(package / f"{module}.py", lambda text: text + further)
    assert digests(package) == untouched


def load_names_when_asked(init: Path) -> None:
    """Make a package load the names that it lists one by one, when each is imported."""
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


@pytest.mark.parametrize("name", FUNCTIONS)
def test_code_of_a_function_uses_nothing_that_is_left_out(name: str):
    """Every name that it reads is defined in it or built into Python."""
    module = compile(code_of(name), name, "exec")
    scopes, defined, read = [module], set(dir(builtins)) | {"__name__", "__file__"}, set()
    while scopes:
        scope = scopes.pop()
        scopes += [constant for constant in scope.co_consts if isinstance(constant, CodeType)]
        for instruction in dis.get_instructions(scope):
            if instruction.opname in ("STORE_NAME", "STORE_GLOBAL") and scope is module:
                defined.add(instruction.argval)
            elif instruction.opname in ("LOAD_NAME", "LOAD_GLOBAL"):
                read.add(instruction.argval)
    assert name.partition(":")[2] in defined
    assert read <= defined


@pytest.mark.parametrize("stage", PARTS)
def test_digest_covers_every_module_that_the_stage_loads(stage: str, package: Path):
    """Compared with what Python loads for the stage's modules; of the configuration, only named modules count."""
    parts = PARTS[stage]
    for part in parts:
        if ":" in part:
            (package / f"{part.partition(':')[0].replace('.', '/')}.py").write_text(code_of(part))
    for name in ("config", "datasets"):
        load_names_when_asked(package / name / "__init__.py")
    names = [part.partition(":")[0] for part in parts]
    loaded = in_package(
        package,
        "import importlib, json, sys\n"
        f"for name in {names}: importlib.import_module('downhill.' + name)\n"
        "print(json.dumps([name for name in sys.modules if name.startswith('downhill.')]))",
    )
    modules = {
        name.removeprefix("downhill.")
        for name in loaded
        if not package.parent.joinpath(*name.split(".")).is_dir()
    }
    assert set(names) <= modules
    counted = {name for name in modules if not name.startswith("config.") or name in names}
    assert counted <= {part.partition(":")[0] for part in covered(parts)}


def test_modules_of_the_configuration_count_where_they_are_named():
    assert "config.band" in covered(["claims.judge", "config.band"])
    assert not [name for name in covered(["claims.judge"]) if name.startswith("config.")]


def test_unknown_function_has_no_digest():
    with pytest.raises(KeyError, match="there is no 'test_acuracy' in the module"):
        source_digest("claims.learning:test_acuracy")


@pytest.mark.parametrize("name", PARTS)
def test_digest_of_a_stage_names_its_parts(name: str, untouched: dict[str, str]):
    """This makes Snakemake's reason for a rerun clear."""
    found = STAGES[name].code_digest(*RUNS.get(name, ()))
    assert found == f"code of {', '.join(PARTS[name])}: {untouched[name]}"
    assert "{" not in found
