"""The learning rates of compared networks are those that the search on validation images chose."""

import numpy as np
import pandas as pd
import pytest

from benchmarks import rates
from benchmarks.rates import network, searched
from downhill import train
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


def test_the_search_compares_means_over_seeds_and_a_run_that_diverges_has_an_accuracy_of_0(
    digits: Dataset, monkeypatch: pytest.MonkeyPatch
):
    few = digits.train.take(slice(40))
    data = Dataset(few, few, digits.test.take(slice(0)), digits.classes)
    monkeypatch.setattr(rates, "COMBINATIONS", [("mse", "relu"), ("cross_entropy", "relu")])
    for tried, chosen in (((1e30, 0.1), [False, True]), ((1e30, 1e31), [True, False])):
        monkeypatch.setattr(rates, "RATES", tried)
        table = searched(data)
        assert table.chosen.tolist() == chosen * 2
        for row in table.itertuples():
            runs = [
                train(network("relu", row.loss, row.learning_rate), data, seed) for seed in (100, 101, 102)
            ]
            assert [run.diverged for run in runs] == [row.learning_rate > 1] * 3
            final = [0 if run.diverged else run.history.validation_accuracy.iloc[-1] for run in runs]
            assert row.validation_accuracy == pytest.approx(np.mean(final), abs=1e-5)
