"""The peers, and the interface of the modules in this folder.

A module has one function, `prepare(task, **options)`, which returns an object with two methods::

    epoch() -> float           # train all networks for one epoch, and return the seconds that it took
    networks() -> [Weights]    # the current networks; an empty list if none are trained

`prepare` does the loading, the compilation and the conversion of images, which are not timed.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from benchmarks.cases import SINGLE, Case, Weights
from downhill.datasets import Images


@dataclass(frozen=True)
class Task:
    """The input of a peer.

    Attributes
    ----------
    images
        The training images to use; their number is a multiple of the batch size of the case.
    seed
        Seed of the order of images. The initial weights of the networks use the seeds `seed`, `seed + 1`, …
    share
        Share of the batches that an epoch processes. A peer that is too slow for whole epochs gets less than 1,
        and the caller scales its time up.
    shuffle
        Whether each epoch uses a new random order of images.
    """

    case: Case
    images: Images
    seed: int = 0
    threads: int = 1
    share: float = 1.0
    shuffle: bool = True

    @property
    def n_used(self) -> int:
        """Number of images that an epoch processes, in whole batches."""
        steps = len(self.images) // self.case.batch_size
        return max(1, round(self.share * steps)) * self.case.batch_size

    def pixels(self) -> np.ndarray:
        """Images as rows of numbers, float32 (n, n_inputs)."""
        return scaled(self.images.images)

    def labels(self) -> np.ndarray:
        """Labels, int64 (n,)."""
        return self.images.labels.astype(np.int64)

    def targets(self) -> np.ndarray:
        """One-hot labels, float32 (n, 10)."""
        return np.eye(self.case.layer_sizes[-1], dtype=np.float32)[self.images.labels]

    def order(self, random: np.random.Generator) -> np.ndarray:
        """Indices of the images of one epoch, in order."""
        order = random.permutation(len(self.images)) if self.shuffle else np.arange(len(self.images))
        return order[: self.n_used]

    def initial_weights(self, network: int = 0) -> Weights:
        """Initial weights of one of the task's networks."""
        return self.case.initial_weights(self.seed + network)


class Training(Protocol):
    """What `prepare` returns."""

    def epoch(self) -> float:
        """Train one epoch, and return the seconds that it took."""

    def networks(self) -> list[Weights]:
        """Weights of all networks."""


@dataclass(frozen=True)
class Peer:
    """One way of training.

    Attributes
    ----------
    module, options
        A module in this folder, and additional arguments for its `prepare`.
    shares
        For each case, the share of an epoch that is timed and scaled up, if a whole epoch takes too long.
    remarks
        For each case, what a reader must know to judge the comparison.
    threads
        The thread counts that it supports.
    """

    label: str
    module: str
    options: dict[str, Any] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)
    remarks: dict[str, str] = field(default_factory=dict)
    threads: tuple[str, ...] = ("one", "all")


ENGINE = "downhill"
LIMIT = "dense_limit"

_SHARED_ORDER = "its networks share one order of images, which makes it faster"
_SOFTMAX = "softmax and log loss: it has no sigmoid outputs with quadratic cost; same matrix products"

PEERS = {
    ENGINE: Peer("Downhill", "downhill_engine"),
    "numpy": Peer("NumPy, vectorised", "numpy_vectorised"),
    "torch_eager": Peer("PyTorch, eager", "pytorch"),
    "torch_compile": Peer("PyTorch, torch.compile", "pytorch", {"compiled": True}),
    "jax_scan": Peer("JAX, jit of lax.scan", "jax_scan"),
    "jax_vmap": Peer(
        "JAX, vmap over 8 seeds",
        "jax_scan",
        {"networks": 8},
        shares={"P1": 0.5, "P2": 0.25, "P3": 0.25, "P4": 0.125, "P5": 0.125, "P8": 0.125},
        remarks=dict.fromkeys(SINGLE, f"time per network; {_SHARED_ORDER}"),
    ),
    "scikit_learn": Peer("scikit-learn, MLPClassifier", "scikit_learn", remarks={"P1": _SOFTMAX}),
    "c_loop": Peer("C, plain loop", "c_loop", shares={"P4": 0.1, "P5": 0.1, "P8": 0.1}, threads=("one",)),
    LIMIT: Peer("dense limit (operations ÷ SGEMM rate)", "dense_limit"),
}

# Many networks on all cores: one process with all cores, or one process per core.
TOGETHER = {
    ENGINE: Peer(
        "Downhill, train_many(threads=all)",
        "downhill_engine",
        {"networks": 64, "epochs": 3},
        remarks={
            "P6": "each turn trains new networks; times the whole call, including evaluation of the finished ones"
        },
    ),
    "jax_vmap": Peer("JAX, vmap over 64 seeds", "jax_scan", {"networks": 64}, remarks={"P6": _SHARED_ORDER}),
}
A_PROCESS_A_CORE = {
    name: Peer(f"{PEERS[name].label}, one process per core", PEERS[name].module, PEERS[name].options)
    for name in ("numpy", "torch_eager", "torch_compile", "jax_scan", "c_loop")
} | {
    "jax_vmap_8": Peer(
        "JAX, vmap over 8 seeds, one process per core",
        "jax_scan",
        {"networks": 8},
        remarks={"P6": _SHARED_ORDER},
    )
}


def contenders(case: Case, threads: str) -> dict[str, Peer]:
    """All peers of a case."""
    if case.networks > 1:
        return TOGETHER | A_PROCESS_A_CORE
    return {name: peer for name, peer in PEERS.items() if threads in peer.threads}


def remark(peer: Peer, case: Case) -> str:
    """What a reader must know about the time of a peer."""
    share = peer.shares.get(case.name, 1)
    parts = [peer.remarks.get(case.name, ""), f"{share:g} of an epoch, scaled up" if share < 1 else ""]
    return "; ".join(part for part in parts if part)


def scaled(images: np.ndarray) -> np.ndarray:
    """Images as float32 rows (n, n_inputs): uint8 0…255 is scaled to 0…1; float32 is used without scaling."""
    rows = images.reshape(len(images), -1)
    return rows.astype(np.float32) / np.float32(255) if rows.dtype == np.uint8 else rows
