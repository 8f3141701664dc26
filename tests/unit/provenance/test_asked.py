"""What is asked of a job, compared with the record of its result: differences as short texts."""

from typing import Any

import pytest

from downhill.config.network import Network
from downhill.orchestration import job_settings
from downhill.provenance.asked import Asked, code_changes, flat, shown
from downhill.provenance.code_digest import part_digests, source_digest


def record_of(asked: Asked) -> dict[str, Any]:
    return {"asked": asked.digest(), "settings": asked.settings, "outputs": {}}


def block(**values: Any) -> Asked:
    return job_settings.of_block(Network.model_validate(values), "digits", block_format=4)


def test_settings_are_flat_and_ready_for_json():
    assert flat({"a": {"b": {"c": (1, 2)}, "d": None}, "e": 1.0}) == {"a.b.c": [1, 2], "a.d": None, "e": 1.0}


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("learning_rate", 3.0, "3"),
        ("epsilon", 1e-08, "1e-08"),
        ("hidden_layers", [16, 16], "16-16"),
        ("hidden_layers", [], "none"),
        ("networks", ["a", "b"], "a, b"),
        ("decay_every", None, "none"),
        ("title", "", "none"),
        ("shuffle_pixels", True, "True"),
    ],
)
def test_settings_are_shown_as_in_the_tables(key: str, value: Any, text: str):
    assert shown(key, value) == text


def test_changes_name_the_keys_and_both_values():
    record = record_of(block(learning_rate=3, epochs=5))
    assert block(learning_rate=3, epochs=5).changes_since(record) == []
    assert block(learning_rate=2, hidden_layers="32", epochs=5).changes_since(record) == [
        "hidden_layers: 16-16 → 32",
        "learning_rate: 3 → 2",
    ]


def test_setting_that_a_record_lacks_has_its_neutral_value():
    record = record_of(block())
    record["settings"] = {key: value for key, value in record["settings"].items() if key != "momentum"}
    assert block().changes_since(record) == []
    assert block(optimizer="momentum", momentum=0.9).changes_since(record)[-1] == "momentum: 0 → 0.9"
    assert Asked({"new": 0}, {"new": 0}).digest() == Asked({}).digest() == Asked({}, {"new": 0}).digest()


def test_record_of_an_earlier_version_is_compared_by_what_it_holds():
    record = {"settings": {"epochs": 30}, "outputs": {}}
    assert block().changes_since(record) == []
    assert block(epochs=5).changes_since(record) == ["epochs: 30 → 5"]


def test_removed_option_is_a_change():
    record = record_of(Asked({"options.images": 50}))
    assert Asked({}).changes_since(record) == ["options.images: 50 → none"]
    assert Asked({}).digest() != record["asked"]


def test_settings_that_are_not_compared_do_not_differ():
    assert Asked(settings=None).changes_since({"settings": {"mirrors": ["here"]}, "outputs": {}}) == []


def test_changes_of_code_name_the_modules():
    parts = ("runs.evaluate",)
    code: dict[str, Any] = {"digest": source_digest(*parts), "parts": part_digests(*parts)}
    assert code_changes({"code": code}, parts) == []
    old = {
        "digest": "of before",
        "parts": code["parts"] | {"engine.kernels": "other", "engine.deleted": "other"},
    }
    assert code_changes({"code": old}, parts) == ["code: engine.deleted, engine.kernels changed"]
    old["parts"] = dict.fromkeys(code["parts"], "other")
    (many,) = code_changes({"code": old}, parts)
    assert many.endswith(f" and {len(code['parts']) - 6} more changed")
    for unknown in ({"digest": "of before"}, code):
        modules = parts if unknown is not code else ("engine.deleted",)
        assert code_changes({"code": unknown}, modules) == ["code changed"]


def test_change_of_a_long_list_names_what_was_added_and_removed():
    before = [f"network-{number}" for number in range(60)]
    asked = Asked({"networks": [*before[1:], "wide"]})
    record = {"settings": {"networks": before}, "asked": "…"}
    assert asked.changes_since(record) == ["networks: + wide, − network-0"]
    assert Asked({"networks": before[::-1]}).changes_since(record) == ["networks: in another order"]
    many = Asked({"networks": before[:50]}).changes_since(record)
    assert many == [f"networks: {', '.join(f'− {name}' for name in before[50:56])}, 4 more"]
    few = Asked({"networks": ["one", "two"]}).changes_since({"settings": {"networks": ["one"]}, "asked": "…"})
    assert few == ["networks: one → one, two"]
