"""JSON schemas and the reference tables of `config/README.md`, both generated from the models."""

import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from downhill.config.claim import Claim
from downhill.config.contradiction import Contradiction
from downhill.config.dataset import Datasets
from downhill.config.experiment import Experiment
from downhill.config.playground import PlaygroundRow
from downhill.config.reading_notes import ReadingNote
from downhill.config.settings import NetworkRow, Settings
from downhill.errors import DownhillError
from downhill.storage.atomic import atomic_path
from downhill.storage.json_files import write_json

SCHEMAS: dict[str, type[BaseModel]] = {
    "config": Settings,
    "datasets": Datasets,
    "network": NetworkRow,
    "experiment": Experiment,
    "claim": Claim,
    "contradiction": Contradiction,
    "reading": ReadingNote,
    "playground": PlaygroundRow,
}

_KINDS = {
    "string": "text",
    "array": "list",
    "object": "mapping",
    "integer": "whole number",
    "boolean": "`true` or `false`",
}

_BOUNDS = {
    "minimum": "≥ {}",
    "exclusiveMinimum": "> {}",
    "maximum": "≤ {}",
    "exclusiveMaximum": "< {}",
    "minItems": "at least {}",
    "maxItems": "at most {}",
}


def write_schemas(folder: Path) -> None:
    """Write a schema of each file, and of a row of each table."""
    for name, model in SCHEMAS.items():
        write_json(folder / f"{name}.schema.json", model.model_json_schema())


def write_reference(path: Path) -> None:
    """Update the tables of keys between the markers of a Markdown file."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise DownhillError(f"{path}: cannot be read: {error.strerror}") from error
    with atomic_path(path) as temporary:
        temporary.write_text(with_reference(text), encoding="utf-8")


def with_reference(text: str) -> str:
    """`text` with the tables between `<!-- keys of NAME -->` and `<!-- end -->` regenerated."""
    return re.sub(
        r"(<!-- keys of (\w+) -->\n).*?(<!-- end -->)",
        lambda match: match[1] + _table(SCHEMAS[match[2]].model_json_schema()) + match[3],
        text,
        flags=re.DOTALL,
    )


def _table(schema: dict[str, Any]) -> str:
    lines = ["| key | meaning | values | default |", "|---|---|---|---|"]
    lines += [
        f"| `{key}` | {' | '.join(cells)} |" for key, *cells in _rows(schema, schema.get("$defs", {}), "")
    ]
    return "\n".join(lines) + "\n"


def _rows(schema: dict[str, Any], models: dict[str, Any], prefix: str) -> list[tuple[str, str, str, str]]:
    """Key, meaning, values and default of every key of a schema; inner keys follow the key that contains them."""
    rows: list[tuple[str, str, str, str]] = []
    for name, field in schema["properties"].items():
        key = prefix + name
        inner = _models_of(field)
        named = next(iter(field.get("patternProperties", {}).values()), field.get("additionalProperties", {}))
        if isinstance(named, dict) and _models_of(named):  # a mapping of names to models
            inner, key = _models_of(named), f"{key}.NAME"
        if inner:
            rows += _merged([row for model in inner for row in _rows(models[model], models, key + ".")])
            continue
        required = name in schema.get("required", [])
        widths = field.get("items", {}).get("type") == "integer" and "prefixItems" not in field
        default = "required" if required else _value(field.get("default"), "-" if widths else ", ")
        rows.append((key, field.get("description", ""), _values(field), default))
    return rows


def _models_of(field: dict[str, Any]) -> list[str]:
    """Names of the models that a field may hold; none if it holds something else."""
    kinds = field.get("oneOf", [field])
    return [kind["$ref"].rpartition("/")[2] for kind in kinds if "$ref" in kind]


def _merged(rows: list[tuple[str, str, str, str]]) -> list[tuple[str, str, str, str]]:
    """Rows of several models; rows with the same key, meaning and default are merged into one with all values."""
    values: dict[tuple[str, str, str], list[str]] = {}
    for key, meaning, possible, default in rows:
        values.setdefault((key, meaning, default), []).append(possible)
    return [
        (key, meaning, ", ".join(dict.fromkeys(possible)), default)
        for (key, meaning, default), possible in values.items()
    ]


def _values(field: dict[str, Any]) -> str:
    """What a key may hold, in words."""
    if "anyOf" in field:
        kinds = [_values(kind) for kind in field["anyOf"] if kind.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    kind = _KINDS.get(field["type"], field["type"])
    if "prefixItems" in field:
        return f"{len(field['prefixItems'])} × ({_values(field['prefixItems'][0])})"
    items = f" of ({_values(field['items'])})" if "items" in field and "type" in field["items"] else ""
    bounds = [text.format(_number(field[name])) for name, text in _BOUNDS.items() if name in field]
    return " ".join([kind + items, ", ".join(bounds)]).strip()


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:g}"


def _value(default: Any, separator: str) -> str:
    if default in (None, [], {}, ""):
        return "empty"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, list):
        return "`" + separator.join(map(str, default)) + "`"
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"
