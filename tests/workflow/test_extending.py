"""The rows and entries of docs/extending.md, added to the shipped tables exactly as the page says."""

import re
from pathlib import Path

import pytest
import yaml
from test_study import REPOSITORY, lay_out, snakemake, stages

PAGE = (REPOSITORY / "docs" / "extending.md").read_text(encoding="utf-8")


def rows(first_column: str) -> list[dict[str, str]]:
    """The rows of all tables of the page whose first column has this name."""
    found = []
    for table in re.findall(r"(?:^\|.*\|\n)+", PAGE, flags=re.MULTILINE):
        header, _, *lines = [
            [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()
        ]
        if header[0] == first_column:
            found += [dict(zip(header, line, strict=True)) for line in lines]
    return found


def entries(holding: str) -> dict[str, object]:
    """The YAML block of the page that holds a text."""
    (block,) = [text for text in re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL) if holding in text]
    found: dict[str, object] = yaml.safe_load(block)
    return found


@pytest.fixture
def extended(tmp_path: Path) -> Path:
    """The shipped study with copies of its tables, to which the page's rows have been added, and the page's overlay."""
    project = lay_out(tmp_path / "project")
    overlay = entries("title: My study")
    for name, key in (("networks", "network"), ("claims", "claim")):
        table = (project / "config" / f"{name}.tsv").read_text(encoding="utf-8")
        columns = next(line for line in table.splitlines() if not line.startswith("#")).split("\t")
        assert rows(key)
        added = "".join("\t".join(row.get(column, "") for column in columns) + "\n" for row in rows(key))
        assert all(row.keys() <= set(columns) for row in rows(key))
        (project / str(overlay[name])).write_text(table + added, encoding="utf-8")
    with (project / "config" / "datasets.yaml").open("a", encoding="utf-8") as file:
        file.write(
            yaml.safe_dump(entries("mnist-noisy-labels")).partition("\n")[2]
        )  # without the line `datasets:`
    with (project / "config" / "experiments.yaml").open("a", encoding="utf-8") as file:
        file.write(yaml.safe_dump(entries("gabor-fits-wide")))
    overlay["select"] = {"claims": [row["claim"] for row in rows("claim")]}
    (project / "my-study.yaml").write_text(yaml.safe_dump(overlay), encoding="utf-8")
    return project


def test_rows_of_the_page_are_valid_and_plan_only_their_own_jobs(extended: Path):
    planned = stages(snakemake(extended, "--configfile", "my-study.yaml", "--dry-run"))
    once = dict.fromkeys(
        ("download", "prepare", "compile", "train", "evaluate", "experiment", "tabulate"), "1"
    )
    twice = dict.fromkeys(("measure", "judge", "draw"), "2")
    assert planned == once | twice | {
        "summarise": "1",
        "publish": "1",
        "export": "1",
        "all": "1",
        "total": "17",
    }


def test_data_set_of_the_page_is_made(extended: Path):
    snakemake(extended, "results/mine/data/mnist-noisy-labels/dataset.npz", "--configfile", "my-study.yaml")
    assert (extended / "results" / "mine" / "data" / "mnist-noisy-labels" / "summary.json").is_file()
