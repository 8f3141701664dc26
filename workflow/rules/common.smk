"""The study, and where its files lie: paths and wildcards only. Logic lives in the package `downhill`."""

import json
import shlex
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

try:
    from downhill.claims import registry
    from downhill.config import Study
    from downhill.config.dataset import IDX_NAMES
    from downhill.digest import source_digest
    from downhill.errors import DownhillError
except ModuleNotFoundError as error:
    raise WorkflowError(
        f"Downhill's package cannot be imported ({error}): run `make` once, or `pip install --editable .`"
    )

try:
    STUDY = Study.from_values(config, " + ".join(map(str, workflow.configfiles)) or "config")
    registry.check(STUDY.claims.values(), STUDY.settings.claims)
except DownhillError as error:
    raise WorkflowError(str(error))

# Jobs use the Python that runs Snakemake, whether or not its environment is active.
shell.prefix(f"export PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH; ")

RESULTS = STUDY.settings.results
RESOURCES = STUDY.settings.resources
SOURCE_FILES = {role: f"{RESOURCES}/{{source}}/{name}" for role, name in IDX_NAMES.items()}
DATASET = RESULTS + "/data/{dataset}"
BLOCK = RESULTS + "/runs/{network}/seeds-{first}-{last}"
EVALUATION = RESULTS + "/evaluation/{network}"
EVIDENCE = RESULTS + "/claims/{claim}.json"
FIGURE = RESULTS + "/figures/{figure}"
LOGS = RESULTS + "/logs"

FIGURES = {figure: claim for claim in STUDY.claims.values() for figure in claim.figure_ids()}


wildcard_constraints:
    source="|".join(STUDY.tables.sources),
    dataset="|".join(STUDY.tables.datasets),
    network="|".join(STUDY.networks),
    claim="|".join(STUDY.claims),
    figure="|".join(FIGURES),
    first=r"\d+",
    last=r"\d+",


def canonical(model, **dump):
    """Settings as JSON, the same text for the same settings: what Snakemake compares to decide on a rerun."""
    return json.dumps(model.model_dump(mode="json", **dump), sort_keys=True, ensure_ascii=False)


def code(*modules):
    """Digest of a stage's code, named so that Snakemake's reason for a rerun explains itself."""
    return f"code of {', '.join(modules)}: {source_digest(*modules)}"


def source_of(wildcards):
    """The source's files that a data set is made of."""
    source = STUDY.tables.datasets[wildcards.dataset].source
    return [file.format(source=source) for file in SOURCE_FILES.values()]


def dataset_of(wildcards):
    """The prepared data that a network learns."""
    return f"{RESULTS}/data/{STUDY.networks[wildcards.network].dataset}/dataset.npz"


def blocks_of(network):
    """Folders of a network's training blocks."""
    return [BLOCK.format(network=network, first=first, last=last) for first, last in STUDY.blocks(network)]


def weights_of(wildcards):
    """Trained weights of all of a network's seeds."""
    return [f"{block}/weights.npz" for block in blocks_of(wildcards.network)]


def evaluations_of(wildcards):
    """Evaluations that a claim is measured on."""
    return [f"{EVALUATION.format(network=name)}/index.json" for name in STUDY.claims[wildcards.claim].networks]


def drawing(figure):
    """The function that draws a figure."""
    claim = FIGURES[figure]
    return claim.figures[claim.figure_ids().index(figure)]


def all_evaluations():
    """Evaluations of all networks of the study, named by a claim or not."""
    return [f"{EVALUATION.format(network=name)}/index.json" for name in STUDY.networks]


def all_figures():
    """All figures of the study, for looking at and for print."""
    return [f"{FIGURE.format(figure=name)}.{kind}" for name in FIGURES for kind in ("svg", "png")]
