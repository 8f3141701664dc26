"""Settings as text that Snakemake compares to decide whether a job must run again."""

import json
from typing import Any

from pydantic import BaseModel


def settings_of(model: BaseModel) -> dict[str, Any]:
    """The settings that differ from their defaults, ready for JSON.

    Neutral defaults are left out, so that a new setting with a neutral default does not affect existing results.
    (A test pins every default: changing one would give existing results a new meaning.)
    """
    return model.model_dump(mode="json", exclude_defaults=True)


def canonical(settings: BaseModel | dict[str, Any]) -> str:
    """Settings as JSON, the same text for the same settings, without neutral defaults."""
    values = settings_of(settings) if isinstance(settings, BaseModel) else settings
    return json.dumps(values, sort_keys=True, ensure_ascii=False)
