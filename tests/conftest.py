"""Shared fixtures: a set of real digits that is small enough for fast tests."""

import gc
from pathlib import Path

import pytest
from hypothesis import settings

from downhill.datasets import Dataset, load_dataset

REPOSITORY = Path(__file__).parents[1]
BUNDLED = REPOSITORY / "resources" / "bundled" / "mnist"

# So that their assertions show what they compared, as those of tests do.
pytest.register_assert_rewrite("tests.page.accessibility", "tests.page.isolation")

settings.register_profile("downhill", deadline=None)  # on a busy machine, any example can take long
settings.load_profile("downhill")


# Drawing makes millions of small objects; with Python's own threshold, a tenth of the time of these tests goes into
# looking for garbage among them.
gc.set_threshold(100_000, 20, 50)


@pytest.fixture(scope="session")
def digits() -> Dataset:
    """The first 500 training digits and the first 200 test digits."""
    data = load_dataset(BUNDLED, n_train=500)
    return Dataset(data.train, data.validation, data.test.take(slice(200)), data.classes)
