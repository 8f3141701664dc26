"""An evaluation: scores and predictions of a network's trained seeds on every set of images, as tables.

The folder of an evaluation holds

- `scores.parquet`: one row per seed and image set: images, loss, accuracy, confidence (mean largest output); training
  images are those of the seed's own subset, with the labels that it learned
- `history.parquet`: the histories of all blocks, for the evaluated seeds only
- `confusion.parquet`: seed, label, predicted, images (test set)
- `predictions.npz`: seeds (k,), labels (n,), predicted uint8 (k, n), confidence float32 (k, n),
  above_half uint8 (k, n): how many outputs exceed ½ (test set)
- `index.json`: the network's row, and the folders from which all this was made

If the data set has targets instead of labels (regression):

- `scores.parquet` has two more columns, `mean_absolute_error` and `largest_absolute_error`, over all images of the set
  and all outputs; accuracy is NaN
- `confusion.parquet` has no rows
- `predictions.npz`: seeds (k,), targets float32 (n, n_outputs), outputs float32 (k, n, n_outputs) (test set)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from downhill.config.network import Network
from downhill.datasets.dataset import Dataset, Images
from downhill.errors import DownhillError
from downhill.network.architecture import Weights
from downhill.network.replicate import training_images_of
from downhill.runs.block import read_table_of_block
from downhill.runs.trained import TrainedNetwork
from downhill.storage.file_names import INDEX, PREDICTIONS, SUMMARY
from downhill.storage.json_files import Shape, read_json
from downhill.storage.npz import read_arrays


class _Index(Shape):
    network: str
    settings: Network
    layer_sizes: list[int]
    seeds: tuple[int, int]
    diverged: dict[str, int]
    data: str
    blocks: list[str]


@dataclass(frozen=True)
class EvaluatedNetwork:
    """The folder of an evaluation, read on demand; claims are measured on it.

    Attributes
    ----------
    folder
        The folder.
    class_names
        Names of the classes (or outputs) of data sets, by data set; those of others are "0", "1", …
    """

    folder: Path
    class_names: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @cached_property
    def index(self) -> dict[str, Any]:
        """The network's row, its seeds and the folders that were evaluated."""
        return read_json(self.folder / INDEX, "the index of an evaluation", _Index)  # type: ignore[no-any-return]

    @property
    def name(self) -> str:
        """Name of the network."""
        return str(self.index["network"])

    @cached_property
    def net(self) -> Network:
        """The network."""
        return Network.model_validate(self.index["settings"])

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Widths of all layers, input first."""
        return tuple(self.index["layer_sizes"])

    @cached_property
    def seeds(self) -> list[int]:
        """The seeds that did not diverge, in order."""
        first, last = self.index["seeds"]
        return [seed for seed in range(first, last + 1) if str(seed) not in self.index["diverged"]]

    @cached_property
    def data(self) -> Dataset:
        """The data set that the network learned."""
        return self.trained.data

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in the order of their labels, or of the outputs of a regression.

        Raises
        ------
        DownhillError
            If there are names for the data set, but not as many as it has classes.
        """
        dataset = Path(self.index["data"]).name
        names = tuple(self.class_names.get(dataset, self.data.classes))
        if len(names) != self.data.n_outputs:
            raise DownhillError(
                f"data set '{dataset}' has {self.data.n_outputs} classes, but {len(names)} names are given for them; "
                "give one name for each"
            )
        return names

    @property
    def n_train(self) -> int:
        """Number of images that each seed was trained on."""
        return self.net.subset_images or len(self.data.train)

    def training_images(self, seed: int) -> Images:
        """The images that one seed was trained on, with its own labels; see `network.replicate`."""
        return training_images_of(self.data.train, self.net, seed)

    @property
    def varying(self) -> tuple[str, ...]:
        """What varies between the seeds besides initial weights and order of images."""
        return self.trained.varying

    @cached_property
    def trained(self) -> TrainedNetwork:
        """The network as its blocks hold it."""
        return TrainedNetwork(
            self.name, self.net, Path(self.index["data"]), tuple(map(Path, self.index["blocks"]))
        )

    @cached_property
    def data_recipe(self) -> dict[str, Any]:
        """How the data set that the network learned was made: its source, selection, shuffling and so on."""
        return dict(read_json(Path(self.index["data"]) / SUMMARY)["recipe"])

    @property
    def labels_shuffled(self) -> bool:
        """Whether training labels were shuffled, for each seed or once in the data set."""
        return self.net.shuffle_labels > 0 or bool(self.data_recipe["shuffle_labels"] > 0)

    def table(self, name: str) -> pd.DataFrame:
        """A table (`scores`, `history` or `confusion`) without seeds that diverged."""
        table = read_table_of_block(self.folder, f"{name}.parquet")
        return table[table.seed.isin(self.seeds)].reset_index(drop=True)

    def scores(self, image_set: str) -> pd.DataFrame:
        """Rows of the scores on one image set, by seed; empty where the data set has none."""
        scores = self.table("scores")
        return scores[scores.image_set == image_set].set_index("seed")

    @cached_property
    def stuck(self) -> dict[int, tuple[int, ...]]:
        """The classes that a seed never recognises, by seed: its recall on the test images is 0.

        Empty for networks that were not trained, and for regression.
        """
        table = self.table("confusion")
        if table.empty or self.net.epochs == 0:
            return {}
        right = table[table.label == table.predicted].set_index(["seed", "label"]).images
        images = table.groupby(["seed", "label"]).images.sum()
        never = images.index[(images > 0) & (right.reindex(images.index) == 0)]
        found: dict[int, tuple[int, ...]] = {}
        for seed, label in never:
            found[int(seed)] = (*found.get(int(seed), ()), int(label))
        return found

    @cached_property
    def predictions(self) -> dict[str, NDArray[Any]]:
        """The arrays of `predictions.npz`, without seeds that diverged."""
        arrays = read_arrays(self.folder / PREDICTIONS, ("seeds",), "", "predictions of an evaluation")
        kept, of_images = np.isin(arrays["seeds"], self.seeds), ("labels", "targets")
        return {key: values if key in of_images else values[kept] for key, values in arrays.items()}

    def weights(self, seed: int) -> Weights:
        """[(W, b), …] of one seed; a copy."""
        return self.trained.weights(seed)
