"""Settings as text that decides what runs again: every default is pinned, and new settings change nothing.

Neutral defaults are left out of the text, so changing a default would give existing results a different meaning. If you
need another default, add a setting with another name instead.
"""

import json
from typing import Any, get_args

import pytest
from pydantic import BaseModel, Field

from downhill.config.canonical import canonical, settings_of
from downhill.config.claim import Claim, MeasuredClaim
from downhill.config.contradiction import Contradiction, Contradictions
from downhill.config.dataset import DEFAULT_VALIDATION_IMAGES, DatasetRecipe, Source, SourceFiles
from downhill.config.experiment import Experiment
from downhill.config.generated import Generated, GeneratedSource
from downhill.config.network import Network
from downhill.config.reading_notes import ReadingNote, ReadingNotes
from downhill.config.settings import NetworkRow, Statistics

NETWORK: dict[str, Any] = {
    "hidden_layers": (16, 16),
    "activation": "sigmoid",
    "straight_through": False,
    "output": "sigmoid",
    "loss": "mse",
    "label_smoothing": 0.0,
    "initialization": "normal",
    "optimizer": "sgd",
    "learning_rate": 3.0,
    "learning_rate_schedule": "constant",
    "decay_every": None,
    "decay_factor": 0.1,
    "warmup_epochs": 0,
    "batch_size": 10,
    "epochs": 30,
    "momentum": 0.0,
    "beta1": 0.9,
    "beta2": 0.999,
    "epsilon": 1e-8,
    "weight_decay": 0.0,
    "trained_layers": "all",
    "history_every": 1,
    "history_sets": ("train", "validation", "test"),
    "snapshot_epochs": (),
    "shuffle_labels": 0.0,
    "subset_images": None,
}
DEFAULTS: dict[type[BaseModel], dict[str, Any]] = {
    Network: NETWORK,
    NetworkRow: NETWORK | {"seeds_per_block": None},
    DatasetRecipe: {
        "seed": 0,
        "validation_images": None,  # 5,000, or none of a generated source: `validation_count`
        "validation_selection": "random",
        "training_images": None,
        "training_images_limit": None,
        "selection": "first",
        "shuffle_labels": 0.0,
        "resize": None,
        "shuffle_pixels": False,
        "noise_images": 0,
    },
    Source: {"image_shape": (28, 28), "mirrors": (), "files": SourceFiles()},
    Experiment: {
        "networks": (),
        "together": False,
        "datasets": (),
        "seeds": None,
        "seeds_per_job": 10,
        "options": {},
        "seconds_per_seed": 1.0,
        "megabytes": 1000,
    },
    Statistics: {"confidence_level": 0.95, "resamples": 10_000, "seed": 0},
    MeasuredClaim: {"networks": (), "experiments": (), "options": {}},
    Claim: {"said": None, "networks": (), "experiments": (), "options": {}, "figures": ()},
    Contradiction: {},
    ReadingNote: {"controls": "", "traps": "", "fixed": "", "deviations": ""},
}
FILES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}


def test_default_number_of_validation_images_has_not_changed():
    """No canonical text and no digest would show that it had changed."""
    assert DEFAULT_VALIDATION_IMAGES == 5000


@pytest.mark.parametrize("model", DEFAULTS)
def test_defaults_have_not_changed(model: type[BaseModel]):
    fields = model.model_fields
    defaults = {name: field.get_default() for name, field in fields.items() if not field.is_required()}
    assert defaults == DEFAULTS[model]
    assert {name: type(value) for name, value in defaults.items()} == {
        name: type(value) for name, value in DEFAULTS[model].items()
    }


def test_defaults_of_the_files_of_a_source_have_not_changed():
    assert SourceFiles().model_dump() == {
        role: {"name": name, "sha256": None} for role, name in FILES.items()
    }


def test_default_number_of_validation_images_of_a_recipe_has_not_changed():
    recipe, downloaded = DatasetRecipe(source="s"), Source(title="s", classes=("0", "1"))
    assert recipe.validation_count(downloaded) == 5000
    curve = {"kind": "curve", "training": 50, "test": 9}
    assert recipe.validation_count(GeneratedSource.model_validate({"title": "s", "generate": curve})) == 0


@pytest.mark.parametrize("kind", get_args(Generated))
def test_kinds_of_generated_data_have_no_defaults(kind: type[BaseModel]):
    """Their text must name everything."""
    assert all(field.is_required() for field in kind.model_fields.values())


def test_same_settings_give_the_same_text():
    given_first, given_last = ({"epochs": 3, "momentum": 0.0}, {"momentum": 0, "epochs": "3"})
    texts = {canonical(Network.model_validate(values)) for values in (given_first, given_last)}
    assert texts == {'{"epochs": 3}'}


def test_neutral_defaults_are_left_out():
    assert canonical(Network()) == "{}"
    assert canonical(Network(hidden_layers=(16, 16), learning_rate=3)) == "{}"
    assert canonical(Network(history_sets="test,validation, train")) == "{}"
    assert canonical(Network(history_sets=("test", "train"))) == '{"history_sets": ["train", "test"]}'
    assert canonical(Network(hidden_layers=())) == '{"hidden_layers": []}'
    assert canonical(Statistics(resamples=500)) == '{"resamples": 500}'
    assert canonical(DatasetRecipe(source="mnist", validation_images=0, resize=(14, 14))) == (
        '{"resize": [14, 14], "source": "mnist", "validation_images": 0}'
    )
    source = Source(title="é", classes=("no", "yes"), mirrors=("here",))
    assert canonical(source.contents()) == '{"classes": ["0", "1"], "title": ""}'


class LaterNetwork(Network):
    """A network of a later version, with one more setting."""

    dropout: float = Field(0.0, ge=0, lt=1)


class LaterRecipe(DatasetRecipe):
    """A recipe of a later version."""

    mirrored: bool = False


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"epochs": 3, "hidden_layers": (8,)},
        {"optimizer": "adam", "beta1": 0.5, "snapshot_epochs": "0, 3"},
    ],
)
def test_new_setting_with_a_neutral_default_changes_no_text(values: dict[str, Any]):
    now, later = (model.model_validate(values) for model in (Network, LaterNetwork))
    assert canonical(later) == canonical(now)
    assert "dropout" in canonical(LaterNetwork.model_validate(values | {"dropout": 0.1}))


def test_new_key_of_a_recipe_changes_no_text():
    values = {"source": "mnist", "noise_images": 30, "training_images_limit": 5}
    assert canonical(LaterRecipe(**values)) == canonical(DatasetRecipe(**values))
    assert '"mirrored": true' in canonical(LaterRecipe(**values, mirrored=True))


@pytest.mark.parametrize(
    "settings",
    [
        Network(hidden_layers=(), optimizer="adam", learning_rate=1e-3, epsilon=1e-6, batch_size="full"),
        Network(snapshot_epochs=(0, 3)),
        DatasetRecipe(source="mnist", noise_images=3, resize=(10, 10), shuffle_labels=1),
        DatasetRecipe(source="mnist"),
        Experiment(function="network.weights_and_biases", options={"images": 10}),
        MeasuredClaim(family="learning", statistic="test_accuracy", options={"said": 0.96}),
        Statistics(confidence_level=0.9),
        Contradictions(()),
        ReadingNotes((ReadingNote(claim="ninety-six", traps="One seed says little."),)),
        Source(title="MNIST", classes=("0", "1"), files={"test_labels": {"name": "t", "sha256": "0" * 64}}),
    ],
)
def test_text_is_read_as_the_same_settings(settings: BaseModel):
    """The stages read it in this way."""
    assert type(settings).model_validate(json.loads(canonical(settings))) == settings
    assert canonical(settings_of(settings)) == canonical(settings)
