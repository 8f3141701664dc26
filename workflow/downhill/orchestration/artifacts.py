"""Which files a study's stages make together, and which of them are gone."""

import os
from collections.abc import Iterator
from pathlib import Path

from downhill.config.dataset import IDX_NAMES
from downhill.config.study import Study
from downhill.provenance.record import RECORD

DATASET_FILES = ("dataset.npz", "summary.json", RECORD)
EVALUATION_FILES = ("index.json", "scores.parquet", "history.parquet", "confusion.parquet", "predictions.npz")
BLOCK_FILES = ("weights.npz", "history.parquet", RECORD)
BLOCK_FORMAT = 3  # of what is in them; another number has every block made anew, also those in a cache


def missing_outputs(study: Study) -> list[str]:
    """Files that are gone while others are there that were made with them.

    Snakemake itself misses no file that nothing else is to be made from; but what was deleted because it was damaged
    is to come back. (Whole folders are left alone: weights may be deleted to save space.)
    """
    found: list[str] = []
    for files in _groups(study):
        gone = [file for file in files if not os.path.exists(file)]  # noqa: PTH110  # a Path takes longer
        found += gone if len(gone) < len(files) else []
    return found


def _groups(study: Study) -> Iterator[list[str]]:
    """Files of one job each, as text: a large study has tens of thousands, asked for in every run."""
    results, resources = Path(study.settings.results).as_posix(), Path(study.settings.resources).as_posix()
    datasets = sorted({row.dataset for row in study.networks.values()})
    for source in sorted({study.recipe(name).source for name in datasets}):
        yield [f"{resources}/{source}/{file}" for file in (*IDX_NAMES.values(), RECORD)]
    for name in datasets:
        yield [f"{results}/data/{name}/{file}" for file in DATASET_FILES]
    for name in study.networks:
        yield [f"{results}/evaluation/{name}/{file}" for file in (*EVALUATION_FILES, RECORD)]
        for first, last in study.blocks(name):
            yield [f"{results}/runs/{name}/seeds-{first}-{last}/{file}" for file in BLOCK_FILES]
    for claim in study.claims.values():
        yield [f"{results}/claims/{claim.claim}.json", f"{results}/claims/{claim.claim}/{RECORD}"]
        for figure in claim.figure_ids():
            yield [f"{results}/figures/{figure}{ending}" for ending in (".svg", ".png", f"/{RECORD}")]
