"""Functions of the rules in `report.smk`: what the pages need."""

SINGLE_RUNS = single_run_claims(STUDY.claims)


def evaluations_of_playground():
    """Evaluations of the networks of the page."""
    return [f"<results>/evaluation/{name}/{INDEX}" for name in STUDY.playground.networks()]


def evaluation_tables_of_playground():
    """The other files of these evaluations that the page is made from."""
    return [
        f"{folder}/{name}"
        for folder in folders(evaluations_of_playground())
        for name in (SCORES, PREDICTIONS)
    ]


def runs_of_playground():
    """The weights and the data behind these evaluations."""
    files = []
    for name in STUDY.playground.networks():
        files += [*block_files(name, WEIGHTS), dataset_of(name)]
    return list(dict.fromkeys(files))
