"""The networks of the page on which one draws: `playground.tsv`."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, RootModel

from downhill.config.canonical import check_argument
from downhill.config.dataset import Datasets
from downhill.config.generated import GeneratedSource
from downhill.config.reading import did_you_mean
from downhill.config.settings import MOST_SEEDS, NetworkRow
from downhill.config.table import read_table
from downhill.config.text import RequiredText, Text
from downhill.errors import DownhillError

IMAGE_SHAPE = (28, 28)
"""Height and width of the images that the page draws: those of MNIST, whose preprocessing it follows."""


class PlaygroundRow(BaseModel):
    """One network that can be chosen in the page."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    network: RequiredText = Field(description="Name of a network; `select` may leave it out of the study.")
    title: RequiredText = Field(description="What it is called in the page.")
    about: Text = Field("", description="A sentence or two on what is special about it.")
    seeds: int = Field(
        1, ge=1, le=MOST_SEEDS, description="How many of its seeds the page holds, from the first one on."
    )
    replay: Text = Field(
        "",
        description="Name of a network of the same shape with `snapshot_epochs`, whose training the page replays; it "
        "may be the network itself.",
    )
    twin: Text = Field(
        "",
        description="Name of another network of the table that is trained on the same images with shuffled labels: "
        "the page compares the two.",
    )


class Playground(RootModel[tuple[PlaygroundRow, ...]]):
    """The networks of the page, in the order of their table; no rows, no page."""

    model_config = ConfigDict(frozen=True)

    def networks(self) -> tuple[str, ...]:
        """All networks that the page is made from, each once: those that can be chosen, then those of replays."""
        named = [row.network for row in self.root] + [row.replay for row in self.root if row.replay]
        return tuple(dict.fromkeys(named))


def read_playground(
    path: str | None,
    networks: Mapping[str, NetworkRow],
    selected: Mapping[str, NetworkRow],
    tables: Datasets,
    table: str,
) -> Playground:
    """Read the table of the page's networks; those that the study does not train are left out.

    Parameters
    ----------
    path
        The table; None for none.
    networks
        All networks of the table of networks.
    selected
        The networks that the study trains.
    tables
        Sources and data sets.
    table
        The table of networks, for messages.

    Raises
    ------
    DownhillError
        If the table cannot be read, is too long for a command, names a network that does not exist or that does not
        learn to tell images of 28 × 28 pixels apart, or if networks do not fit together.
    """

    def fitting(row: PlaygroundRow, where: str) -> PlaygroundRow:
        for column, name in (("network", row.network), ("replay", row.replay), ("twin", row.twin)):
            if name and name not in networks:
                hint = did_you_mean(name, networks)
                raise DownhillError(f"{where}, {column}: there is no network '{name}' in {table}; {hint}")
        for problem in (
            _unsuitable(networks[row.network], tables),
            row.replay and _no_replay(networks[row.network], networks[row.replay]),
            row.twin and _no_twins(networks[row.network], networks[row.twin]),
        ):
            if problem:
                raise DownhillError(f"{where}: {problem}")
        return row

    if path is None:
        return Playground(())
    rows = read_table(path, PlaygroundRow, key="network", resolve=fitting)
    _check_together(path, rows, networks, tables)
    found = Playground(tuple(_available(row, selected) for name, row in rows.items() if name in selected))
    check_argument(found, path)
    return found


def _available(row: PlaygroundRow, selected: Mapping[str, NetworkRow]) -> PlaygroundRow:
    """A row with what the study trains: no more seeds than there are, no replay and no twin that are left out."""
    kept = {name: getattr(row, name) if getattr(row, name) in selected else "" for name in ("replay", "twin")}
    return row.model_copy(update={"seeds": min(row.seeds, selected[row.network].seeds)} | kept)


def _classes(net: NetworkRow, tables: Datasets) -> tuple[str, ...]:
    return tables.sources[tables.datasets[net.dataset].source].classes


def _unsuitable(net: NetworkRow, tables: Datasets) -> str | None:
    """Why the page cannot show a network, as a sentence, or None if it can."""
    recipe = tables.datasets[net.dataset]
    source = tables.sources[recipe.source]
    height, width = recipe.resize or source.image_shape
    if (height, width) != IMAGE_SHAPE:
        return (
            f"the images of dataset '{net.dataset}' have {height} x {width} pixels, but one draws images of "
            "28 x 28 pixels in the page; name networks that learn such images, or leave out the setting playground"
        )
    if isinstance(source, GeneratedSource) and not source.generate.has_labels:
        return (
            f"the images of dataset '{net.dataset}' belong to no class, so there is nothing to recognise in a "
            "drawing; name a network that learns classes"
        )
    return None


def _no_replay(net: NetworkRow, other: NetworkRow) -> str | None:
    """Why the training of one network cannot be replayed in place of another, as a sentence, or None if it can."""
    same = ("hidden_layers", "activation", "output", "loss")
    if different := [name for name in same if getattr(net, name) != getattr(other, name)]:
        return (
            f"replay: '{other.network}' has another {different[0]} than '{net.network}'; name a network that differs "
            "from it only in seeds and snapshot_epochs"
        )
    if not other.epochs_of_snapshots():
        return f"replay: '{other.network}' keeps no weights of its training; give it snapshot_epochs, such as history"
    return None


def _no_twins(net: NetworkRow, other: NetworkRow) -> str | None:
    """Why two networks are not trained on the same images, as a sentence, or None if they are."""
    if net.network == other.network:
        return f"twin: '{net.network}' is the network itself; name another one, or leave the cell empty"
    if (net.dataset, net.subset_images) != (other.dataset, other.subset_images):
        return (
            f"twin: '{other.network}' is trained on other images than '{net.network}'; name a network with the same "
            "dataset and subset_images"
        )
    return None


def _check_together(
    path: str, rows: Mapping[str, PlaygroundRow], networks: Mapping[str, NetworkRow], tables: Datasets
) -> None:
    """Check that all networks have the same classes, and that twins are in the table."""
    first = next(iter(rows))
    for name, row in rows.items():
        if _classes(networks[name], tables) != _classes(networks[first], tables):
            raise DownhillError(
                f"{path}, network '{name}': its classes are not those of '{first}'; all networks of the page answer "
                "the same question, so name networks that learn the same classes"
            )
        if row.twin and row.twin not in rows:
            raise DownhillError(
                f"{path}, network '{name}', twin: '{row.twin}' has no row in this table; add one, or leave the cell "
                "empty"
            )
