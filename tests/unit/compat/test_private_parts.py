"""Private parts of other libraries that we rely on. A new version that changes them fails here first."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numba
import pytest
from llvmlite import binding
from threadpoolctl import OpenBLASController, threadpool_info

from downhill.compat import numba_blas
from downhill.compat.blas_threads import OneThread
from downhill.compat.numba_cache import compiler, keep_compiled
from downhill.compat.processor import computed_on
from downhill.compat.snakemake_log import FailedJob, failed_jobs
from downhill.compat.snakemake_records import has_record, recorded_params

SNAKEFILE = """
rule broken:
    output:
        "made.txt",
        "also.txt",
    log:
        "logs/broken.log",
    shell:
        "echo no > {log}; exit 1"
"""
LONG = "/".join(["a-folder-with-a-long-name"] * 12) + "/made.txt"  # too long for the name of one file
RECORDED = f"""
rule made:
    output:
        "made.txt",
        "{LONG}",
    params:
        asked="settings of before",
        derived=lambda wildcards, output: "not compared",
    shell:
        "touch {{output}}"

rule killed:
    output:
        "killed.txt",
    shell:
        "touch {{output}}; kill -9 $PPID"
"""


def blas_threads() -> list[int]:
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


def test_numba_has_its_entry_point_to_blas():
    numba_blas.load()
    # Numba registers its functions when it compiles for the first time.
    assert numba.njit(lambda: 7)() == 7
    assert binding.address_of_symbol(numba_blas.PRODUCT)


def test_numba_keeps_compiled_code_in_the_named_folder_and_finds_it_there(tmp_path: Path):
    def double(x):
        return 2 * x

    assert compiler()["numba"] == numba.__version__  # and all of its settings exist
    for hits in (0, 1):
        dispatcher = numba.njit(double)
        keep_compiled(dispatcher, tmp_path)
        assert dispatcher(2.0) == 4.0
        assert sum(dispatcher.stats.cache_hits.values()) == hits
    assert dispatcher(2) == 4
    assert len(list(tmp_path.iterdir())) == 2  # a file for each signature


def test_processor_that_numba_compiles_for_and_kernel_of_blas_are_reported():
    found = computed_on()
    assert found["cpu"].startswith(f"{binding.get_host_cpu_name()}, features ")
    assert found["compiled_for"] == found["cpu"]
    numba_blas.load()
    kernels = [library["architecture"] for library in threadpool_info() if library["user_api"] == "blas"]
    assert sorted(text.split()[-1] for text in computed_on()["blas"]) == sorted(kernels)


def test_threads_of_blas_are_limited_from_any_thread_and_restored():
    numba_blas.load()
    before = blas_threads()
    assert before
    assert hasattr(OpenBLASController, "clear_controlling_thread")
    for _ in range(2):  # threadpoolctl alone would ignore the second of two threads
        with ThreadPoolExecutor(1) as pool:
            limit = pool.submit(OneThread).result()
            pool.submit(limit.set).result()
            assert blas_threads() == [1] * len(before)
            pool.submit(limit.restore).result()
            assert blas_threads() == before


def test_log_of_snakemake_reports_failed_jobs_as_we_read_them(tmp_path: Path):
    (tmp_path / "Snakefile").write_text(SNAKEFILE, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "1"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode
    (log,) = (tmp_path / ".snakemake" / "log").glob("*.log")
    found = list(failed_jobs(log.read_text(encoding="utf-8")))
    assert found == [FailedJob("broken", "made.txt", "logs/broken.log")]


def test_records_of_snakemake_are_found_and_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("Snakefile").write_text(RECORDED, encoding="utf-8")
    Path("other.txt").touch()
    assert not has_record("made.txt")
    for target, ok in (("made.txt", True), ("killed.txt", False)):
        command = [sys.executable, "-m", "snakemake", "--cores", "1", target]
        assert (subprocess.run(command, capture_output=True).returncode == 0) is ok
    for file in ("made.txt", LONG):
        assert has_record(file)
        assert recorded_params(file) == {"'settings of before'"}
    assert has_record("killed.txt")  # as incomplete
    assert recorded_params("killed.txt") is None
    assert not has_record("other.txt")
    assert recorded_params("other.txt") == set()


FORCED = """
from downhill.compat.snakemake_forcing import force, is_forced

def needed(wildcards):
    force(workflow, AGAIN)
    return "made.txt"

AGAIN = config.get("again", [])

rule last:
    input:
        needed,
    output:
        "last.txt",
    shell:
        "cp {input} {output}"

rule made:
    output:
        "made.txt",
    params:
        forced=lambda wildcards, output: is_forced(workflow, "made", output),
    shell:
        "echo {params.forced} >> log.txt; touch {output}"
"""


def test_job_that_is_forced_from_an_input_function_runs_with_what_depends_on_it(tmp_path: Path):
    (tmp_path / "Snakefile").write_text(FORCED, encoding="utf-8")
    for options in ([], [], ["--config", "again=['made.txt']"], ["--forcerun", "made"], []):
        command = [sys.executable, "-m", "snakemake", "--cores", "1", *options]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0
        if "--config" in options:
            assert "rule last" in done.stderr
    assert (tmp_path / "log.txt").read_text() == "False\nTrue\nTrue\n"


MANY = """
from snakemake.scheduling.job_scheduler import JobScheduler
from downhill.compat.snakemake_scheduling import look_once_at_a_time

if config["once"]:
    look_once_at_a_time(JobScheduler)

rule all:
    input:
        expand("{n}.txt", n=range(30)),

rule one:
    output:
        "{n}.txt",
    shell:
        "sleep 0.3; touch {output}"
"""


def test_scheduler_looks_for_jobs_once_for_each_that_ends_and_once_a_second(tmp_path: Path):
    (tmp_path / "Snakefile").write_text(MANY, encoding="utf-8")
    looks = {}
    for once in (1, 0):
        command = [sys.executable, "-m", "snakemake", "--cores", "1", "--verbose", "--scheduler", "greedy"]
        done = subprocess.run(
            [*command, "--forceall", "--config", f"once={once}"], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0
        looks[once] = done.stderr.count("Ready jobs: ")
    assert looks[1] < 30 + 60  # it takes 10 to 30 seconds
    assert looks[0] > 3 * looks[1], (
        "Snakemake no longer has more than one timer; this module is not needed any more"
    )
