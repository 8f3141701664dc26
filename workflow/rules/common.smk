"""The study and the paths of its files: only paths and wildcards. The logic is in the package `downhill`."""

import inspect
import os
import re
import sys
from functools import cache
from pathlib import Path

from snakemake.exceptions import WorkflowError

try:
    from downhill.config import functions
    from downhill.config.canonical import canonical, settings_of
    from downhill.config.dataset import IDX_NAMES
    from downhill.errors import DownhillError
    from downhill.orchestration import failures, recent_studies, startup
    from downhill.orchestration.artifacts import missing_outputs
    from downhill.orchestration.sources import check_sources, files_to_replace
    from downhill.orchestration.stages import STAGES, expected_inputs
    from downhill.planning import cost
    from downhill.provenance.code_digest import source_digest
    from downhill.provenance.record import computed_with
    from downhill.storage.file_names import CONFUSION, HISTORY, INDEX, PREDICTIONS, SCORES, SUMMARY, WEIGHTS
except ModuleNotFoundError as error:
    raise WorkflowError(
        f"Downhill's package cannot be imported ({error}): run `make` once, or `pip install --editable .`"
    )

# Downhill's own folder, which is not the working directory when another workflow uses its rules.
HOME = Path(str(workflow.current_basedir)).parent.parent
IS_MODULE = Path(workflow.main_snakefile) != HOME / "Snakefile"
if not IS_MODULE:
    startup.set_up_process()

try:
    STUDY = startup.read_study(config, workflow.configfiles)
except DownhillError as error:
    raise WorkflowError(str(error))
if workflow.is_main_process and not IS_MODULE:
    recent_studies.note(STUDY)

FIGURES = {figure: claim for claim in STUDY.claims.values() for figure in claim.figure_ids()}
UNITS = [unit for name in STUDY.experiments for unit in STUDY.units(name)]
CACHE = startup.cache_mode()
shell.prefix(startup.shell_prefix(IS_MODULE))


def one_of(names):
    """A constraint of a wildcard in a path: one of the names, or nothing at all if there are none.

    It is part of the path, because Snakemake 9 applies `wildcard_constraints` before it replaces path variables, so
    that they have no effect on wildcards inside them.
    """
    return "|".join(map(re.escape, names)) or "(?!)"


pathvars:
    results=STUDY.settings.results,
    resources=STUDY.settings.resources,
    logs="<results>/logs",
    source=f"<resources>/{{source,{one_of(STUDY.tables.downloaded())}}}",
    dataset=f"<results>/data/{{dataset,{one_of(STUDY.tables.datasets)}}}",
    block=r"<results>/runs/{network,[^/]+}/seeds-{first,\d+}-{last,\d+}",
    # Any name: a list of a thousand names would take Snakemake longer than anything else. The study reports names that
    # do not belong to a network.
    evaluation="<results>/evaluation/{network,[^/]+}",
    experiment=f"<results>/experiments/{{unit,{one_of(UNITS)}}}/seeds-{{first,\\d+}}-{{last,\\d+}}",
    measurement=f"<results>/measurements/{{claim,{one_of(STUDY.claims)}}}",
    evidence=f"<results>/claims/{{claim,{one_of(STUDY.claims)}}}",
    figure=f"<results>/figures/{{figure,{one_of(FIGURES)}}}",


def asked_often(function):
    """Keep the signature of a function that is called for thousands of jobs: Snakemake reads it each time."""
    function.__signature__ = inspect.signature(function)
    return function


@asked_often
def same_bytes(wildcards, output):
    """What else must be the same for a cached result to equal what a job would make: libraries and processor.

    It takes `output`, so that Snakemake does not regard a change as a reason to run a job again.
    """
    return computed_with()


def compared(stage):
    """Parameters that Snakemake compares, which are short texts for the settings and the code of a job."""

    @cache
    def texts(key):
        return STAGES[stage].compared(STAGES[stage].asks(STUDY, key))

    def text(place):
        # The blocks of a network have the same settings, and there may be thousands.
        wanted = STAGES[stage].wildcards[: 1 if stage == "train" else None]
        return asked_often(lambda wildcards: texts(tuple(wildcards[name] for name in wanted))[place])

    return {"asked": text(0), "code": text(1)}


def expected(stage):
    """The option that says what the inputs of a job may be, so that no other results are used.

    Left out where it would not fit into a command: while planning, all results are checked anyway.
    """

    @cache
    def option(key):
        texts = expected_inputs(STUDY, STAGES[stage].needs(STUDY, key))
        return ["--expected", ";".join(texts)] if len(texts) <= 500 else []

    def of_job(wildcards, output):
        key = tuple(wildcards[name] for name in STAGES[stage].wildcards)
        return option(key[:1] if stage == "train" else key)

    return asked_often(of_job)


def not_stale(wildcards):
    """No files; with `--touch` or other triggers, refuse results that are not what the study asks for.

    It is a function because these options may be those of a profile, which are not known before jobs are planned.
    """
    try:
        startup.check_without_records(STUDY, workflow.rerun_triggers, workflow.touch)
    except DownhillError as error:
        raise WorkflowError(str(error))
    return []


SAME_BYTES = {"same_bytes": same_bytes} if CACHE else {}


def folders(files):
    """The folders of files."""
    return [str(Path(file).parent) for file in files]


@cache
def network_settings(network):
    """Hyper-parameters of a network as canonical text, computed once."""
    return canonical(STUDY.row(network).settings())


def dataset_of(network):
    """The prepared data that a network learns."""
    return f"<results>/data/{STUDY.row(network).dataset}/dataset.npz"


def block_files(network, name, blocks=None):
    """The file `name` of some of a network's blocks of seeds, by default of all of them."""
    return [
        f"<results>/runs/{network}/seeds-{first}-{last}/{name}"
        for first, last in (STUDY.blocks(network) if blocks is None else blocks)
    ]
