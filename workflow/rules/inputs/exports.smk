"""Functions of the rules in `exports.smk`: what the exported networks are made from."""


def all_scores():
    """Scores of all networks, which are recorded with them."""
    return [f"{folder}/{SCORES}" for folder in folders(all_evaluations())]


def all_weights():
    """Trained weights of all networks."""
    return [file for name in STUDY.networks for file in block_files(name, WEIGHTS)]


def summaries_of_data():
    """What is known of the data sets that they learned."""
    return sorted({f"{Path(dataset_of(name)).parent}/{SUMMARY}" for name in STUDY.networks})


def exported_again(wildcards):
    """No files; all networks are exported again if one of their files, whose names Snakemake does not know, is missing."""
    force(workflow, incomplete_exports(STUDY))
    return []
