"""The table of notes for readers: what is accepted, how errors are reported, and what it changes."""

import csv
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from downhill.config.canonical import as_argument
from downhill.config.reading_notes import ReadingNotes, read_notes
from downhill.config.text import LONGEST_TEXT
from downhill.errors import DownhillError
from tests.shipped_claims import CLAIMS as SHIPPED_CLAIMS
from tests.shipped_claims import CONFIG as SHIPPED

from .study_files import CLAIMS, CONFIG, Files, load, refused, repeated, setting, whole

READING = "config/reading.tsv"
NOTE = {"claim": "wider", "controls": "Another width.", "traps": "A gap says nothing about why."}
QUOTES = "'" * 1000
LONGEST_NOTE = 300  # characters of a shipped cell: one or two sentences
FIXED = re.compile(r"(?P<date>\d{4}-\d\d-\d\d), commit (?P<commit>[0-9a-f]{7,})")


def notes(*rows: dict[str, str]) -> Callable[[Files], None]:
    """Give the study reading notes: that of `NOTE` with other cells."""

    def add(files: Files) -> None:
        files[CONFIG]["reading"] = READING
        files[READING] = [NOTE | row for row in rows]

    return add


def git(*words: str) -> str:
    """What git prints; nothing if it fails, as outside a clone."""
    return subprocess.run(["git", "-C", SHIPPED, *words], capture_output=True, text=True).stdout.strip()


def bands(commit: str) -> dict[str, str]:
    """The bands of a commit by claim."""
    table = git("show", f"{commit}:config/claims.tsv").splitlines()
    return {row["claim"]: row["band"] for row in csv.DictReader(table, delimiter="\t")}


HERE = f"{READING}, line 2, claim 'wider'"
MISTAKES: list[tuple[Callable[[Files], None], str]] = [
    (
        notes({"claim": "ninety-sx"}),
        f"{READING}, line 2, claim 'ninety-sx': there is no claim 'ninety-sx' in {CLAIMS}; did you mean 'ninety-six'?",
    ),
    (
        notes({}, {"claim": "*"}),
        f"{READING}, line 3, claim '*': there is no claim '*' in {CLAIMS}; there are: ninety-six, wider",
    ),
    (notes({"claim": ""}), f"{READING}, line 2: 'claim' is missing; add it"),
    (
        notes({"controls": "", "traps": ""}),
        f"{HERE}: all other cells are empty; fill in one of them, or remove the row",
    ),
    (notes({"traps": "x" * (LONGEST_TEXT + 1)}), f"{HERE}, traps: 'xxx"),
    (
        notes({"controls": "a\x07b"}),
        f"{HERE}, controls: the text contains U+0007, which cannot be printed; remove it",
    ),
    (
        notes({}, {"claim": "ninety-six"}, {}),
        f"{READING}, line 4: the claim 'wider' is already defined in line 2; rename one",
    ),
    (notes({"trap": "x"}), f"{READING}: unknown column 'trap'; did you mean 'traps'?"),
    (
        lambda files: (notes({})(files), whole(READING, "controls\ttraps\na\tb\n")(files)),
        f"{READING}: the column 'claim' is missing; add it (separated by tabs): Name of a claim;",
    ),
    (
        setting(reading="config/readings.tsv"),
        "config/readings.tsv: cannot be read: No such file or directory; give the path of a tab-separated table",
    ),
    (setting(reading=3), f"{CONFIG}, reading: 3 should be text; put it in quotes"),
    (setting(readings="a.tsv"), f"{CONFIG}: unknown key 'readings'; did you mean 'reading'?"),
]


@pytest.mark.parametrize(("spoil", "beginning"), MISTAKES)
def test_mistake_is_reported_in_one_sentence(spoil: Callable[[Files], None], beginning: str, files: Files):
    spoil(files)
    assert refused(files).startswith(beginning)


def test_notes_are_read_in_order_and_found_by_claim(files: Files):
    notes({"traps": ""}, {"claim": "ninety-six", "controls": ' "Other" seeds,\nall new. '})(files)
    files[READING] = (
        "claim\tcontrols\ttraps\nwider\tAnother width.\t\n"
        'ninety-six\t"The ""same"" images,\n  new seeds."\tOne seed says little.\n'
    )
    found = load(files).reading
    assert [note.claim for note in found.root] == ["wider", "ninety-six"]
    assert found.by_claim()["wider"].traps == ""
    assert found.by_claim()["ninety-six"].controls == 'The "same" images, new seeds.'


@pytest.mark.parametrize("nothing", [{}, {"reading": None}, {"reading": ""}])
def test_study_may_have_no_notes(nothing: dict[str, Any], files: Files):
    files[CONFIG] |= nothing
    assert load(files).reading == ReadingNotes(())


def test_notes_of_claims_that_are_not_selected_are_ignored(files: Files):
    notes({}, {"claim": "ninety-six"})(files)
    files[CONFIG]["select"] = {"claims": ["ninety-six"]}
    assert list(load(files).reading.by_claim()) == ["ninety-six"]


def test_unknown_claim_is_an_error_whatever_is_selected(files: Files):
    notes({"claim": "widr"})(files)
    files[CONFIG]["select"] = {"claims": ["ninety-six"]}
    assert refused(files).endswith("did you mean 'wider'?")


def test_more_than_a_command_can_hold_is_refused(tmp_path: Path):
    """Of the claims that the study runs; a quote takes five bytes in a command."""
    path, claims = tmp_path / "reading.tsv", [f"c-{number}" for number in range(12)]
    path.write_text("claim\ttraps\n" + "".join(f"{name}\t{QUOTES}\n" for name in claims))
    with pytest.raises(
        DownhillError, match=r"its rows have 60,[0-9]{3} bytes, but a command can pass on 45,000"
    ):
        read_notes(str(path), claims, claims, "claims.tsv")
    assert len(read_notes(str(path), claims, claims[:8], "claims.tsv").root) == 8


def test_notes_are_passed_to_a_job_in_order(files: Files):
    notes({"controls": "{{é}} 'x'"}, {"claim": "ninety-six"})(files)
    found = load(files).reading
    assert ReadingNotes.model_validate(json.loads(as_argument(found))) == found


@pytest.mark.parametrize(
    "change", [notes({"traps": "Another."}), notes({}, {"claim": "ninety-six"}), setting(reading="")]
)
def test_change_of_the_table_repeats_no_job_but_the_page(change: Callable[[Files], None], files: Files):
    notes({})(files)
    assert repeated(files, change) == ["publish"]


def test_shipped_table_has_a_row_for_each_claim():
    """In the order of the claims, with one or two plain sentences in both cells."""
    found = read_notes(str(SHIPPED / "reading.tsv"), SHIPPED_CLAIMS, SHIPPED_CLAIMS, "claims.tsv")
    assert list(found.by_claim()) == list(SHIPPED_CLAIMS)
    for note in found.root:
        for text in (note.controls, note.traps):
            assert 30 <= len(text) <= LONGEST_NOTE, (note.claim, len(text), text)
            assert text.endswith("."), (note.claim, text)
            assert not set(text) & set("<>*`_[]{}"), (note.claim, text)


def test_shipped_notes_do_not_repeat_each_other_or_the_statement():
    found = read_notes(str(SHIPPED / "reading.tsv"), SHIPPED_CLAIMS, SHIPPED_CLAIMS, "claims.tsv")
    texts = [text for note in found.root for text in (note.controls, note.traps)]
    assert len(set(texts)) == len(texts)
    for note in found.root:
        assert SHIPPED_CLAIMS[note.claim].statement not in (note.controls, note.traps)


def test_shipped_bands_are_those_of_the_commit_that_fixed_them():
    """In a clone with its whole history, the named commit is the first in which the claim has its band."""
    notes = read_notes(str(SHIPPED / "reading.tsv"), SHIPPED_CLAIMS, SHIPPED_CLAIMS, "claims.tsv")
    for name, note in notes.by_claim().items():
        found = FIXED.fullmatch(note.fixed)
        assert found, (name, note.fixed)
        if git("rev-parse", "--is-shallow-repository") == "false":
            assert git("show", "--no-patch", "--date=short", "--format=%ad", found["commit"]) == found["date"]
            assert bands(found["commit"])[name] == SHIPPED_CLAIMS[name].band, name
            assert bands(f"{found['commit']}~").get(name) != SHIPPED_CLAIMS[name].band, name
