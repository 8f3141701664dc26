"""What Snakemake's workflow catalog expects of a repository, so that it is listed with instructions for use."""

import re
from pathlib import Path

import pytest
import yaml
from snakemake.cli import get_argument_parser

REPOSITORY = Path(__file__).parents[2]
SETTINGS = yaml.safe_load((REPOSITORY / ".snakemake-workflow-catalog.yml").read_text(encoding="utf-8"))
SNAKEFILES = [REPOSITORY / "workflow" / "Snakefile", *(REPOSITORY / "workflow" / "rules").rglob("*.smk")]


def test_settings_have_the_documented_keys_and_types():
    assert SETTINGS.keys() == {"usage"}
    usage = SETTINGS["usage"]
    assert usage.keys() == {"mandatory-flags", "software-stack-deployment", "report"}
    assert usage["mandatory-flags"].keys() == {"desc", "flags"}
    assert usage["software-stack-deployment"].keys() == {"conda", "apptainer", "apptainer+conda"}
    assert all(isinstance(value, bool) for value in usage["software-stack-deployment"].values())
    assert usage["report"] is True
    assert any("report(" in file.read_text(encoding="utf-8") for file in SNAKEFILES)


def test_mandatory_flags_are_options_of_snakemake():
    flags = SETTINGS["usage"]["mandatory-flags"]["flags"]
    words = flags.split() if isinstance(flags, str) else flags
    get_argument_parser().parse_args(words)  # exits if one does not exist
    assert SETTINGS["usage"]["mandatory-flags"]["desc"]


def test_only_deployment_that_the_rules_support_is_promised():
    text = "\n".join(file.read_text(encoding="utf-8") for file in SNAKEFILES)
    deployment = SETTINGS["usage"]["software-stack-deployment"]
    assert deployment["conda"] is bool(re.search(r"^\s+conda:", text, flags=re.MULTILINE))
    assert deployment["apptainer"] is bool(
        re.search(r"^container:\s*\"(docker|oras|library)://", text, flags=re.MULTILINE)
    )


@pytest.mark.parametrize("name", ["workflow/Snakefile", "config/README.md", "config/config.yaml", "LICENSE"])
def test_files_are_where_the_catalog_and_snakedeploy_look_for_them(name: str):
    assert (REPOSITORY / name).is_file()


def test_repository_is_found_by_the_catalog():
    """It searches for READMEs with these words, and takes rules only from files that end on `.smk`."""
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8").lower()
    assert {"snakemake", "workflow"} <= set(re.findall(r"[a-z]+", readme))
    assert [path for path in (REPOSITORY / "workflow" / "rules").iterdir() if path.suffix == ".smk"]
    own = (REPOSITORY / "Snakefile").read_text(encoding="utf-8")  # another entry point must not differ
    assert 'workflow.include("workflow/Snakefile"' in own
    assert not re.search(r"^(rule|checkpoint|module|configfile)\b", own, flags=re.MULTILINE)
