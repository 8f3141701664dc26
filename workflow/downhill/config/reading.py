"""Reading settings from files of text, YAML and JSON; duplicate keys and unknown encodings are errors."""

import codecs
import difflib
import json
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import yaml

from downhill.errors import DownhillError

# UTF-32 comes first, because its mark begins with that of UTF-16.
_ENCODINGS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF8: "utf-8-sig",
}


def merge(base: dict[str, Any], overlay: dict[str, Any]) -> dict[str, Any]:
    """`base` with the values of `overlay` on top, key by key at every depth."""
    merged = dict(base)
    for key, value in overlay.items():
        inner = merged.get(key)
        merged[key] = merge(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return merged


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`did you mean 'x'?`, or the list of all known names when none is close."""
    known = list(known)
    close = difflib.get_close_matches(name, known, n=1)
    listed = f"there are: {', '.join(known)}" if known else "there are none"
    return f"did you mean '{close[0]}'?" if close else listed


class _Loader(yaml.SafeLoader):
    """YAML's safe loader, but duplicate keys and unpaired surrogates are errors."""

    def construct_scalar(self, node: Any) -> Any:
        text = super().construct_scalar(node)
        if isinstance(text, str) and any("\ud800" <= character <= "\udfff" for character in text):
            raise yaml.constructor.ConstructorError(
                problem="the text contains an unpaired surrogate (U+D800 to U+DFFF); remove it",
                problem_mark=node.start_mark,
            )
        return text

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):  # YAML itself refuses lists and mappings as keys
                continue
            value = self.construct_object(key)  # type: ignore[no-untyped-call]
            if value in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"the key '{key.value}' appears twice; remove or rename one",
                    problem_mark=key.start_mark,
                )
            seen.add(value)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path | str) -> dict[str, Any]:
    """Read a YAML file whose top level is a mapping; DownhillError if it is missing or is not one."""
    values = parse_yaml(read_text(path, "YAML file", ("utf-8-sig",)), str(path))
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise DownhillError(f"{path}: must hold `key: value` lines, not a {type(values).__name__}")
    return values


def parse_json(text: str) -> Any:
    """The values in a JSON text; ValueError if it is not JSON, or if a key appears twice."""

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise ValueError(f"the key '{key}' appears twice; remove or rename one")
            found[key] = value
        return found

    return json.loads(text, object_pairs_hook=mapping)


def parse_yaml(text: str, where: str) -> Any:
    """The values in a YAML text; DownhillError, which begins with `where`, if it is not valid YAML."""
    try:
        return yaml.load(text, Loader=_Loader)
    except RecursionError:
        raise DownhillError(f"{where}: is nested too deeply; use fewer nested brackets") from None
    except Exception as error:  # PyYAML's own errors, and those of Python for values such as 2024-13-45
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        problem = " ".join(str(getattr(error, "problem", None) or error).split())
        if problem.startswith("could not determine a constructor"):
            problem = "a value has a meaning of its own in YAML; put it in quotes"
        raise DownhillError(f"{where}{place}: is not YAML: {problem}") from error


def read_text(
    path: Path | str, what: str, marked: Collection[str] = ("utf-8-sig", "utf-16", "utf-32")
) -> str:
    """Read a text file in UTF-8, or in another Unicode encoding if a byte order mark at its start says which.

    Parameters
    ----------
    path
        The file.
    what
        What it should be, such as "YAML file", for messages.
    marked
        Encodings that a mark may name. (Snakemake itself reads its configuration only in UTF-8.)

    Raises
    ------
    DownhillError
        If it cannot be read or is not such text.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise DownhillError(f"{path}: cannot be read: {error.strerror}; give the path of a {what}") from error
    found = next((name for mark, name in _ENCODINGS.items() if content.startswith(mark)), "utf-8")
    encoding = found if found in marked else "utf-8"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise DownhillError(f"{path}: is not UTF-8 text ({error.reason}); save it as UTF-8") from error
    if "\0" in text:  # UTF-16 without a byte order mark, or no text at all
        raise DownhillError(f"{path}: is not UTF-8 text (it contains zero bytes); save it as UTF-8")
    return text
