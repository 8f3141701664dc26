"""Everything a user edits, as validated models."""

from downhill.config.band import Band
from downhill.config.claim import Claim
from downhill.config.dataset import DatasetRecipe, Datasets, Source
from downhill.config.experiment import Experiment
from downhill.config.network import Network
from downhill.config.settings import NetworkRow, Statistics
from downhill.config.study import Study

__all__ = [
    "Band",
    "Claim",
    "DatasetRecipe",
    "Datasets",
    "Experiment",
    "Network",
    "NetworkRow",
    "Source",
    "Statistics",
    "Study",
]
