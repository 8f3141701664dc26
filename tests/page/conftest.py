"""One browser and one small study for all tests of the pages. What is missing skips them, or fails them if required.

With the folder of a finished study in `DOWNHILL_PAGE_OF`, its page is tested instead.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.page import small_study
from tests.page.browser import running, why_not
from tests.page.published import Published


def unless_required(why: str) -> None:
    """Skip a test, or fail it if the browser is required."""
    if why and os.environ.get("DOWNHILL_BROWSER") == "required":
        pytest.fail(f"DOWNHILL_BROWSER is set, but {why}")
    if why:
        pytest.skip(why)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A running browser."""
    unless_required(why_not())
    with running() as found:
        yield found


@pytest.fixture(scope="session")
def published(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Published:
    """A study and its page; not to be changed."""
    if given := os.environ.get("DOWNHILL_PAGE_OF"):
        return Published(Path(given).resolve())
    return Published(small_study.made(tmp_path_factory.mktemp("page") / "study"))


@pytest.fixture
def opened(browser: Any, published: Published) -> Iterator[Callable[..., Any]]:
    """Opens the report page in a browser of its own; options are those of Playwright's `new_context`."""
    with _opening(browser, published.page) as open_page:
        yield open_page


@pytest.fixture
def playground(browser: Any, published: Published) -> Iterator[Callable[..., Any]]:
    """As `opened`, for the playground, without motion; `at` is the fragment of its address."""
    with _opening(browser, published.playground, reduced_motion="reduce") as open_page:
        yield open_page


@contextmanager
def _opening(browser: Any, file: Path, **usual: Any) -> Iterator[Callable[..., Any]]:
    contexts = []

    def open_page(at: str = "", **options: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | usual | options)
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.goto(file.as_uri() + at)
        return page

    yield open_page
    for context in contexts:
        context.close()
