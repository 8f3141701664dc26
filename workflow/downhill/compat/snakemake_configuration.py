"""The configuration that Snakemake was given, read from its object `workflow`."""

from pathlib import Path
from typing import Any


def configuration(workflow: Any) -> tuple[list[Path], dict[str, Any]]:
    """The configuration files, of which later ones win, and the values of `--config`, which win over all files."""
    settings = workflow.config_settings
    given = [Path(file) for file in settings.configfiles]
    own = [Path(file) for file in workflow.configfiles if Path(file) not in given]
    return [*([] if settings.replace_workflow_config else own), *given], dict(settings.config)
