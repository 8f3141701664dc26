"""Which files a study's stages make together, and which of them are gone."""

from collections.abc import Iterator
from pathlib import Path

from downhill.config.dataset import IDX_NAMES
from downhill.config.study import Study
from downhill.runs.provenance import RECORD

DATASET_FILES = ("dataset.npz", "summary.json", RECORD)
BLOCK_FILES = ("weights.npz", "history.parquet", "probes.npz", RECORD)
EVALUATION_FILES = ("index.json", "scores.parquet", "history.parquet", "confusion.parquet", "predictions.npz")


def torn(study: Study) -> list[str]:
    """Files that are gone while others are there that were made with them.

    Snakemake itself misses no file that nothing else is to be made from; but what was deleted because it was damaged
    is to come back. (Whole folders are left alone: weights may be deleted to save space.)
    """
    found: list[str] = []
    for files in _groups(study):
        gone = [file.as_posix() for file in files if not file.exists()]
        found += gone if len(gone) < len(files) else []
    return found


def _groups(study: Study) -> Iterator[list[Path]]:
    results, resources = Path(study.settings.results), Path(study.settings.resources)
    datasets = sorted({row.dataset for row in study.networks.values()})
    for source in sorted({study.recipe(name).source for name in datasets}):
        yield [resources / source / file for file in (*IDX_NAMES.values(), RECORD)]
    for name in datasets:
        yield [results / "data" / name / file for file in DATASET_FILES]
    for name in study.networks:
        yield [results / "evaluation" / name / file for file in (*EVALUATION_FILES, RECORD)]
        for first, last in study.blocks(name):
            folder = results / "runs" / name / f"seeds-{first}-{last}"
            yield [folder / file for file in BLOCK_FILES]
    for claim in study.claims.values():
        yield [results / "claims" / f"{claim.claim}.json", results / "claims" / claim.claim / RECORD]
        for figure in claim.figure_ids():
            folder = results / "figures"
            yield [folder / f"{figure}.svg", folder / f"{figure}.png", folder / figure / RECORD]
