"""The engine on less capable processors: LLVM splits vectors of sixteen numbers into the available registers."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import llvmlite.binding as llvm
import pytest

from downhill import Network

# The common subset of the architecture, without wide registers and fused multiply-add.
BASELINE = ("generic", "")
# If this machine has AVX-512, also test AVX2, whose registers are half as wide and which most machines have.
AVX2 = ("generic", "+avx,+avx2,+fma,+sse3,+ssse3,+sse4.1,+sse4.2,+popcnt,+bmi,+bmi2,+lzcnt")
PROCESSORS = {"baseline": BASELINE}
if llvm.get_host_cpu_features().get("avx512f"):
    PROCESSORS["AVX2"] = AVX2

SMOOTH = {"activation": "tanh", "output": "softmax", "loss": "cross_entropy", "initialization": "lecun"}
NETWORKS = [
    Network(epochs=2),
    Network(hidden_layers=(20, 12), epochs=2, learning_rate=0.2, batch_size=7, **SMOOTH),
    Network(hidden_layers=(130,), epochs=4, learning_rate=0.2, batch_size=18, weight_decay=0.01, **SMOOTH),
    Network(
        hidden_layers=(128, 64),
        epochs=5,
        learning_rate=1e-3,
        batch_size=64,
        optimizer="adam",
        epsilon=1e-4,
        **SMOOTH,
    ),
]

FOLLOW = """
import sys
import numba
import numpy as np
from downhill import Network, load_dataset, train
from downhill.engine import kernels
from engine.following import BUNDLED, assert_follows_the_reference, digest, first, mostly_lit

data = first(load_dataset(BUNDLED), 100)
wide = Network(hidden_layers=(300, 260), batch_size=32, epochs=2)
assert digest(train(wide, data)) == digest(train(wide, data, threads=2))
for settings in sys.argv[1:]:
    assert_follows_the_reference(Network.model_validate_json(settings), data)
    assert_follows_the_reference(Network.model_validate_json(settings), mostly_lit(data))
code = "".join(kernels.train_epoch.inspect_asm().values())
print([name for name in ("zmm", "ymm", "vfmadd") if name in code])
"""


@pytest.mark.parametrize("name", PROCESSORS)
def test_training_follows_the_reference_on(name, tmp_path):
    processor, features = PROCESSORS[name]
    done = subprocess.run(
        [sys.executable, "-c", FOLLOW, *(net.model_dump_json() for net in NETWORKS)],
        cwd=Path(__file__).parents[1],  # first on the import path with `-c`
        env=os.environ
        | {
            "NUMBA_CPU_NAME": processor,
            "NUMBA_CPU_FEATURES": features,
            "NUMBA_CACHE_DIR": str(tmp_path),
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    if platform.machine().lower() in ("x86_64", "amd64"):  # the features of this processor must not be used
        assert done.stdout.strip() == {"baseline": "[]", "AVX2": "['ymm', 'vfmadd']"}[name]
