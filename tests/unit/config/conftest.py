"""A small study, for the tests of the configuration."""

import copy
from pathlib import Path

import pytest

from .study_files import FILES, Files


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    """Files of a small study that is right, in the current folder, for a test to spoil."""
    monkeypatch.chdir(tmp_path)
    return copy.deepcopy(FILES)
