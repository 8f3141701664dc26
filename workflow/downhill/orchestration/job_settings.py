"""What is asked of each kind of job besides its inputs and its code: the settings that its record holds.

The stages write these settings into their records, and the table of stages compares the records with them.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from downhill.config import functions
from downhill.config.canonical import settings_of
from downhill.config.claim import Claim, MeasuredClaim
from downhill.config.contradiction import Contradictions
from downhill.config.dataset import DatasetRecipe, Source
from downhill.config.experiment import Experiment
from downhill.config.generated import GeneratedSource
from downhill.config.network import Network
from downhill.config.playground import Playground
from downhill.config.reading_notes import ReadingNotes
from downhill.config.settings import Statistics
from downhill.config.study import Study
from downhill.provenance.asked import Asked, flat
from downhill.provenance.record import own_version


def _defaults(model: type[BaseModel]) -> dict[str, Any]:
    """The defaults of a model: what its settings mean where they are left out."""
    fields = model.model_fields.items()
    found = {
        name: field.get_default(call_default_factory=True)
        for name, field in fields
        if not field.is_required()
    }
    return json.loads(json.dumps(found, default=str))  # type: ignore[no-any-return]


_NETWORK, _RECIPE = _defaults(Network), _defaults(DatasetRecipe)
_MEASURED = _defaults(MeasuredClaim) | flat({"statistics": _defaults(Statistics)})


def of_dataset(recipe: DatasetRecipe, contents: Source | GeneratedSource) -> Asked:
    """The recipe of a data set, and what determines generated data; names of classes are display names."""
    settings = recipe.with_defaults_of(contents).model_dump(mode="json")
    settings |= {"image_shape": contents.image_shape, "classes": len(contents.classes)}
    if isinstance(contents, GeneratedSource):
        settings["generate"] = contents.generate.model_dump(mode="json", exclude={"classes", "image_shape"})
    return Asked(flat(settings), _RECIPE)


def dataset_of_study(study: Study, name: str) -> Asked:
    """As `of_dataset`, for a data set of a study."""
    recipe = study.recipe(name)
    return of_dataset(recipe, study.tables.sources[recipe.source])


def of_block(net: Network, dataset: str, block_format: int) -> Asked:
    """The hyper-parameters of a network, the data set that it learns, and the format of a block's files."""
    return Asked(net.model_dump(mode="json") | {"dataset": dataset, "block_format": block_format}, _NETWORK)


def of_evaluation(net: Network, dataset: str, seeds: range) -> Asked:
    """The hyper-parameters of a network, the data set that it learns, and the seeds to evaluate."""
    of_seeds = {"dataset": dataset, "seeds": f"{seeds.start} to {seeds.stop - 1}"}
    return Asked(net.model_dump(mode="json") | of_seeds, _NETWORK)


def of_experiment(entry: Experiment, networks: Sequence[str], datasets: Sequence[str]) -> Asked:
    """The function and its options, and what it is applied to, in order."""
    settings: dict[str, Any] = {"networks": list(networks), "datasets": list(datasets)}
    return Asked(
        flat(settings_of(entry.computed()) | settings), family=entry.family, function=entry.function_name
    )


def experiment_of_study(study: Study, unit: str) -> Asked:
    """As `of_experiment`, for what an experiment of a study runs on (see `Study.units`)."""
    entry = study.experiments[unit.partition("/")[0]]
    return of_experiment(entry, study.networks_of_unit(unit), entry.datasets)


def of_measurement(
    claim: MeasuredClaim, statistics: Statistics, class_names: Mapping[str, Sequence[str]]
) -> Asked:
    """The statistic, its options, what it is measured on, how intervals are computed, and names of classes."""
    settings = claim.model_dump(mode="json") | {"statistics": statistics.model_dump(mode="json")}
    settings |= {"class_names": {name: list(names) for name, names in class_names.items()}}
    return Asked(flat(settings), _MEASURED, family=claim.family, function=claim.statistic)


def measurement_of_study(study: Study, name: str) -> Asked:
    """As `of_measurement`, for a claim of a study."""
    claim = study.claims[name]
    return of_measurement(claim.measured(), study.settings.statistics, study.class_names(claim.networks))


def of_judgement(claim: Claim, limits: str, measures: str | None = None) -> Asked:
    """The row of a claim, the limits of a smoke study, and what the statistic measures (or what its docstring says)."""
    measures = measures or claim.measures()
    return Asked(flat(settings_of(claim) | {"measures": measures, "limits": limits}), {"limits": ""})


def of_drawing(family: str, function: str) -> Asked:
    """The function that draws a figure."""
    return Asked({"drawing": function}, family=family, function=function)


def of_comparison(claims: Sequence[str]) -> Asked:
    """The claims that compare published single runs with ours, in order."""
    return Asked({"claims": list(claims)})


def of_networks(networks: Sequence[str], statistics: Statistics, limits: str) -> Asked:
    """The networks of a study in order, how intervals are computed, and the limits of a smoke study."""
    settings = {"networks": list(networks), "statistics": statistics.model_dump(mode="json")}
    neutral = flat({"statistics": _defaults(Statistics), "limits": ""})
    return Asked(flat(settings | {"limits": limits}), neutral)


def of_tables(title: str, claims: Sequence[str], contradictions: Contradictions) -> Asked:
    """The title of a study, its claims in order, and its contradictions in order."""
    rows = _rows_of(contradictions)
    settings = {"title": title, "claims": list(claims), "contradictions": list(rows)}
    return Asked(settings | flat({"contradictions": rows}), {"contradictions": []})


def of_page(
    title: str,
    about: str,
    claims: Sequence[str],
    families: Mapping[str, str],
    contradictions: Contradictions,
    reading: ReadingNotes,
    assets: str,
    playground: bool,
) -> Asked:
    """As `of_tables`, with more of what the page shows.

    That is what the study and each family are about, the notes for readers, the template with style and script, and a
    link to the playground.
    """
    rows = _rows_of(contradictions)
    notes = {note.claim: note.model_dump(mode="json", exclude={"claim"}) for note in reading.root}
    settings = {"title": title, "about": about, "claims": list(claims), "contradictions": list(rows)}
    return Asked(
        settings
        | flat({"contradictions": rows, "reading": notes, "families": dict(families)})
        | {"assets": assets, "playground": playground},
        {"contradictions": [], "playground": False},
    )


def page_of_study(study: Study, assets: str) -> Asked:
    """As `of_page`, for the page of a study."""
    return of_page(
        study.settings.title,
        study.settings.about,
        list(study.claims),
        {claim.family: functions.about("claims", claim.family) for claim in study.claims.values()},
        study.contradictions,
        study.reading,
        assets,
        bool(study.playground.root),
    )


def of_exports(
    networks: Sequence[str], seeds: str, class_names: Mapping[str, Sequence[str]], version: str
) -> Asked:
    """The networks of a study in order, which of their seeds to export, names of classes, and Downhill's version."""
    settings: dict[str, Any] = {"networks": list(networks), "seeds": seeds, "version": version}
    return Asked(flat(settings | {"class_names": {name: list(names) for name, names in class_names.items()}}))


def exports_of_study(study: Study) -> Asked:
    """As `of_exports`, for all networks of a study."""
    names = study.class_names(study.networks)
    return of_exports(list(study.networks), study.settings.exports, names, own_version() or "")


def of_playground(
    title: str, rows: Playground, class_names: Mapping[str, Sequence[str]], limits: str, assets: str
) -> Asked:
    """The title and limits of a study, the networks of the page in order, names of classes, and files.

    The files are the template, the style and the script of the page.
    """
    networks = {row.network: row.model_dump(mode="json", exclude={"network"}) for row in rows.root}
    settings = {"title": title, "networks": list(networks), "limits": limits, "assets": assets}
    names = {name: list(classes) for name, classes in class_names.items()}
    return Asked(settings | flat({"rows": networks, "class_names": names}), {"limits": ""})


def playground_of_study(study: Study, assets: str) -> Asked:
    """As `of_playground`, for the page of a study."""
    names = study.class_names(study.playground.networks())
    limits = study.settings.limits.in_words()
    return of_playground(study.settings.title, study.playground, names, limits, assets)


def _rows_of(contradictions: Contradictions) -> dict[str, dict[str, Any]]:
    return {
        row.contradiction: row.model_dump(mode="json", exclude={"contradiction"})
        for row in contradictions.root
    }
