"""Sweeps: one row of a table that expands into several."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downhill.config.sweep import rows_of_sweep
from downhill.errors import DownhillError

from .study_files import NETWORKS, Files, load

ROW = {"network": "rate", "dataset": "few", "seeds": "3"}


@pytest.mark.parametrize(
    ("cells", "rows"),
    [
        ({}, [{"network": "rate"}]),
        (
            {"learning_rate": "0.1|0.3|1"},
            [{"network": f"rate-{value}", "learning_rate": value} for value in ("0.1", "0.3", "1")],
        ),
        (
            {"hidden_layers": "16 | 16-16"},  # spaces do not matter
            [{"network": f"rate-{value}", "hidden_layers": value} for value in ("16", "16-16")],
        ),
        (
            # Every combination. The order of the columns in the table makes no difference to the names.
            {"learning_rate": "1|3", "epochs": "5|6"},
            [
                {"network": f"rate-{epochs}-{rate}", "learning_rate": rate, "epochs": epochs}
                for epochs, rate in (("5", "1"), ("5", "3"), ("6", "1"), ("6", "3"))
            ],
        ),
    ],
)
def test_rows_of_a_sweep(cells: dict[str, str], rows: list[dict[str, str]]):
    assert list(rows_of_sweep(ROW | cells, "network")) == [ROW | row for row in rows]


def test_row_without_a_name_stays_without():
    """Then the message says what is missing."""
    assert list(rows_of_sweep({"epochs": "1|2"}, "network")) == [{"epochs": "1"}, {"epochs": "2"}]


values = st.lists(st.from_regex(r"[a-z0-9.]{1,4}", fullmatch=True), min_size=2, max_size=4, unique=True)


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), values))
def test_there_is_a_row_for_every_combination(columns: dict[str, list[str]]):
    rows = list(rows_of_sweep(ROW | {name: "|".join(cell) for name, cell in columns.items()}, "network"))
    ordered = dict(sorted(columns.items()))
    assert [tuple(row[name] for name in ordered) for row in rows] == list(product(*ordered.values()))
    assert all(row["dataset"] == "few" for row in rows)


def test_swept_networks_are_rows_of_the_study(files: Files):
    files[NETWORKS][2] |= {"learning_rate": "0.5|1", "batch_size": "10|full"}
    study = load(files)
    swept = {name: row for name, row in study.networks.items() if name.startswith("spare")}
    assert {name: (row.learning_rate, row.batch_size) for name, row in swept.items()} == {
        "spare-10-0.5": (0.5, 10), "spare-full-0.5": (0.5, "full"), "spare-10-1": (1, 10), "spare-full-1": (1, "full")
    }  # fmt: skip
    assert {row.seeds for row in swept.values()} == {1}
    files[NETWORKS][0]["epochs"] = "30"
    files["config/claims.tsv"][0]["networks"] = "spare-*-1"
    files["config/claims.tsv"][0] |= {"statistic": "accuracy_of_best_shape", "figures": ""}
    assert load(files).claims["ninety-six"].networks == ("spare-10-1", "spare-full-1")


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"learning_rate": "1|-1"}, ", network 'spare--1', learning_rate: '-1' should be greater than 0"),
        ({"learning_rate": "1|1"}, ": the network 'spare-1' is already defined in line 4; rename one"),
        (
            {"activation": "tanh|sigmod"},
            ", network 'spare-sigmod', activation: 'sigmod' is not one of sigmoid, tanh",
        ),
        ({"learning_rate": "1|"}, ", network 'spare-', learning_rate: '' should be a number"),
        ({"network": "a|b"}, ", network 'a|b', network: 'a|b' may contain only letters, digits, "),
    ],
)
def test_sweep_with_a_mistake_names_its_row(cells: dict[str, str], sentence: str, files: Files):
    files[NETWORKS][2] |= cells
    with pytest.raises(DownhillError) as caught:
        load(files)
    assert str(caught.value).startswith(f"{NETWORKS}, line 4{sentence}")
