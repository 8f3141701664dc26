"""Functions that the configuration names: found by convention, and inspected without an import."""

import inspect
import subprocess
import sys
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from downhill.config import functions
from downhill.errors import DownhillError
from tests.shipped_claims import CLAIMS as SHIPPED

from .study_files import CLAIMS, REPOSITORY, Files, load

FAMILIES = sorted({claim.family for claim in SHIPPED.values()})


def test_public_functions_only_are_found(files: Files):
    assert "test_accuracy" in functions.names("claims", "learning")
    assert not [name for name in functions.names("claims", "learning") if name.startswith("_")]
    assert functions.names("claims", "nowhere") == ()
    with pytest.raises(DownhillError, match=r"'test_acuracy' is not in .*; did you mean 'test_accuracy'\?"):
        functions.load("claims", "learning", "test_acuracy")
    assert (
        functions.description("claims", "learning", "test_accuracy")
        == "Mean test accuracy at the end of training"
    )
    files[CLAIMS][0]["statistic"] = "_curves"
    with pytest.raises(DownhillError, match="'_curves' is not in"):
        load(files)


@pytest.mark.parametrize("package", ["claims", "figures", "experiments"])
@pytest.mark.parametrize("family", FAMILIES)
def test_source_code_agrees_with_the_imported_functions(package: str, family: str):
    """Description, arguments, options and declarations."""
    found = functions.names(package, family)
    if package == "experiments" and not found:
        return
    module = import_module(f"downhill.{package}.{family}")
    own = [function for function in vars(module).values() if inspect.isfunction(function)]
    public = [one.__name__ for one in own if one.__module__ == module.__name__ and one.__name__[0] != "_"]
    assert list(found) == public
    for name in found:
        function = functions.load(package, family, name)
        assert function is getattr(module, name)
        lines = (inspect.getdoc(function) or "").splitlines()
        if "{" not in lines[0]:
            assert functions.description(package, family, name) == lines[0].rstrip(".")
        arguments = inspect.signature(function).parameters
        assert functions.arguments(package, family, name)[0] == next(iter(arguments))
        keywords = {key: one.annotation for key, one in arguments.items() if one.kind is one.KEYWORD_ONLY}
        assert functions.options(package, family, name) == keywords
        for decorator in ("gives", "draws"):
            declared = functions.declared(package, family, name, decorator)
            assert (declared is not None) is (
                decorator == {"claims": "gives", "figures": "draws"}.get(package)
            )
            if declared:
                assert declared["keys"] == function.keys
                assert declared.get("parts", ("",)) == getattr(function, "parts", ("",))


def test_planning_imports_neither_matplotlib_nor_the_engine():
    code = (
        "import sys; from downhill.config.study import Study; from downhill.orchestration.checks import check_study\n"
        "check_study(Study.load('config/config.yaml'))\n"
        "print([name for name in ('matplotlib', 'numba', 'scipy', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"images": 10}, None),
        ({}, None),
        ({"images": 10.0}, "here, options: images: 10.0 should be a whole number"),
        ({"image": 10}, "here, options: 'weights_and_biases' has no option 'image'; did you mean 'images'?"),
        ({"images": "10"}, "here, options: images: '10' should be a whole number"),
        (
            {"images": 1.5},
            "here, options: images: 1.5 should be a whole number",
        ),
        ({"images": True}, "here, options: images: True should be a whole number"),
        ({"images": [10]}, "here, options: images: [10] should be a whole number"),
        (
            {"images": date(2020, 1, 1)},
            "here, options: images: datetime.date(2020, 1, 1) should be a whole number",
        ),
        ({"images": None}, "here, options: images: None should be a whole number"),
    ],
)
def test_options_are_checked_against_the_keyword_arguments(given: dict[str, Any], sentence: str | None):
    if sentence is None:
        functions.checked_options(given, "experiments", "network", "weights_and_biases", "here")
        return
    with pytest.raises(DownhillError) as caught:
        functions.checked_options(given, "experiments", "network", "weights_and_biases", "here")
    assert str(caught.value) == sentence


def test_description_names_the_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / "described.py").write_text(
        "def both(inputs, *, hidden_layers: str, images: int = 1000, above: float = 0.125):\n"
        '    """Accuracy of {hidden_layers} on {images:,} images above {above:%}, {of_none}, {0, 6}, {}."""\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(functions, "_PACKAGE", tmp_path)
    found = functions.description("claims", "described", "both", {"hidden_layers": "64-64", "images": 2000})
    assert found == "Accuracy of 64-64 on 2,000 images above 12.5 %, {of_none}, {0, 6}, {}"
    found = functions.description("claims", "described", "both")
    assert found == "Accuracy of hidden layers on 1,000 images above 12.5 %, {of_none}, {0, 6}, {}"


def test_description_leaves_out_what_is_the_default():
    def of(**options: object) -> str:
        return functions.description("claims", "published", "single_run", options)

    assert of() == "A published run beside ours: test accuracy of each run (epoch: last)"
    gap = of(quantity="train_accuracy", minus="test_accuracy", epoch="best", runs=3)
    assert gap.endswith(": train accuracy minus test accuracy of each run (epoch: best; best of 3)")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"epoch": "peak"}, "epoch: 'peak' should be a whole number, or 'last' or 'best'"),
        ({"epoch": 0}, "epoch: 0 should be greater than or equal to 1, or 'last' or 'best'"),
        ({"runs": 0}, "runs: 0 should be greater than or equal to 1"),
    ],
)
def test_an_option_of_several_types_says_all_that_it_may_be(given: dict[str, Any], problem: str):
    with pytest.raises(DownhillError) as caught:
        functions.checked_options({"said": 0.9, **given}, "claims", "published", "single_run", "here")
    assert str(caught.value) == f"here, options: {problem}"
