"""Memory of training jobs: what a rule can request from a cluster."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from downhill import Dataset, Network
from downhill.datasets.store import save_dataset
from downhill.engine.train import ready

MEGABYTE = 1 << 20
BUNDLED = Path(__file__).parents[3] / "resources" / "bundled" / "mnist"

# On Linux, the peak memory of a process can be distinguished from that of its parent process.
PEAK = """
import resource, sys
from pathlib import Path
from downhill.__main__ import main

if main(sys.argv[1:]):
    sys.exit(1)
status = Path("/proc/self/status")
if status.exists():
    (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
    print(int(line.split()[1]) * 1024)
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024))
"""


def peak_of_training(net: Network, data: Path, seeds: str, output: Path) -> float:
    """Peak memory of a training job in megabytes, once the engine is compiled."""
    ready()
    words = ["train", "it", "--settings", net.model_dump_json(), "--data", str(data), "--seeds", seeds]
    done = subprocess.run(
        [sys.executable, "-c", PEAK, *words, "--threads", "2", "--output", str(output)],
        env=os.environ | {"DOWNHILL_CONFIG": ""},
        check=True,
        capture_output=True,
        text=True,
    )
    return int(done.stdout) / MEGABYTE


@pytest.mark.parametrize("more", [{}, {"batch_size": "full", "optimizer": "adam", "learning_rate": 0.01}])
def test_job_on_all_of_mnist_takes_less_than_400_megabytes(more: dict[str, object], tmp_path: Path):
    assert peak_of_training(Network(**{"epochs": 1} | more), BUNDLED, "0-1", tmp_path) < 400


def test_thousand_seeds_take_less_than_200_megabytes_besides_the_data(digits: Dataset, tmp_path: Path):
    few = Dataset(
        digits.train.take(slice(20)), digits.validation, digits.test.take(slice(20)), digits.classes
    )
    save_dataset(few, tmp_path)
    net = Network(epochs=3)
    block, one = (peak_of_training(net, tmp_path, seeds, tmp_path / seeds) for seeds in ("0-999", "0"))
    assert one < 300
    assert block - one < 200  # their weights alone are 52
