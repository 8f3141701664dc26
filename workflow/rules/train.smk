"""train: one job trains a block of seeds."""


include: "inputs/train.smk"


rule compile:
    """Compile the engine once, so that the training jobs find it in the cache on disk."""
    output:
        # The digest of the code is part of the name and not a parameter: if a job has a reason of its own to run
        # again, Snakemake does not check the jobs that depend on it for other changes.
        touch(f"<results>/runs/compiled-{source_digest('engine.train')}"),
    log:
        "<logs>/compile.log",
    # First of all jobs: it takes one core for seconds, while others prepare data, and all training waits for it.
    priority: 2
    localrule: True
    shell:
        "python -m downhill compile 2> {log}"


rule train:
    """Train a block of seeds of one network."""
    input:
        dataset=data_of_network,
        compiled=ancient(rules.compile.output),
    output:
        weights="<block>/weights.npz",
        history="<block>/history.parquet",
        provenance="<block>/provenance.json",
    log:
        "<logs>/train/{network}/seeds-{first}-{last}.log",
    cache: CACHE
    # Before anything that is made from finished networks: with the longest jobs first, all cores stay busy until the end.
    priority: 1
    threads: STUDY.settings.training.threads
    resources:
        mem_mb=lambda wildcards, attempt, threads: cost.memory_to_ask(
            cost.megabytes(block_of(wildcards, threads)), attempt
        ),
        runtime=lambda wildcards, attempt, threads: cost.minutes_to_ask(
            cost.seconds(block_of(wildcards, threads)), attempt
        ),
    params:
        **SAME_BYTES,
        **compared("train"),
        expected=expected("train"),
        network=network_of,
        seeds="{first}-{last}",
        # For the cache, which knows no wildcards: a record says whose block it describes.
        name=lambda wildcards, output: wildcards.network,
    shell:
        "python -m downhill train {wildcards.network} --settings {params.network:q} --data $(dirname {input.dataset})"
        " {params.expected:q} --seeds {params.seeds} --threads {threads}"
        " --output $(dirname {output.weights}) 2> {log}"
