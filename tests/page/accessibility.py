"""What makes a page usable by everybody: nothing that axe-core finds, contrast, and room on narrow screens."""

from collections.abc import Collection
from typing import Any

from tests.page.browser import AXE

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
_RUN = """tags => axe.run(document, {
    runOnly: { type: 'tag', values: tags },
    rules: { 'target-size': { enabled: true } },
    resultTypes: ['violations', 'incomplete'],
})"""
_COLOURS = """() => {
    const found = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.textContent.trim() || element.closest('svg, script')) continue;
        let behind = element;
        while (behind && getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
        const style = getComputedStyle(element);
        found.add([style.color, getComputedStyle(behind).backgroundColor, style.opacity].join(' | '));
    }
    return [...found];
}"""
_TOO_WIDE = """width => [...document.querySelectorAll('body *')].filter(one => {
    if (one.getBoundingClientRect().right <= width + 0.5) return false;
    for (let at = one.parentElement; at; at = at.parentElement) {  // within something that is scrolled on its own
        if (['auto', 'hidden'].includes(getComputedStyle(at).overflowX) || at.tagName === 'svg') return false;
    }
    return one.checkVisibility();
}).map(one => `${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 60)}`)"""


def violations(page: Any) -> list[dict[str, Any]]:
    """The rules that a page violates, with the parts that do."""
    return _run(page)["violations"]


def check_with_axe(page: Any, explained: Collection[str], look: str = "") -> None:
    """Check that axe-core finds nothing, and leaves nothing undecided but rules that are explained."""
    found = _run(page)
    assert not [_shown(rule) for rule in found["violations"]], look
    unexplained = [
        (rule["id"], node["html"][:200], node["any"][0]["message"] if node["any"] else "")
        for rule in found["incomplete"]
        for node in rule["nodes"]
        if rule["id"] not in explained
    ]
    assert not unexplained, look


def check_contrast(page: Any) -> None:
    """Check that all text outside figures has the contrast that WCAG asks for, and is opaque."""
    found = page.evaluate(_COLOURS)
    assert len(found) >= 5
    for pair in found:
        colour, background, opacity = pair.split(" | ")
        assert contrast(colour, background) >= 4.5, pair
        assert opacity == "1"


def check_width(page: Any, width: int) -> None:
    """Check that a page needs no sideways scrolling on a screen of this many pixels."""
    assert page.evaluate(_TOO_WIDE, width) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def contrast(one: str, other: str) -> float:
    """Contrast of two colours as WCAG defines it: (L + 0.05) / (l + 0.05) of their relative luminances."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").rstrip(")").split(",")]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _run(page: Any) -> dict[str, Any]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    return page.evaluate(_RUN, TAGS)


def _shown(rule: dict[str, Any]) -> str:
    nodes = "; ".join(node["html"][:160] for node in rule["nodes"][:3])
    return f"{rule['id']} ({len(rule['nodes'])}): {rule['help']}: {nodes}"
