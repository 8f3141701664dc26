"""The table of the networks to draw for: what is accepted, how errors are reported, and what it changes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from downhill.config.canonical import as_argument
from downhill.config.playground import Playground, read_playground
from downhill.config.study import Study
from downhill.errors import DownhillError
from downhill.orchestration.stages import STAGES
from downhill.orchestration.study_jobs import claims_of_playground

from .study_files import (
    CONFIG,
    CURVE,
    DATASETS,
    NETWORKS,
    NOISE,
    Files,
    both,
    dataset,
    generated,
    load,
    network,
    refused,
    repeated,
    setting,
    source,
)

TABLE = "config/playground.tsv"
ROW = {"network": "lesson", "title": "The lesson", "about": "Two layers.", "seeds": "2"}
REPOSITORY = Path(__file__).parents[3]


def rows(*changes: dict[str, str]) -> Callable[[Files], None]:
    """Give the study a page: that of `ROW` with other cells."""

    def add(files: Files) -> None:
        files[CONFIG]["playground"] = TABLE
        files[TABLE] = [ROW | change for change in changes]

    return add


def lesson(**cells: str) -> Callable[[Files], None]:
    return lambda files: files[NETWORKS][0].update(cells)


HERE = f"{TABLE}, line 2, network 'lesson'"
TOO_FEW = {"radii": None, "sd": None, "kind": "uniform_noise", "image_shape": [28, 28], "classes": ["a", "b"]}
MISTAKES: list[tuple[Callable[[Files], None], str]] = [
    (
        rows({"network": "lessn"}),
        f"{TABLE}, line 2, network 'lessn', network: there is no network 'lessn' in {NETWORKS}; did you mean 'lesson'?",
    ),
    (
        rows({"replay": "replay"}),
        f"{HERE}, replay: there is no network 'replay' in {NETWORKS}; there are: lesson, wide, spare",
    ),
    (rows({"twin": "twn"}), f"{HERE}, twin: there is no network 'twn' in {NETWORKS}; there are:"),
    (rows({"title": ""}), f"{HERE}: 'title' is missing; add it"),
    (rows({"seeds": "0"}), f"{HERE}, seeds: '0' should be greater than or equal to 1"),
    (rows({"seed": "1"}), f"{TABLE}: unknown column 'seed'; did you mean 'seeds'?"),
    (
        rows({"replay": "wide"}),
        f"{HERE}: replay: 'wide' has another hidden_layers than 'lesson'; name a network that differs from it only in "
        "seeds and snapshot_epochs",
    ),
    (
        rows({"replay": "lesson"}),
        f"{HERE}: replay: 'lesson' keeps no weights of its training; give it snapshot_epochs, such as history",
    ),
    (
        rows({"twin": "lesson"}),
        f"{HERE}: twin: 'lesson' is the network itself; name another one, or leave the cell empty",
    ),
    (
        both(rows({"twin": "wide"}), network(subset_images="50")),
        f"{HERE}: twin: 'wide' is trained on other images than 'lesson'; name a network with the same dataset and "
        "subset_images",
    ),
    (
        rows({"twin": "wide"}),
        f"{TABLE}, network 'lesson', twin: 'wide' has no row in this table; add one, or leave the cell empty",
    ),
    (
        both(rows({}), source(image_shape=[8, 8])),
        f"{HERE}: the images of dataset 'few' have 8 x 8 pixels, but one draws images of 28 x 28 pixels in the page; "
        "name networks that learn such images, or leave out the setting playground",
    ),
    (both(rows({}), dataset(resize=[10, 12])), f"{HERE}: the images of dataset 'few' have 10 x 12 pixels,"),
    (both(rows({}), generated()), f"{HERE}: the images of dataset 'few' have 1 x 2 pixels,"),
    (both(rows({}), generated(**CURVE)), f"{HERE}: the images of dataset 'few' have 1 x 1 pixels,"),
    (
        both(rows({}), generated(**NOISE | {"image_shape": [28, 28]})),
        f"{HERE}: the images of dataset 'few' belong to no class, so there is nothing to recognise in a drawing;",
    ),
    (
        setting(playground="config/play.tsv"),
        "config/play.tsv: cannot be read: No such file or directory; give the path of a tab-separated table",
    ),
    (setting(play="a.tsv"), f"{CONFIG}: unknown key 'play'"),
]


@pytest.mark.parametrize(("spoil", "beginning"), MISTAKES)
def test_mistake_is_reported_in_one_sentence(spoil: Callable[[Files], None], beginning: str, files: Files):
    spoil(files)
    assert refused(files).startswith(beginning)


def test_networks_with_other_classes_are_refused(files: Files):
    rows({}, {"network": "wide"})(files)
    files[DATASETS]["sources"]["letters"] = {
        "title": "Letters",
        "classes": list("abcd"),
        "mirrors": ["nowhere"],
    }
    files[DATASETS]["datasets"]["letters"] = {"source": "letters"}
    network(dataset="letters")(files)
    assert refused(files).startswith(
        f"{TABLE}, network 'wide': its classes are not those of 'lesson'; all networks of the page answer the same "
        "question,"
    )


def test_rows_are_read_in_order(files: Files):
    both(
        lesson(snapshot_epochs="history"),
        rows(
            {"network": "wide", "twin": "spare"},
            {"replay": "lesson", "seeds": "9"},
            {"network": "spare", "about": ""},
        ),
    )(files)
    found = load(files).playground
    assert [(row.network, row.seeds, row.replay, row.twin) for row in found.root] == [
        ("wide", 2, "", "spare"),
        ("lesson", 4, "lesson", ""),  # it has no more seeds than these
        ("spare", 1, "", ""),
    ]
    assert found.networks() == ("wide", "lesson", "spare")
    assert Playground.model_validate(json.loads(as_argument(found))) == found


@pytest.mark.parametrize("nothing", [{}, {"playground": None}, {"playground": ""}])
def test_study_may_have_no_such_page(nothing: dict[str, Any], files: Files):
    files[CONFIG] |= nothing
    study = load(files)
    assert study.playground == Playground(())
    assert list(STAGES["assemble"].jobs(study)) == []


def test_networks_that_are_not_selected_are_left_out(files: Files):
    both(
        lesson(snapshot_epochs="history"),
        rows({"twin": "spare"}, {"network": "spare"}, {"network": "wide"}),
        setting(select={"claims": ["ninety-six"]}),
    )(files)
    study = load(files)
    assert [(row.network, row.twin) for row in study.playground.root] == [("lesson", "")]
    assert set(STAGES["assemble"].needs(study, ())) == {("evaluate", ("lesson",))}


def test_without_any_of_its_networks_there_is_no_page(files: Files):
    both(rows({"network": "spare"}), setting(select={"claims": ["ninety-six"]}))(files)
    assert list(STAGES["assemble"].jobs(load(files))) == []


def test_limits_apply_to_seeds(files: Files):
    both(rows({"seeds": "4"}), setting(limits={"seeds": 3}))(files)
    assert load(files).playground.root[0].seeds == 3


def test_more_than_a_command_can_hold_is_refused(files: Files):
    rows({"about": "'" * 1900})(files)
    table = files[TABLE]
    files[NETWORKS] += [files[NETWORKS][2] | {"network": f"more-{number}"} for number in range(5)]
    table += [table[0] | {"network": f"more-{number}"} for number in range(5)]
    assert f"{TABLE}: its rows have 5" in refused(files)
    assert "bytes, but a command can pass on 45,000; shorten or remove some" in refused(files)


@pytest.mark.parametrize(
    "change", [rows({"title": "Another."}), rows({}, {"network": "wide"}), setting(playground="")]
)
def test_change_of_the_table_repeats_no_job_but_the_page(change: Callable[[Files], None], files: Files):
    rows({})(files)
    changed = repeated(files, change)
    assert changed == (
        ["assemble"] if load(files).playground.root else ["publish", "assemble"]
    )  # without its link


def test_shipped_table_names_what_a_lesson_needs(monkeypatch: pytest.MonkeyPatch):
    """The lesson's network with a replay, one of 98 %, twins, one that was taught doubt, and one without training."""
    monkeypatch.chdir(REPOSITORY)
    study = Study.load("config/config.yaml")
    found = {row.network: row for row in study.playground.root}
    lesson = found["lesson"]
    assert lesson.seeds == 20
    assert study.row(lesson.replay).snapshot_epochs == "history"
    assert [row.network for row in found.values() if row.twin] == ["few-64-true"]
    shuffled = found["few-64-true"].twin
    assert study.row(shuffled).shuffle_labels == 1
    assert any(study.row(name).epochs == 0 for name in found)
    assert any(study.recipe(study.row(name).dataset).noise_images for name in found)
    assert any(study.row(name).output == "softmax" for name in found)
    assert "confident-nonsense" in claims_of_playground(study)
    with pytest.raises(DownhillError, match="there is no network 'lesson'"):
        read_playground("config/playground.tsv", {}, {}, study.tables, "networks.tsv")
