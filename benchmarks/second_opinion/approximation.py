"""Family *approximation*: how well networks with one hidden layer fit a curve."""

from typing import Any

import numpy as np
from scipy import stats

from benchmarks.second_opinion.rules import Opinion, of_mean, of_samples
from benchmarks.second_opinion.study import Evidence, Study

_SEEDS = 2
_POINTS, _TEST_POINTS = 1000, 10_001
_RATE = 0.01


def universal_approximation(study: Study, ours: Evidence) -> list[Opinion]:
    """Largest error of the widest network, and Spearman's correlation of width and error: trained by PyTorch."""
    data = ours.found["data"]
    widths = [row["width"] for row in data["widths"]]
    errors = [errors_of_fits(width, data["restarts"], data["epochs"]) for width in widths]

    def correlation(*samples: Any, axis: int) -> Any:
        joined = np.concatenate(samples, axis=axis)
        of_each = np.repeat(widths, [sample.shape[axis] for sample in samples])
        return np.apply_along_axis(lambda row: stats.spearmanr(of_each, row).statistic, axis, joined)

    return [of_mean(errors[-1], trained=True), of_samples(errors, correlation, trained=True)]


def curve(x: np.ndarray) -> np.ndarray:
    """The curve to learn, for x from 0 to 1 (Nielsen, chapter 4)."""
    return 0.2 + 0.4 * x**2 + 0.3 * x * np.sin(15 * x) + 0.05 * np.cos(50 * x)


def errors_of_fits(width: int, restarts: int, epochs: int, seeds: int = _SEEDS) -> np.ndarray:
    """Largest absolute error of each seed's fit, (seeds,)."""
    return np.array([error_of_fit(width, restarts, epochs, seed) for seed in range(seeds)])


def error_of_fit(width: int, restarts: int, epochs: int, seed: int) -> float:
    """Largest absolute error of the restart with the lowest training cost; all restarts are trained at once.

    Hidden weights and all biases start from N(0, 1), and output weights from N(0, 1/√width). Adam takes full-batch
    steps, with a rate that falls from its first value to 0 along half a cosine.
    """
    import torch

    random = torch.Generator().manual_seed(1000 * seed + width)
    m = restarts
    W, b = torch.randn(m, 1, width, generator=random), torch.randn(m, 1, width, generator=random)
    V = torch.randn(m, width, 1, generator=random) / width**0.5
    c = torch.randn(m, 1, 1, generator=random)
    parameters = [part.requires_grad_() for part in (W, b, V, c)]

    def outputs(x: Any) -> Any:
        return torch.tanh(x * W + b) @ V + c

    def points(count: int) -> tuple[Any, Any]:
        x = torch.linspace(0, 1, count)[:, None]
        return x, torch.as_tensor(curve(x.numpy().astype(np.float64)), dtype=torch.float32)

    x, y = points(_POINTS)
    adam = torch.optim.Adam(parameters, lr=_RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(adam, epochs)
    for _ in range(epochs):
        adam.zero_grad()
        ((outputs(x) - y) ** 2 / 2).mean(dim=(1, 2)).sum().backward()  # the networks are independent
        adam.step()
        schedule.step()
    tests, wanted = points(_TEST_POINTS)
    with torch.no_grad():
        best = int(((outputs(x) - y) ** 2).mean(dim=(1, 2)).argmin())
        return float((outputs(tests) - wanted).abs()[best].max())
