"""The study, and where its files lie: paths and wildcards only. Logic lives in the package `downhill`."""

import atexit
import gc
import inspect
import json
import logging
import os
import re
import shlex
import sys
from functools import cache
from pathlib import Path
from types import SimpleNamespace

from snakemake.exceptions import WorkflowError

try:
    from downhill.orchestration import failures
    from downhill.orchestration import signals
    from downhill.storage import locks
    from downhill.claims import registry
    from downhill.config import Study
    from downhill.config.dataset import IDX_NAMES, NAME
    from downhill.provenance.code_digest import source_digest
    from downhill.errors import DownhillError
    from downhill.storage.atomic import check_writable
    from downhill.planning import cost
    from downhill.orchestration.artifacts import BLOCK_FORMAT, EVALUATION_FILES, missing_outputs
    from downhill.provenance.record import computed_with
except ModuleNotFoundError as error:
    raise WorkflowError(
        f"Downhill's package cannot be imported ({error}): run `make` once, or `pip install --editable .`"
    )

# Where Downhill itself lies, which is not the working directory when another workflow uses its rules.
HOME = Path(str(workflow.current_basedir)).parent.parent
IS_MODULE = Path(workflow.main_snakefile) != HOME / "Snakefile"

# How Snakemake itself behaves is for the workflow to say that it runs.
if not IS_MODULE:
    sys.excepthook = signals.interrupted
    logging.raiseExceptions = False  # that Snakemake's log cannot be written is told once, not in every line
    # Snakemake's books of ten thousand jobs are a million objects that live until its end: to search them for dead
    # ones again and again, and to take them apart at the end, would take a fifth of the time that planning takes.
    # The search is on again when jobs start.
    gc.disable()
    atexit.register(gc.freeze)

try:
    STUDY = Study.from_values(config, " + ".join(map(str, workflow.configfiles)) or "config")
    registry.check(STUDY.claims.values(), STUDY.settings.claims)
except DownhillError as error:
    raise WorkflowError(str(error))

FIGURES = {figure: claim for claim in STUDY.claims.values() for figure in claim.figure_ids()}

# Snakemake's cache between workflows (`--cache`) is open to the stages that take long, once it has a folder;
# without one Snakemake would warn in every run that it could be used.
CACHE = "omit-software" if "SNAKEMAKE_OUTPUT_CACHE" in os.environ else False

# Jobs use the Python that runs Snakemake, whether or not its environment is active. Ctrl-C is for that Python alone,
# which takes it as soon as it has started (`downhill.__main__`): before, it would answer with a stack trace.
PREFIX = f"set -euo pipefail; export PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH; "
shell.prefix(PREFIX + ("" if IS_MODULE else "trap '' INT; "))


pathvars:
    results=STUDY.settings.results,
    resources=STUDY.settings.resources,
    logs="<results>/logs",
    source="<resources>/{source}",
    dataset="<results>/data/{dataset}",
    block="<results>/runs/{network}/seeds-{first}-{last}",
    evaluation="<results>/evaluation/{network}",
    evidence="<results>/claims/{claim}.json",
    figure="<results>/figures/{figure}",


wildcard_constraints:
    source="|".join(map(re.escape, STUDY.tables.sources)),
    dataset="|".join(map(re.escape, STUDY.tables.datasets)),
    # Any name: Snakemake reads the constraint anew for each file of each job, and a list of a thousand names takes
    # it longer than all else. That a name is no network's is told by the study.
    network=NAME.strip("^$"),
    claim="|".join(map(re.escape, STUDY.claims)),
    figure="|".join(map(re.escape, FIGURES)),
    first=r"\d+",
    last=r"\d+",


def begin():
    """Make sure, before any job starts, that this Snakemake may write the results."""
    try:
        locks.single_snakemake(STUDY.settings.results)
    except DownhillError as error:
        raise WorkflowError(str(error))
    if problem := trouble_with_disks():
        raise WorkflowError(problem)
    signals.end_when_asked()
    gc.freeze()
    gc.enable()


def trouble_with_disks():
    """Why results, or Snakemake's records of them, cannot be written; empty if they can."""
    try:
        for folder in (STUDY.settings.results, ".snakemake"):
            check_writable(folder)
    except DownhillError as error:
        return str(error)
    return ""


def canonical(model):
    """Settings as JSON, the same text for the same settings: what Snakemake compares to decide on a rerun."""
    return json.dumps(model.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)


def code(*modules):
    """Digest of a stage's code, named so that Snakemake's reason for a rerun explains itself."""
    return f"code of {', '.join(modules)}: {source_digest(*modules)}"


def asked_often(function):
    """A function that is asked for each of thousands of jobs: keeps its signature, which Snakemake reads each time."""
    function.__signature__ = inspect.signature(function)
    return function


@cache
def network_settings(network):
    """Hyper-parameters of a network as canonical text, made once."""
    return canonical(STUDY.row(network).settings())


@asked_often
def network_of(wildcards):
    """Hyper-parameters of a job's network."""
    return network_settings(wildcards.network)


@asked_often
def same_bytes(wildcards, output):
    """What else must be the same for a cached result to be what a job would make: libraries and processor.

    It asks for `output`, which tells Snakemake that this is not a reason to run a job again.
    """
    return computed_with()


SAME_BYTES = {"same_bytes": same_bytes} if CACHE else {}


def source_settings(wildcards, output):
    """A source with its mirrors, Downhill's own folders found from any working directory; no reason for a rerun."""
    source = STUDY.tables.sources[wildcards.source]
    own = {
        name: str(HOME / name)
        for name in source.mirrors
        if not Path(name).is_dir() and (HOME / name).is_dir()
    }
    mirrors = tuple(own.get(name, name) for name in source.mirrors)
    return canonical(source.model_copy(update={"mirrors": mirrors}))


def unchecked_in(wildcards, output):
    """The project's folder if a source lacks checksums: its files may be others elsewhere under the same name."""
    files = STUDY.tables.sources[wildcards.source].files.model_dump().values()
    return None if all(file["sha256"] for file in files) else str(Path.cwd())


def folders(files):
    """The folders that files lie in."""
    return [str(Path(file).parent) for file in files]


def source_of(wildcards):
    """The source that a data set is made of."""
    return STUDY.tables.sources[STUDY.recipe(wildcards.dataset).source].contents()


def source_files(wildcards):
    """The source's files that a data set is made of."""
    source = STUDY.recipe(wildcards.dataset).source
    return [f"<resources>/{source}/{name}" for name in IDX_NAMES.values()]


@asked_often
def dataset_of(wildcards):
    """The prepared data that a network learns."""
    return f"<results>/data/{STUDY.row(wildcards.network).dataset}/dataset.npz"


def from_blocks(name):
    """A function that tells a file of all of a network's blocks of seeds."""

    def files(wildcards):
        return [
            f"<results>/runs/{wildcards.network}/seeds-{first}-{last}/{name}"
            for first, last in STUDY.blocks(wildcards.network)
        ]

    return files


@cache
def work(network, seeds, threads):
    """What so many seeds of a network have to do: asked for twice a job, of which there may be thousands."""
    return cost.work_of_block(STUDY, network, seeds, threads)


def block_of(wildcards, threads):
    """What a block of seeds has to do: its cost follows from it."""
    return work(wildcards.network, int(wildcards.last) - int(wildcards.first) + 1, threads)


def all_seeds_of(wildcards):
    """What all of a network's seeds together are."""
    return work(wildcards.network, len(STUDY.seeds(wildcards.network)), threads=1)


def evaluations_of(wildcards):
    """Evaluations that a claim is measured on."""
    return [f"<results>/evaluation/{name}/index.json" for name in STUDY.claims[wildcards.claim].networks]


def evaluation_tables_of(wildcards):
    """What else these evaluations hold."""
    return [
        f"{folder}/{name}" for folder in folders(evaluations_of(wildcards)) for name in EVALUATION_FILES[1:]
    ]


def runs_of(wildcards):
    """The weights and the data behind these evaluations, which some statistics look at."""
    files = []
    for name in STUDY.claims[wildcards.claim].networks:
        network = SimpleNamespace(network=name)
        data = dataset_of(network)
        files += [*from_blocks("weights.npz")(network), data, f"{Path(data).parent}/summary.json"]
    return files


def all_evaluations():
    """Evaluations of all networks of the study, whether or not a claim names them; `missing_outputs` sees to their other files."""
    return [f"<results>/evaluation/{name}/index.json" for name in STUDY.networks]


def all_figures():
    """All figures of the study, for looking at and for print."""
    return [f"<results>/figures/{name}.{kind}" for name in FIGURES for kind in ("svg", "png")]


def drawing(figure):
    """The function that draws a figure."""
    claim = FIGURES[figure]
    return claim.figures[claim.figure_ids().index(figure)]
