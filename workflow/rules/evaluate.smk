"""evaluate: what a network's seeds do on every set of images."""


rule evaluate:
    """Scores, confusion and predictions of all of a network's seeds."""
    input:
        weights=from_blocks("weights.npz"),
        histories=from_blocks("history.parquet"),
        dataset=dataset_of,
    output:
        index="<evaluation>/index.json",
        scores="<evaluation>/scores.parquet",
        history="<evaluation>/history.parquet",
        confusion="<evaluation>/confusion.parquet",
        predictions="<evaluation>/predictions.npz",
        provenance="<evaluation>/provenance.json",
    log:
        "<logs>/evaluate/{network}.log",
    resources:
        mem_mb=lambda wildcards, attempt: cost.memory_to_ask(
            cost.evaluation_megabytes(all_seeds_of(wildcards)), attempt
        ),
        runtime=lambda wildcards, attempt: cost.minutes_to_ask(
            cost.evaluation_seconds(all_seeds_of(wildcards)), attempt
        ),
    params:
        network=lambda wildcards: network_settings(wildcards.network),
        code=code("runs.evaluate"),
        blocks=lambda wildcards, input: folders(input.weights),
        last_seed=lambda wildcards: STUDY.seeds(wildcards.network)[-1],
        data=subpath(input.dataset, parent=True),
        folder=subpath(output.index, parent=True),
    shell:
        "python -m downhill evaluate {wildcards.network} --settings {params.network:q} --data {params.data}"
        " --seeds 0-{params.last_seed} --blocks {params.blocks} --output {params.folder} 2> {log}"
