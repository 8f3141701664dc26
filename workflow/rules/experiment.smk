"""experiment: what is computed from trained networks or data when scores are not enough."""


include: "inputs/experiment.smk"


rule experiment:
    """Compute some seeds of an experiment, for one of its networks or for all of them together."""
    input:
        weights=weights_of_unit,
        data=data_of_unit,
        further=further_data,
        compiled=ancient(rules.compile.output),
    output:
        arrays="<experiment>.npz",
        provenance="<experiment>/provenance.json",
    log:
        "<logs>/experiment/{unit}/seeds-{first}-{last}.log",
    cache: CACHE
    resources:
        mem_mb=lambda wildcards, attempt: cost.memory_to_ask(experiment_of(wildcards).megabytes, attempt),
        runtime=lambda wildcards, attempt: cost.minutes_to_ask(
            cost.experiment_seconds(experiment_of(wildcards), seeds_in(wildcards)), attempt
        ),
    params:
        **SAME_BYTES,
        **compared("experiment"),
        expected=expected("experiment"),
        name=lambda wildcards: wildcards.unit.partition("/")[0],
        settings=lambda wildcards, output: as_argument(experiment_of(wildcards).computed()),
        seeds="{first}-{last}",
        network=network_of_unit,
        inputs=experiment_inputs,
    shell:
        "python -m downhill experiment {params.name} --settings {params.settings:q} --inputs {params.inputs:q}"
        " {params.network:q} {params.expected:q} --seeds {params.seeds} --output {output.arrays} 2> {log}"
