"""What is asked of a job besides its inputs, compared with the record of how a result was made.

A result is *stale* if its record does not agree with what is asked of the job now: with its settings, with the code of
its stage, or with its inputs, which may have been made again since.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from downhill.provenance.code_digest import part_digests, source_digest

_MOST_NAMED = 6  # modules, or items of a list, that are named one by one


@dataclass(frozen=True)
class Asked:
    """What is asked of a job besides its inputs and the modules of its stage.

    Attributes
    ----------
    settings
        Settings by name, without nesting (see `flat`); None if the record holds none that are compared.
    neutral
        Values that a setting has where it is left out.
    family, function
        The function that the stage runs, if it runs one.
    """

    settings: Mapping[str, Any] | None = field(default_factory=dict)
    neutral: Mapping[str, Any] = field(default_factory=dict)
    family: str = ""
    function: str = ""

    def digest(self) -> str:
        """Twelve hexadecimal digits for the settings, without those that have their neutral value."""
        settings = self.settings or {}
        kept = {
            key: value
            for key, value in settings.items()
            if key not in self.neutral or self.neutral[key] != value
        }
        return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:12]

    def changes_since(self, record: Mapping[str, Any]) -> list[str]:
        """How the settings differ from those in a record, such as `learning_rate: 3 → 2`."""
        if self.settings is None:
            return []
        before, now = flat(record.get("settings", {})), self.settings
        keys = dict.fromkeys([*now, *before])
        if "asked" not in record:  # of an earlier version, which recorded less
            keys = {key: None for key in keys if key in now and key in before}
        changes = []
        for key in keys:
            old, new = (settings.get(key, self.neutral.get(key)) for settings in (before, now))
            if old != new:
                changes.append(f"{key}: {_change(key, old, new)}")
        return changes


def _change(key: str, old: Any, new: Any) -> str:
    """How a setting has changed; of a long list, such as all networks, what was added (+) and removed (−)."""
    lists = isinstance(old, list) and isinstance(new, list)
    if not lists or max(len(old), len(new)) <= _MOST_NAMED:
        return f"{shown(key, old)} → {shown(key, new)}"
    changes = [f"+ {shown('', item)}" for item in new if item not in old]
    changes += [f"− {shown('', item)}" for item in old if item not in new]
    more = [f"{len(changes) - _MOST_NAMED} more"] if len(changes) > _MOST_NAMED else []
    return ", ".join([*changes[:_MOST_NAMED], *more]) or "in another order"


def flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings without nesting, ready for JSON: `{"options": {"images": 50}}` becomes `{"options.images": 50}`."""
    found: dict[str, Any] = {}
    for key, value in json.loads(json.dumps(values)).items():
        if isinstance(value, dict):
            found |= {f"{key}.{name}": inner for name, inner in flat(value).items()}
        else:
            found[key] = value
    return found


def shown(key: str, value: Any) -> str:
    """A setting as the tables write it."""
    if isinstance(value, list):
        return ("-" if key == "hidden_layers" else ", ").join(shown("", item) for item in value) or "none"
    if isinstance(value, float):
        return f"{value:.12g}"
    return "none" if value is None or value == "" else str(value)


def code_changes(record: Mapping[str, Any], parts: Sequence[str]) -> list[str]:
    """Which modules have changed since a result was made, as `code: engine.kernels, engine.simd changed`.

    Parameters
    ----------
    record
        The record of the result.
    parts
        The parts of the package that the digest of its stage covers.
    """
    code = record.get("code", {})
    try:
        if code.get("digest") == source_digest(*parts):
            return []
    except (OSError, KeyError):  # of another version
        return ["code changed"]
    before, now = code.get("parts", {}), part_digests(*parts)
    changed = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
    if not before or not changed:
        return ["code changed"]
    more = f" and {len(changed) - _MOST_NAMED} more" if len(changed) > _MOST_NAMED else ""
    return [f"code: {', '.join(changed[:_MOST_NAMED])}{more} changed"]
