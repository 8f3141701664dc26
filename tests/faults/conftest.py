"""One uninterrupted run to compare with, and a tally of all faults that is printed after the tests."""

import fcntl
import os

import pytest

from downhill.engine.train import ready
from tests.faults.small import Reference, lay_out_small, snakemake
from tests.faults.tally import Tally

TALLY = pytest.StashKey[Tally]()


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """The study after an uninterrupted run; shared by all pytest workers, so tests must not change it."""
    ready()  # so that jobs of the tests do not wait for compilation
    base = tmp_path_factory.getbasetemp()
    folder = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    project, finished = folder / "uninterrupted", folder / "uninterrupted.finished"
    with (folder / "uninterrupted.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.exists():
            snakemake(lay_out_small(project))
            finished.touch()
    return Reference(project)


@pytest.fixture(scope="session")
def tally(pytestconfig: pytest.Config) -> Tally:
    """The tally to which every test adds."""
    return pytestconfig.stash.setdefault(TALLY, Tally())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    found = config.stash.get(TALLY, None)
    if found:
        terminalreporter.section("faults")
        for line in found.lines():
            terminalreporter.write_line(line)
