"""Describe the machine and software of a run for its table: processor, cores, versions, compiler, load."""

import argparse
import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from benchmarks.measure import cores_of_this_machine
from benchmarks.peers.c_loop import FLAGS, compiler
from downhill.storage.json_files import write_json

_PACKAGES = ("downhill", "numpy", "numba", "torch", "jax", "jaxlib", "scikit-learn", "scipy")


def describe() -> dict[str, Any]:
    """Everything about the machine and the software that affects a timing."""
    return {
        "processor": _processor(),
        "cores": len(cores_of_this_machine()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "compiler": f"{_first_line([*compiler(), '--version'])}, {' '.join(FLAGS)}",
        "load_before": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    }


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    """Name of the processor, with its widest SIMD instruction set."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    facts = dict(line.split(":", 1) for line in lines if ":" in line)
    facts = {name.strip(): value.strip() for name, value in facts.items()}
    flags = facts.get("flags", "").split()
    widest = next((name for flag, name in (("avx512f", "AVX-512"), ("avx2", "AVX2")) if flag in flags), "")
    name = facts.get("model name", platform.machine())
    return f"{name}, {widest}" if widest else name


def _first_line(command: list[str]) -> str:
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "no C compiler"
    return run.stdout.splitlines()[0]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, required=True)
    write_json(parser.parse_args().output, describe())


if __name__ == "__main__":
    main()
