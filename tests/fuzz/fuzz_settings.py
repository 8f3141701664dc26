"""Settings and tables with mistakes: they are refused in one sentence, or everything that follows works.

`pytest tests/fuzz/fuzz_settings.py` tries more than 80,000 of them; DOWNHILL_FUZZ_SCALE=10 tries ten times as many. The
unit tests try a few (`tests/unit/config/test_fuzzed_settings.py`).
"""

import csv
import io
import os
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from downhill.config.reading import parse_yaml, read_yaml
from downhill.config.table import read_table
from downhill.errors import DownhillError
from tests.fuzz.studies import TOKENS, check_plan, check_run, refused

SEEDS = st.integers(0, 2**64)  # of random choices: a failure names its seed


def many(count: int) -> settings:
    """Settings of a test for a number of inputs."""
    return settings(
        max_examples=max(1, int(count * float(os.environ.get("DOWNHILL_FUZZ_SCALE", "1")))),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # random choices cannot be made simpler
        report_multiple_bugs=False,
    )


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@many(20_000)
@given(SEEDS)
def test_a_study_is_refused_in_one_sentence_or_planned(seed: int):
    check_plan(seed)


@pytest.mark.filterwarnings("error")
@many(1000)
@given(SEEDS)
def test_what_is_accepted_runs_to_its_end(seed: int):
    check_run(seed)


class Row(BaseModel):
    """A row of text."""

    name: str
    first: str = ""
    second: str = ""


CELLS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)


def plain(cell: str) -> str:
    """A cell on one line, as an independent reader would have it."""
    for sign in "\t\r\n\v\f":
        cell = cell.replace(sign, " ")
    return " ".join(part for part in cell.split(" ") if part)


@many(20_000)
@given(
    st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=4),
    st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "utf-32")),
    st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
)
def test_cells_come_back_as_a_spreadsheet_wrote_them(
    rows: list[tuple[str, str]], encoding: str, quoting: int
):
    text = io.StringIO(newline="")
    table = csv.writer(text, "excel-tab", quoting=quoting)
    table.writerow(["name", "first", "second"])
    for number, cells in enumerate(rows):
        table.writerow([f"row-{number}", *cells])
    Path("table.tsv").write_bytes(text.getvalue().encode(encoding))
    found = read_table("table.tsv", Row, key="name")
    expected = {f"row-{number}": tuple(map(plain, cells)) for number, cells in enumerate(rows)}
    assert {name: (row.first, row.second) for name, row in found.items()} == expected


@many(20_000)
@given(SEEDS)
def test_any_bytes_are_a_table_or_refused(seed: int):
    """Where there are no quotes, an independent reader that splits lines at tabs agrees."""
    source = random.Random(seed)
    content = "name\tfirst\tsecond\nx\ty\tz\n" + "".join(
        source.choice([*TOKENS, "a", "b", "\t", "\n"]) for _ in range(source.randrange(12))
    )
    encoded = content.encode(source.choice(("utf-8", "utf-8", "utf-8", "utf-16", "latin-1")), "replace")
    if source.random() < 0.3:
        place = source.randrange(len(encoded))
        encoded = encoded[:place] + source.randbytes(1) + encoded[place + 1 :]
    Path("table.tsv").write_bytes(encoded)
    try:
        found = read_table("table.tsv", Row, key="name")
    except DownhillError as error:
        refused(error)
        return
    text = content if encoded == content.encode() else ""
    if text and '"' not in text:
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        rows = [
            [plain(cell) for cell in line.split("\t")] for line in lines if line.strip() and line[0] != "#"
        ]
        rows = [row for row in rows if any(row) and not row[0].startswith("#")]
        expected = [tuple([*row, "", ""][:3]) for row in rows[1:]]
        assert [(row.name, row.first, row.second) for row in found.values()] == expected


@many(20_000)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | CELLS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(CELLS, inner, max_size=3),
        max_leaves=8,
    ),
    SEEDS,
)
def test_yaml_is_read_as_it_was_written_or_refused(values: Any, seed: int):
    source = random.Random(seed)
    text = yaml.safe_dump({"top": values})
    assert parse_yaml(text, "file") == {"top": values}
    for _ in range(source.randrange(1, 4)):
        place = source.randrange(len(text) + 1)
        text = text[:place] + source.choice(TOKENS) + text[place + source.choice((0, 1)) :]
    Path("file.yaml").write_bytes(text.encode("utf-8", "replace"))
    try:
        found = read_yaml("file.yaml")
    except DownhillError as error:
        refused(error)
        return
    expected = yaml.safe_load(text) or {}
    assert repr(found) == repr(expected)
