"""The stages of the workflow: one table of what each of them makes, from what, and with which code.

The command line, the search for missing files, the records of provenance and the forecast use this table, and a test
compares the rules with it. A new stage needs an entry here, a rule, and a function in `downhill.cli.run_stages`,
`downhill.cli.claim_stages`, `downhill.cli.report_stages` or `downhill.cli.export_stages`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from downhill.config import functions
from downhill.config.claim import single_run_claims
from downhill.config.dataset import IDX_NAMES
from downhill.config.study import Study
from downhill.orchestration import job_settings
from downhill.playground import assets as playground_assets
from downhill.provenance.asked import Asked, code_changes
from downhill.provenance.code_digest import source_digest
from downhill.report.assets import assets_digest
from downhill.storage.file_names import (
    CONFUSION,
    DATASET,
    HISTORY,
    INDEX,
    PREDICTIONS,
    RECORD,
    SCORES,
    SUMMARY,
    WEIGHTS,
)

BLOCK_FORMAT = 5
"""Format of a block's files; if the number changes, every block is made again, including those in a cache."""

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
    in_folder
        Whether its outputs have a folder of their own, which also holds their record; otherwise they are single files.
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
    in_folder: bool = True
    seconds: float | None = None

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


def _trained(study: Study, network: str, first: int, last: int) -> Iterator[Job]:
    """The data of a network and the blocks with its seeds from `first` to `last`."""
    yield "prepare", (study.row(network).dataset,)
    for block in study.blocks_with(network, first, last):
        yield "train", (network, *map(str, block))


def _files_of(study: Study, dataset: str) -> tuple[str, ...]:
    """The source whose files a data set needs; none if the source is generated."""
    source = study.recipe(dataset).source
    return (source,) if source in study.tables.downloaded() else ()


def _of_experiment(study: Study, key: Key) -> Iterator[Job]:
    unit, first, last = key
    yield "compile", ()
    for network in study.networks_of_unit(unit):
        yield from _trained(study, network, int(first), int(last))
    for dataset in study.experiments[unit.partition("/")[0]].datasets:
        yield "prepare", (dataset,)


def _of_claim(study: Study, key: Key) -> Iterator[Job]:
    claim = study.claims[key[0]]
    for network in claim.networks:
        yield "evaluate", (network,)
    for experiment in claim.experiments:
        for job in _experiment_jobs(study, experiment):
            yield "experiment", job


def _experiment_jobs(study: Study, experiment: str) -> Iterator[Key]:
    for unit in study.units(experiment):
        for job in study.experiment_jobs(unit):
            yield unit, *map(str, job)


def expected_inputs(study: Study, jobs: Iterable[Job]) -> dict[str, Asked]:
    """What is asked of the jobs that another job needs: by stage, name and digest of the settings, as in records."""
    found: dict[str, Asked] = {}
    for stage, subject in dict.fromkeys((stage, key[:1]) for stage, key in jobs if STAGES[stage].outputs):
        asked = STAGES[stage].asks(study, subject)
        name = subject[0].partition("/")[0] if subject else stage  # of an experiment, not of what it runs on
        if stage == "draw":  # whose command is given the function, not the figure
            name = asked.function
        found[f"{stage} {name} {asked.digest()}"] = asked
    return found


def claims_of_playground(study: Study) -> list[str]:
    """The claims whose evidence the page on which one draws shows."""
    return [name for name, claim in study.claims.items() if claim.statistic in playground_assets.STATISTICS]


def _figures(study: Study) -> dict[str, str]:
    """The claim of each figure."""
    return {figure: name for name, claim in study.claims.items() for figure in claim.figure_ids()}


def _drawing(study: Study, figure: str) -> tuple[str, str]:
    """The family and the name of the function that draws a figure."""
    claim = study.claims[_figures(study)[figure]]
    return claim.family, claim.figures[claim.figure_ids().index(figure)]


def _folder(path: str, *names: str, **named: str) -> dict[str, str]:
    """Outputs in a folder of their own, with their record; the role of a file is its name without suffix."""
    files = {name.partition(".")[0]: name for name in names} | named | {"provenance": RECORD}
    return {role: f"{path}/{name}" for role, name in files.items()}


_ALL = (
    Stage(
        "download",
        "source",
        _folder("{resources}/{source}", **IDX_NAMES),
        ("source",),
        ("datasets.fetch",),
        lambda study: (
            (name,) for name in sorted({name for data in study.datasets() for name in _files_of(study, data)})
        ),
        lambda study, key: (),
        lambda study, key: Asked(settings=None),
        local=True,
        depends_on_code=False,
        seconds=2.0,
    ),
    Stage(
        "prepare",
        "data set",
        _folder("{results}/data/{dataset}", DATASET, SUMMARY),
        ("dataset",),
        ("datasets.prepare",),
        lambda study: ((name,) for name in study.datasets()),
        lambda study, key: (("download", (name,)) for name in _files_of(study, key[0])),
        lambda study, key: job_settings.dataset_of_study(study, key[0]),
        seconds=2.0,
    ),
    Stage(
        "compile",
        "",
        {},
        (),
        ("engine.train",),
        lambda study: ((),),
        lambda study, key: (),
        lambda study, key: Asked(),
        local=True,
    ),
    Stage(
        "train",
        "network",
        _folder("{results}/runs/{network}/seeds-{first}-{last}", WEIGHTS, HISTORY),
        ("network", "first", "last"),
        ("engine.train",),
        lambda study: ((name, *map(str, block)) for name in study.networks for block in study.blocks(name)),
        lambda study, key: (("compile", ()), ("prepare", (study.row(key[0]).dataset,))),
        lambda study, key: job_settings.of_block(
            study.row(key[0]).settings(), study.row(key[0]).dataset, BLOCK_FORMAT
        ),
    ),
    Stage(
        "evaluate",
        "network",
        _folder("{results}/evaluation/{network}", INDEX, SCORES, HISTORY, CONFUSION, PREDICTIONS),
        ("network",),
        ("runs.evaluate",),
        lambda study: ((name,) for name in study.networks),
        lambda study, key: _trained(study, key[0], 0, study.seeds(key[0])[-1]),
        lambda study, key: job_settings.of_evaluation(
            study.row(key[0]).settings(), study.row(key[0]).dataset, study.seeds(key[0])
        ),
    ),
    Stage(
        "experiment",
        "experiment",
        {
            "arrays": "{results}/experiments/{unit}/seeds-{first}-{last}.npz",
            "provenance": "{results}/experiments/{unit}/seeds-{first}-{last}/" + RECORD,
        },
        ("unit", "first", "last"),
        ("experiments.run", "experiments.{family}:{function}"),
        lambda study: (key for name in study.experiments for key in _experiment_jobs(study, name)),
        _of_experiment,
        lambda study, key: job_settings.experiment_of_study(study, key[0]),
        in_folder=False,
    ),
    Stage(
        "measure",
        "claim",
        {
            "measurement": "{results}/measurements/{claim}.json",
            "provenance": "{results}/measurements/{claim}/" + RECORD,
        },
        ("claim",),
        ("claims.measure", "claims.{family}:{function}"),
        lambda study: ((name,) for name in study.claims),
        _of_claim,
        lambda study, key: job_settings.measurement_of_study(study, key[0]),
        local=True,
        in_folder=False,
        seconds=1.5,
    ),
    Stage(
        "judge",
        "claim",
        {"evidence": "{results}/claims/{claim}.json", "provenance": "{results}/claims/{claim}/" + RECORD},
        ("claim",),
        ("claims.judge", "config.band", "config.units"),
        lambda study: ((name,) for name in study.claims),
        lambda study, key: (("measure", key),),
        lambda study, key: job_settings.of_judgement(study.claims[key[0]], study.settings.limits.in_words()),
        local=True,
        in_folder=False,
        seconds=0.5,
    ),
    Stage(
        "draw",
        "drawing function",
        {
            "svg": "{results}/figures/{figure}.svg",
            "png": "{results}/figures/{figure}.png",
            "data": "{results}/figures/{figure}.json",
            "provenance": "{results}/figures/{figure}/" + RECORD,
        },
        ("figure",),
        ("figures.pages", "config.band", "figures.{family}:{function}"),
        lambda study: ((name,) for name in _figures(study)),
        lambda study, key: (("judge", (_figures(study)[key[0]],)),),
        lambda study, key: job_settings.of_drawing(*_drawing(study, key[0])),
        local=True,
        in_folder=False,
        seconds=1.5,
    ),
    Stage(
        "compare",
        "",
        {
            "table": "{results}/published-runs.csv",
            "svg": "{results}/figures/published-runs.svg",
            "png": "{results}/figures/published-runs.png",
            "data": "{results}/figures/published-runs.json",
            "provenance": "{results}/figures/published-runs/" + RECORD,
            "provenance_of_table": "{results}/published-runs/" + RECORD,
        },
        (),
        ("figures.published_runs", "config.band"),
        lambda study: ((),) if single_run_claims(study.claims) else (),
        lambda study, key: (("judge", (name,)) for name in single_run_claims(study.claims)),
        lambda study, key: job_settings.of_comparison(single_run_claims(study.claims)),
        local=True,
        in_folder=False,
        seconds=3.0,
    ),
    Stage(
        "tabulate",
        "",
        {"networks": "{results}/networks.csv", "provenance": "{results}/networks/" + RECORD},
        (),
        ("report.networks",),
        lambda study: ((),),
        lambda study, key: (("evaluate", (name,)) for name in study.networks),
        lambda study, key: job_settings.of_networks(
            list(study.networks), study.settings.statistics, study.settings.limits.in_words()
        ),
        local=True,
        in_folder=False,
        seconds=1.5,
    ),
    Stage(
        "summarise",
        "",
        {
            "csv": "{results}/claims.csv",
            "markdown": "{results}/claims.md",
            "html": "{results}/claims.html",
            "provenance": "{results}/claims/" + RECORD,
        },
        (),
        ("report.tables", "config.band"),
        lambda study: ((),),
        lambda study, key: (("tabulate", ()), *(("judge", (name,)) for name in study.claims)),
        lambda study, key: job_settings.of_tables(
            study.settings.title, list(study.claims), study.contradictions
        ),
        local=True,
        in_folder=False,
        seconds=1.0,
    ),
    Stage(
        "publish",
        "",
        {"page": "{results}/index.html", "provenance": "{results}/index/" + RECORD},
        (),
        ("report.page", "config.band", "config.units"),
        lambda study: ((),),
        lambda study, key: (
            ("tabulate", ()),
            *(("judge", (name,)) for name in study.claims),
            *(("draw", (figure,)) for figure in _figures(study)),
            *(("compare", key) for key in STAGES["compare"].jobs(study)),
        ),
        lambda study, key: job_settings.of_page(
            study.settings.title,
            study.settings.about,
            list(study.claims),
            {claim.family: functions.about("claims", claim.family) for claim in study.claims.values()},
            study.contradictions,
            study.reading,
            assets_digest(),
            bool(study.playground.root),
        ),
        local=True,
        in_folder=False,
        seconds=4.0,
    ),
    Stage(
        "assemble",
        "",
        {"page": "{results}/playground.html", "provenance": "{results}/playground/" + RECORD},
        (),
        ("playground.page",),
        lambda study: ((),) if study.playground.root else (),
        lambda study, key: (
            *(("evaluate", (name,)) for name in study.playground.networks()),
            *(("judge", (name,)) for name in claims_of_playground(study)),
        ),
        lambda study, key: job_settings.playground_of_study(study, playground_assets.assets_digest()),
        local=True,
        in_folder=False,
        seconds=5.0,
    ),
    Stage(
        "export",
        "",
        {"table": "{results}/exports.csv", "provenance": "{results}/exports/" + RECORD},
        (),
        ("exports.files",),
        lambda study: () if study.settings.exports == "none" else ((),),
        lambda study, key: (
            *(("evaluate", (name,)) for name in study.networks),
            *dict.fromkeys(
                job for name in study.networks for job in _trained(study, name, 0, study.seeds(name)[-1])
            ),
        ),
        lambda study, key: job_settings.exports_of_study(study),
        local=True,
        in_folder=False,
        seconds=2.0,
    ),
)

STAGES: Mapping[str, Stage] = {stage.name: stage for stage in _ALL}
"""All stages by name, in the order in which the data flows."""
