"""What runs again after changes of wording, of code that presents results, and of the configuration's models."""

import re
from pathlib import Path

from test_study import (
    PAGE,
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

from downhill.storage.json_files import read_json


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


def test_what_a_family_is_about_writes_the_page_again(project: Path):
    before = state(project)
    change(
        own_package(project) / "claims" / "learning.py",
        lambda text: text.replace('"""Family *learning*: ', '"""Family *learning*: it is asked: ', 1),
    )
    snakemake(project)
    assert rewritten(before, state(project)) == PAGE
    assert "It is asked: " in (project / "results" / "index.html").read_text(encoding="utf-8")


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
        "config/claims.tsv, claim 'memory', figures: 'shuffled_accuracy' draws expected, which the statistic "
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


COLUMNS = "contradiction\ttitle\tstatement\tsource\tother_statement\tother_source\tclaims\n"
ROW = "up-or-down\tUp, or down\tIt rises.\tL1\tIt's {falling}.\tL2\trise, count\n"


def test_contradictions_write_the_tables_alone(project: Path):
    """A table of them is added, spelled differently, edited, and removed."""
    before, table = state(project), project / "config" / "contradictions.tsv"
    table.write_text(COLUMNS + ROW, encoding="utf-8")
    change(project / "config" / "config.yaml", lambda text: f"{text}contradictions: {table}\n")
    printed = snakemake(project)
    assert (
        "summarise: contradictions: none → up-or-down; contradictions.up-or-down.title: none → Up, or"
        in printed
    )
    assert rewritten(before, state(project)) == TABLES
    pages = [(project / "results" / f"claims.{kind}").read_text(encoding="utf-8") for kind in ("md", "html")]
    for page in pages:
        assert "It's {falling}." in page
    record = read_json(project / "results" / "claims" / "provenance.json")
    assert record["settings"]["contradictions.up-or-down.claims"] == ["rise", "count"]

    table.write_text(f"# A remark.\n{COLUMNS}{ROW.replace('rise, count', '  rise,c*')}\n", encoding="utf-8")
    assert "Nothing to be done" in snakemake(project, "--dry-run")
    change(table, lambda text: text.replace("It rises.", "It climbs."))
    before = state(project)
    printed = snakemake(project)
    assert "summarise: contradictions.up-or-down.statement: It rises. → It climbs." in printed
    assert rewritten(before, state(project)) == TABLES
    before = state(project)
    change(project / "config" / "config.yaml", lambda text: text.replace(str(table), ""))
    snakemake(project)
    assert rewritten(before, state(project)) == TABLES
    assert "ontradiction" not in (project / "results" / "claims.md").read_text(encoding="utf-8")


def test_contradictions_may_name_claims_that_are_not_selected_but_no_others(project: Path):
    table = project / "config" / "contradictions.tsv"
    table.write_text(COLUMNS + ROW, encoding="utf-8")
    change(
        project / "config" / "config.yaml", lambda text: f"{text}contradictions: config/contradictions.tsv\n"
    )
    snakemake(project, "--config", 'select={"claims": ["memory", "rise"]}')
    page = (project / "results" / "claims.md").read_text(encoding="utf-8")
    assert "[rise](#rise) | Accuracy rises with training. (L1) |" in page
    assert "| – not in this study | count |" in page
    change(table, lambda text: text.replace("count", "cuont"))
    assert (
        "config/contradictions.tsv, line 2, contradiction 'up-or-down', claims: there is no claim 'cuont' in "
        "config/claims.tsv; did you mean 'count'?" in snakemake(project, ok=False)
    )
