"""Checks of a study before any job starts, beyond those of its tables: the functions that the tables name."""

from downhill.config import functions
from downhill.config.band import SINGLE_RUN, parse_bands
from downhill.config.claim import Claim
from downhill.config.generated import GeneratedSource
from downhill.config.network import Network
from downhill.config.reading import did_you_mean
from downhill.config.study import Study
from downhill.config.units import impossible_band, impossible_number
from downhill.errors import DownhillError


def check_study(study: Study) -> None:
    """Check that every function exists, takes the given options, and returns what its figures and bands need.

    Raises
    ------
    DownhillError
        At the first error; the message names the file, the claim or experiment, and the remedy.
    """
    for name, experiment in study.experiments.items():
        where = f"{study.settings.experiments}, experiment '{name}'"
        family, function = experiment.family, experiment.function_name
        functions.find("experiments", family, function, f"{where}, function")
        functions.checked_options(experiment.options, "experiments", family, function, where)
        arguments = functions.arguments("experiments", family, function)
        if len(arguments) != 2 or arguments[0] not in ("seed", "pair") or arguments[1] != "inputs":
            raise DownhillError(
                f"{where}, function: '{experiment.function}' is not an experiment; name a function of "
                "(seed, inputs), or of (pair, inputs)"
            )
        if arguments[0] == "pair":
            _check_pairs(study, name, where)
        one_at_a_time = functions.reads("experiments", family, function, "network")
        if one_at_a_time and (
            len(experiment.networks) != 1 if experiment.together else not experiment.networks
        ):
            raise DownhillError(
                f"{where}, networks: '{experiment.function}' uses one network at a time; name at least one, and leave "
                "together out"
            )
    drawn: dict[str, str] = {}
    for claim in study.claims.values():
        where = f"{study.settings.claims}, claim '{claim.claim}'"
        _check_statistic(claim, where)
        _check_experiments(study, claim, where)
        _check_networks(study, claim, where)
        _check_histories(study, claim, where)
        for figure, file in zip(claim.figures, claim.figure_ids(), strict=True):
            if file in drawn:
                raise DownhillError(
                    f"{where}, figures: the file '{file}' is already drawn for claim '{drawn[file]}'; rename the "
                    "claim, or name the figure once"
                )
            drawn[file] = claim.claim
            check_figure(claim, figure, where)


def _check_pairs(study: Study, name: str, where: str) -> None:
    size = study.experiments[name].seeds_per_job
    seeds = min(len(study.experiment_seeds(unit)) for unit in study.units(name))
    if size % 2 or seeds < 2:
        raise DownhillError(
            f"{where}: it takes seeds in pairs, so it needs at least two seeds and an even value of seeds_per_job; "
            f"it has {seeds} seeds, {size} per job"
        )


def _check_statistic(claim: Claim, where: str) -> None:
    family, statistic = claim.family, claim.statistic
    functions.find("claims", family, statistic, f"{where}, statistic")
    if functions.declared("claims", family, statistic, "gives") is None:
        raise DownhillError(
            f"{where}, statistic: '{statistic}' of family '{family}' is not a statistic; name a function that declares "
            "what it gives"
        )
    functions.checked_options(claim.measured().options, "claims", family, statistic, where)
    parts, bands = _parts(claim), parse_bands(claim.band)
    if len(bands) != len(parts):
        of = f" ({', '.join(parts)})" if len(parts) > 1 else ""
        raise DownhillError(
            f"{where}, band: '{claim.band}' has {len(bands)} part(s), but '{statistic}' has {len(parts)}{of}; "
            + ("write one band for each part, separated by ';'" if len(parts) > 1 else "write a single band")
        )
    declared = functions.declared("claims", family, statistic, "gives") or {}
    if any((band.kind == SINGLE_RUN) != declared.get("single_run", False) for band in bands):
        raise DownhillError(
            f"{where}, band: "
            + (
                f"'{statistic}' compares a published run with ours; write '{SINGLE_RUN}'"
                if declared.get("single_run")
                else f"'{SINGLE_RUN}' is for a statistic that compares a published run with ours, and '{statistic}' "
                "does not; write a band, such as > 0.9"
            )
        )
    count = len(claim.unit.split(";"))
    if count not in (1, len(parts)):
        raise DownhillError(
            f"{where}, unit: '{claim.unit}' has {count} parts, but '{statistic}' has {len(parts)}; "
            "write one unit for all parts, or one for each"
        )
    units = claim.units(len(parts))
    for text, unit in zip(claim.band.split(";"), units, strict=True):
        if problem := impossible_band(text.strip(), unit):
            raise DownhillError(f"{where}, band: '{text.strip()}' is not possible, since {problem}")
    if claim.said is not None and all(impossible_number(claim.said, unit) for unit in units):
        raise DownhillError(
            f"{where}, said: {claim.said:g} is not possible, since {impossible_number(claim.said, units[0])}"
        )


def _check_experiments(study: Study, claim: Claim, where: str) -> None:
    """The experiments run the functions whose results the statistic reads."""
    read = (functions.declared("claims", claim.family, claim.statistic, "gives") or {}).get("reads", ())
    if not read and claim.experiments:
        raise DownhillError(
            f"{where}, experiments: '{claim.statistic}' is measured on networks alone; leave experiments empty"
        )
    having = [name for name, entry in study.experiments.items() if entry.function in read]
    remedy = f"name {' or '.join(having)}" if having else f"add one to {study.settings.experiments}"
    if read and not claim.experiments:
        raise DownhillError(
            f"{where}, experiments: '{claim.statistic}' is measured on an experiment with the function "
            f"{' or '.join(read)}; {remedy}"
        )
    for name in claim.experiments:
        if study.experiments[name].function not in read:
            raise DownhillError(
                f"{where}, experiments: '{claim.statistic}' reads results of {' or '.join(read)}, but '{name}' runs "
                f"{study.experiments[name].function}; {remedy}"
            )


def _check_networks(study: Study, claim: Claim, where: str) -> None:
    """The networks have what the statistic needs, classes and validation images; `setting` is a column of numbers."""
    declared = functions.declared("claims", claim.family, claim.statistic, "gives") or {}
    for network in claim.networks:
        dataset = study.row(network).dataset
        recipe = study.recipe(dataset)
        source = study.tables.sources[recipe.source]
        kind = source.generate if isinstance(source, GeneratedSource) else None
        if declared.get("of_classes", True) and kind is not None and not kind.has_labels:
            learns = "fits the function" if kind.is_regression else "learns the noise"
            raise DownhillError(
                f"{where}, networks: '{claim.statistic}' needs networks that predict classes, but '{network}' {learns} "
                f"of data set '{dataset}'; name other networks, or another statistic"
            )
        needs_validation = declared.get("needs_validation", False) or "validation" in _sets_of_history(claim)
        if needs_validation and recipe.validation_count(source) == 0:
            raise DownhillError(
                f"{where}, networks: '{claim.statistic}' needs validation images, but data set '{dataset}' of network "
                f"'{network}' has none; set validation_images of '{dataset}' in {study.settings.datasets}, or name "
                "other networks"
            )
    setting = claim.options.get("setting")
    if isinstance(setting, str):
        numeric = [
            name
            for name, value in Network()
            if isinstance(value, int | float) and not isinstance(value, bool)
        ]
        numeric += ["batch_size", "decay_every", "subset_images"]
        if setting not in numeric:
            raise DownhillError(
                f"{where}, options: setting: '{setting}' is not a column of numbers; {did_you_mean(setting, numeric)}"
            )


def _columns_of_history(claim: Claim) -> list[str]:
    """The columns of the history that the options of a claim name, such as `test_accuracy`."""
    declared = functions.declared("claims", claim.family, claim.statistic, "gives") or {}
    options = functions.defaults("claims", claim.family, claim.statistic) | claim.options
    return [options[name] for name in declared.get("history_of", ()) if options[name]]


def _sets_of_history(claim: Claim) -> tuple[str, ...]:
    """The image sets that the histories of a claim's networks must score: `train`, `validation` or `test`."""
    declared = functions.declared("claims", claim.family, claim.statistic, "gives") or {}
    sets = [column.rpartition("_")[0] for column in _columns_of_history(claim)]
    return tuple(dict.fromkeys((*declared.get("needs_history", ()), *sets)))


def _check_histories(study: Study, claim: Claim, where: str) -> None:
    """The histories of the networks score the image sets that the statistic needs, and have the epochs."""
    declared = functions.declared("claims", claim.family, claim.statistic, "gives") or {}
    options = functions.defaults("claims", claim.family, claim.statistic) | claim.options
    columns = _columns_of_history(claim)
    if len(columns) > 1 and (
        len({one.rpartition("_")[2] for one in columns}) > 1 or columns[0] == columns[1]
    ):
        raise DownhillError(
            f"{where}, options: the difference of {' and '.join(columns)} says nothing; name accuracies on two sets of "
            "images"
        )
    needed = _sets_of_history(claim)
    for network in claim.networks:
        scored = study.row(network).history_sets
        if missing := [name for name in needed if name not in scored]:
            raise DownhillError(
                f"{where}, networks: '{claim.statistic}' needs histories that score {', '.join(needed)}, but "
                f"'{network}' has history_sets '{', '.join(scored)}'; add {', '.join(missing)}, or name other networks"
            )
        net = study.row(network).settings()
        for name in declared.get("history_at", ()) if study.settings.limits.epochs is None else ():
            epoch = options[name]
            if isinstance(epoch, int) and (epoch > net.epochs or not net.in_history(epoch)):
                every = f"every {net.history_every} epochs" if net.history_every > 1 else "each epoch"
                raise DownhillError(
                    f"{where}, options: {name}: the history of '{network}' has no epoch {epoch}, but a row for {every} "
                    f"from {min(net.history_every, net.epochs)} to {net.epochs}; name one of these, or change epochs "
                    "or history_every of the network"
                )


def check_figure(claim: Claim, figure: str, where: str) -> None:
    """Check that a figure can draw what the statistic of a claim gives; DownhillError, which begins with `where`."""
    functions.find("figures", claim.family, figure, f"{where}, figures")
    given = functions.declared("claims", claim.family, claim.statistic, "gives") or {"keys": ()}
    wanted = functions.declared("figures", claim.family, figure, "draws")
    if wanted is None:
        raise DownhillError(
            f"{where}, figures: '{figure}' of family '{claim.family}' is not a figure; name a function that declares "
            "what it draws"
        )
    lacking = [key for key in wanted["keys"] if key not in given["keys"]]
    if lacking:
        raise DownhillError(
            f"{where}, figures: '{figure}' draws {', '.join(lacking)}, which the statistic '{claim.statistic}' does "
            f"not give ({', '.join(given['keys'])}); name a figure that fits the statistic"
        )


def _parts(claim: Claim) -> tuple[str, ...]:
    """Names of the parts of a claim's statistic."""
    given = functions.declared("claims", claim.family, claim.statistic, "gives") or {}
    return tuple(given.get("parts", ("",)))
