"""train: one job trains a block of seeds."""


rule compile:
    """Compile the engine once, so that the training jobs find it in the cache on disk."""
    output:
        touch(RESULTS + "/runs/compiled"),
    params:
        code=code("engine.train"),
    log:
        LOGS + "/compile.log",
    localrule: True
    shell:
        "python -m downhill compile 2> {log}"


rule train:
    """Train a block of seeds of one network."""
    input:
        dataset=dataset_of,
        compiled=ancient(rules.compile.output),
    output:
        weights=BLOCK + "/weights.npz",
        history=BLOCK + "/history.parquet",
        provenance=BLOCK + "/provenance.json",
    params:
        network=lambda wildcards: canonical(STUDY.networks[wildcards.network].settings()),
        code=code("engine.train"),
        data=subpath(input.dataset, parent=True),
        folder=subpath(output.weights, parent=True),
    log:
        LOGS + "/train/{network}/seeds-{first}-{last}.log",
    threads: STUDY.settings.training.threads
    resources:
        mem_mb=1000,
    shell:
        "python -m downhill train {wildcards.network} --settings {params.network:q} --data {params.data}"
        " --seeds {wildcards.first}-{wildcards.last} --threads {threads} --output {params.folder} 2> {log}"
