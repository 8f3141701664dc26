"""Receiving the files of a source from its mirrors, in pairs: images, then their labels."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import requests
from tqdm import tqdm

from downhill.config.dataset import IDX_NAMES, Source, SourceFile
from downhill.datasets.copies import SUFFIXES
from downhill.datasets.idx import file_chunks
from downhill.datasets.mirrors import Copy, NotThereError, Patience, UnreachableError, opened
from downhill.datasets.passing import MisfitError, PassingIdx
from downhill.datasets.unpack import CopyError, gunzipped, sniffed
from downhill.errors import DownhillError
from downhill.storage.atomic import atomic_path

log = logging.getLogger("downhill.fetch")

PARTS = (("train_images", "train_labels"), ("test_images", "test_labels"))
"""The roles of the files that belong together."""


@dataclass(frozen=True)
class Received:
    """A file that was received: SHA-256 of its content, its number of images or labels, and where it came from."""

    checksum: str
    count: int
    origin: dict[str, str | int]


class _OtherCountError(MisfitError):
    """There are not as many labels as images."""


class _MismatchError(DownhillError):
    """No mirror has labels for the images, or images for the labels."""


@dataclass(frozen=True)
class Fetcher:
    """A source whose files are downloaded in pairs: images, then their labels."""

    name: str
    source: Source
    session: requests.Session
    patience: Patience

    def file(self, role: str) -> SourceFile:
        """The file of a role."""
        file: SourceFile = getattr(self.source.files, role)
        return file

    def complete(self, part: tuple[str, str], folder: Path) -> dict[str, Received]:
        """Download what is missing of a pair; both files if those that are there do not match."""
        counts = {role: self._count(role, folder / IDX_NAMES[role]) for role in part}
        there = {role: count for role, count in counts.items() if count is not None}
        if len(there) == len(part):
            if len(set(there.values())) == 1:
                return {}
            log.warning(
                "%s do not match; downloading both again", " and ".join(IDX_NAMES[role] for role in part)
            )
            there = {}
        try:
            return self._keep(part, there, folder)
        except _MismatchError:
            if not there:
                raise
            return self._keep(part, {}, folder)

    def _keep(self, part: tuple[str, str], there: dict[str, int], folder: Path) -> dict[str, Received]:
        with ExitStack() as stack:
            return self.receive(
                {
                    role: stack.enter_context(atomic_path(folder / IDX_NAMES[role]))
                    for role in part
                    if role not in there
                },
                there,
            )

    def receive(self, targets: dict[str, Path], there: dict[str, int]) -> dict[str, Received]:
        """Write the files of some roles of a pair; `there` is the count of the role that is not among them.

        Raises
        ------
        DownhillError
            If no mirror has a valid copy of a file, or none that matches the other file.
        """
        found: dict[str, Received] = {}
        for role, path in targets.items():
            found[role] = self._receive(role, path, next(iter(there.values()), None))
            there = {role: found[role].count}
        return found

    def _receive(self, role: str, path: Path, count: int | None) -> Received:
        file, reasons, faults = self.file(role), [], []
        for mirror in self.source.mirrors:
            try:
                received = self._receive_from(mirror, role, path, count)
            except CopyError as fault:
                log.warning("%s: %s: %s", file.name, mirror, fault)
                reasons.append(f"  {mirror}: {fault}")
                faults.append(fault)
            else:
                log.info("%s: downloaded from %s", file.name, mirror)
                return received
        misfit = any(isinstance(fault, MisfitError) for fault in faults)
        correct = (
            f"Correct those files, or their description in datasets.yaml under sources: {self.name} (image_shape, "
            "classes, files). Or put"
            if misfit
            else "Put"
        )
        kind = (
            _MismatchError if any(isinstance(fault, _OtherCountError) for fault in faults) else DownhillError
        )
        raise kind(
            f"{file.name} of the source '{self.name}' could not be downloaded from any of its {len(reasons)} "
            "mirror(s):\n"
            + "\n".join(reasons)
            + f"\n{correct} the four files of the source, raw or as .gz, into a folder and add that folder to "
            f"datasets.yaml under sources: {self.name}: mirrors."
        )

    def _receive_from(self, mirror: str, role: str, path: Path, count: int | None) -> Received:
        """Download a file from one mirror, gzipped or raw; raises `CopyError` if that fails."""
        faults: list[CopyError] = []
        for suffix in SUFFIXES:
            file_name = f"{self.file(role).name}{suffix}"
            passing = self._passing(role)
            try:
                with (
                    opened(mirror, file_name, self.session, self.patience) as copy,
                    path.open("wb") as output,
                ):
                    checksum = _received(copy, passing, file_name, output.write)
                if count not in (None, passing.count):
                    raise _OtherCountError(self._other_count(role, passing.count, count))
                origin: dict[str, str | int] = {"path": copy.address}
                if copy.modified is not None and copy.length is not None:
                    origin |= {"bytes": copy.length, "modified_ns": copy.modified}
                return Received(checksum, passing.count, origin)
            except UnreachableError as fault:
                faults.append(fault)
                break
            except CopyError as fault:
                faults.append(fault)
        # If one form exists but is invalid, it does not matter that the other one is missing.
        relevant = [fault for fault in faults if not isinstance(fault, NotThereError)] or faults
        of_count = any(isinstance(fault, _OtherCountError) for fault in relevant)
        misfit = any(isinstance(fault, MisfitError) for fault in relevant)
        kind = _OtherCountError if of_count else MisfitError if misfit else CopyError
        raise kind("; ".join(dict.fromkeys(map(str, relevant))))

    def _other_count(self, role: str, found: int, other: int | None) -> str:
        images, labels = next(part for part in PARTS if role in part)
        if role == labels:
            return f"has {found:,} labels, but {self.file(images).name} has {other:,} images"
        return f"has {found:,} images, but {self.file(labels).name} has {other:,} labels"

    def _passing(self, role: str) -> PassingIdx:
        if role.endswith("images"):
            return PassingIdx(self.file(role), self.source.image_shape)
        return PassingIdx(self.file(role), (), len(self.source.classes))

    def _count(self, role: str, path: Path) -> int | None:
        """The number of images or labels in a file that has been downloaded before and is still valid."""
        if not path.is_file():
            return None
        passing = self._passing(role)
        try:
            for chunk in file_chunks(path):
                passing.feed(chunk)
            checksum = passing.finish()
        except (CopyError, OSError) as problem:
            log.warning("%s exists but cannot be used (%s); downloading it again", path, problem)
            return None
        ask_for_checksum(self.file(role), checksum)
        log.info("%s already exists", path)
        return passing.count


def _received(copy: Copy, passing: PassingIdx, file_name: str, write: Callable[[bytes], object]) -> str:
    """Decompress, check and write the response of a mirror; returns the checksum of the content."""
    packed, chunks = sniffed(_measured(copy, file_name, passing))
    misnamed = file_name.endswith(".gz") and not packed
    if misnamed and not passing.has_checksum:
        raise CopyError(f"{file_name} is not gzip")
    try:
        for block in gunzipped(chunks) if packed else chunks:
            passing.feed(block)
            write(block)
        return passing.finish()
    except UnreachableError:
        raise
    except CopyError as fault:
        # A raw file under this name is accepted if its checksum is correct. Otherwise its content is unknown.
        if misnamed:
            raise CopyError(f"{file_name} is not gzip") from fault
        raise


def _measured(copy: Copy, file_name: str, passing: PassingIdx) -> Iterator[bytes]:
    """Pass chunks on, with a progress bar on a terminal, and stop downloads that are too long."""
    received = 0
    with tqdm(
        total=copy.length, desc=file_name, unit="B", unit_scale=True, leave=False, disable=None
    ) as progress:
        for chunk in copy.chunks:
            received += len(chunk.rstrip(b"\0"))  # a gzip file may end with any number of zero bytes
            progress.update(len(chunk))
            yield chunk
            if received > passing.most_packed_bytes:
                raise CopyError(
                    f"sent more than {passing.most_packed_bytes:,} bytes, the most that its content can need"
                )


def ask_for_checksum(file: SourceFile, checksum: str) -> None:
    """Log the checksum of a file's content if the configuration gives none."""
    if file.sha256 is None:
        log.warning(
            "%s has no checksum; its SHA-256 is %s: add this as its sha256 in datasets.yaml",
            file.name,
            checksum,
        )
