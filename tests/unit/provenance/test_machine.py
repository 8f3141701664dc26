"""What a record and the key of a cached result say about the machine."""

import json
import os
import subprocess
import sys

import pytest
from threadpoolctl import threadpool_info

from downhill.compat.processor import load_blas
from downhill.provenance.machine import VARIABLES
from downhill.provenance.record import computed_with

load_blas()
# A kernel that every processor of this architecture can run, and few choose by default.
KERNEL = {"OPENBLAS_CORETYPE": "Nehalem" if os.uname().machine == "x86_64" else "ARMV8"}
PLAIN = {name: value for name, value in os.environ.items() if name not in VARIABLES}


def run(code: str, **variables: str) -> str:
    words = [sys.executable, "-c", code]
    return subprocess.run(words, env=PLAIN | variables, capture_output=True, text=True, check=True).stdout


def key(**variables: str) -> str:
    return run("from downhill.provenance.record import computed_with; print(computed_with())", **variables)


OTHERS = [
    KERNEL,
    {"NUMBA_CPU_NAME": "generic"},
    {"NUMBA_CPU_FEATURES": ""},
    {"NUMBA_OPT": "1"},
    {"NPY_DISABLE_CPU_FEATURES": "AVX512F"},
]


def test_key_is_the_same_on_the_same_machine_only():
    keys = [key(**variables) for variables in [{}, *OTHERS]]
    assert len(set(keys)) == len(keys)
    assert key() == keys[0]
    own = computed_with()  # with the variables of this process, as the libraries that it has loaded
    assert all(library["architecture"] in own for library in threadpool_info() if "blas" in library["prefix"])


@pytest.mark.parametrize(("imported", "known"), [("downhill.engine.train", True), ("json", False)])
def test_record_names_processor_and_kernel_if_the_stage_has_loaded_the_compiler(imported: str, known: bool):
    """Loading it would slow down other stages, such as drawing."""
    code = f"import json, {imported}; from downhill.provenance.machine import machine; print(json.dumps(machine()))"
    found = json.loads(run(code, NUMBA_CPU_NAME="generic", **KERNEL))
    assert found["variables"] == {"NUMBA_CPU_NAME": "generic", **KERNEL}
    assert ("computed_on" in found) is known
    if known:
        assert found["computed_on"]["compiled_for"].startswith("generic, ")
        assert not found["computed_on"]["cpu"].startswith("generic, ")
        assert KERNEL["OPENBLAS_CORETYPE"] in found["computed_on"]["blas"][-1]
