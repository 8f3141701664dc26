"""JSON schemas of the configuration files, generated from the models."""

from pathlib import Path

from downhill.config.claim import Claim
from downhill.config.dataset import Datasets
from downhill.config.study import NetworkRow, Settings
from downhill.files import write_json

SCHEMAS = {"config": Settings, "datasets": Datasets, "network": NetworkRow, "claim": Claim}


def write_schemas(folder: Path) -> None:
    """Write `config.schema.json`, `datasets.schema.json`, and one for a row of each table."""
    for name, model in SCHEMAS.items():
        write_json(folder / f"{name}.schema.json", model.model_json_schema())
