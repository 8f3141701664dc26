"""Functions of the rules in `claims.smk`: what claims and their figures need."""


def claim_of(wildcards):
    """The row of a job's claim."""
    return STUDY.claims[wildcards.claim]


def evaluations_of(wildcards):
    """Evaluations that a claim is measured on."""
    return [f"<results>/evaluation/{name}/{INDEX}" for name in claim_of(wildcards).networks]


def evaluation_tables_of(wildcards):
    """The other files of these evaluations."""
    return [
        f"{folder}/{name}"
        for folder in folders(evaluations_of(wildcards))
        for name in (SCORES, HISTORY, CONFUSION, PREDICTIONS)
    ]


def runs_of(wildcards):
    """The weights and the data behind these evaluations, which some statistics read."""
    files = []
    for name in claim_of(wildcards).networks:
        data = dataset_of(name)
        files += [*block_files(name, WEIGHTS), data, f"{Path(data).parent}/{SUMMARY}"]
    return files


def experiments_of(wildcards):
    """Results of the experiments that a claim is measured on."""
    return [file for name in claim_of(wildcards).experiments for file in results_of_experiment(name)]


def class_names_of(wildcards, output):
    """Names of the classes of the data that a claim is measured on."""
    return as_argument(STUDY.class_names(claim_of(wildcards).networks))


def wording_of(wildcards, output):
    """The row of a claim: after a change of its wording or band it is judged again, but not measured again."""
    return as_argument(claim_of(wildcards))


def drawing(figure):
    """The function that draws a figure."""
    claim = FIGURES[figure]
    return claim.figures[claim.figure_ids().index(figure)]


def all_figures():
    """All figures of the study, for the screen, for print and as tables."""
    return [f"<results>/figures/{name}.{kind}" for name in FIGURES for kind in ("svg", "png", "json")]


def report_category(family):
    """A family with its number: Snakemake's report sorts its categories, which are to stand in our order."""
    families = list(dict.fromkeys(claim.family for claim in STUDY.claims.values()))
    return f"{1 + families.index(family):02} {family}"
