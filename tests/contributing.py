"""The experiment, claim and figure that CONTRIBUTING.md shows, to be added to a study exactly as it says."""

import re
import shutil
from pathlib import Path

import yaml

from tests.cluster.study import lay_out

REPOSITORY = Path(__file__).parents[1]

NETWORKS = """\
network	dataset	seeds	seeds_per_block	hidden_layers	epochs
lesson	few	6	3	16	2
"""
PLAIN = """\
claim	family	statement	source	said	statistic	networks	experiments	options	unit	band	figures
rise	learning	It learns.	L1		rise_with_epochs	lesson			correlation	> 0	learning_curves
"""
RECIPE = {"source": "mnist", "validation_images": 100, "training_images": 300}


def shown() -> dict[str, str]:
    """Contents of the files that CONTRIBUTING.md shows, by the path in their first line."""
    text = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```(?:python|yaml)\n# (\S+)\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    row = re.search(r"^\| (sure-of-noise .*) \|$", text, flags=re.MULTILINE)
    assert row
    cells = [cell.strip() for cell in row[1].split("|")]
    header = re.search(r"^\| (claim \| family .*) \|$", text, flags=re.MULTILINE)
    assert header
    assert len(cells) == len(header[1].split("|"))
    return dict(blocks) | {"row": "\t".join(cells)}


def lay_out_plain(project: Path) -> Path:
    """A small study before anything is added, with a package of its own."""
    config = lay_out(project) / "config"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPOSITORY / "workflow" / "downhill", project / "workflow" / "downhill", ignore=ignored)
    sources = yaml.safe_load((config / "datasets.yaml").read_text(encoding="utf-8"))["sources"]
    tables = {"sources": {"mnist": sources["mnist"]}, "datasets": {"few": RECIPE}}
    (config / "datasets.yaml").write_text(yaml.safe_dump(tables), encoding="utf-8")
    settings = {"experiments": "config/experiments.yaml", "statistics": {"resamples": 500}}
    (config / "config.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    (config / "networks.tsv").write_text(NETWORKS, encoding="utf-8")
    (config / "claims.tsv").write_text(PLAIN, encoding="utf-8")
    (config / "experiments.yaml").write_text("", encoding="utf-8")
    return project


def follow(project: Path) -> None:
    """Add what CONTRIBUTING.md shows, and nothing else."""
    files = shown()
    with (project / "config" / "claims.tsv").open("a", encoding="utf-8") as table:
        table.write(files.pop("row") + "\n")
    assert set(files) == {
        "config/experiments.yaml",
        *(f"workflow/downhill/{room}/pixels.py" for room in ("experiments", "claims", "figures")),
    }
    for name, content in files.items():
        (project / name).write_text(content, encoding="utf-8")
