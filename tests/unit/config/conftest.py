"""A small study, for the tests of the configuration."""

import copy
from pathlib import Path

import pytest

from .study_files import FILES, Files


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    """Files of a small valid study in the current folder, for a test to break."""
    monkeypatch.chdir(tmp_path)
    return copy.deepcopy(FILES)
