"""A study of generated data: nothing is downloaded, and nothing is left to do."""

from pathlib import Path

import pandas as pd
import pytest
import yaml
from test_study import lay_out, read_table, snakemake, stages, write_table

from downhill.storage.json_files import read_json

CONFIG = {
    "datasets": "config/datasets.yaml",
    "networks": "config/networks.tsv",
    "claims": "config/claims.tsv",
    "statistics": {"resamples": 500},
}
GENERATE = {"kind": "xor", "sd": 0.2, "training": 400, "test": 200}
NETWORK = {
    "dataset": "xor",
    "seeds": "4",
    "hidden_layers": "8",
    "activation": "tanh",
    "output": "softmax",
    "loss": "cross_entropy",
    "initialization": "glorot",
    "learning_rate": "0.3",
    "epochs": "20",
}
CLAIM = {
    "family": "learning",
    "statement": "Hidden units solve XOR.",
    "source": "L3",
    "statistic": "test_accuracy",
    "networks": "xor",
    "unit": "share",
    "band": "> 0.97",
    "figures": "accuracy_distribution",
}


def write_study(project: Path) -> None:
    write_sources(project)
    (project / "config" / "config.yaml").write_text(yaml.safe_dump(CONFIG))
    write_table(project / "config" / "networks.tsv", pd.DataFrame({"xor": NETWORK}).T)
    write_table(project / "config" / "claims.tsv", pd.DataFrame({"solved": CLAIM}).T)


def write_sources(project: Path, **changes: object) -> None:
    sources = {"xor": {"title": "XOR", "generate": GENERATE | changes}}
    (project / "config" / "datasets.yaml").write_text(
        yaml.safe_dump({"sources": sources, "datasets": {"xor": {"source": "xor"}}})
    )


def test_network_learns_generated_data_without_a_download(tmp_path: Path):
    project = lay_out(tmp_path / "project")
    write_study(project)
    made = stages(snakemake(project))
    assert "download" not in made
    assert made["prepare"] == made["train"] == made["evaluate"] == "1"
    assert [path.name for path in (project / "resources").iterdir()] == ["bundled"]
    assert not (project / "results" / "logs" / "download").exists()
    claims = pd.read_csv(project / "results" / "claims.csv").set_index("claim")
    assert claims.verdict["solved"] == "supported"
    index = read_json(project / "results" / "evaluation" / "xor" / "index.json")
    assert index["layer_sizes"] == [2, 8, 2]
    record = read_json(project / "results" / "data" / "xor" / "provenance.json")
    assert record["contents"] == {"generate": GENERATE}
    assert record["inputs"] == []
    assert "Nothing to be done" in snakemake(project)

    # Deleted files are made again; other seeds use the same data; other settings make other data.
    (project / "results" / "data" / "xor" / "summary.json").unlink()
    assert stages(snakemake(project))["prepare"] == "1"
    assert read_json(project / "results" / "data" / "xor" / "provenance.json")["outputs"] == record["outputs"]
    networks = read_table(project / "config" / "networks.tsv")
    write_table(project / "config" / "networks.tsv", networks.assign(seeds="12"))
    assert "prepare" not in stages(snakemake(project, "--dry-run"))
    write_sources(project, sd=0.25)
    assert stages(snakemake(project, "--dry-run"))["prepare"] == "1"


@pytest.mark.parametrize("only_generated", [True, False])
def test_generated_source_is_never_downloaded(only_generated: bool, tmp_path: Path):
    project, target = lay_out(tmp_path / "project"), "resources/xor/train-images-idx3-ubyte"
    if only_generated:
        write_study(project)
    printed = snakemake(project, target, "--dry-run", ok=False)
    assert f"{target}: source 'xor' is generated from a seed, so it has no files to download" in printed
