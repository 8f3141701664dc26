"""Images and labels: downloading, checking, preparing, storing and loading data sets."""

from downhill.datasets.dataset import Dataset, Images
from downhill.datasets.store import load_dataset

__all__ = ["Dataset", "Images", "load_dataset"]
