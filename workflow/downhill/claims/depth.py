"""Family *depth*: whether the gradient vanishes on its way back through many layers, and learning with it."""

from downhill.claims.depth_gradients import about_kinds, geometric_mean, kinds_of, scales_of
from downhill.claims.inputs import Inputs
from downhill.claims.measurement import Measurement, Sample, gives
from downhill.claims.parts import STARTS, NotMeasuredError, PerSeed


@gives(
    "kinds", "scales", "difference", "shallow", "deep", "n_images", "n_train", "epochs",
    parts=("factor", "lead of the shallow network"), reads=("depth.gradients_by_layer",),
)  # fmt: skip
def factor_between_layers(
    inputs: Inputs, *, shallow: int = 2, deep: int = 8, factor: float = 3.0, stalled: float = 0.5
) -> Measurement:
    """Factor by which the gradient grows from a hidden layer to the next; accuracy with {shallow} minus {deep} layers.

    The gradient is that of the biases, before training; its norm in a layer is divided by that in the layer below,
    which is closer to the input. The factor of a seed is the geometric mean over all neighbouring hidden layers of its
    networks of all depths, and that of all seeds is their geometric mean. The second part is the test accuracy at the
    end of training of the network with `shallow` hidden layers minus that of the one with `deep`, by seed. Both parts
    concern the first kind of units of the first experiment; other kinds are shown for comparison. The note says at
    which depth the mean accuracy crosses `stalled` and, if the experiment multiplies the initial weights by several
    scales, at which scale the mean factor crosses `factor`.
    """
    kinds = [kind for result in inputs.experiments.values() for kind in kinds_of(result.only())]
    if not kinds:
        raise NotMeasuredError("the row names no experiment")
    own, arrays = kinds[0], next(iter(inputs.experiments.values())).only()
    factors = own.factors()
    if not len(factors):
        raise NotMeasuredError("no gradient is above zero in two neighbouring hidden layers")
    difference = own.difference(shallow, deep)
    scales = scales_of(arrays, factor)
    return Measurement(
        [PerSeed(factors, geometric_mean, (STARTS,)), PerSeed(difference)],
        note=about_kinds(kinds, scales, factor, stalled),
        data={
            "kinds": [kind.described_by_depth(stalled) for kind in kinds],
            "scales": scales,
            "difference": Sample(difference, limited=False),
            "shallow": shallow,
            "deep": deep,
            "n_images": int(arrays["images"][0]),
            "n_train": int(arrays["training_images"][0]),
            "epochs": int(arrays["epochs"][0]),
        },
    )
