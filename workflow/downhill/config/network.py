"""A network and how it is trained: the hyper-parameters of one row of `networks.tsv`."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from downhill.config.calls import Called, check
from downhill.config.cells import (
    IMAGE_SETS,
    Epochs,
    ImageSet,
    in_order,
    in_order_of_sets,
    read_batch,
    read_epochs,
    read_layers,
    read_sets,
)

Activation = Literal["sigmoid", "tanh", "relu", "leaky_relu", "linear", "step"]
Output = Literal["sigmoid", "softmax", "linear"]
Loss = Literal["mse", "cross_entropy"]
Initialization = Literal["normal", "lecun", "glorot", "he", "zeros", "nielsen"]
Optimizer = Literal["sgd", "momentum", "nesterov", "adam"]
Schedule = Literal["constant", "step", "cosine"]
TrainedLayers = Literal["all", "output"]

_BETA1, _BETA2, _EPSILON, _DECAY_FACTOR = 0.9, 0.999, 1e-8, 0.1
_SMALLEST_EPSILON = 1e-30


class Network(BaseModel, metaclass=Called):
    """The architecture and the training recipe of a multilayer perceptron.

    The defaults are the lesson's own network and recipe (3Blue1Brown, *Gradient descent*, after
    M. Nielsen, *Neural Networks and Deep Learning*, chapter 1). Input and output widths are not
    included: they follow from the data set.

    Raises
    ------
    DownhillError
        If a setting is unknown, has an impossible value, or has no effect with the others.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    hidden_layers: Annotated[
        tuple[Annotated[int, Field(ge=1, le=65_536)], ...],
        BeforeValidator(read_layers),
        Field(description="Widths of the hidden layers, input side first, such as `16-16`, or `none`."),
    ] = (16, 16)
    activation: Activation = Field(
        "sigmoid",
        description="Activation function of every hidden unit. `leaky_relu` has a slope of 0.01 below 0; "
        "`step` is 1 above 0 and 0 elsewhere, and its gradient is 0.",
    )
    straight_through: bool = Field(
        False,
        description="Only with activation `step`: backpropagation takes its slope as 1 (straight-through).",
    )
    output: Output = Field("sigmoid", description="Activation function of the output layer.")
    loss: Loss = Field(
        "mse",
        description="Cost of an image: `mse` is ½‖a − y‖², `cross_entropy` requires sigmoid or softmax outputs.",
    )
    label_smoothing: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="ε in the targets (1 − ε) · one-hot + ε / classes; 0 means the one-hot targets themselves.",
    )
    initialization: Initialization = Field(
        "normal",
        description="`normal`: weights and biases from N(0, 1), with mean 0 and standard deviation 1. `nielsen`: "
        "weights from N(0, 1/√inputs), biases from N(0, 1). All others set biases to zero and draw weights: "
        "`lecun` from N(0, 1/√inputs), `he` from N(0, √(2/inputs)), "
        "`glorot` uniformly from ±√(6/(inputs + outputs)); `zeros` sets them to zero as well.",
    )
    optimizer: Optimizer = Field(
        "sgd",
        description="`sgd`, `momentum` (classical) and `nesterov` (both need `momentum`), or `adam`.",
    )
    learning_rate: float = Field(
        3.0, gt=0, allow_inf_nan=False, description="Step size; it multiplies the mean gradient of a batch."
    )
    learning_rate_schedule: Schedule = Field(
        "constant",
        description="How the step size decreases: not at all, by `decay_factor` in steps every `decay_every` "
        "epochs, or along half a cosine to 0 at the end.",
    )
    decay_every: int | None = Field(
        None, ge=1, description="Interval between decreases, in epochs; required by schedule `step`."
    )
    decay_factor: float = Field(
        _DECAY_FACTOR,
        gt=0,
        lt=1,
        description="Factor by which each decrease of schedule `step` multiplies the rate.",
    )
    warmup_epochs: int = Field(
        0, ge=0, description="Epochs at the start in which the rate rises linearly, step by step."
    )
    batch_size: Annotated[Annotated[int, Field(ge=1)] | Literal["full"], BeforeValidator(read_batch)] = Field(
        10, description="Images per step; `full` means the whole training set."
    )
    epochs: int = Field(
        30, ge=0, le=1_000_000, description="Passes over the training images; 0 leaves the network untrained."
    )
    momentum: float = Field(
        0.0, ge=0, lt=1, description="Share of the last step that is carried over into the next."
    )
    beta1: float = Field(
        _BETA1,
        ge=0,
        lt=1,
        description="`adam`: share of the mean gradient that is carried over into the next step.",
    )
    beta2: float = Field(_BETA2, ge=0, lt=1, description="`adam`: the same for the mean squared gradient.")
    epsilon: float = Field(
        _EPSILON,
        gt=0,
        allow_inf_nan=False,
        description="`adam`: added to the root of the mean squared gradient.",
    )
    weight_decay: float = Field(
        0.0,
        ge=0,
        allow_inf_nan=False,
        description="Shrinks weights, not biases: adds weight_decay · w to each weight's gradient (L2 "
        "penalty), so it is λ/n in Nielsen's notation, with n training images; with `adam` it is decoupled from "
        "the gradient (AdamW). Costs in histories and scores do not include the penalty.",
    )
    trained_layers: TrainedLayers = Field(
        "all",
        description="Layers that are trained: `all`, or only the `output` layer; hidden layers are then frozen and "
        "keep their initial weights and biases.",
    )
    shuffle_labels: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Share of the training labels to shuffle among themselves, differently for each seed; "
        "0 keeps the labels of the data set.",
    )
    subset_images: int | None = Field(
        None,
        ge=1,
        description="Train on this many of the training images, drawn at random for each seed; empty means all.",
    )
    history_every: int = Field(1, ge=1, description="Interval between rows of the history, in epochs.")
    history_sets: Annotated[
        tuple[ImageSet, ...],
        BeforeValidator(read_sets),
        AfterValidator(in_order_of_sets),
        Field(
            description="Image sets that each row of the history scores, such as `validation, test`; the others have "
            "NaN. Leaving out `train` saves the most time, since most images are training images."
        ),
    ] = IMAGE_SETS
    snapshot_epochs: Annotated[
        Epochs,
        BeforeValidator(read_epochs),
        AfterValidator(in_order),
        Field(
            description="Epochs after which a copy of all weights is kept, such as `0, 1, 10`, where 0 is the start; "
            "`history` keeps one at the start and one for every row of the history."
        ),
    ] = ()

    @model_validator(mode="after")
    def _makes_sense(self) -> "Network":
        if self.loss == "cross_entropy" and self.output == "linear":
            raise ValueError(
                "loss 'cross_entropy' needs outputs that are probabilities; "
                "use output 'sigmoid' or 'softmax', or loss 'mse'"
            )
        if self.straight_through and self.activation != "step":
            raise ValueError(
                f"straight_through has no effect with activation '{self.activation}', which has a slope "
                "of its own; use activation 'step', or leave straight_through out"
            )
        if self.trained_layers == "output" and not self.hidden_layers:
            raise ValueError(
                "trained_layers 'output' has no effect without hidden layers, since there is no other layer; "
                "add hidden layers, or leave trained_layers out"
            )
        self._check_optimizer()
        self._check_schedule()
        self._check_snapshots()
        return self

    def _check_optimizer(self) -> None:
        carries = self.optimizer in ("momentum", "nesterov")
        if self.momentum > 0 and not carries:
            raise ValueError(
                f"momentum above 0 has no effect with optimizer '{self.optimizer}'; "
                "use optimizer 'momentum' or 'nesterov'" + (", or beta1" if self.optimizer == "adam" else "")
            )
        if self.momentum == 0 and carries:
            raise ValueError(f"optimizer '{self.optimizer}' needs momentum above 0 (0.9 is usual)")
        for name, default in (("beta1", _BETA1), ("beta2", _BETA2), ("epsilon", _EPSILON)):
            if getattr(self, name) != default and self.optimizer != "adam":
                raise ValueError(
                    f"{name} has no effect with optimizer '{self.optimizer}'; "
                    f"use optimizer 'adam', or leave {name} out"
                )

        if self.epsilon < _SMALLEST_EPSILON:
            raise ValueError(
                f"epsilon is {self.epsilon:g}, which float32 may not distinguish from 0; "
                f"choose at least {_SMALLEST_EPSILON:g} (1e-8 is usual)"
            )

    def _check_schedule(self) -> None:
        schedule = self.learning_rate_schedule
        if schedule == "step" and self.decay_every is None:
            raise ValueError("learning_rate_schedule 'step' needs decay_every, a number of epochs")
        for name, default in (("decay_every", None), ("decay_factor", _DECAY_FACTOR)):
            if getattr(self, name) != default and schedule != "step":
                raise ValueError(
                    f"{name} has no effect with learning_rate_schedule '{schedule}'; "
                    f"use learning_rate_schedule 'step', or leave {name} out"
                )
        if self.warmup_epochs > self.epochs:
            raise ValueError(
                f"warmup_epochs is {self.warmup_epochs}, but epochs is {self.epochs}; choose at most that"
            )

    def _check_snapshots(self) -> None:
        if max(self.epochs_of_snapshots(), default=0) > self.epochs:
            raise ValueError(
                f"snapshot_epochs goes up to {max(self.epochs_of_snapshots())}, but epochs is {self.epochs}; "
                f"choose epochs from 0 to {self.epochs}"
            )

    def in_history(self, epoch: int) -> bool:
        """Whether the history has a row for an epoch (the first is 1): every `history_every` epochs, and the last."""
        return epoch % self.history_every == 0 or epoch == self.epochs

    def epochs_of_snapshots(self) -> tuple[int, ...]:
        """Epochs after which weights are kept, in order; 0 is the start."""
        if self.snapshot_epochs == "history":
            return (0, *(epoch for epoch in range(1, self.epochs + 1) if self.in_history(epoch)))
        return self.snapshot_epochs

    def limited_to(self, epochs: int | None, training_images: int | None = None) -> Self:
        """The same network with at most this many epochs and training images, for smoke runs.

        Warm-up, snapshots and subset are reduced to fit.
        """
        last = self.epochs if epochs is None else min(self.epochs, epochs)
        snapshots, subset = self.snapshot_epochs, self.subset_images
        if snapshots != "history":
            snapshots = in_order(tuple(min(epoch, last) for epoch in snapshots))
        if subset is not None and training_images is not None:
            subset = min(subset, training_images)
        return self.model_copy(
            update={
                "epochs": last,
                "subset_images": subset,
                "warmup_epochs": min(self.warmup_epochs, last),
                "snapshot_epochs": snapshots,
            }
        )

    @property
    def first_trained_layer(self) -> int:
        """Index of the first layer that is trained, 0 … number of hidden layers; those before it are frozen."""
        return len(self.hidden_layers) if self.trained_layers == "output" else 0

    def layer_sizes(self, n_inputs: int, n_outputs: int) -> tuple[int, ...]:
        """Widths of all layers from the input to the output, e.g. (784, 16, 16, 10)."""
        return (n_inputs, *self.hidden_layers, n_outputs)


def check_network(net: object) -> None:
    """Check that an argument is a network; DownhillError if it is not."""
    check(net, Network, "net", "a Network, such as Network(epochs=5)")
