"""Experiments: what is accepted, how errors are reported, and how they are divided into jobs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from downhill.config import functions
from downhill.config.experiment import Experiment
from downhill.config.study import Study
from downhill.errors import DownhillError

from .study_files import (
    CLAIMS,
    CONFIG,
    DATASETS,
    EXPERIMENTS,
    NETWORKS,
    STRENGTH,
    Files,
    claim,
    experiments,
    load,
    refused,
    whole,
    written,
)

CURVES: dict[str, Any] = {"function": "network.weights_and_biases", "networks": ["lesson"]}
IN_CURVES = f"{EXPERIMENTS}, experiment 'curves'"


def any_function(files: Files) -> Study:
    """The study without checks of its functions, as if there were one for any number of networks."""
    written(Path(), files)
    return Study.load(CONFIG)


def curves(**values: Any) -> Callable[[Files], None]:
    """An experiment that is valid except for these keys."""
    return experiments(curves=CURVES | values)


MISTAKES: list[tuple[str, Callable[[Files], None], str]] = [
    ("unknown key", curves(netwroks=["wide"]), f"{IN_CURVES}: unknown key 'netwroks'; did you mean 'networks'?"),
    ("key like no other", curves(qqqq=1), f"{IN_CURVES}: unknown key 'qqqq'; there are: function, networks, together"),
    ("no function", experiments(curves={"networks": ["lesson"]}), f"{IN_CURVES}: 'function' is missing; add it"),
    (
        "no network for a function of one",
        experiments(curves={"function": "network.weights_and_biases", "seeds": 2}),
        f"{IN_CURVES}, networks: 'network.weights_and_biases' uses one network at a time; name at least one, and ",
    ),
    (
        "all networks for a function of one",
        curves(networks=["*"], together=True),
        f"{IN_CURVES}, networks: 'network.weights_and_biases' uses one network at a time; name at least one, and ",
    ),
    ("number for an experiment", experiments(curves=3), f"{IN_CURVES}: should be a mapping of `key: value` lines"),
    ("empty experiment", experiments(curves=None), f"{IN_CURVES}: should be a mapping of `key: value` lines"),
    (
        "name with a space",
        experiments(**{"my curves": CURVES}),
        f"{EXPERIMENTS}, experiment 'my curves': a name may contain only letters, digits, hyphens and the like, ",
    ),
    (
        "path as a name",
        experiments(**{"a/b": CURVES}),
        f"{EXPERIMENTS}, experiment 'a/b': a name may contain only letters, digits, hyphens and the like, no spaces",
    ),
    (
        "number as a name",
        lambda files: (curves()(files), whole(EXPERIMENTS, "12: {function: network.weights_and_biases}\n")(files)),
        f"{EXPERIMENTS}, experiment '12': a name may contain only letters, digits, ",
    ),
    (
        "function of no family",
        curves(function="weights_and_biases"),
        f"{IN_CURVES}, function: 'weights_and_biases' may contain only lower-case letters, ",
    ),
    (
        "misspelt function",
        curves(function="network.weights_and_bias"),
        f"{IN_CURVES}, function: 'weights_and_bias' is not in workflow/downhill/experiments/network.py; did you mean "
        "'weights_and_biases'?",
    ),
    (
        "unknown family",
        curves(function="netwrk.weights_and_biases"),
        f"{IN_CURVES}, function: there is no family 'netwrk'; it would be the module "
        "workflow/downhill/experiments/netwrk.py",
    ),
    (
        "unknown option",
        curves(options={"image": 10}),
        f"{IN_CURVES}, options: 'weights_and_biases' has no option 'image'; did you mean 'images'?",
    ),
    (
        "option of another type",
        curves(options={"images": "many"}),
        f"{IN_CURVES}, options: images: 'many' should be a whole number",
    ),
    (
        "number as text",
        curves(options={"images": "10"}),
        f"{IN_CURVES}, options: images: '10' should be a whole number",
    ),
    (
        "options in a list",
        curves(options=["images"]),
        f"{IN_CURVES}, options: ['images'] should be a mapping of `key: value` lines",
    ),
    (
        "unknown network",
        curves(networks=["lessn"]),
        f"{IN_CURVES}, networks: there is no network 'lessn' in {NETWORKS}; did you mean 'lesson'?",
    ),
    (
        "pattern without a network",
        curves(networks=["deep-*"]),
        f"{IN_CURVES}, networks: no network in {NETWORKS} matches 'deep-*'; there are: lesson, wide, spare",
    ),
    (
        "unknown data set",
        curves(datasets=["fev"]),
        f"{IN_CURVES}, datasets: there is no dataset 'fev' in {DATASETS}; did you mean 'few'?",
    ),
    (
        "neither networks nor seeds",
        curves(networks=[]),
        f"{IN_CURVES}: without networks it needs a number of seeds; add seeds",
    ),
    ("no seeds", curves(seeds=0), f"{IN_CURVES}, seeds: 0 should be greater than or equal to 1"),
    ("no seeds in a job", curves(seeds_per_job=0), f"{IN_CURVES}, seeds_per_job: 0 should be greater than or equal "),
    ("no time", curves(seconds_per_seed=0), f"{IN_CURVES}, seconds_per_seed: 0 should be greater than 0"),
    ("neither true nor false", curves(together="maybe"), f"{IN_CURVES}, together: 'maybe' should be true or false"),
    ("missing file", lambda files: files[CONFIG].update(experiments="c/none.yaml"), "c/none.yaml: cannot be read: "),
    (
        "experiment of a claim misspelt",
        lambda files: (curves()(files), claim(experiments="curvs")(files)),
        f"{CLAIMS}, claim 'wider': there is no experiment 'curvs' in {EXPERIMENTS}; did you mean 'curves'?",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "beginning"), [pytest.param(*rest, id=name) for name, *rest in MISTAKES])
def test_mistake_is_reported_in_one_sentence(spoil: Callable[[Files], None], beginning: str, files: Files):
    spoil(files)
    assert refused(files).startswith(beginning)


PAIRS = "def pairs(pair, inputs, *, kind: Literal['a', 'b'], power: int = 2):\n    '''What pairs do.'''\n"


@pytest.fixture
def function_of_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function `toys.pairs` that takes pairs of seeds and a required option."""
    import ast

    (node,) = ast.parse(PAIRS).body
    own = functions._functions

    def found(package: str, family: str) -> dict[str, Any]:
        return {"pairs": node} if (package, family) == ("experiments", "toys") else own(package, family)

    monkeypatch.setattr(functions, "_functions", found)


@pytest.mark.usefixtures("function_of_pairs")
@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"options": {"kind": "a"}, "seeds_per_job": 2}, None),
        ({"options": {"kind": "a", "power": 3}, "seeds": 2}, None),
        ({"seeds_per_job": 2}, f"{IN_CURVES}, options: 'pairs' needs the option 'kind'; add it"),
        ({"options": {"kind": "c"}}, f"{IN_CURVES}, options: kind: 'c' should be 'a' or 'b'"),
        (
            {"options": {"kind": "a"}, "seeds_per_job": 3},
            f"{IN_CURVES}: it takes seeds in pairs, so it needs at least two seeds and an even value of "
            "seeds_per_job; it has 4 seeds, 3 per job",
        ),
        (
            {"options": {"kind": "a"}, "seeds": 1},
            f"{IN_CURVES}: it takes seeds in pairs, so it needs at least two seeds and an even value of "
            "seeds_per_job; it has 1 seeds, 10 per job",
        ),
    ],
)
def test_pairs_of_seeds_and_required_options(values: dict[str, Any], sentence: str | None, files: Files):
    curves(function="toys.pairs", **values)(files)
    if sentence is None:
        load(files)
        return
    assert refused(files) == sentence


def test_valid_experiments_are_read(files: Files):
    experiments(
        curves=CURVES | {"options": {"images": 10}, "seeds": 3},
        all={"function": "network.weights_and_biases", "networks": "lesson, wide", "datasets": ["few"]},
    )(files)
    study = load(files)
    assert list(study.experiments) == ["curves", "all"]
    entry = study.experiments["curves"]
    assert (entry.family, entry.function_name, entry.options) == (
        "network",
        "weights_and_biases",
        {"images": 10},
    )
    assert study.experiments["all"].networks == ("lesson", "wide")
    assert study.datasets() == ["few"]
    files[CLAIMS][1] |= STRENGTH | {"networks": "", "experiments": "curves"}
    assert load(files).claims["wider"].experiments == ("curves",)


IN_WIDER = f"{CLAIMS}, claim 'wider', experiments"


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (
            {"experiments": "curves"},
            f"{IN_WIDER}: 'gap_when_memorising' is measured on networks alone; leave experiments empty",
        ),
        (
            STRENGTH,
            f"{IN_WIDER}: 'strength_and_tendency' is measured on an experiment with the function "
            "network.weights_and_biases; name curves",
        ),
        (
            STRENGTH | {"experiments": "scores"},
            f"{IN_WIDER}: 'strength_and_tendency' reads results of network.weights_and_biases, but 'scores' runs "
            "memorisation.score_at_start; name curves",
        ),
    ],
)
def test_claim_needs_an_experiment_that_its_statistic_reads(row: dict[str, str], sentence: str, files: Files):
    scores = {"function": "memorisation.score_at_start", "networks": ["lesson"]}
    experiments(curves=CURVES, scores=scores)(files)
    files[CLAIMS][1] |= row
    assert refused(files) == sentence
    if "name curves" in sentence:
        del files[EXPERIMENTS]["curves"]
        with pytest.raises(DownhillError, match=f"; add one to {EXPERIMENTS}$"):
            load(files)


def test_networks_together_need_the_seeds_that_are_asked_for(files: Files):
    entry = {"function": "noise.answers", "networks": ["wide", "lesson"], "together": True, "seeds": 5}
    experiments(shown=entry)(files)
    assert refused(files) == (
        f"{EXPERIMENTS}, experiment 'shown', seeds: 5 of all networks together are not possible, since network "
        "'lesson' has only 4; raise its seeds, or lower those of the experiment"
    )
    entry["seeds"] = 4
    assert load(files).experiment_seeds("shown") == range(4)
    entry |= {"together": False, "seeds": 5}  # each network has those that it has
    assert load(files).experiment_seeds("shown/lesson") == range(4)


def test_results_depend_on_the_function_and_its_options_alone():
    entry = Experiment(
        function="a.b", networks=("x",), options={"k": 1}, seeds=3, seeds_per_job=2, megabytes=500
    )
    assert entry.computed() == Experiment(function="a.b", options={"k": 1})


@pytest.mark.parametrize(
    ("values", "more", "seeds"),
    [
        ({}, {}, 4),  # those of its network
        ({"networks": ["lesson", "wide"]}, {}, 4),  # of the network with fewest
        ({"networks": ["wide"]}, {}, 7),
        ({"seeds": 3}, {}, 3),
        ({"seeds": 50}, {}, 4),  # no more than its networks have
        ({"networks": [], "seeds": 50}, {}, 50),
        ({"networks": [], "seeds": 50}, {"limits": {"seeds": 5}}, 5),
        ({"seeds": 3}, {"limits": {"seeds": 2}}, 2),
        ({}, {"limits": {"seeds": 2}}, 2),
        ({"networks": [], "seeds": 50}, {"seeds_factor": 0.25}, 13),  # rounded up
        ({"seeds": 3}, {"seeds_factor": 5}, 15),
        ({}, {"seeds_factor": 5}, 20),
        ({"seeds": 3}, {"seeds_factor": 5, "limits": {"seeds": 9}}, 9),
    ],
)
def test_seeds(values: dict[str, Any], more: dict[str, Any], seeds: int, files: Files):
    curves(**values)(files)
    files[CONFIG] |= more
    assert any_function(files).experiment_seeds("curves") == range(seeds)


def test_each_network_has_its_own_number_of_seeds(files: Files):
    curves(networks=["lesson", "wide"])(files)
    study = load(files)
    assert study.experiment_seeds("curves/lesson") == range(4)
    assert study.experiment_seeds("curves/wide") == range(7)


@pytest.mark.parametrize(
    ("values", "units"),
    [
        ({}, {"curves/lesson": ("lesson",)}),
        ({"networks": ["wide", "lesson"]}, {"curves/wide": ("wide",), "curves/lesson": ("lesson",)}),
        ({"networks": ["*"], "together": True}, {"curves": ("lesson", "wide", "spare")}),
        ({"networks": [], "seeds": 3}, {"curves": ()}),
    ],
)
def test_units(values: dict[str, Any], units: dict[str, tuple[str, ...]], files: Files):
    curves(**values)(files)
    study = any_function(files)
    assert {unit: study.networks_of_unit(unit) for unit in study.units("curves")} == units


def study_of(seeds: int, size: int) -> Study:
    """A study of one experiment, created without files."""
    entry = {"function": "network.weights_and_biases", "seeds": seeds, "seeds_per_job": size}
    tables = {"sources": {}, "datasets": {}}
    study = {"settings": {}, "tables": tables, "networks": {}, "claims": {}, "experiments": {"one": entry}}
    return Study.model_validate(study)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(1, 200), st.integers(1, 30), st.integers(0, 100))
def test_jobs_hold_every_seed_once_and_more_seeds_change_only_the_last(seeds: int, size: int, more: int):
    jobs = study_of(seeds, size).experiment_jobs("one")
    assert [seed for first, last in jobs for seed in range(first, last + 1)] == list(range(seeds))
    assert all(last - first + 1 == size for first, last in jobs[:-1])
    assert study_of(seeds + more, size).experiment_jobs("one")[: len(jobs) - 1] == jobs[:-1]


@pytest.mark.parametrize(
    ("first", "last", "blocks"),
    [
        (0, 3, [(0, 9)]),
        (9, 10, [(0, 9), (10, 19)]),
        (10, 19, [(10, 19)]),
        (0, 29, [(0, 9), (10, 19), (20, 29)]),
    ],
)
def test_jobs_need_the_blocks_of_their_seeds(
    first: int, last: int, blocks: list[tuple[int, int]], files: Files
):
    files[NETWORKS][0]["seeds"] = "25"
    assert load(files).blocks_with("lesson", first, last) == blocks
