"""Private parts of other libraries that we rely on. A new version that changes them fails here first."""

import os
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest
from llvmlite import binding
from threadpoolctl import threadpool_info

from downhill.compat.numba_cache import compiler, keep_compiled
from downhill.compat.numba_target import NO_REFERENCE_COUNTS, has_wide_registers
from downhill.compat.processor import computed_on, load_blas
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


def test_numba_compiles_functions_that_count_no_references():
    def sum_of_first(pair):
        array, _ = pair
        total = 0.0
        for _ in range(3):
            part = array if total < 1 else pair[1]
            total += part[0]
        return total

    arrays = np.ones(2), np.ones(2)
    for options, counts in (({}, True), (NO_REFERENCE_COUNTS, False)):
        dispatcher = numba.njit(**options)(sum_of_first)
        assert dispatcher(arrays) == 3
        (code,) = dispatcher.inspect_llvm().values()
        assert ("call void @NRT_decref" in code or "call void @NRT_incref" in code) is counts


def test_registers_are_those_of_the_processor_that_numba_compiles_for():
    assert has_wide_registers() is binding.get_host_cpu_features().get("avx512f", False)
    code = "from downhill.compat.numba_target import has_wide_registers; print(has_wide_registers())"
    env = os.environ | {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
    found = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


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
    load_blas()
    kernels = [library["architecture"] for library in threadpool_info() if library["user_api"] == "blas"]
    assert sorted(text.split()[-1] for text in computed_on()["blas"]) == sorted(kernels)


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
