"""Everything a user edits, as validated models."""

from downhill.config.claim import Band, Claim
from downhill.config.dataset import DatasetRecipe, Datasets, Source
from downhill.config.network import Network
from downhill.config.study import NetworkRow, Statistics, Study

__all__ = [
    "Band",
    "Claim",
    "DatasetRecipe",
    "Datasets",
    "Network",
    "NetworkRow",
    "Source",
    "Statistics",
    "Study",
]
