"""What made a result: everything that may differ between two machines that make the same bytes."""

import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from downhill.files import write_json


def write_provenance(folder: Path, **details: Any) -> None:
    """Write `provenance.json` beside a result: time, host, processor, versions of this process, and `details`."""
    made_by = {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "host": platform.node(),
        "processor": _processor(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("downhill", "numpy", "numba", "pandas", "pyarrow")},
    }
    write_json(folder / "provenance.json", made_by | details)


def _processor() -> str:
    """Model name of the processor where the system tells it (Linux), else its architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
