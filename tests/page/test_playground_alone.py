"""The page in which one draws stands alone: no request, a policy, the same bytes, and a text without scripts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from downhill.claims.evidence import read_evidence
from downhill.claims.wording import percent
from downhill.config.study import Study
from downhill.network.architecture import count_parameters
from downhill.orchestration.study_jobs import claims_of_playground
from downhill.playground.page import assemble
from downhill.playground.payload import Contents
from downhill.runs.evaluation import EvaluatedNetwork
from tests.page.isolation import alone, check_policy
from tests.page.published import Published

pytestmark = pytest.mark.xdist_group("page")

LARGEST = 6_000_000  # bytes
CONFIGS = ("config/config.yaml", "config/page.yaml")


def test_only_the_document_is_requested_whatever_one_does(browser: Any, published: Published):
    with alone(browser, published.playground, reduced_motion="reduce") as page:
        for button in page.locator("button:enabled:visible").all():
            button.click()
        for network in page.locator("#network option").all():
            page.locator("#network").select_option(network.get_attribute("value"))


def test_policy_allows_its_own_script_only(published: Published):
    check_policy(published.playground)


def test_networks_are_listed_without_scripts(playground: Callable[..., Any], published: Published):
    page = playground(java_script_enabled=False)
    assert not page.locator(".script:visible").count()
    text = page.locator("main").inner_text()
    assert f"{sum(len(network['seeds']) for network in published.payload['networks'])} networks" in text
    for network, row in zip(published.payload["networks"], page.locator("tbody tr").all(), strict=True):
        accuracy = published.network(network["name"]).scores("test").accuracy.loc[network["seeds"]]
        cells = row.locator("th, td").all_inner_texts()
        low, high = percent(accuracy.min()), percent(accuracy.max())
        assert cells == [
            network["title"],
            "-".join(map(str, network["layer_sizes"])),
            f"{len(network['seeds'])} seed{'s' if len(network['seeds']) > 1 else ''}",
            low if low == high else f"{low} to {high}",
        ]


def test_same_results_give_the_same_bytes(published: Published, monkeypatch: pytest.MonkeyPatch):
    """The page is built again, in another process with other hashes of texts."""
    project = published.results.parent
    monkeypatch.chdir(project)
    configs = [name for name in CONFIGS if Path(name).exists()]
    study = Study.load(*configs)
    results = Path(published.results.name)
    again = results / "again.html"
    names = study.class_names(study.playground.networks())
    networks = [
        EvaluatedNetwork(results / "evaluation" / name, names) for name in study.playground.networks()
    ]
    evidence = [read_evidence(results / "claims" / f"{name}.json") for name in claims_of_playground(study)]
    contents = Contents(
        study.playground.root,
        {one.name: one for one in networks},
        evidence,
        study.settings.title,
        study.settings.limits.in_words(),
    )
    try:
        assemble(contents, again)
        assert again.read_bytes() == published.playground.read_bytes()
    finally:
        again.unlink(missing_ok=True)


def test_page_is_small(published: Published, playground: Callable[..., Any]):
    """At most 6 MB; weights and images take up nearly all of it, so that a smaller page has fewer of them."""
    size, data = published.playground.stat().st_size, published.payload
    weights = sum(len(one["seeds"]) * count_parameters(one["layer_sizes"]) * 4 for one in data["networks"])
    weights += sum(
        len(one["replay"]["epochs"]) * count_parameters(one["layer_sizes"]) * 2
        for one in data["networks"]
        if one["replay"]
    )
    pixels = 784 * (data["images"]["count"] + (data["twins"] or {"count": 0})["count"])
    times = playground().evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    print(f"\n{size / 1e6:.2f} MB, of which {(weights + pixels) * 4 / 3e6:.2f} MB are weights and images; "
          f"DOMContentLoaded after {times:.0f} ms")  # fmt: skip
    assert size <= LARGEST
    assert size <= (weights + pixels) * 4 / 3 + 150_000
