"""Downloaded files and their checksums, before any job starts."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from downhill.__main__ import main
from downhill.config import Study
from downhill.config.dataset import IDX_NAMES
from downhill.errors import DownhillError
from downhill.orchestration.replaced_files import current_copy
from downhill.orchestration.sources import check_checksums, files_to_replace, notice_of_unguarded
from downhill.storage.json_files import write_json

NETWORKS = "network\tdataset\tseeds\nsmall\tletters\t4\n"
CLAIMS = (
    "claim\tfamily\tstatement\tsource\tstatistic\tnetworks\tunit\tband\n"
    "c\tlearning\tIt learns.\tnobody\ttest_accuracy\tsmall\tshare\t> 0.5\n"
)
OLD, NEW = 64 * "a", 64 * "b"
FOLDER = Path("resources/letters")


def study(mirrors: tuple[str, ...] = ("letters",), **checksums: str) -> Study:
    """A study whose source gives these checksums."""
    files = {role: {"sha256": checksum} for role, checksum in checksums.items()}
    source = {"title": "Letters", "classes": ["a", "b"], "mirrors": list(mirrors), "files": files}
    tables: dict[str, Any] = {
        "sources": {"letters": source, "unused": source | {"files": {}}},
        "datasets": {"letters": {"source": "letters"}, "unused": {"source": "unused"}},
    }
    Path("config/datasets.yaml").write_text(yaml.safe_dump(tables))
    return Study.load("config/config.yaml")


@pytest.fixture(autouse=True)
def downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four files that were downloaded, with the record that says so."""
    monkeypatch.chdir(tmp_path)
    for folder in (Path("config"), FOLDER):
        folder.mkdir(parents=True)
    for name, text in (
        ("networks.tsv", NETWORKS),
        ("claims.tsv", CLAIMS),
        ("config.yaml", "title: Letters\n"),
    ):
        Path("config", name).write_text(text)
    for name in IDX_NAMES.values():
        (FOLDER / name).write_bytes(b"")
    outputs = {name: {"bytes": 0, "sha256": OLD} for name in IDX_NAMES.values()}
    write_json(
        FOLDER / "provenance.json",
        {"stage": "download", "name": "letters", "code": {}, "inputs": [], "outputs": outputs},
    )


def test_checksum_of_the_downloaded_file_is_accepted_and_another_one_refused(
    capsys: pytest.CaptureFixture[str],
):
    check_checksums(study(train_images=OLD, test_labels=OLD))
    wrong = study(train_images=OLD, test_labels=NEW)
    path = FOLDER / "t10k-labels-idx1-ubyte"
    message = (
        f"config/datasets.yaml, sources.letters.files.test_labels.sha256: {path} was downloaded with the SHA-256 "
        f"{OLD}, not {NEW}; correct the value, or, to download other files, delete that file and run again"
    )
    with pytest.raises(DownhillError) as caught:
        check_checksums(wrong)
    assert str(caught.value) == message
    assert main(["check"]) == 1
    assert capsys.readouterr().err == f"error: {message}\n"
    path.unlink()
    check_checksums(wrong)


def test_files_elsewhere_are_checked_where_they_are():
    FOLDER.rename("elsewhere-letters")
    wrong = study(train_images=NEW)
    check_checksums(wrong)
    with pytest.raises(DownhillError, match="elsewhere-letters/train-images"):
        check_checksums(wrong, "elsewhere-{source}/train-images-idx3-ubyte")


@pytest.mark.parametrize("content", ["", "[]", '{"stage": "download"}'])
def test_damaged_record_is_reported_only_when_it_is_needed(content: str):
    (FOLDER / "provenance.json").write_text(content)
    check_checksums(study(train_images=NEW))
    assert files_to_replace(study()) == []


def test_notice_names_the_files_without_a_checksum_that_may_come_from_the_internet_and_only_sources_in_use():
    assert notice_of_unguarded(study(**dict.fromkeys(IDX_NAMES, OLD)), "r/{source}/images") == ""
    assert notice_of_unguarded(study(), "r/{source}/images") == ""  # from a folder
    online = ("folder", "https://example.org/letters")
    some = notice_of_unguarded(study(online, train_images=OLD, test_images=OLD), "r/{source}/images")
    assert some.startswith("Source 'letters' has no sha256 for train_labels, test_labels, so")
    assert some.endswith("run Snakemake with --forcerun r/letters/images")
    assert "has no sha256 for its files, so" in notice_of_unguarded(study(online), "r/{source}/images")


def test_address_before_a_folder_may_have_any_file_unless_the_download_took_that_of_the_folder():
    Path("letters").mkdir()
    copy = Path("letters", f"{IDX_NAMES['train_images']}.gz")
    copy.touch()
    for mirrors, origin, found in (
        (("letters",), "", copy),
        (("nowhere", "letters", "https://example.org"), "https://example.org/x", copy),
        (("https://example.org", "letters"), "", None),
        (("https://example.org", "letters"), "https://example.org/x", None),
        (("https://example.org", "letters"), "letters/x", copy),
        (("~nobody-of-this-name/letters", "nowhere"), "", None),
    ):
        source = study(mirrors).sources()["letters"]
        assert current_copy(source, "train_images", origin) == found
