"""What runs again after changes of wording, of code that presents results, and of the configuration's models."""

import re
from pathlib import Path

from test_study import (
    TABLES,
    change,
    figure_files,
    finished,  # noqa: F401
    judged_files,
    own_package,
    project,  # noqa: F401
    read_table,
    rewritten,
    set_cell,
    snakemake,
    stages,
    state,
    write_table,
)


def test_column_with_a_neutral_default_reruns_nothing(project: Path):
    change(
        own_package(project) / "config" / "network.py",
        lambda text: text.replace(
            "    history_every: int = Field(",
            '    patience: int = Field(0, ge=0, description="A new setting.")\n    history_every: int = Field(',
        ),
    )
    assert "Nothing to be done" in snakemake(project, "--dry-run")
    path = project / "config" / "networks.tsv"
    write_table(path, read_table(path).assign(patience=""))
    assert "Nothing to be done" in snakemake(project, "--dry-run")


def test_typo_in_a_statement_judges_and_draws_that_claim_alone(project: Path):
    before = state(project)
    set_cell(project, "claims", "rise", "statement", "Accuracy rises with practice.")
    printed = snakemake(project)
    assert rewritten(before, state(project)) == judged_files("rise") | TABLES
    assert re.search(r"rule judge:.*?reason: Params have changed", printed, flags=re.DOTALL)


def test_docstring_of_a_statistic_reruns_what_shows_it(project: Path):
    before = state(project)
    change(
        own_package(project) / "claims" / "learning.py",
        lambda text: text.replace(
            '"""Mean over seeds of Spearman\'s correlation',
            '"""Average over seeds of Spearman\'s correlation',
        ),
    )
    snakemake(project)
    assert rewritten(before, state(project)) == judged_files("rise") | TABLES
    page = (project / "results" / "claims.md").read_text(encoding="utf-8")
    assert "- Average over seeds of Spearman's correlation" in page


def test_new_statistic_of_a_family_measures_no_other_claim(project: Path):
    change(
        own_package(project) / "claims" / "learning.py",
        lambda text: text + '\n\n@gives()\ndef another(inputs: Inputs) -> Measurement:\n    """Nothing."""\n',
    )
    change(
        project / "workflow" / "downhill" / "figures" / "learning.py",
        lambda text: (
            text + '\n\n@draws()\ndef nothing(evidence: dict[str, Any]) -> Figure:\n    """Nothing."""\n'
        ),
    )
    assert "Nothing to be done" in snakemake(project, "--dry-run")


def test_edit_of_a_statistic_measures_its_claims_alone(project: Path):
    change(
        own_package(project) / "claims" / "learning.py",
        lambda text: text.replace("the lowest correlation of a single seed is", "a single seed has at least"),
    )
    planned = stages(snakemake(project, "--dry-run"))
    assert {name: planned.get(name) for name in ("measure", "judge", "draw", "train", "evaluate")} == {
        "measure": "1", "judge": "1", "draw": "1", "train": None, "evaluate": None
    }  # fmt: skip


def test_another_figure_of_a_claim_measures_nothing(project: Path):
    before = state(project)
    set_cell(project, "claims", "memory", "figures", "memorised,shuffled_accuracy")
    printed = snakemake(project, ok=False)
    assert (
        "config/claims.tsv, claim 'memory', figures: 'shuffled_accuracy' draws chance, expected, which the statistic "
        "'gap_when_memorising' does not give (train, test, chance, n_images)" in printed
    )
    assert state(project) == before
    set_cell(project, "claims", "memory", "figures", "")
    snakemake(project)
    assert rewritten(before, state(project)) == (judged_files("memory") - figure_files("memory")) | TABLES


def test_order_of_the_networks_of_a_claim_is_measured(project: Path):
    set_cell(project, "claims", "rise", "statistic", "accuracy_of_best_shape")
    set_cell(project, "claims", "rise", "figures", "")
    set_cell(project, "claims", "rise", "networks", "soft,plain")
    snakemake(project)
    set_cell(project, "claims", "rise", "networks", "plain,soft")
    assert stages(snakemake(project, "--dry-run"))["measure"] == "1"
