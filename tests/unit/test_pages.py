"""Pages of documentation: links lead somewhere, and results/README.md names every file that the stages make."""

import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pandas as pd
import pytest

from downhill.orchestration.stages import STAGES
from tests.documentation import NUMBERS, README, rows

REPOSITORY = Path(__file__).parents[2]
PAGES = sorted(
    path
    for folder in (".", "docs", "config", "results", "resources", "benchmarks", "examples/*")
    for path in REPOSITORY.glob(f"{folder}/*.md")
)
NOT_OF_A_STAGE = {
    "report.html",  # of `make report`
    "runs/compiled-{digest}",  # a mark, which the table of stages does not list
    *(
        f"exports/{{network}}/seed-{{seed}}.{kind}" for kind in ("onnx", "npz")
    ),  # which seeds: not known beforehand
}
RECORDS = {"provenance.json", "logs/{stage}/…", ".locks/"}


def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as GitHub names them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_links_of_a_page_lead_to_files_and_headings(page: Path):
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in link:
            continue
        name, _, anchor = unquote(link).partition("#")
        target = page.parent / name if name else page
        assert target.exists(), f"{page.name}: {link}"
        if anchor:
            assert anchor in anchors(target), f"{page.name}: {link}"


def described() -> set[str]:
    """Files that results/README.md describes; `a/b.svg`, `.png` stands for `a/b.svg` and `a/b.png`."""
    found: set[str] = set()
    for line in (REPOSITORY / "results" / "README.md").read_text(encoding="utf-8").splitlines():
        last = ""
        for name in re.findall(r"`([^`]+)`", line.split("|")[1] if line.startswith("|") else ""):
            if name.startswith(".") and last:
                name = last.rpartition(".")[0] + name
            elif "/" not in name and "/" in last:
                name = f"{last.rpartition('/')[0]}/{name}"
            found.add(name)
            last = name
    return found


def made() -> set[str]:
    """Files that the stages write to `results`, as results/README.md names their wildcards; without records."""
    paths = {
        path for stage in STAGES.values() for path in stage.outputs.values() if path.startswith("{results}/")
    }
    named = {path.removeprefix("{results}/").replace("{unit}", "{experiment}/{network}") for path in paths}
    return {path.replace("{figure}", "{claim}-{figure}") for path in named if "provenance" not in path}


def test_every_file_that_a_stage_makes_is_described():
    assert made() <= described()
    assert "evaluation/{network}/confusion.parquet" in made()


def test_nothing_is_described_that_is_not_made():
    assert described() - made() == RECORDS | NOT_OF_A_STAGE


def test_table_of_the_readme_shows_the_recorded_numbers():
    """And the README counts the claims of the study."""
    recorded = pd.read_csv(NUMBERS).set_index("claim")
    assert len(rows()) >= 5
    for claim, verdict, _, statistic, interval, n, _ in rows():
        row = recorded.loc[claim]
        assert row.verdict in verdict
        assert n == str(row.n)
        printed = [statistic, *interval.split(" to ")]
        for text, value in zip(printed, (row["value"], row["lower"], row["upper"]), strict=True):
            share = text.endswith(" %")
            digits = text.removesuffix(" %")
            unit = 10.0 ** -len(digits.partition(".")[2])
            assert abs(float(digits) - (100 * value if share else value)) <= 0.501 * unit, (
                claim,
                text,
                value,
            )
    claims = pd.read_csv(REPOSITORY / "config" / "claims.tsv", sep="\t", comment="#")
    assert (
        re.findall(r"of (?:the )?(\d+) claims", README.read_text(encoding="utf-8")) == [str(len(claims))] * 2
    )


def test_page_of_the_results_is_the_only_tracked_file_there(tmp_path: Path):
    (tmp_path / "results" / "quick").mkdir(parents=True)
    for name in (".gitignore", "results/README.md"):
        (tmp_path / name).write_bytes((REPOSITORY / name).read_bytes())
    for name in ("claims.csv", "quick/claims.csv", "quick/README.md", ".hidden"):
        (tmp_path / "results" / name).touch()
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    status = ["git", "-C", str(tmp_path), "status", "--porcelain", "--untracked-files=all"]
    shown = subprocess.run(status, capture_output=True, text=True, check=True).stdout
    assert shown.split() == ["??", ".gitignore", "??", "results/README.md"]
