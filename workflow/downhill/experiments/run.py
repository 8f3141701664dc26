"""Running an experiment: call its function for one seed (or pair of seeds) at a time, and write one archive.

The results have the same bytes however seeds are divided into jobs: each call gets one seed, BLAS and OpenMP use one
thread, and the order of seeds is fixed.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits

from downhill.config import functions
from downhill.errors import DownhillError
from downhill.experiments.inputs import Inputs
from downhill.experiments.results import ABOUT, Arrays, write_result

Function = Callable[..., Mapping[str, ArrayLike]]

_WITH_BLAS = ("scipy.linalg", "sklearn.neighbors")


def run_experiment(
    name: str,
    function: str,
    seeds: range,
    inputs: Inputs,
    options: Mapping[str, Any],
    path: Path,
    network: str = "",
) -> None:
    """Run one job of an experiment and write its results to `path`.

    Parameters
    ----------
    name
        Name of the experiment.
    function
        `family.function`; see `compute`.
    seeds
        The job's seeds; a function of pairs takes two at a time.
    inputs, options
        Networks and data sets, and the function's keyword arguments.
    network
        The network of an experiment that runs once for each; empty for one that runs once.

    Raises
    ------
    DownhillError
        If the function changes its inputs, or as for `compute`.
    """
    family, _, short = function.partition(".")
    call = functions.load("experiments", family, short)
    in_pairs = functions.arguments("experiments", family, short)[0] == "pair"
    cases, diverged = _cases(seeds, inputs, in_pairs)
    arrays = compute(call, cases, inputs, options)
    inputs.check_unchanged(function)
    shape = (-1, 2) if in_pairs else (-1,)
    write_result(
        path,
        name,
        network,
        np.array(cases, np.int64).reshape(shape),
        np.array(diverged, np.int64).reshape(shape),
        inputs.varying,
        arrays,
    )


def compute(
    function: Function, cases: Sequence[int | tuple[int, int]], inputs: Inputs, options: Mapping[str, Any]
) -> Arrays:
    """Call an experiment's function for each seed (or pair of seeds), and stack what it returns.

    Parameters
    ----------
    function
        `function(seed, inputs, *, option=…)`, or with a first argument `pair` for a pair of seeds; returns arrays by
        name, with the same names, shapes and dtypes for every seed.

    Returns
    -------
    Arrays by name, with the seeds along their first axis; empty without seeds.

    Raises
    ------
    DownhillError
        If names or shapes differ between seeds, a name is reserved, or an array holds Python objects.
    """
    for library in _WITH_BLAS:  # loaded before the limit, which only covers the libraries that it finds
        import_module(library)
    with threadpool_limits(limits=1):
        found = [
            {name: _array(name, values) for name, values in function(case, inputs, **options).items()}
            for case in cases
        ]
    for case, arrays in zip(cases, found, strict=True):
        shapes = [
            {name: (values.shape, values.dtype) for name, values in one.items()} for one in (arrays, found[0])
        ]
        if shapes[0] != shapes[1]:
            raise DownhillError(
                f"'{function.__name__}' returns {shapes[0]} for seed {case}, but {shapes[1]} for seed {cases[0]}; "
                "names, shapes and dtypes must be the same for every seed"
            )
    return {name: np.stack([arrays[name] for arrays in found]) for name in (found[0] if found else ())}


def _array(name: str, values: ArrayLike) -> NDArray[Any]:
    array = np.asarray(values)
    if name in ABOUT:
        raise DownhillError(f"'{name}' is already stored with every result; give the array another name")
    if array.dtype == object:
        raise DownhillError(f"'{name}' is not an array of numbers or text; return one of a fixed shape")
    return array


def _cases(seeds: range, inputs: Inputs, in_pairs: bool) -> tuple[list[Any], list[Any]]:
    """The seeds, or disjoint pairs (0, 1), (2, 3), …, to compute, and those left out because a network diverged."""
    cases: list[Any] = list(zip(seeds[::2], seeds[1::2], strict=False)) if in_pairs else list(seeds)
    kept = [
        case
        for case in cases
        if not any(
            network.diverged(seed) for network in inputs.networks.values() for seed in np.atleast_1d(case)
        )
    ]
    return kept, [case for case in cases if case not in kept]
