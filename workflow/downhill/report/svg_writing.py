"""An SVG element as text, as short as XML allows."""

from html import escape
from xml.etree.ElementTree import Element

_NAMESPACES = {"{http://www.w3.org/2000/svg}": "", "{http://www.w3.org/1999/xlink}": ""}


def written(root: Element) -> str:
    """The element as XML that is valid inside HTML as well, without white space between elements.

    `xlink:href` becomes `href`, which all browsers understand.
    """
    parts: list[str] = []
    _write(root, parts, ' xmlns="http://www.w3.org/2000/svg"')
    return "".join(parts)


def _write(element: Element, parts: list[str], namespace: str = "") -> None:
    name = _plain(element.tag)
    parts.append(f"<{name}{namespace}")
    parts += [f' {_plain(key)}="{escape(value)}"' for key, value in element.attrib.items()]
    text = escape((element.text or ""), quote=False)
    if not len(element):
        parts.append(f">{text}</{name}>" if text else "/>")
        return
    parts.append(f">{text.strip()}")
    for child in element:
        _write(child, parts)
    parts.append(f"</{name}>")


def _plain(name: str) -> str:
    for namespace, prefix in _NAMESPACES.items():
        name = name.replace(namespace, prefix)
    return name
