"""A network and how it is trained: the hyper-parameters of one row of `networks.tsv`."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Activation = Literal["sigmoid", "tanh", "relu", "linear"]
Output = Literal["sigmoid", "softmax", "linear"]
Loss = Literal["mse", "cross_entropy"]
Initialization = Literal["normal", "lecun"]
Optimizer = Literal["sgd", "momentum"]


def _layers(value: Any) -> Any:
    """Read `16-16` (or `none`, for a network without hidden layers) as a tuple of widths."""
    if not isinstance(value, str):
        return value
    if value.strip().lower() == "none":
        return ()
    widths = value.strip().split("-")
    if not all(width.isdecimal() and int(width) > 0 for width in widths):
        raise ValueError(f"'{value}' is not a list of widths; write 16-16, or none for no hidden layers")
    return tuple(int(width) for width in widths)


def _batch(value: Any) -> Any:
    """Read a batch size from the text of a table."""
    if not isinstance(value, str) or value == "full":
        return value
    if not value.strip().isdecimal() or int(value) == 0:
        raise ValueError(f"'{value}' is not a batch size; write a whole number above 0, or full")
    return int(value)


class Network(BaseModel):
    """The architecture and the training recipe of a multilayer perceptron.

    The defaults are the lesson's own network and recipe (3Blue1Brown, *Gradient descent*, after
    M. Nielsen, *Neural Networks and Deep Learning*, chapter 1). Input and output widths are not
    part of it: they follow from the data set.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    hidden_layers: Annotated[
        tuple[Annotated[int, Field(ge=1, le=65_536)], ...],
        BeforeValidator(_layers),
        Field(description="Widths of the hidden layers, input side first, as `16-16`; `none` for none."),
    ] = (16, 16)
    activation: Activation = Field("sigmoid", description="Activation function of every hidden unit.")
    output: Output = Field("sigmoid", description="Activation function of the output layer.")
    loss: Loss = Field(
        "mse",
        description="Cost of an image: `mse` is ½‖a − y‖², `cross_entropy` goes with sigmoid or softmax outputs.",
    )
    initialization: Initialization = Field(
        "normal",
        description="`normal`: weights and biases from N(0, 1). "
        "`lecun`: weights from N(0, 1/√inputs) (standard deviation), biases zero.",
    )
    optimizer: Optimizer = Field("sgd", description="`sgd`, or `momentum` (classical, needs `momentum`).")
    learning_rate: float = Field(
        3.0, gt=0, allow_inf_nan=False, description="Step size, per mean gradient of a batch."
    )
    batch_size: Annotated[Annotated[int, Field(ge=1)] | Literal["full"], BeforeValidator(_batch)] = Field(
        10, description="Images a step; `full` takes the whole training set."
    )
    epochs: int = Field(
        30, ge=0, description="Passes over the training images; 0 leaves the network untrained."
    )
    momentum: float = Field(0.0, ge=0, lt=1, description="Share of the last step carried into the next.")
    weight_decay: float = Field(
        0.0,
        ge=0,
        allow_inf_nan=False,
        description="L2 penalty: adds weight_decay · w to each weight's gradient.",
    )
    history_every: int = Field(1, ge=1, description="Epochs from one row of the history to the next.")

    @model_validator(mode="after")
    def _makes_sense(self) -> "Network":
        if self.loss == "cross_entropy" and self.output == "linear":
            raise ValueError(
                "loss 'cross_entropy' needs outputs that are probabilities; "
                "use output 'sigmoid' or 'softmax', or loss 'mse'"
            )
        if self.optimizer == "sgd" and self.momentum > 0:
            raise ValueError("momentum above 0 has no effect with optimizer 'sgd'; use optimizer 'momentum'")
        if self.optimizer == "momentum" and self.momentum == 0:
            raise ValueError("optimizer 'momentum' needs momentum above 0 (0.9 is usual)")
        return self

    def layer_sizes(self, n_inputs: int, n_classes: int) -> tuple[int, ...]:
        """Widths of all layers from the input to the output, e.g. (784, 16, 16, 10)."""
        return (n_inputs, *self.hidden_layers, n_classes)
