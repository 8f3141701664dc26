"""A few studies with random mistakes; `tests/fuzz/fuzz_settings.py` tries many more."""

import copy
import random
from pathlib import Path

import pytest

from downhill.config.study import Study
from downhill.orchestration.checks import check_study
from tests.fuzz.studies import FILES, check_plan, check_run, planned, small, written


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_study_without_mistakes_is_accepted():
    written(copy.deepcopy(FILES), random.Random(3))
    study = Study.load("config.yaml")
    check_study(study)
    planned(study)
    assert small(study)


def test_study_with_mistakes_is_refused_in_one_sentence_or_planned():
    for seed in range(300):
        check_plan(seed)


@pytest.mark.filterwarnings("error")
def test_study_with_mistakes_runs_to_its_end_if_it_is_accepted():
    for seed in range(20):
        check_run(seed)
