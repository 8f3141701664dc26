"""Targets of images, and networks that are incompatible with them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from downhill import DownhillError, Images, Network
from downhill.datasets.dataset import NO_CLASS
from downhill.network.targets import class_rows, target_rows, target_table


def labelled(*labels):
    return Images(np.zeros((len(labels), 1, 2), np.uint8), np.array(labels, np.uint8))


def regression(targets):
    return Images.with_targets(np.zeros((len(targets), 1, 2), np.float32), np.array(targets, np.float32))


def test_table_for_classification():
    table, index = target_table(labelled(2, 0, NO_CLASS, 2), Network(), 3)
    assert (table.dtype, index.dtype) == (np.float32, np.int32)
    np.testing.assert_array_equal(table, [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]])
    assert index.tolist() == [2, 0, 3, 2]


def test_smoothing_does_not_apply_to_images_of_no_class():
    table, _ = target_table(labelled(1, NO_CLASS), Network(label_smoothing=0.2), 4)
    np.testing.assert_allclose(table[1], [0.05, 0.85, 0.05, 0.05], rtol=1e-6)
    assert not table[4].any()


@given(st.integers(1, 255), st.floats(0, 0.99))
def test_smoothed_rows_sum_to_one_and_are_largest_at_their_class(n_classes, smoothing):
    rows = class_rows(n_classes, smoothing)
    np.testing.assert_allclose(rows[:-1].sum(axis=1), 1, rtol=1e-12)
    assert rows[:-1].argmax(axis=1).tolist() == list(range(n_classes))


def test_table_for_regression():
    targets = [[0.5, -1.0], [2.0, 3.0]]
    table, index = target_table(regression(targets), Network(output="linear"), 2)
    np.testing.assert_array_equal(table, np.array(targets, np.float32))
    assert index.tolist() == [0, 1]
    assert (table.dtype, index.dtype) == (np.float32, np.int32)


@pytest.mark.parametrize("images", [labelled(), labelled(1, 2, NO_CLASS), regression(np.zeros((0, 3))),
                                    regression([[0.1, 0.2, 0.3]])])  # fmt: skip
def test_table_and_rows_agree(images):
    net = Network(label_smoothing=0.1 if images.targets is None else 0)
    table, index = target_table(images, net, 3)
    rows = target_rows(images.labels if images.targets is None else images.targets, net, 3)
    np.testing.assert_array_equal(table[index], rows.astype(np.float32))
    assert rows.dtype == np.float64


def test_all_255_classes_are_supported():
    table, index = target_table(labelled(254, NO_CLASS), Network(), 255)
    assert index.tolist() == [254, 255]
    assert table[254, 254] == 1
    assert not table[255].any()


@pytest.mark.parametrize(
    ("images", "settings", "message"),
    [
        (
            labelled(0, NO_CLASS, NO_CLASS),
            {"output": "softmax"},
            "2 images belong to no class .* the outputs of a softmax sum to 1 and cannot all be 0; "
            "use output 'sigmoid' or 'linear'",
        ),
        (
            regression([[0.0, 1.0]]),
            {"output": "softmax"},
            "output 'softmax' gives .* use output 'linear' or 'sigmoid'",
        ),
        (
            regression([[0.0, 1.0]]),
            {"loss": "cross_entropy"},
            "loss 'cross_entropy' is for classification, .* use loss 'mse'",
        ),
        (
            regression([[0.0, 1.0]]),
            {"label_smoothing": 0.1},
            "label_smoothing is 0.1, .* remove label_smoothing",
        ),
        (
            regression([[0.0], [1.0]]),
            {},
            "the targets have 1 values per image, but the network has 2 outputs",
        ),
        (labelled(0, 2), {}, "labels must be in 0 … 1 .*; found 0 … 2"),
    ],
)
def test_network_that_is_incompatible_with_its_targets_is_refused(images, settings, message):
    with pytest.raises(DownhillError, match=message) as caught:
        target_table(images, Network(**settings), 2)
    assert "\n" not in str(caught.value)
