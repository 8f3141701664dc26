"""One SLURM for all tests in this folder. If it cannot run, they are skipped, or fail if they are required."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import slurm as a_slurm
from study import lay_out, lay_out_small, results, snakemake

from downhill.engine.train import ready


@pytest.fixture(scope="session")
def slurm() -> Iterator[a_slurm.Slurm]:
    """A running SLURM; only one per machine at a time."""
    why_not = a_slurm.why_not()
    if why_not and os.environ.get("DOWNHILL_NEEDS_SLURM"):
        pytest.fail(f"DOWNHILL_NEEDS_SLURM is set, but {why_not}")
    if why_not:
        pytest.skip(f"no SLURM: {why_not}")
    ready()  # so that jobs of the tests do not wait for compilation
    with Path(tempfile.gettempdir(), "downhill-slurm.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with a_slurm.running() as running:
            yield running


@pytest.fixture(scope="session")
def local_quick(slurm: a_slurm.Slurm, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Results of the quick study, computed on this machine without a cluster."""
    project = lay_out(tmp_path_factory.mktemp("local") / "quick")
    snakemake(project, "--cores", "2", "--configfile", "config/quick.yaml")
    return results(project)


@pytest.fixture(scope="session")
def local_small(slurm: a_slurm.Slurm, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Results of the small study, also computed without a cluster."""
    project = lay_out_small(tmp_path_factory.mktemp("local") / "small")
    snakemake(project, "--cores", "2")
    return results(project)
