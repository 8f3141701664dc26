"""Functions of the rules in `evaluate.smk`: what an evaluation needs."""


def blocks_with(name):
    """A function that returns the file `name` of all blocks of a network."""

    def files(wildcards):
        return block_files(wildcards.network, name)

    return files


def all_seeds_of(wildcards):
    """The work of all seeds of a network together."""
    return work(wildcards.network, len(STUDY.seeds(wildcards.network)), threads=1)


def all_evaluations():
    """Evaluations of all networks of the study, whether or not a claim names them."""
    return [f"<results>/evaluation/{name}/{INDEX}" for name in STUDY.networks]


def all_evaluation_tables():
    """The tables of these evaluations that the table of networks is made from."""
    return [f"{folder}/{name}" for folder in folders(all_evaluations()) for name in (SCORES, CONFUSION)]
