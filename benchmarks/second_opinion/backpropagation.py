"""Family *backpropagation*: whether a gradient is exact."""

from typing import Any

import numpy as np

from benchmarks.second_opinion.rules import Opinion, of_all
from benchmarks.second_opinion.study import LESSON, Evidence, Study, Weights

_IMAGES, _PARAMETERS, _STEP = 100, 500, 1e-5
_SEEDS = 5


def chain_rule_exact(study: Study, ours: Evidence) -> list[Opinion]:
    """Relative difference between gradients: PyTorch's against central differences, and the drawn graph's by SymPy."""
    seeds = study.seeds(LESSON)[: ours.n_seeds(LESSON, _SEEDS)][:_SEEDS]
    images = study.train.first(_IMAGES)
    cases = [
        case
        for seed in seeds
        for case in differences(study.weights(LESSON, seed), images, np.random.default_rng([seed, 75]))
    ]
    return [of_all([*cases, difference_of_graph(ours.found["data"]["graph"])], len(seeds))]


def differences(weights: Weights, images: Any, random: np.random.Generator) -> list[float]:
    """By layer, ‖g − n‖ / (‖g‖ + ‖n‖) of PyTorch's gradient and central differences, for parameters drawn at random."""
    from benchmarks.second_opinion import networks

    surface, start = networks.Surface(weights, images), networks.flat(weights)
    gradient = surface.gradient(start)
    ends = np.cumsum([W.size + b.size for W, b in weights])
    found = []
    for places in np.split(np.arange(ends[-1]), ends[:-1]):
        chosen = random.permutation(places)[: _PARAMETERS // len(weights)]
        nudged = np.array([_by_nudging(surface, start, place) for place in chosen])
        found.append(_relative(gradient[chosen], nudged))
    return found


def _by_nudging(surface: Any, start: np.ndarray, place: int) -> float:
    costs = []
    for step in (_STEP, -_STEP):
        moved = start.copy()
        moved[place] += step
        costs.append(surface.cost(moved))
    return (costs[0] - costs[1]) / (2 * _STEP)


def difference_of_graph(graph: dict[str, Any]) -> float:
    """The same for the derivatives that the graph shows, and those that SymPy finds from its formula."""
    shown = {node["name"]: node for node in graph["nodes"] if node["name"]}
    exact = derivatives({name: node["value"] for name, node in shown.items() if node["kind"] != "operation"})
    names = sorted(name for name in exact if shown[name]["derivative"] is not None)
    return _relative([shown[name]["derivative"] for name in names], [exact[name] for name in names])


def derivatives(values: dict[str, float]) -> dict[str, float]:
    """Derivatives of the cost of the drawn network by each of its numbers: two inputs, one hidden unit, two outputs."""
    import sympy

    symbols = {name: sympy.Symbol(name) for name in values}
    s = symbols.__getitem__

    def sigmoid(z: Any) -> Any:
        return 1 / (1 + sympy.exp(-z))

    hidden = sigmoid(s("x₁") * s("w₁") + s("x₂") * s("w₂") + s("b"))
    cost = sum(
        (sigmoid(hidden * s(f"v{output}") + s(f"c{output}")) - s(f"y{output}")) ** 2 / 2 for output in "₁₂"
    )
    at = {symbols[name]: value for name, value in values.items()}
    return {name: float(cost.diff(symbol).subs(at)) for name, symbol in symbols.items()}


def _relative(one: Any, other: Any) -> float:
    a, b = np.asarray(one, np.float64), np.asarray(other, np.float64)
    return float(np.linalg.norm(a - b) / ((np.linalg.norm(a) + np.linalg.norm(b)) or 1.0))
