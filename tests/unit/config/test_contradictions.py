"""The table of contradictions: what is accepted, how errors are reported, and what it changes."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from downhill.config.canonical import as_argument
from downhill.config.contradiction import Contradiction, Contradictions
from downhill.config.text import LONGEST_TEXT
from downhill.orchestration.stages import STAGES

from .study_files import (
    CLAIMS,
    CONFIG,
    CONTRADICTION,
    CONTRADICTIONS,
    Files,
    compared,
    contradictions,
    load,
    refused,
    repeated,
    setting,
    whole,
    without,
)


def one(**cells: str) -> Callable[[Files], None]:
    return contradictions(cells)


HERE = f"{CONTRADICTIONS}, line 2, contradiction 'right-or-wrong'"
MISTAKES: list[tuple[Callable[[Files], None], str]] = [
    (
        one(claims="wider, ninety-sx"),
        f"{HERE}, claims: there is no claim 'ninety-sx' in {CLAIMS}; did you mean 'ninety-six'?",
    ),
    (
        one(claims="learnt"),
        f"{HERE}, claims: there is no claim 'learnt' in {CLAIMS}; there are: ninety-six, wider",
    ),
    (
        one(claims="deep-*"),
        f"{HERE}, claims: no claim in {CLAIMS} matches 'deep-*'; there are: ninety-six, wider",
    ),
    (one(claims=" , "), f"{HERE}, claims: no claim is named; name at least one"),
    (one(claims=""), f"{HERE}: 'claims' is missing; add it"),
    (one(title=""), f"{HERE}: 'title' is missing; add it"),
    (one(other_source=""), f"{HERE}: 'other_source' is missing; add it"),
    (
        one(statement="a\x07b"),
        f"{HERE}, statement: the text contains U+0007, which cannot be printed; remove it",
    ),
    (one(title="x" * (LONGEST_TEXT + 1)), f"{HERE}, title: 'xxx"),
    (
        one(contradiction="Right or wrong"),
        f"{CONTRADICTIONS}, line 2, contradiction 'Right or wrong', contradiction: 'Right or wrong' may contain only ",
    ),
    (one(contradiction=""), f"{CONTRADICTIONS}, line 2: 'contradiction' is missing; add it"),
    (
        contradictions({}, {"contradiction": "other"}, {}),
        f"{CONTRADICTIONS}, line 4: the contradiction 'right-or-wrong' is already defined in line 2; rename one",
    ),
    (
        contradictions({}, {"contradiction": "other", "claims": "widr"}),
        f"{CONTRADICTIONS}, line 3, contradiction 'other', claims: there is no claim 'widr' in {CLAIMS}; did you mean ",
    ),
    (one(sourse="L1"), f"{CONTRADICTIONS}: unknown column 'sourse'; did you mean 'source'?"),
    (
        lambda files: (one()(files), without("other_statement", CONTRADICTIONS)(files)),
        f"{CONTRADICTIONS}: the column 'other_statement' is missing; add it (separated by tabs): The other sentence.",
    ),
    (
        lambda files: (one()(files), whole(CONTRADICTIONS, "\t".join(CONTRADICTION))(files)),
        f"{CONTRADICTIONS}: has no rows; add at least one contradiction",
    ),
    (
        setting(contradictions="config/contradiction.tsv"),
        "config/contradiction.tsv: cannot be read: No such file or directory; give the path of a tab-separated table",
    ),
    (setting(contradictions=3), f"{CONFIG}, contradictions: 3 should be text; put it in quotes"),
    (
        setting(contradiction="a.tsv"),
        f"{CONFIG}: unknown key 'contradiction'; did you mean 'contradictions'?",
    ),
    (
        contradictions(*({"contradiction": f"c-{i}", "title": "'" * LONGEST_TEXT} for i in range(9))),
        f"{CONTRADICTIONS}: its rows have 9",
    ),
]


@pytest.mark.parametrize(("spoil", "beginning"), MISTAKES)
def test_mistake_is_reported_in_one_sentence(spoil: Callable[[Files], None], beginning: str, files: Files):
    spoil(files)
    assert refused(files).startswith(beginning)


def test_rows_are_read_in_order_with_the_claims_that_patterns_match(files: Files):
    contradictions(
        {}, {"contradiction": "any", "claims": "wider, *"}, {"contradiction": "all", "claims": "*"}
    )(files)
    rows = load(files).contradictions.root
    assert [(row.contradiction, row.claims) for row in rows] == [
        ("right-or-wrong", ("wider", "ninety-six")),
        ("any", ("wider", "ninety-six")),
        ("all", ("ninety-six", "wider")),
    ]
    assert rows[0].model_dump(exclude={"claims"}) == {
        key: text for key, text in CONTRADICTION.items() if key != "claims"
    }


@pytest.mark.parametrize("nothing", [{}, {"contradictions": None}, {"contradictions": ""}])
def test_study_may_have_no_contradictions(nothing: dict[str, Any], files: Files):
    files[CONFIG] |= nothing
    assert load(files).contradictions == Contradictions(())


def test_claims_that_are_not_selected_may_be_named(files: Files):
    one(claims="*")(files)
    files[CONFIG]["select"] = {"claims": ["wider"]}
    study = load(files)
    assert list(study.claims) == ["wider"]
    assert study.contradictions.root[0].claims == ("ninety-six", "wider")


def test_rows_are_passed_to_the_job_in_order(files: Files):
    """In a command, which is text: sorting keys must not sort the rows."""
    contradictions({"contradiction": "b", "title": "{{é}} 'x'"}, {"contradiction": "a"})(files)
    study = load(files)
    assert (
        Contradictions.model_validate(json.loads(as_argument(study.contradictions))) == study.contradictions
    )
    assert [row.contradiction for row in study.contradictions.root] == ["b", "a"]


CHANGES: list[Callable[[Files], None]] = [
    *(one(**{key: f"{text}-more"}) for key, text in CONTRADICTION.items() if key != "claims"),
    one(claims="wider"),
    one(claims="ninety-six, wider"),
    contradictions({}, {"contradiction": "second"}),
    setting(contradictions=""),
]


@pytest.mark.parametrize("change", CHANGES)
def test_change_of_the_table_is_asked_of_the_tables_and_the_page_alone(
    change: Callable[[Files], None], files: Files
):
    one()(files)
    assert repeated(files, change) == ["summarise", "publish"]


def test_order_of_rows_is_asked_for(files: Files):
    contradictions({}, {"contradiction": "other"})(files)
    before = compared(files, "summarise")
    files[CONTRADICTIONS].reverse()
    assert compared(files, "summarise") != before


def test_spelling_of_the_table_is_not(files: Files):
    one(claims="wider,ninety-six")(files)
    before = compared(files, "summarise")
    row = files[CONTRADICTIONS][0]
    row["claims"] = " w*, ninety-six ,wider"
    row["title"] = f"  {row['title']} "
    files[CONTRADICTIONS] = [dict(reversed(row.items()))]
    assert compared(files, "summarise") == before


def test_record_says_what_has_changed(files: Files):
    """A record from before there were contradictions is that of a study without them."""
    stage, none = (
        STAGES["summarise"],
        {"settings": {"title": "", "claims": ["ninety-six", "wider"]}, "asked": ""},
    )
    assert stage.asks(load(files), ()).changes_since(none) == []
    one()(files)
    now = stage.asks(load(files), ())
    assert now.changes_since(none) == [
        "contradictions: none → right-or-wrong",
        "contradictions.right-or-wrong.title: none → Right, or learnt by heart",
        "contradictions.right-or-wrong.statement: none → It gets most images right.",
        "contradictions.right-or-wrong.source: none → L1",
        "contradictions.right-or-wrong.other_statement: none → It learns by heart.",
        "contradictions.right-or-wrong.other_source: none → L2",
        "contradictions.right-or-wrong.claims: none → wider, ninety-six",
    ]
    record = {"settings": now.settings, "asked": now.digest()}
    files[CONTRADICTIONS][0] |= {"source": "L3", "claims": "wider"}
    assert stage.asks(load(files), ()).changes_since(record) == [
        "contradictions.right-or-wrong.source: L1 → L3",
        "contradictions.right-or-wrong.claims: wider, ninety-six → wider",
    ]


def test_digest_without_contradictions_is_that_of_before(files: Files):
    """The tables of such a study are not written again."""
    now = STAGES["summarise"].asks(load(files), ())
    before = type(now)({"title": "", "claims": ["ninety-six", "wider"]})
    assert now.digest() == before.digest()


def test_contradiction_with_unknown_keys_is_refused():
    with pytest.raises(ValueError, match="remark"):
        Contradiction.model_validate(CONTRADICTION | {"remark": "x"})
