"""The picture of the data flow shows the rules as Snakemake sees them."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.data_flow import PICTURE, lay_out, picture, printed, rules

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def drawn() -> ElementTree.Element:
    return ElementTree.fromstring(PICTURE.read_text(encoding="utf-8"))


def test_picture_is_that_of_the_rules_as_they_are():
    assert PICTURE.read_text(encoding="utf-8") == picture(rules()), "run `python -m tests.data_flow`"


def test_no_rule_and_no_flow_is_missing(drawn: ElementTree.Element, tmp_path: Path):
    """Compared with Snakemake's own graph of the rules."""
    lay_out(tmp_path)
    graph = printed(tmp_path, "--forceall", "--rulegraph", "dot")
    names = dict(re.findall(r'(\d+)\[label = "(\w+)"', graph))
    flows = {(names[start], names[end]) for start, end in re.findall(r"(\d+) -> (\d+)", graph)}
    boxes = [group.get("id", "").removeprefix("rule-") for group in drawn.iter(f"{SVG}g")]
    assert sorted(boxes) == sorted(names.values())
    assert {"download", "train", "summarise", "all"} <= set(boxes)
    lines = {
        (path.get("data-from"), path.get("data-to"))
        for path in drawn.iter(f"{SVG}path")
        if path.get("data-to")
    }
    # Snakemake leaves out a flow to `all` that another rule's flow implies; the picture shows every flow.
    assert flows <= lines
    assert {line for line in lines - flows if line[1] != "all"} == set()


def test_each_box_names_the_files_that_its_rule_writes(drawn: ElementTree.Element):
    text = {
        group.get("id"): " ".join("".join(line.itertext()) for line in group.iter(f"{SVG}text"))
        for group in drawn.iter(f"{SVG}g")
    }
    for file in (
        "weights.npz",
        "history.parquet",
        "results/runs/{network}/seeds-{first}-{last}/",
        "dataset.npz",
    ):
        assert file in text["rule-train"]
    for file in ("claims.csv", "claims.md", "networks.csv (tabulate)"):
        assert file in text["rule-summarise"]


def test_missing_rule_is_noticed():
    without = picture([rule for rule in rules() if rule.name not in ("summarise", "all")])
    assert 'id="rule-summarise"' not in without
    assert without != PICTURE.read_text(encoding="utf-8")
