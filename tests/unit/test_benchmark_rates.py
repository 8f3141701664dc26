"""The learning rates of compared networks are those that the search on validation images chose."""

import pandas as pd

from benchmarks import rates
from benchmarks.rates import network, validation_accuracy
from downhill.datasets import Dataset
from tests.shipped_claims import CONFIG, EXPERIMENTS


def test_the_first_rate_with_the_highest_accuracy_was_chosen():
    table = pd.read_csv(rates.RESULT, sep="\t")
    found = dict(iter(table.groupby(["loss", "activation"])))
    assert set(found) == set(rates.COMBINATIONS)
    for rows in found.values():
        assert tuple(rows.learning_rate) == rates.RATES
        best = rows[rows.validation_accuracy == rows.validation_accuracy.max()].learning_rate.min()
        assert rows[rows.chosen].learning_rate.tolist() == [best]


def test_the_study_uses_the_rates_that_were_chosen():
    table = pd.read_csv(rates.RESULT, sep="\t")
    chosen = table[table.chosen].set_index(["loss", "activation"]).learning_rate
    options = EXPERIMENTS["accuracies-by-units"].options
    for loss, name in (("mse", "quadratic_rates"), ("cross_entropy", "cross_entropy_rates")):
        assert list(options[name]) == [chosen[loss, activation] for activation in options["activations"]]
    assert list(options["initializations"]) == [rates.INITIALIZATIONS[one] for one in options["activations"]]
    assert options["epochs"] == rates.EPOCHS
    rows = pd.read_csv(CONFIG / "networks.tsv", sep="\t", comment="#", index_col="network")
    assert rows.learning_rate["step-straight-through"] == chosen["mse", "straight-through"]


def test_a_run_that_diverges_has_an_accuracy_of_0(digits: Dataset):
    few = digits.train.take(slice(40))
    data = Dataset(few, few, digits.test.take(slice(0)), digits.classes)
    assert validation_accuracy(network("relu", "mse", 1e30), data, 0) == 0
    assert validation_accuracy(network("relu", "cross_entropy", 0.1), data, 0) > 0.1
