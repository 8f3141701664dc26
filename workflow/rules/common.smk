"""The study and the paths of its files: only paths and wildcards. The logic is in the package `downhill`."""

import inspect
import json
import os
import re
import sys
from functools import cache
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.scheduling.job_scheduler import JobScheduler

# Downhill's own folder, which is not the working directory when another workflow uses its rules.
HOME = Path(str(workflow.current_basedir)).parent.parent
# `python -m snakemake` puts the working directory first on the import path, where a file of the user's, such as
# `secrets.py`, would shadow a module of the standard library.
sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != HOME.resolve()]

try:
    from downhill.compat.snakemake_forcing import force, is_forced
    from downhill.compat.snakemake_scheduling import look_once_at_a_time
    from downhill.config import functions
    from downhill.config.canonical import as_argument, canonical, settings_of
    from downhill.config.claim import single_run_claims
    from downhill.config.dataset import IDX_NAMES
    from downhill.errors import DownhillError
    from downhill.orchestration import failures, recent_studies, signals, startup
    from downhill.orchestration.artifacts import incomplete_exports, missing_outputs
    from downhill.orchestration.expected import expected_inputs
    from downhill.orchestration.sources import (
        check_sources,
        files_to_replace,
        unguarded_files,
        with_own_folders,
    )
    from downhill.orchestration.stages import STAGES
    from downhill.orchestration.study_jobs import claims_of_playground
    from downhill.orchestration.targets import check_targets
    from downhill.planning import cost
    from downhill.progress import active as progress
    from downhill.provenance.code_digest import source_digest
    from downhill.provenance.record import computed_with
    from downhill.report.escaping import every_text, restructured_text
    from downhill.storage.file_names import CONFUSION, HISTORY, INDEX, PREDICTIONS, SCORES, SUMMARY, WEIGHTS
except ModuleNotFoundError as error:
    raise WorkflowError(
        f"Downhill's package cannot be imported ({error}): run `make` once, or `pip install --editable .`"
    )

# (The path of the main Snakefile may contain `..`, as given on the command line.)
SNAKEFILES = (HOME / "Snakefile", HOME / "workflow" / "Snakefile")
IS_MODULE = Path(workflow.main_snakefile).resolve() not in [path.resolve() for path in SNAKEFILES]
if not IS_MODULE:
    startup.set_up_process()
    look_once_at_a_time(JobScheduler)

try:
    STUDY = startup.read_study(workflow, config, IS_MODULE)
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


def folders(files):
    """The folders of files."""
    return [str(Path(file).parent) for file in files]


@cache
def network_settings(network):
    """Hyper-parameters of a network as an argument, computed once."""
    return as_argument(STUDY.row(network).settings())


def dataset_of(network):
    """The prepared data that a network learns."""
    return f"<results>/data/{STUDY.row(network).dataset}/dataset.npz"


def block_files(network, name, blocks=None):
    """The file `name` of some of a network's blocks of seeds, by default of all of them."""
    return [
        f"<results>/runs/{network}/seeds-{first}-{last}/{name}"
        for first, last in (STUDY.blocks(network) if blocks is None else blocks)
    ]


include: "inputs/reruns.smk"
