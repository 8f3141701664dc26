"""Functions of the rules in `experiment.smk`: what an experiment needs."""


def results_of_experiment(name):
    """Results of all jobs of an experiment."""
    return [
        f"<results>/experiments/{unit}/seeds-{first}-{last}.npz"
        for unit in STUDY.units(name)
        for first, last in STUDY.experiment_jobs(unit)
    ]


def experiment_of(wildcards):
    """The experiment that a job belongs to."""
    return STUDY.experiments[wildcards.unit.partition("/")[0]]


def network_of_unit(wildcards):
    """The option that names the network of an experiment that runs once for each."""
    network = wildcards.unit.partition("/")[2]
    return ["--network", network] if network else []


def seeds_in(wildcards):
    """How many seeds a job computes."""
    return int(wildcards.last) - int(wildcards.first) + 1


def blocks_of_unit(wildcards):
    """The blocks with a job's seeds, by network."""
    seeds = int(wildcards.first), int(wildcards.last)
    return {name: STUDY.blocks_with(name, *seeds) for name in STUDY.networks_of_unit(wildcards.unit)}


def weights_of_unit(wildcards):
    """Trained weights of a job's seeds, for all networks that it uses."""
    blocks = blocks_of_unit(wildcards).items()
    return [file for name, some in blocks for file in block_files(name, WEIGHTS, some)]


def data_of_unit(wildcards):
    """The data that these networks learned."""
    return [dataset_of(name) for name in STUDY.networks_of_unit(wildcards.unit)]


def further_data(wildcards):
    """Further data sets that a job reads."""
    return [f"<results>/data/{name}/dataset.npz" for name in experiment_of(wildcards).datasets]


def experiment_inputs(wildcards, input):
    """Settings and folders of networks, and folders of data sets, as the stage expects them."""
    weights, networks = iter(folders(input.weights)), {}
    for (name, blocks), data in zip(blocks_of_unit(wildcards).items(), folders(input.data), strict=True):
        networks[name] = {
            "settings": settings_of(STUDY.row(name).settings()),
            "data": data,
            "blocks": [next(weights) for block in blocks],
        }
    datasets = dict(zip(experiment_of(wildcards).datasets, folders(input.further), strict=True))
    # In the order of the experiment's entry, which canonical text does not keep.
    return as_argument(json.dumps({"networks": networks, "datasets": datasets}, ensure_ascii=False))


def all_experiments():
    """Results of all experiments of the study, whether or not a claim uses them."""
    return [file for name in STUDY.experiments for file in results_of_experiment(name)]
