"""export: trained networks for other tools."""


include: "inputs/exports.smk"


rule export:
    """Write trained networks for other tools: ONNX models and archives of arrays, with a table of them."""
    input:
        index=all_evaluations(),
        scores=all_scores(),
        weights=all_weights(),
        data=summaries_of_data(),
        again=exported_again,
    output:
        table="<results>/exports.csv",
        provenance="<results>/exports/provenance.json",
    log:
        "<logs>/export.log",
    localrule: True
    params:
        **compared("export"),
        expected=expected("export"),
        seeds=lambda wildcards, output: STUDY.settings.exports,
        class_names=lambda wildcards, output: as_argument(STUDY.class_names(STUDY.networks)),
        evaluations=lambda wildcards, input: folders(input.index),
    shell:
        "python -m downhill export {params.expected:q} --evaluations {params.evaluations} --seed {params.seeds}"
        " --class-names {params.class_names:q} --output {output.table} 2> {log}"
