"""Images and labels: fetched from mirrors, checked, prepared, stored and loaded again."""

from downhill.datasets.dataset import Dataset, Images
from downhill.datasets.store import load_dataset

__all__ = ["Dataset", "Images", "load_dataset"]
