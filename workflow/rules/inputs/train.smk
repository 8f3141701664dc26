"""Functions of the rules in `train.smk`: what a block of seeds needs."""

@cache
def work(network, seeds, threads):
    """The work of some seeds of a network; cached, since it is needed twice per job for perhaps thousands of jobs."""
    return cost.work_of_block(STUDY, network, seeds, threads)


def block_of(wildcards, threads):
    """The work of a block of seeds, from which its cost follows."""
    return work(wildcards.network, int(wildcards.last) - int(wildcards.first) + 1, threads)


@asked_often
def data_of_network(wildcards):
    """The data that a job's network learns."""
    return dataset_of(wildcards.network)


@asked_often
def network_of(wildcards, output):
    """Hyper-parameters of a job's network; Snakemake compares their digest (see `compared`)."""
    return network_settings(wildcards.network)
