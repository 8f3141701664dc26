"""Functions of the rules in `train.smk`: what a block of seeds needs."""

@cache
def work(network, seeds, threads):
    """What so many seeds of a network have to do: asked for twice per job, and there may be thousands of jobs."""
    return cost.work_of_block(STUDY, network, seeds, threads)


def block_of(wildcards, threads):
    """What a block of seeds has to do: its cost follows from it."""
    return work(wildcards.network, int(wildcards.last) - int(wildcards.first) + 1, threads)


@asked_often
def data_of_network(wildcards):
    """The data that a job's network learns."""
    return dataset_of(wildcards.network)


@asked_often
def network_of(wildcards):
    """Hyper-parameters of a job's network."""
    return network_settings(wildcards.network)
