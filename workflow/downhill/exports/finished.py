"""The trained networks of a finished study, ready to be exported."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from downhill.errors import DownhillError
from downhill.exports.exported import Exported
from downhill.network.architecture import Weights
from downhill.runs.block import read_block
from downhill.runs.evaluation import EvaluatedNetwork
from downhill.runs.trained import check_blocks, differences
from downhill.storage.file_names import SUMMARY
from downhill.storage.json_files import Shape, read_json

Seeds = int | Literal["first", "all"]
"""Which seeds to export: one of them, the first that did not diverge, or all that did not."""


class _Summary(Shape):
    height: int
    width: int
    recipe: dict[str, Any]


@dataclass(frozen=True)
class Finished:
    """An evaluated network, whose weights are read when they are needed.

    Attributes
    ----------
    evaluated
        Its evaluation.
    class_names
        Names of the classes (or outputs) of data sets, by data set; those of others are "0", "1", …
    version
        Version of Downhill, to be recorded.
    digest_of
        The digest of a folder of results, to be recorded; None if there is none.
    """

    evaluated: EvaluatedNetwork
    class_names: Mapping[str, Sequence[str]]
    version: str = ""
    digest_of: Callable[[Path], str | None] = lambda folder: None

    @property
    def name(self) -> str:
        """Name of the network."""
        return self.evaluated.name

    @property
    def data(self) -> Path:
        """The folder of the data set that it learned."""
        return Path(self.evaluated.index["data"])

    def chosen(self, seeds: Seeds) -> list[int]:
        """The seeds to export, in order; none if all of them diverged.

        Raises
        ------
        DownhillError
            If a single seed was asked for that does not exist, or that diverged.
        """
        finite = self.evaluated.seeds
        if seeds == "all":
            return finite
        if seeds == "first":
            return finite[:1]
        first, last = self.evaluated.index["seeds"]
        if not first <= seeds <= last:
            known = f"its seeds are {first} to {last}" if first < last else f"its only seed is {first}"
            raise DownhillError(f"network '{self.name}' has no seed {seeds}; {known}")
        if epoch := self.evaluated.index["diverged"].get(str(seeds)):
            others = f"export another one, such as {finite[0]}" if finite else "so did all others"
            raise DownhillError(
                f"network '{self.name}': the training of seed {seeds} diverged in epoch {epoch}, so it has no weights "
                f"to export; {others}"
            )
        return [seeds]

    def exported(self, seeds: Sequence[int]) -> Iterator[tuple[Exported, Path]]:
        """Each of some seeds with its weights, and the folder of the block that they were read from.

        Raises
        ------
        DownhillError
            If a file is missing or damaged, or weights were trained with other settings.
        """
        if not seeds:
            return
        summary = read_json(self.data / SUMMARY, "the summary of a data set", _Summary)
        dataset = self.data.name
        regression = "outputs" in summary
        of_data = {
            "data_set": dataset,
            "data_recipe": summary["recipe"],
            "data_digest": self.digest_of(self.data),
        }
        classes = tuple(
            self.class_names.get(dataset, summary["outputs"] if regression else summary["classes"])
        )
        scores = self._scores()
        for seed, weights, folder in self._weights(seeds):
            training = {**scores.get(seed, {}), **of_data}
            yield (
                Exported(
                    net=self.evaluated.net,
                    weights=weights,
                    image_shape=(summary["height"], summary["width"]),
                    scaled="input_range" not in summary,  # of numbers that are not pixels
                    classes=classes,
                    regression=regression,
                    network=self.name,
                    seed=seed,
                    version=self.version,
                    training={key: value for key, value in training.items() if value is not None},
                ),
                folder,
            )

    def _scores(self) -> dict[int, dict[str, float]]:
        """What is recorded of each seed's scores on the test images."""
        names = {"accuracy": "test_accuracy", "mean_absolute_error": "test_mean_absolute_error"}
        table = self.evaluated.scores("test")
        found: dict[int, dict[str, float]] = {seed: {} for seed in table.index.tolist()}
        for column in filter(table.columns.__contains__, names):
            for seed, value in zip(table.index.tolist(), table[column].tolist(), strict=True):
                if math.isfinite(value):  # the accuracy of a regression is NaN
                    found[seed][names[column]] = value
        return found

    def _weights(self, seeds: Sequence[int]) -> Iterator[tuple[int, Weights, Path]]:
        """Weights of each seed, and the block that holds them; no more blocks are read than necessary."""
        missing = set(seeds)
        for folder in map(Path, self.evaluated.index["blocks"]):
            if not missing:
                return
            block = read_block(folder)
            # The evaluation compared the data, too, and its record says which block it read.
            check_blocks(self.name, {folder: differences(block, self.evaluated.net, block.data)})
            for seed in sorted(missing.intersection(block.seeds.tolist())):
                missing.remove(seed)
                yield seed, block.weights(seed), folder
        if missing:
            raise DownhillError(
                f"network '{self.name}': no block contains seed {min(missing)}; train the block it belongs to"
            )
