"""A trained network, read from its blocks: weights by seed, with the data that it learned."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from downhill.config.canonical import settings_of
from downhill.config.network import Network
from downhill.datasets import load_dataset
from downhill.datasets.dataset import Dataset, Images
from downhill.errors import DownhillError
from downhill.network.architecture import Weights, initial_parameters, unpack
from downhill.network.replicate import training_images_of
from downhill.runs.block import Block, read_block, read_snapshots

loaded = cache(load_dataset)
"""A data set by its folder, read once per process."""

snapshots_of = cache(read_snapshots)
"""The snapshots of a block by its folder, read once per process."""


@dataclass(frozen=True)
class TrainedNetwork:
    """Trained seeds of one network, read from their blocks when they are needed.

    Attributes
    ----------
    name, net
        Name and settings of the network.
    data_folder
        The prepared data set that it learned.
    block_folders
        Blocks that hold the seeds.
    """

    name: str
    net: Network
    data_folder: Path
    block_folders: Sequence[Path]

    @cached_property
    def data(self) -> Dataset:
        """The data set that the network learned; networks that learned the same one share it."""
        return loaded(self.data_folder)

    @cached_property
    def checksum(self) -> int:
        """Checksum of the data set as it was loaded."""
        return self.data.checksum()

    @property
    def varying(self) -> tuple[str, ...]:
        """What varies between the seeds besides initial weights and order of images."""
        subset = ("subset of the training images",) if self.net.subset_images else ()
        return subset + (("shuffling of the labels",) if self.net.shuffle_labels > 0 else ())

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Widths of all layers, input first."""
        return self.net.layer_sizes(self.data.n_inputs, self.data.n_outputs)

    @cached_property
    def _by_folder(self) -> dict[Path, Block]:
        """The blocks by folder, which were trained with the network's settings on its data.

        Raises
        ------
        DownhillError
            If a block is missing or damaged, or was trained with other settings or on other data.
        """
        blocks = {folder: read_block(folder) for folder in self.block_folders}
        check_blocks(
            self.name,
            {folder: differences(block, self.net, self.checksum) for folder, block in blocks.items()},
        )
        return blocks

    @cached_property
    def blocks(self) -> dict[int, Block]:
        """The block of each seed; errors are those of reading the blocks."""
        return {int(seed): block for block in self._by_folder.values() for seed in block.seeds}

    def weights(self, seed: int) -> Weights:
        """[(W, b), …] of one seed at the end of training, float32; a copy."""
        return [(W.copy(), b.copy()) for W, b in self._block(seed).weights(seed)]

    def start(self, seed: int) -> Weights:
        """[(W, b), …] of one seed before training, float32; they follow from the seed alone."""
        return unpack(initial_parameters(self.net, self.layer_sizes, seed), self.layer_sizes)

    def snapshot(self, seed: int, epoch: int) -> Weights:
        """[(W, b), …] of one seed after one of the network's `snapshot_epochs`, float32; a copy.

        Raises
        ------
        DownhillError
            If none were kept after that epoch.
        """
        if epoch not in self.net.epochs_of_snapshots():
            raise DownhillError(
                f"network '{self.name}' keeps no weights after epoch {epoch}; add {epoch} to its snapshot_epochs"
            )
        self._block(seed)  # raises an error if there is no such seed
        (folder,) = (folder for folder, block in self._by_folder.items() if seed in block.seeds)
        return [(W.copy(), b.copy()) for W, b in snapshots_of(folder).weights(seed, epoch)]

    def training_images(self, seed: int) -> Images:
        """The images that one seed was trained on, with its own labels; see `network.replicate`."""
        return training_images_of(self.data.train, self.net, seed)

    def diverged(self, seed: int) -> bool:
        """Whether the training of a seed diverged: its numbers were no longer finite."""
        block = self._block(seed)
        return bool(block.diverged_epoch[block.seeds == seed].any())

    def _block(self, seed: int) -> Block:
        if seed not in self.blocks:
            raise DownhillError(
                f"network '{self.name}': no block contains seed {seed}; train the block it belongs to"
            )
        return self.blocks[seed]


def check_blocks(name: str, different: Mapping[Path, Sequence[str]]) -> None:
    """Check that blocks were trained with a network's settings, and on its data.

    A job left over from before a change may have been the last to write a block.

    Parameters
    ----------
    name
        Name of the network.
    different
        The differences of each block (see `differences`), by its folder.

    Raises
    ------
    DownhillError
        If there are any; the message names all blocks that differ, and the differences of the first of them.
    """
    others = {folder: found for folder, found in different.items() if found}
    if others:
        raise DownhillError(
            f"{', '.join(map(str, others))}: trained with settings other than those of '{name}' "
            f"({'; '.join(next(iter(others.values())))}); use blocks, settings and data that belong together, "
            "or, if a job left over from before a change wrote these blocks, delete them and run again"
        )


def differences(block: Block, net: Network, checksum: int) -> list[str]:
    """The differences between a block and a network with its data; neutral defaults do not count."""
    neutral = Network().model_dump(mode="json")
    wanted = settings_of(net)
    found = {
        key: value for key, value in block.settings.items() if key not in neutral or value != neutral[key]
    }
    settings = [
        f"{key} {json.dumps(found.get(key, neutral.get(key)))}, not {json.dumps(wanted.get(key, neutral.get(key)))}"
        for key in sorted(wanted.keys() | found.keys())
        if found.get(key) != wanted.get(key)
    ]
    return settings if block.data == checksum else [*settings, "other data"]
