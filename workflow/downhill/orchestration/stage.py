"""What a stage is, and what follows from its entry in the table: the files of a job, its digests, what has changed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from downhill.config.study import Study
from downhill.provenance.asked import Asked, code_changes
from downhill.provenance.code_digest import source_digest

Key = tuple[str, ...]
"""What distinguishes the jobs of a stage: the values of its wildcards, in order."""

Job = tuple[str, Key]
"""A stage's name and the key of one of its jobs."""


@dataclass(frozen=True)
class Stage:
    """One stage.

    Attributes
    ----------
    name
        Name of the stage, its rule, and its command.
    subject
        What the name argument of the command refers to, such as a network; empty if there is no such argument.
    outputs
        Paths by role, with placeholders for the wildcards, `{results}` and `{resources}`.
    wildcards
        Names of the wildcards, in the order of a job's key.
    code
        Parts of the package that its digest covers (see `provenance.code_digest`), possibly with `{family}` and
        `{function}`.
    jobs
        The keys of a study's jobs.
    needs
        The jobs whose results one job reads.
    asks
        What a study asks of one of its jobs besides inputs and code.
    local
        Whether it runs where Snakemake runs, instead of on a cluster.
    depends_on_code
        Whether other code makes other results. (Downloaded files are checked instead.)
    seconds
        Expected time of a job if it is the same in every study; None if it depends on the job.
    """

    name: str
    subject: str
    outputs: Mapping[str, str]
    wildcards: tuple[str, ...]
    code: tuple[str, ...]
    jobs: Callable[[Study], Iterable[Key]]
    needs: Callable[[Study, Key], Iterable[Job]]
    asks: Callable[[Study, Key], Asked]
    local: bool = False
    depends_on_code: bool = True
    seconds: float | None = None

    @property
    def in_folder(self) -> bool:
        """Whether its outputs have a folder of their own, which also holds their record, or are single files."""
        return len({Path(pattern).parent for pattern in self.outputs.values()}) <= 1

    def files(self, study: Study, key: Key) -> list[str]:
        """Paths of the files that one job makes."""
        values = dict(zip(self.wildcards, key, strict=True))
        values["results"] = Path(study.settings.results).as_posix()
        values["resources"] = Path(study.settings.resources).as_posix()
        return [pattern.format_map(values) for pattern in self.outputs.values()]

    def modules(self, family: str = "", function: str = "") -> tuple[str, ...]:
        """The parts of the package that its digest covers, for a function of a family if it runs one."""
        return tuple(part.format(family=family, function=function) for part in self.code)

    def code_digest(self, family: str = "", function: str = "") -> str:
        """Digest of its code, with the names of the parts, so that Snakemake's reason for a rerun is clear."""
        parts = self.modules(family, function)
        return f"code of {', '.join(parts)}: {source_digest(*parts)}"

    def compared(self, asked: Asked) -> tuple[str, str]:
        """What Snakemake compares: short texts for the settings and the code of a job."""
        return f"settings {asked.digest()}", self.code_digest(asked.family, asked.function)

    def changes(self, record: Mapping[str, Any], asked: Asked | None) -> list[str]:
        """How what is asked of a job now differs from the record of its result; only in the code if `asked` is None."""
        parts = tuple(record["code"]["modules"])
        if asked is not None:
            parts = self.modules(asked.family, asked.function)
        settings = asked.changes_since(record) if asked else []
        return settings + (code_changes(record, parts) if self.depends_on_code else [])
