"""The page stands alone: no request, a policy that forbids them, and nothing that needs a script; same bytes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from downhill.config.functions import about
from downhill.config.study import Study
from downhill.report.page import publish
from tests.page.isolation import alone, check_policy
from tests.page.published import Published

pytestmark = pytest.mark.xdist_group("page")

REPOSITORY = Path(__file__).parents[2]
LARGEST = 6_000_000  # bytes, for the default study
_HIDDEN = """() => [...document.querySelectorAll('.verdict, [data-number], figure svg, figcaption, dt, dd, td, th')]
    .filter(one => !one.checkVisibility({ contentVisibilityAuto: false, visibilityProperty: true })
        && !one.closest('details:not([open])'))
    .map(one => one.outerHTML.slice(0, 200))"""


def test_only_the_document_is_requested(browser: Any, published: Published):
    with alone(browser, published.page) as page:
        for _ in range(20):  # down the page, for what is only loaded when it comes into view
            page.keyboard.press("PageDown")
        page.emulate_media(media="print")
        page.wait_for_timeout(200)


def test_policy_forbids_everything_but_its_own_script(published: Published):
    check_policy(published.page)


def test_policy_stops_other_scripts_and_requests(opened: Callable[..., Any]):
    """The browser obeys the policy: a script or an image that somebody smuggled in does nothing."""
    page = opened()
    stopped = page.evaluate("""async () => {
        const stopped = [];
        document.addEventListener('securitypolicyviolation', event => stopped.push(event.effectiveDirective));
        const script = document.createElement('script');
        script.textContent = 'document.title = "smuggled"';
        const image = new Image();
        image.src = 'https://example.org/x.png';
        document.body.append(script, image);
        await new Promise(done => setTimeout(done, 200));
        return stopped.sort();
    }""")
    assert stopped == ["img-src", "script-src-elem"]
    assert page.title() != "smuggled"


def test_everything_is_there_without_scripts(opened: Callable[..., Any], published: Published):
    page = opened(java_script_enabled=False)
    for claim, rows in published.claims.items():
        article = page.locator(f"article[id='claim-{claim}']")
        assert article.locator("h3 .verdict").is_visible()
        for index, kind in enumerate(("value", "interval", "band")):
            numbers = article.locator(f"[data-number={kind}]")
            assert numbers.count() == len(rows), index
            assert all(one.is_visible() for one in numbers.all())
        names = published.figures(claim)
        for index, name in enumerate(names):
            figure = article.locator(f"#figure-{name} svg")
            assert figure.count() == 1
            # The first is in view; the others are in a `details` element, which the browser opens by itself.
            assert figure.is_visible() is (index == 0)
        if len(names) > 1:
            article.locator("details:has(> figure) > summary").click()
            assert all(article.locator(f"#figure-{name} svg").is_visible() for name in names)
    assert not page.locator(".script:visible").count()


def test_nothing_is_hidden_but_what_is_folded(opened: Callable[..., Any]):
    assert opened().evaluate(_HIDDEN) == []


def test_same_results_give_the_same_bytes(published: Published, monkeypatch: pytest.MonkeyPatch):
    """The page is built again, in another process with other hashes of texts."""
    monkeypatch.chdir(REPOSITORY)
    study = Study.load("config/config.yaml")
    monkeypatch.chdir(published.results.parent)  # where it was run
    results = Path(published.results.name)
    again = results / "again.html"
    try:
        publish(
            [results / "claims" / f"{claim}.json" for claim in published.claims],
            results / "networks.csv",
            results / "figures",
            again,
            families={name: about("claims", name) for name in {one.family for one in study.claims.values()}},
            title=study.settings.title,
            about=study.settings.about,
            contradictions=study.contradictions.root,
            reading=study.reading.root,
            playground=published.playground.exists(),
        )
        assert again.read_bytes() == published.page.read_bytes()
    finally:
        again.unlink(missing_ok=True)


def test_page_is_small(
    published: Published, opened: Callable[..., Any], record_property: Callable[..., None]
):
    """At most 6 MB for the default study, and in proportion to its claims for a smaller one. Times are only printed."""
    size, claims = published.page.stat().st_size, len(published.claims)
    times = opened().evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    record_property("bytes", size)
    record_property("DOMContentLoaded in ms", times)
    print(f"\n{size / 1e6:.2f} MB, {claims} claims; DOMContentLoaded after {times:.0f} ms")
    assert size <= LARGEST * min(1, claims / 24)
