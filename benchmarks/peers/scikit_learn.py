"""scikit-learn's MLPClassifier, one epoch per call of `partial_fit`.

It has no quadratic cost, and no sigmoid outputs when each image has one of several labels. P2 is exact nevertheless:
given ten yes-or-no labels per image, it uses ten sigmoid outputs and the sum of their cross-entropies. P1 uses
softmax outputs and log loss instead, with the same matrix products and a suitable step size.
"""

import warnings
from time import perf_counter

from sklearn import set_config
from sklearn.neural_network import MLPClassifier

from benchmarks.cases import Weights
from benchmarks.peers import Task

_SOFTMAX_LEARNING_RATE = 0.3  # for P1, whose 3.0 is meant for the quadratic cost


def prepare(task: Task) -> "_Training":
    """Load the images, and give the classifier the initial weights of the task."""
    set_config(assume_finite=True, skip_parameter_validation=True)  # saves one pass over all images per call
    return _Training(task)


class _Training:
    def __init__(self, task: Task) -> None:
        case = task.case
        each_output = case.output == "sigmoid" and case.loss == "cross_entropy"
        self.images = task.pixels()[: task.n_used]
        self.targets = (task.targets() if each_output else task.labels())[: task.n_used]
        self.classifier = MLPClassifier(
            case.hidden_layers,
            activation={"sigmoid": "logistic", "relu": "relu"}[case.activation],
            solver="sgd",
            learning_rate_init=_SOFTMAX_LEARNING_RATE if case.loss == "mse" else case.learning_rate,
            momentum=0,
            nesterovs_momentum=False,
            alpha=0,
            batch_size=case.batch_size,
            shuffle=task.shuffle,
            random_state=task.seed,
        )
        warnings.filterwarnings("ignore", module="sklearn")  # an overflow in the log loss that it monitors
        # The first call allocates the weights, which are then overwritten.
        few = slice(0, 100 * case.batch_size)
        self.classifier.partial_fit(self.images[few], self.targets[few], classes=range(10))
        for own_W, own_b, (W, b) in zip(
            self.classifier.coefs_, self.classifier.intercepts_, task.initial_weights(), strict=True
        ):
            own_W[:], own_b[:] = W, b

    def epoch(self) -> float:
        """Train one epoch, and return the seconds that it took."""
        begin = perf_counter()
        self.classifier.partial_fit(self.images, self.targets)
        return perf_counter() - begin

    def networks(self) -> list[Weights]:
        """Weights of the single network."""
        return [list(zip(self.classifier.coefs_, self.classifier.intercepts_, strict=True))]
