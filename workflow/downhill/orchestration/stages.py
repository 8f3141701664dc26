"""The stages of the workflow: one table of what each of them makes, from what, and with which code.

The command line, the search for missing files, the records of provenance and the forecast use this table, and a test
compares the rules with it. A new stage needs an entry here, a rule, and a function in `downhill.cli.run_stages`,
`downhill.cli.claim_stages`, `downhill.cli.report_stages` or `downhill.cli.export_stages`.
"""

from collections.abc import Mapping

from downhill.config.claim import single_run_claims
from downhill.config.dataset import IDX_NAMES
from downhill.orchestration import job_settings, study_jobs
from downhill.orchestration.stage import Stage
from downhill.playground import assets as playground_assets
from downhill.provenance.asked import Asked
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


def _folder(path: str, *names: str, **named: str) -> dict[str, str]:
    """Outputs in a folder of their own, with their record; the role of a file is its name without suffix."""
    files = {name.partition(".")[0]: name for name in names} | named | {"provenance": RECORD}
    return {role: f"{path}/{name}" for role, name in files.items()}


def _files(path: str, **suffixes: str) -> dict[str, str]:
    """Outputs that differ in their suffix, by role, and their record in a folder named like them."""
    return {role: f"{path}.{suffix}" for role, suffix in suffixes.items()} | {
        "provenance": f"{path}/{RECORD}"
    }


_ALL = (
    Stage(
        "download",
        "source",
        _folder("{resources}/{source}", **IDX_NAMES),
        wildcards=("source",),
        code=("datasets.fetch",),
        jobs=lambda study: ((name,) for name in study.sources()),
        needs=lambda study, key: (),
        asks=lambda study, key: Asked(settings=None),
        local=True,
        depends_on_code=False,
        seconds=2.0,
    ),
    Stage(
        "prepare",
        "data set",
        _folder("{results}/data/{dataset}", DATASET, SUMMARY),
        wildcards=("dataset",),
        code=("datasets.prepare",),
        jobs=lambda study: ((name,) for name in study.datasets()),
        needs=lambda study, key: study_jobs.download_of(study, key[0]),
        asks=lambda study, key: job_settings.dataset_of_study(study, key[0]),
        seconds=2.0,
    ),
    Stage(
        "compile",
        "",
        {},
        wildcards=(),
        code=("engine.train",),
        jobs=study_jobs.once,
        needs=lambda study, key: (),
        asks=lambda study, key: Asked(),
        local=True,
    ),
    Stage(
        "train",
        "network",
        _folder("{results}/runs/{network}/seeds-{first}-{last}", WEIGHTS, HISTORY),
        wildcards=("network", "first", "last"),
        code=("engine.train",),
        jobs=lambda study: (
            (name, *map(str, block)) for name in study.networks for block in study.blocks(name)
        ),
        needs=lambda study, key: (("compile", ()), ("prepare", (study.row(key[0]).dataset,))),
        asks=lambda study, key: job_settings.of_block(
            study.row(key[0]).settings(), study.row(key[0]).dataset, BLOCK_FORMAT
        ),
    ),
    Stage(
        "evaluate",
        "network",
        _folder("{results}/evaluation/{network}", INDEX, SCORES, HISTORY, CONFUSION, PREDICTIONS),
        wildcards=("network",),
        code=("runs.evaluate",),
        jobs=lambda study: ((name,) for name in study.networks),
        needs=lambda study, key: study_jobs.trained(study, key[0]),
        asks=lambda study, key: job_settings.of_evaluation(
            study.row(key[0]).settings(), study.row(key[0]).dataset, study.seeds(key[0])
        ),
    ),
    Stage(
        "experiment",
        "experiment",
        _files("{results}/experiments/{unit}/seeds-{first}-{last}", arrays="npz"),
        wildcards=("unit", "first", "last"),
        code=("experiments.run", "experiments.{family}:{function}"),
        jobs=lambda study: (
            key for name in study.experiments for key in study_jobs.of_experiment(study, name)
        ),
        needs=study_jobs.needed_by_experiment,
        asks=lambda study, key: job_settings.experiment_of_study(study, key[0]),
    ),
    Stage(
        "measure",
        "claim",
        _files("{results}/measurements/{claim}", measurement="json"),
        wildcards=("claim",),
        code=("claims.measure", "claims.{family}:{function}"),
        jobs=lambda study: ((name,) for name in study.claims),
        needs=study_jobs.needed_by_measurement,
        asks=lambda study, key: job_settings.measurement_of_study(study, key[0]),
        local=True,
        seconds=1.5,
    ),
    Stage(
        "judge",
        "claim",
        _files("{results}/claims/{claim}", evidence="json"),
        wildcards=("claim",),
        code=("claims.judge", "config.band", "config.units"),
        jobs=lambda study: ((name,) for name in study.claims),
        needs=lambda study, key: (("measure", key),),
        asks=lambda study, key: job_settings.of_judgement(
            study.claims[key[0]], study.settings.limits.in_words()
        ),
        local=True,
        seconds=0.5,
    ),
    Stage(
        "draw",
        "drawing function",
        _files("{results}/figures/{figure}", svg="svg", png="png", data="json"),
        wildcards=("figure",),
        code=("figures.pages", "config.band", "figures.{family}:{function}"),
        jobs=lambda study: ((name,) for name in study_jobs.figures(study)),
        needs=lambda study, key: (("judge", (study_jobs.figures(study)[key[0]],)),),
        asks=lambda study, key: job_settings.of_drawing(*study_jobs.drawing(study, key[0])),
        local=True,
        seconds=1.5,
    ),
    Stage(
        "compare",
        "",
        _files("{results}/figures/published-runs", svg="svg", png="png", data="json")
        | {
            "table": "{results}/published-runs.csv",
            "provenance_of_table": "{results}/published-runs/" + RECORD,
        },
        wildcards=(),
        code=("figures.published_runs", "config.band"),
        jobs=lambda study: study_jobs.once(study) if single_run_claims(study.claims) else (),
        needs=lambda study, key: study_jobs.all_of("judge", single_run_claims(study.claims)),
        asks=lambda study, key: job_settings.of_comparison(single_run_claims(study.claims)),
        local=True,
        seconds=3.0,
    ),
    Stage(
        "tabulate",
        "",
        _files("{results}/networks", networks="csv"),
        wildcards=(),
        code=("report.networks",),
        jobs=study_jobs.once,
        needs=lambda study, key: study_jobs.all_of("evaluate", study.networks),
        asks=lambda study, key: job_settings.of_networks(
            list(study.networks), study.settings.statistics, study.settings.limits.in_words()
        ),
        local=True,
        seconds=1.5,
    ),
    Stage(
        "summarise",
        "",
        _files("{results}/claims", csv="csv", markdown="md", html="html"),
        wildcards=(),
        code=("report.tables", "config.band"),
        jobs=study_jobs.once,
        needs=lambda study, key: (("tabulate", ()), *study_jobs.all_of("judge", study.claims)),
        asks=lambda study, key: job_settings.of_tables(
            study.settings.title, list(study.claims), study.contradictions
        ),
        local=True,
        seconds=1.0,
    ),
    Stage(
        "publish",
        "",
        _files("{results}/index", page="html"),
        wildcards=(),
        code=("report.page", "config.band", "config.units"),
        jobs=study_jobs.once,
        needs=lambda study, key: (
            ("tabulate", ()),
            *study_jobs.all_of("judge", study.claims),
            *study_jobs.all_of("draw", study_jobs.figures(study)),
            *(("compare", ()) for _ in single_run_claims(study.claims)[:1]),
        ),
        asks=lambda study, key: job_settings.page_of_study(study, assets_digest()),
        local=True,
        seconds=4.0,
    ),
    Stage(
        "assemble",
        "",
        _files("{results}/playground", page="html"),
        wildcards=(),
        code=("playground.page",),
        jobs=lambda study: study_jobs.once(study) if study.playground.root else (),
        needs=lambda study, key: (
            *study_jobs.all_of("evaluate", study.playground.networks()),
            *study_jobs.all_of("judge", study_jobs.claims_of_playground(study)),
        ),
        asks=lambda study, key: job_settings.playground_of_study(study, playground_assets.assets_digest()),
        local=True,
        seconds=5.0,
    ),
    Stage(
        "export",
        "",
        _files("{results}/exports", table="csv"),
        wildcards=(),
        code=("exports.files",),
        jobs=lambda study: () if study.settings.exports == "none" else study_jobs.once(study),
        needs=study_jobs.needed_by_exports,
        asks=lambda study, key: job_settings.exports_of_study(study),
        local=True,
        seconds=2.0,
    ),
)

STAGES: Mapping[str, Stage] = {stage.name: stage for stage in _ALL}
"""All stages by name, in the order in which the data flows."""
