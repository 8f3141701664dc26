"""evaluate: scores and predictions of a network's seeds on every set of images."""


include: "inputs/evaluate.smk"


rule evaluate:
    """Scores, confusion and predictions of all of a network's seeds."""
    input:
        weights=blocks_with(WEIGHTS),
        histories=blocks_with(HISTORY),
        dataset=data_of_network,
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
            cost.evaluation_megabytes(all_seeds_of(wildcards), STUDY.seeds_per_block(wildcards.network)),
            attempt,
        ),
        runtime=lambda wildcards, attempt: cost.minutes_to_ask(
            cost.evaluation_seconds(all_seeds_of(wildcards)), attempt
        ),
    params:
        **compared("evaluate"),
        expected=expected("evaluate"),
        network=network_of,
        blocks=lambda wildcards, input: folders(input.weights),
        last_seed=lambda wildcards, output: STUDY.seeds(wildcards.network)[-1],
    shell:
        "python -m downhill evaluate {wildcards.network} --settings {params.network:q} --data $(dirname {input.dataset})"
        " {params.expected:q} --seeds 0-{params.last_seed} --blocks {params.blocks}"
        " --output $(dirname {output.index}) 2> {log}"
