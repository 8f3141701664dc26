"""Family *activations*: why neurons are continuous, which activation serves, and what none at all means."""

import numpy as np

from downhill.claims.activations_costs import about_costs, costs_of
from downhill.claims.activations_matrix import about_matrices, kinds_of, name_of
from downhill.claims.activations_steps import Roles, about_step_units, curve_of, gradients_of
from downhill.claims.activations_tasks import about_tasks, regions_of, tasks_of
from downhill.claims.inputs import Inputs
from downhill.claims.measurement import Measurement, Sample, gives
from downhill.claims.parts import NotMeasuredError, PerSeed, Universal


@gives(
    "networks", "gradients", "curve", "lead",
    parts=("hidden gradient", "beyond frozen layers", "lead of continuous units"),
    reads=("activations.gradients_of_units",),
)  # fmt: skip
def step_units_compared(inputs: Inputs) -> Measurement:
    """Largest hidden gradient of step units; their accuracy minus that with frozen layers; lead of continuous units.

    The first part is the largest absolute component of the gradient of all hidden weights and biases, before and after
    training, whichever is larger. The second compares each seed with a network that has the same initial weights and
    trains only its output layer. The third is the accuracy of the network with other units minus that with step units.
    Accuracies are those on test images, and differences are paired by seed. The row names one network of each of these
    three kinds. It may also name one whose step units were trained with straight-through gradients (backpropagation
    takes the slope of a step as 1), which is shown as a contrast.
    """
    roles = Roles.of(inputs.networks)
    result = inputs.only_experiment()
    if roles.step.name not in result.by_network:
        raise NotMeasuredError(f"experiment '{result.name}' has no results of network '{roles.step.name}'")
    arrays = result.by_network[roles.step.name]
    largest = arrays["largest"].max(axis=1)
    if not np.isfinite(largest).all():
        raise NotMeasuredError("the network has no hidden layers")
    beyond = roles.differences(roles.step, roles.frozen)
    lead = roles.differences(roles.smooth, roles.step)
    gradients = gradients_of(arrays)
    return Measurement(
        [Universal(largest, of="seed"), Universal(beyond, of="seed"), PerSeed(lead)],
        note=about_step_units(roles, gradients),
        data={
            "networks": roles.described(),
            "gradients": gradients,
            "curve": curve_of(arrays),
            "lead": Sample(lead, limited=False),
        },
    )


@gives(
    "costs", "fitted", "hidden_layers", "n_train",
    parts=("quadratic cost", "cross-entropy"), reads=("activations.accuracies",),
)  # fmt: skip
def spread_of_activations(inputs: Inputs, *, fitted: float = 0.93, permutations: int = 1000) -> Measurement:
    """Largest minus smallest mean test accuracy among several kinds of hidden units, at the end of training.

    Even if the units do not matter, the largest minus the smallest mean is above zero on average. Its value when seeds
    are permuted among the units is shown beside it, but not subtracted. Networks that diverged are left out and
    counted. The note says after how many epochs the test accuracy is at least `fitted`.
    """
    arrays = inputs.only_experiment().only()
    if not arrays["accuracy"].shape[-1] or arrays["accuracy"].shape[2] < 2:
        raise NotMeasuredError("the networks were not trained, or there is only one kind of hidden units")
    costs = costs_of(arrays, fitted, permutations)
    return Measurement(
        [cost.part() for cost in costs],
        note=about_costs(costs, fitted),
        data={
            "costs": [cost.described_by_kind() for cost in costs],
            "fitted": fitted,
            "hidden_layers": str(arrays["hidden_layers"][0]),
            "n_train": int(arrays["training_images"][0]),
        },
    )


@gives("kinds", "regression", "hidden_layers", "n_images", reads=("activations.matrices",))
def difference_from_matrix(inputs: Inputs) -> Measurement:
    """Largest relative difference between a linear network's outputs and those of the product of its layers.

    It is ‖a − b‖ / ‖b‖ for the outputs b of a test image and those of the matrix, a, in float64; the largest of all
    test images counts. The verdict is that of the experiment's first kind of hidden units; other kinds are treated in
    the same way, as controls. The networks of the row, such as a softmax regression, are shown beside them.
    """
    arrays = inputs.only_experiment().only()
    kinds = kinds_of(arrays)
    difference = arrays["difference"][:, 0]
    if not np.isfinite(difference).any():
        raise NotMeasuredError("every network diverged, or there is no test image")
    regression = [
        {
            "name": name_of(network.net, network.name),
            "accuracy": Sample(network.scores("test").accuracy.to_numpy()),
        }
        for network in inputs.networks
    ]
    return Measurement(
        Universal(difference[~np.isnan(difference)], of="seed"),
        note=about_matrices(kinds, regression),
        data={
            "kinds": kinds,
            "regression": regression,
            "hidden_layers": str(arrays["hidden_layers"][0]),
            "n_images": arrays["images"][0].tolist(),
        },
    )


@gives(
    "tasks", "regions", "units", "enough", "seed",
    parts=("linear units", "tanh units"), reads=("activations.hard_tasks",),
)  # fmt: skip
def accuracy_of_hard_tasks(inputs: Inputs, *, enough: float = 0.99) -> Measurement:
    """Test accuracy with linear and with tanh hidden units, on the task that speaks most against the claim.

    For each seed, that is the highest accuracy of all tasks with linear units, and the lowest with tanh units. A
    network that diverged counts as one that gets nothing right. The note says how many tanh units it takes until the
    mean accuracy is at least `enough`.
    """
    result = inputs.only_experiment()
    arrays = result.only()
    if not arrays["task"].shape[1]:
        raise NotMeasuredError("the experiment has no data set")
    unknown = arrays["task"][0][np.isnan(arrays["accuracy"]).all(axis=(0, 2))]
    if len(unknown):
        raise NotMeasuredError(
            f"no network has a test accuracy on '{unknown[0]}': all diverged, or its test points have no classes"
        )
    accuracy = np.nan_to_num(arrays["accuracy"])
    linear, tanh = accuracy[:, :, 0].max(axis=1), accuracy[:, :, 1].min(axis=1)
    tasks = tasks_of(arrays, enough)
    return Measurement(
        [PerSeed(linear), PerSeed(tanh)],
        note=about_tasks(tasks, enough),
        data={
            "tasks": tasks,
            "regions": regions_of(arrays),
            "units": int(arrays["units"][0]),
            "enough": enough,
            "seed": int(result.seeds()[0]),
        },
    )
